"""A copy of the pipeline whose tasks note how they are called and make what their stubs make."""

import json
import re
import stat
import sys
from pathlib import Path

BLOCKS = re.compile(
    r'    script:\n(?P<before>.*?)    """\n(?P<script>.*?)    """\n\n'
    r'    stub:\n(?P<before_stub>.*?)    """\n(?P<stub>.*?)    """\n',
    flags=re.S,
)
# What later tasks read of a library, so that every analysis of it is made.
FACTS = {"labelled": 400, "sequences": 400, "shortest": 8, "longest": 8, "unit": "kcal/mol"}
FACTS["classes"] = {"consensus": 1, "substitution_1": 24}  # type: ignore[assignment]
PROGRAM = """#!{python}
import json, os, subprocess, sys
from pathlib import Path

words = sys.argv[1:]
if words[0] in ("configure", "sheetfiles"):
    sys.exit(subprocess.run(["{own}", *words]).returncode)
with open("{record}", "a") as handle:
    while words:
        end = words.index("--then") if "--then" in words else len(words)
        handle.write(json.dumps(words[:end]) + "\\n")
        last, words = words[:end], words[end + 1 :]
words = last
prefix = words[words.index("--prefix") + 1] if "--prefix" in words else ""
if words[0] == "library":
    Path(prefix + ".library.json").write_text(json.dumps({{"results": {facts}}}))
if words[0] == "marginalize":
    for name in ("deltas.h5", "footprints.h5"):
        Path(prefix + "." + name).touch()
"""


def make_recording(project: Path) -> None:
    """Let every task of a copy of the pipeline make its stub's files and then call its command."""
    for file in (project / "modules").glob("*/main.nf"):
        if file.parent.name != "configure":
            text, number = BLOCKS.subn(_both, file.read_text())
            assert number == 1, file
            file.write_text(text)
    simulate = project / "modules/simulate/main.nf"
    row = "    done\n"  # a second TF, without which no libraries are compared between TFs
    second = row + "    echo TWO,two,rep1.bam,control.bam,sim.narrowPeak,, >> samplesheet.csv\n"
    assert row in simulate.read_text()
    simulate.write_text(simulate.read_text().replace(row, second))


def _both(found: re.Match[str]) -> str:
    """Return a script that makes the stub's files in a shell of their own before it calls the command."""
    before = found["before"] + found["before_stub"]
    return f'    script:\n{before}    """\n    (\n{found["stub"]}    )\n{found["script"]}    """\n'


def write_program(folder: Path, project: Path, record: Path) -> None:
    """Write the program `cistill` that notes its words; `configure` and `sheetfiles` are the project's own."""
    folder.mkdir()
    program = folder / "cistill"
    program.write_text(
        PROGRAM.format(python=sys.executable, own=project / "bin" / "cistill", record=record, facts=repr(FACTS))
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def read_record(record: Path) -> dict[str, list[list[str]]]:
    """Return the words of every call by its command: `train`, `motifs.merge-heads`, `callhits.finemo`."""
    found: dict[str, list[list[str]]] = {}
    for line in record.read_text().splitlines():
        command, *words = json.loads(line)
        if command in ("affinity", "motifs"):
            command, words = f"{command}.{words[0]}", words[1:]
        if command == "callhits":
            command = f"callhits.{words[words.index('--method') + 1]}"
        found.setdefault(command, []).append(words)
    return found
