"""The Nextflow code as a text: lengths of lines, and no way to lose a result in silence."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = ("conf", "functions", "modules", "subworkflows")
FILES = [
    *(PROJECT / name for name in ("main.nf", "nextflow.config")),
    *(file for folder in FOLDERS for ext in ("nf", "config") for file in sorted((PROJECT / folder).rglob(f"*.{ext}"))),
]
NAMES = [file.relative_to(PROJECT).as_posix() for file in FILES]


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_no_line_is_longer_than_120_characters(file: Path) -> None:
    lines = file.read_text().splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > 120] == []


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_results_are_not_gathered_by_numbers_and_partners_not_dropped(file: Path) -> None:
    text = file.read_text()
    assert not re.search(r"groupTuple\(.*\bsize:", text), "groupKey knows the size from what was split"
    if file.name != "gathering.nf":
        assert not re.search(r"\.join\([^'\")]", text), "`joined` names what has no partner"


def test_modules_call_the_program_and_no_command_by_its_own_name() -> None:
    """Programs of the user's own may have a command's name, and come first on PATH."""
    commands = {file.name for file in (PROJECT / "bin").iterdir()} - {"cistill"}
    for file in (PROJECT / "modules").glob("*/main.nf"):
        scripts = re.findall(r'"""\n(.*?)"""', file.read_text(), flags=re.S)
        words = [line.split()[0] for script in scripts for line in script.splitlines() if line.split()]
        assert not commands & set(words), file
        assert "cistill" in words or file.parent.name == "analyse", file


def test_every_module_passes_on_arguments_of_the_users_own() -> None:
    for file in (PROJECT / "modules").glob("*/main.nf"):
        assert "task.ext.args" in file.read_text(), file
