"""What CONTRIBUTING promises of a change: each patch of this folder applies, passes its checks and touches few files.

A patch begins with lines of facts, which `git apply` skips: `Recipe:` what it adds, `Most files:` how many files such a
change may touch (generated files are no part of a patch), `Generate:` a command that writes generated files again, and
`Check:` commands that must succeed. Commands run in a copy of the project; `python` is the tests' own.
"""

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
COPIED = (
    *("src", "bin", "tests", "tools", "docs", "assets", "conf", "modules", "subworkflows"),
    *("main.nf", "nextflow.config", "nextflow_schema.json", "pyproject.toml", "Makefile", "CHANGELOG.md"),
    *("CONTRIBUTING.md", "README.md", "requirements", "containers", "benchmarks"),
)
NOT_COPIED = shutil.ignore_patterns("__pycache__", ".*", "work", "nf-test", "*.h5")


@dataclass(frozen=True)
class Recipe:
    """A worked example of a change: its facts, and the files that it touches."""

    patch: Path
    most_files: int
    generate: list[str]
    checks: list[str]
    files: list[str]

    @staticmethod
    def read(patch: Path) -> "Recipe":
        head, _, body = patch.read_text().partition("\ndiff --git ")
        facts = [line.split(": ", 1) for line in head.splitlines() if ": " in line]
        given = {name: [value for key, value in facts if key == name] for name, _ in facts}
        files = [line.split(" b/")[-1] for line in f"diff --git {body}".splitlines() if line.startswith("diff --git ")]
        return Recipe(patch, int(given["Most files"][0]), given.get("Generate", []), given["Check"], files)


PATCHES = sorted(Path(__file__).parent.glob("*.patch"))


def run_in(folder: Path, command: str) -> None:
    words = shlex.split(command)
    words = [sys.executable, *words[1:]] if words[0] == "python" else words
    path = os.pathsep.join([str(folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {"PATH": path, "PYTHONPATH": str(folder / "src"), "GIT_CEILING_DIRECTORIES": str(folder)}
    done = subprocess.run(words, cwd=folder, env={**os.environ, **own}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, no repository of its own."""
    for name in COPIED:
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, tmp_path / name, ignore=NOT_COPIED, symlinks=True)
        elif (PROJECT / name).exists():
            shutil.copy2(PROJECT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_recipe_applies_and_passes_its_checks(project: Path, patch: Path) -> None:
    recipe = Recipe.read(patch)
    run_in(project, f"git apply {shlex.quote(str(recipe.patch))}")
    for command in (*recipe.generate, *recipe.checks):
        run_in(project, command)


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_recipe_touches_few_files(patch: Path) -> None:
    recipe = Recipe.read(patch)
    assert recipe.files
    assert len(recipe.files) <= recipe.most_files, recipe.files
