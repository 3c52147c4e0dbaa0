"""What a run of the pipeline is to a test, and the environment that it runs in."""

import csv
import fcntl
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@dataclass(frozen=True)
class Run:
    """A finished run of Nextflow.

    Attributes
    ----------
    folder : Path
        Where it was started; its work folder is `folder/work`.
    outdir : Path
        Its results.
    returncode : int
    output : str
        What it printed, both streams.
    """

    folder: Path
    outdir: Path
    returncode: int
    output: str

    def tasks(self) -> list[dict[str, str]]:
        """Rows of the trace: `name` (without its workflow), `status`, `exit`, `hash`, ..."""
        with (self.outdir / "pipeline_info" / "trace.tsv").open() as handle:
            rows = list(csv.DictReader(handle, delimiter="\t"))
        return [row | {"name": row["name"].rpartition(":")[2]} for row in rows]

    def names(self, status: str) -> list[str]:
        """Sorted names of the tasks of a status, `COMPLETED`, `CACHED` or `FAILED`."""
        return sorted(task["name"] for task in self.tasks() if task["status"] == status)

    def published(self) -> set[str]:
        """Every file of the results, without those about the run itself."""
        files = (file.relative_to(self.outdir).as_posix() for file in self.outdir.rglob("*") if file.is_file())
        return {file for file in files if not file.startswith("pipeline_info/")}


def environment(**more: str) -> dict[str, str]:
    """Environment of a run: the tests' Python first on PATH, plain lines as its log, few threads of Java's own."""
    java = f"{os.environ.get('NXF_OPTS', '')} -XX:+UseSerialGC"
    own = {"PATH": PATH, "NXF_ANSI_LOG": "false", "NXF_DISABLE_CHECK_LATEST": "true", "NXF_OPTS": java}
    return {**os.environ, **own, **more}


def made_once(base: Path, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that the first test process to need it makes, while the others wait.

    Parameters
    ----------
    base : Path
        The folder of this process's temporary files; processes of pytest-xdist have them side by side.
    name : str
    make : callable
        Fills the folder.
    """
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, made = base / name, base / f"{name}.made"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


def resumed_elsewhere(run: Run, folder: Path) -> list[str]:
    """Return the arguments that resume a run in another folder, where its history is copied to."""
    shutil.copytree(run.folder / ".nextflow", folder / ".nextflow")
    return ["-resume", "-work-dir", str(run.folder / "work")]
