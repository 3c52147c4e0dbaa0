"""A copy of the pipeline in which every channel between processes can lose the results of one TF.

Each process and each stage becomes a workflow of the same name around it, whose first input and whose outputs pass a
filter. The environment variable LOST names the filter that drops what belongs to the TF `ONE`; the others let all pass.
The tasks do not change with it, so that a run that loses something reuses those of the run that does not.
"""

import re
from collections.abc import Iterator
from pathlib import Path

WRAPPER = """include {{ {process} as TASK }} from '{source}'

workflow {name} {{
    take:
{takes}

    main:
    TASK({arguments})
{filters}

    emit:
{emits}
}}
{kept}"""
KEPT = """
def kept(point, row) {
    def meta = row.first()
    System.getenv('LOST') != point || (meta.tf ?: meta.id.tokenize('.').first()) != 'ONE'
}
"""
# Their inputs and outputs are of all TFs at once.
OF_ALL = {"CHECK", "CHECKLIBRARIES", "CONFIGURE", "SIMULATE"}
STAGES = {
    "prepare/main.nf": "datasets",
    "train/main.nf": "models",
    "tune/main.nf": "tuned",
    "interpret/main.nf": "interpretations",
    "interpret/instances.nf": "instances",
    "affinity/libraries.nf": "libraries",
    "affinity/main.nf": "affinities",
    "report/main.nf": "reports",
}


def points(project: Path) -> list[str]:
    """Return the names of all filters, `PROCESS.in`, `PROCESS.EMIT` or the channel of a stage."""
    found = [f"{name}.{channel}" for name, module in _processes(project) for channel in ["in", *_emits(module)]]
    # notebooks and figures for MultiQC are published and go nowhere else
    return sorted({*found, *STAGES.values()} - {"REPORT.further"})


def make_lossy(project: Path) -> None:
    """Put the filters into a copy of the pipeline."""
    for name, module in list(_processes(project)):
        text = (project / "modules" / module / "main.nf").read_text()
        process = re.search(r"^process (\w+)", text, flags=re.M)
        assert process
        folder = project / "modules" / f"{name.lower()}_lossy"
        folder.mkdir()
        inputs = [f"input_{rank}" for rank in range(len(_block(text, "input")))]
        first, emits = inputs[0], _emits_of(text)
        taken = [f"{first}.filter {{ row -> kept('{name}.in', row) }}", *inputs[1:]]
        filters = [f"    {e} = TASK.out.{e}.filter {{ row -> kept('{name}.{e}', row) }}" for e in emits]
        (folder / "main.nf").write_text(
            WRAPPER.format(
                process=process[1],
                source=f"../{module}",
                name=name,
                takes="\n".join(f"    {taken}" for taken in inputs),
                arguments=", ".join(taken),
                filters="\n".join(filters),
                emits="\n".join(f"    {emit}" for emit in emits),
                kept=KEPT,
            )
        )
    for file in (project / "subworkflows").rglob("*.nf"):
        text = re.sub(r"include \{ (?:\w+ as )?([A-Z]+) \} from '(.*/modules)/(\w+)'", _lossy_include, file.read_text())
        channel = STAGES.get(file.relative_to(project / "subworkflows").as_posix())
        if channel:
            dropped = f"    {channel} = {channel}.filter {{ row -> kept('{channel}', row) }}\n\n    emit:\n"
            text = text.replace("    emit:\n", dropped, 1) + KEPT
        file.write_text(text)


def _lossy_include(found: re.Match[str]) -> str:
    """Return the include of a process with that of the workflow around it in its place."""
    if found[1] in OF_ALL:
        return found[0]
    return f"include {{ {found[1]} }} from '{found[2]}/{found[1].lower()}_lossy'"


def _processes(project: Path) -> Iterator[tuple[str, str]]:
    """Yield the name under which each process is included, and its module."""
    for file in sorted((project / "subworkflows").rglob("*.nf")):
        for found in re.finditer(r"include \{ (?:\w+ as )?([A-Z]+) \} from '.*/modules/(\w+)'", file.read_text()):
            if found[1] not in OF_ALL:
                yield found[1], found[2]


def _emits(module: str) -> list[str]:
    return _emits_of((Path(__file__).resolve().parents[2] / "modules" / module / "main.nf").read_text())


def _emits_of(text: str) -> list[str]:
    """Names of the outputs of a module."""
    return re.findall(r"emit: (\w+)", "\n".join(_block(text, "output")))


def _block(text: str, name: str) -> list[str]:
    """Declarations in a block of a process, one each."""
    body = text.split(f"    {name}:\n", 1)[1].split("\n\n", 1)[0]
    return re.split(r"\n    (?=\S)", body.strip("\n"))
