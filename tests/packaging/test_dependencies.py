"""What pyproject.toml declares is what the library imports, and what the lock files pin."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[2]
DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
OPTIONAL = {"engines"}  # extras of users; dev is for this repository alone
NEVER_IMPORTED = {
    "biopython": "pyfaidx reads BGZF files with it",
    "igv-notebook": "the page of the genome browser holds its igv.js, which is read as a file",
}


def imported() -> set[str]:
    """The distributions of all modules that the library imports, at the top of files or in functions."""
    modules = set()
    for file in (PROJECT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                modules |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                modules.add(node.module.split(".")[0])
    distributions = packages_distributions()
    others = modules - set(sys.stdlib_module_names) - {"cistill"}
    return {canonicalize_name(distributions.get(module, [module])[0]) for module in others}


def declared() -> dict[str, Requirement]:
    """What a user installs: the dependencies and the extras of users."""
    lines = DECLARED["dependencies"] + [line for extra in OPTIONAL for line in DECLARED["optional-dependencies"][extra]]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def locked(name: str) -> dict[str, str]:
    """The versions of a lock file."""
    lines = (PROJECT / "requirements" / f"{name}.lock").read_text().splitlines()
    found = [re.match(r"([A-Za-z0-9._-]+)==([^ ;\\]+)", line) for line in lines]
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def test_what_is_imported_is_declared_and_the_other_way_round() -> None:
    assert sorted(imported() | set(NEVER_IMPORTED)) == sorted(declared())


def test_the_lock_of_runs_holds_all_dependencies_in_versions_that_are_declared() -> None:
    versions = locked("run")
    for line in DECLARED["dependencies"]:
        need = Requirement(line)
        assert need.specifier.contains(versions[canonicalize_name(need.name)]), line


def test_the_lock_of_development_holds_what_runs_have_in_the_same_versions_and_its_own() -> None:
    runs, development = locked("run"), locked("dev")
    assert runs.items() <= development.items()
    for line in [*DECLARED["optional-dependencies"]["dev"], *DECLARED["optional-dependencies"]["engines"]]:
        need = Requirement(line)
        assert need.specifier.contains(development[canonicalize_name(need.name)]), line


@pytest.mark.parametrize("name", ["bootstrap", "run", "dev"])
def test_lock_files_name_no_place_and_pin_every_file(name: str) -> None:
    text = (PROJECT / "requirements" / f"{name}.lock").read_text()
    assert "://" not in text
    assert " @ " not in text
    blocks = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert all("--hash=sha256:" in block for block in blocks)


def test_tf_modisco_is_its_maintained_distribution() -> None:
    assert locked("run")["modisco-lite"] == "3.0.0"
    assert "modisco" not in locked("dev")
