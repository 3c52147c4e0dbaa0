"""A checkout that cannot be written, run from another folder, offline; and a user without a home folder."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journeys import summary_of
from pipeline_runs import Run

pytestmark = [pytest.mark.nextflow, pytest.mark.long]
NOBODY = 65534


def works(*command: str) -> bool:
    """Whether a command can be run here."""
    return shutil.which(command[0]) is not None and subprocess.run(command, check=False).returncode == 0


@pytest.fixture
def read_only(project_copy: Path) -> Path:
    """A checkout in which nothing can be written."""
    for path in (project_copy, *project_copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)
    return project_copy


def test_a_read_only_checkout_runs_from_another_folder_without_a_network(
    run_pipeline: Callable[..., Run], read_only: Path, tmp_path: Path
) -> None:
    # root may write everywhere unless it gives up that right
    prefix = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    offline = ["unshare", "-n"] if works("unshare", "-n", "true") else []
    before = sorted(read_only.rglob("*"))
    run = run_pipeline(
        tmp_path / "elsewhere", "-profile", "test", project=read_only, prefix=[*offline, *prefix], NXF_OFFLINE="true"
    )
    assert summary_of(run, "SIM1")["regions"]["peaks_kept"] > 50
    assert sorted(read_only.rglob("*")) == before


@pytest.fixture
def passable(tmp_path: Path) -> Iterator[Path]:
    """The test's folder, which any user may reach: Java asks access(2), which disregards capabilities."""
    closed = [folder for folder in (tmp_path, *tmp_path.parents) if not folder.stat().st_mode & 0o001]
    modes = [folder.stat().st_mode & 0o7777 for folder in closed]
    for folder, mode in zip(closed, modes, strict=True):
        folder.chmod(mode | 0o011)
    yield tmp_path
    for folder, mode in zip(closed, modes, strict=True):
        folder.chmod(mode)


def test_a_user_without_a_home_folder(run_pipeline: Callable[..., Run], project_copy: Path, passable: Path) -> None:
    prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    # where Python was installed in root's own folder, nobody must be allowed to read it
    prefix += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    if os.geteuid() != 0 or not works(*prefix, "true"):
        pytest.skip("only root can run the pipeline as another user")
    folder = passable / "nobody"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    run = run_pipeline(
        folder, "-profile", "test", project=project_copy, prefix=prefix, HOME="/nonexistent", USER="nobody"
    )
    assert summary_of(run, "SIM1")["regions"]["peaks_kept"] > 50
