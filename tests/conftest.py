"""Fixtures that several rooms' tests share."""

import io
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from pipeline_runs import PATH, Run, environment, made_once

from cistill.cli import COMMANDS, app_of
from cistill.console import run as run_app

PROJECT = Path(__file__).resolve().parents[1]
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the commands do
# the commands' first line asks for python3: give them the one that runs the tests
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def run_command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of bin/ as a user would; `run_command("train", "--dataset", path)`."""

    def run(name: str, *arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        command = [str(PROJECT / "bin" / name), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, **options)

    return run


@pytest.fixture
def call_command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of bin/ as `run_command` does, but in this process, where its imports are paid for once."""

    def call(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        words = [name, *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", words)
        output, errors = io.StringIO(), io.StringIO()
        handler, logger = logging.StreamHandler(errors), logging.getLogger("cistill")
        level = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        code: object = 0
        try:
            with redirect_stdout(output), redirect_stderr(errors):
                run_app(app_of(name))
        except SystemExit as end:
            code = end.code or 0
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
        assert isinstance(code, int)
        return subprocess.CompletedProcess(words, code, output.getvalue(), errors.getvalue())

    return call


@pytest.fixture(scope="session")
def nextflow() -> str:
    """The nextflow to use."""
    found = shutil.which("nextflow", path=PATH)
    if found is None:
        pytest.skip("nextflow is not on PATH; `make setup` installs it")
    return found


@pytest.fixture(scope="session")
def run_pipeline(nextflow: str) -> Callable[..., Run]:
    """Run the pipeline: `run_pipeline(folder, "-profile", "test", outdir="results", stub=True)`."""

    def run(
        folder: Path,
        *arguments: object,
        outdir: str = "results",
        project: Path = PROJECT,
        prefix: Sequence[str] = (),
        timeout: float = 1500,
        **variables: str,
    ) -> Run:
        folder.mkdir(parents=True, exist_ok=True)
        command = [*prefix, nextflow, "run", project, "--outdir", outdir, *arguments]
        done = subprocess.run(
            [str(word) for word in command],
            cwd=folder,
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Run(folder, folder / outdir, done.returncode, done.stdout)

    return run


# Python runs it at the start of every process: it notes which packages a command has loaded at its end.
NOTE_MODULES = """
import atexit, json, os, sys
from pathlib import Path

def note():
    if "cistill.cli" in sys.modules:
        name = f"{{os.getpid()}}.{{Path.cwd().name}}.json"
        made = {{"command": sys.argv[0], "modules": [name for name in sys.modules if "." not in name]}}
        Path({folder!r}, name).write_text(json.dumps(made))

atexit.register(note)
"""


@pytest.fixture(scope="session")
def finished(run_pipeline: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The smallest real run of all steps, one for all processes of the tests. They read it and change nothing in it."""

    def make(folder: Path) -> None:
        foreign = folder / "foreign"  # programs of the user's own that are named like our commands must not be run
        foreign.mkdir()
        for name in COMMANDS:
            (foreign / name).write_text("#!/bin/sh\necho this is another program >&2\nexit 1\n")
            (foreign / name).chmod(0o755)
        loaded = folder / "loaded"
        loaded.mkdir()
        (loaded / "sitecustomize.py").write_text(NOTE_MODULES.format(folder=str(loaded)))
        run = run_pipeline(folder, "-profile", "test", PATH=f"{foreign}{os.pathsep}{PATH}", PYTHONPATH=str(loaded))
        (folder / "output").write_text(run.output)
        assert run.returncode == 0, run.output

    folder = made_once(tmp_path_factory.getbasetemp(), "finished", make)
    return Run(folder, folder / "results", 0, (folder / "output").read_text())


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny simulated experiment and its samplesheet, one for all processes of the tests."""

    def make(folder: Path) -> None:
        command = [PROJECT / "bin" / "simulate", "--preset", "tiny", "--outdir", folder]
        subprocess.run(command, env=environment(), check=True, capture_output=True)

    return made_once(tmp_path_factory.getbasetemp(), "tiny", make)


@pytest.fixture
def project_copy(tmp_path: Path) -> Path:
    """A copy of the pipeline that a test may change, with what is compiled."""
    copy = tmp_path / "project"
    copy.mkdir()
    for name in ("main.nf", "nextflow.config", "nextflow_schema.json"):
        shutil.copy2(PROJECT / name, copy)
    for name in ("assets", "bin", "conf", "functions", "modules", "src", "subworkflows"):
        shutil.copytree(PROJECT / name, copy / name)
    return copy
