"""Commands of the documentation: those of tutorials run as they stand, all of them name options that there are."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import typer
from documented_commands import MARKS, PROJECT, blocks, every_call
from pipeline_runs import PATH, environment

from cistill.cli import COMMANDS, app_of

TUTORIALS = sorted((PROJECT / "docs" / "tutorials").glob("*.md"))
DATA = Path(os.environ.get("CISTILL_TEST_DATA", PROJECT.parent / "shared" / "data")).resolve()
OF_NEXTFLOW = {"profile", "resume", "work-dir", "c", "ansi-log", "stub"}
LINKED = (
    "assets", "bin", "conf", "functions", "main.nf", "modules", "nextflow.config", "nextflow_schema.json",
    "pyproject.toml", "src", "subworkflows",
)  # fmt: skip


def parameters() -> set[str]:
    """Return the names of the pipeline's parameters."""
    groups = json.loads((PROJECT / "nextflow_schema.json").read_text())["$defs"].values()
    return {name for group in groups for name in group["properties"]}


def options_of(words: list[str]) -> tuple[str, set[str]]:
    """Return the command, or sub-command, that a call names, and its options."""
    command = typer.main.get_command(app_of(words[0]))
    if hasattr(command, "commands"):
        return f"{words[0]} {words[1]}", _options(command.commands[words[1]])
    return words[0], _options(command)


def _options(command: object) -> set[str]:
    return {"--help", *(name for one in command.params for name in (*one.opts, *one.secondary_opts))}


@pytest.mark.parametrize(("page", "words"), list(every_call()), ids=lambda value: getattr(value, "name", "call"))
def test_every_documented_command_names_options_that_there_are(page: Path, words: list[str]) -> None:
    if words[0] == "nextflow":
        named = [word for word in words if re.match(r"--?[a-z]", word)]
        known = {f"--{name}" for name in parameters()} | {f"-{name}" for name in OF_NEXTFLOW}
        assert [word for word in named if word not in known] == []
        return
    calls = " ".join(words[1:]).split(" --then ")
    for call in calls:
        parts = call.split(" ")
        if parts[0] in COMMANDS:
            name, known = options_of(parts)
            named = [word.split("=")[0] for word in parts if word.startswith("--")]
            assert [word for word in named if word not in known] == [], name
        else:
            assert parts[0] in ("COMMAND", "--help", "--version", "A"), call


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_marks_of_blocks_are_known(page: Path) -> None:
    found = blocks(page)
    assert found
    for block in found:
        assert block.marks <= MARKS
        assert not block.marks or len(block.marks & {"quick", "long"}) == 1


def checkout(folder: Path) -> Path:
    """Return a folder that has what a checkout has."""
    for name in LINKED:
        (folder / name).symlink_to(PROJECT / name)
    return folder


def run_blocks(page: Path, folder: Path, wanted: set[str]) -> int:
    """Run the blocks of a page that have one of some marks, in one shell after another; return how many there are.

    Those that need real data are left out where there is none.
    """
    number = 0
    for block in blocks(page):
        if not block.marks & wanted or ("data" in block.marks and not DATA.is_dir()):
            continue
        own = environment(DATA=str(DATA), PATH=f"{folder / 'bin'}{os.pathsep}{PATH}", PYTHONPATH=str(PROJECT / "src"))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.text],
            cwd=folder, env=own, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{block.text}\n{done.stdout}{done.stderr}"
        number += 1
    if not number:
        pytest.skip(f"no real data in {DATA}")
    return number


QUICK = [page for page in TUTORIALS if any("quick" in block.marks for block in blocks(page))]
LONG = [page for page in TUTORIALS if any("long" in block.marks for block in blocks(page))]


@pytest.mark.parametrize("page", QUICK, ids=lambda page: page.stem)
def test_quick_blocks_run_as_they_stand(page: Path, tmp_path: Path) -> None:
    assert run_blocks(page, checkout(tmp_path), {"quick"}) > 0


@pytest.mark.long
@pytest.mark.nextflow
@pytest.mark.parametrize("page", LONG, ids=lambda page: page.stem)
def test_whole_tutorials_run_as_they_stand(page: Path, tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    if page.stem == "energies":  # it starts from the results of the first run
        assert run_blocks(page.with_name("first_run.md"), folder, {"long"}) > 0
    assert run_blocks(page, folder, {"quick", "long"}) > 0
