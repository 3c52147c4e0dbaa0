"""Real Nextflow for the tests of the pipeline: one way to run it, and runs that many tests look at."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline_runs import PATH, PROJECT, Run, environment


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
        timeout: float = 1500,
        **variables: str,
    ) -> Run:
        folder.mkdir(parents=True, exist_ok=True)
        command = [nextflow, "run", project, "--outdir", outdir, *arguments]
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


@pytest.fixture(scope="session")
def finished(run_pipeline: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The smallest real run of all steps. Tests read it, and change nothing in it."""
    run = run_pipeline(tmp_path_factory.mktemp("finished"), "-profile", "test")
    assert run.returncode == 0, run.output
    return run


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny simulated experiment and its samplesheet."""
    folder = tmp_path_factory.mktemp("tiny")
    command = [PROJECT / "bin" / "simulate", "--preset", "tiny", "--outdir", folder]
    subprocess.run(command, env=environment(), check=True, capture_output=True)
    return folder


@pytest.fixture
def project_copy(tmp_path: Path) -> Path:
    """A copy of the pipeline that a test may change."""
    copy = tmp_path / "project"
    skip = shutil.ignore_patterns("__pycache__")
    copy.mkdir()
    for name in ("main.nf", "nextflow.config", "nextflow_schema.json"):
        shutil.copy2(PROJECT / name, copy)
    for name in ("assets", "bin", "conf", "modules", "src", "subworkflows"):
        shutil.copytree(PROJECT / name, copy / name, ignore=skip)
    return copy
