"""Runs that go on where an earlier one stopped: what is reused, and what never is."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline_runs import PROJECT, Run, environment, resumed_elsewhere

pytestmark = pytest.mark.nextflow


def test_nothing_runs_again_when_nothing_has_changed(
    run_pipeline: Callable[..., Run], finished: Run, tmp_path: Path
) -> None:
    before = {name: (finished.outdir / name).read_bytes() for name in finished.published()}
    again = run_pipeline(tmp_path, "-profile", "test", *resumed_elsewhere(finished, tmp_path))
    assert again.returncode == 0, again.output
    assert {task["status"] for task in again.tasks()} == {"CACHED"}
    assert {name: (again.outdir / name).read_bytes() for name in again.published()} == before


def test_results_of_other_library_code_are_never_reused(
    run_pipeline: Callable[..., Run], project_copy: Path, tmp_path: Path
) -> None:
    def run(status: str) -> list[str]:
        done = run_pipeline(tmp_path / "run", "-profile", "test", "-stub", "-resume", project=project_copy)
        assert done.returncode == 0, done.output
        assert {task["status"] for task in done.tasks()} == {status}
        return done.names(status)

    every = run("COMPLETED")
    assert run("CACHED") == every
    module = project_copy / "src/cistill/tables.py"
    module.write_text(module.read_text() + "\n# changed\n")
    assert run("COMPLETED") == every


def test_a_task_of_many_inputs_runs_again_in_the_folder_that_a_killed_run_left(finished: Run, tmp_path: Path) -> None:
    (task,) = [task for task in finished.tasks() if task["name"].startswith("REPORT")]
    (left,) = (finished.folder / "work").glob(task["hash"] + "*")
    folder = shutil.copytree(left, tmp_path / "task", symlinks=True)
    page = folder / "SIM1.report.html"
    page.unlink()
    assert sum(file.is_symlink() for file in folder.rglob("*")) > 100
    done = subprocess.run(["bash", ".command.run"], cwd=folder, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert page.exists()


def wait_for(what: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait until something is true of a running process."""
    until = time.monotonic() + seconds
    while not what():
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < until, "the run did not get so far in time"
        time.sleep(0.02)


def test_a_run_whose_head_is_killed_in_training_goes_on_to_the_same_results(
    nextflow: str, run_pipeline: Callable[..., Run], finished: Run, tmp_path: Path
) -> None:
    arguments = ["-profile", "test", "--step", "prepare,train"]
    command = [nextflow, "run", str(PROJECT), *arguments, "--outdir", "results"]
    with (tmp_path / "log").open("w") as log:
        head = subprocess.Popen(
            command, cwd=tmp_path, env=environment(), stdout=log, stderr=log, start_new_session=True
        )
    checkpoints = tmp_path / "work" / "checkpoints"
    wait_for(lambda: any(file.is_file() for file in checkpoints.rglob("*")), head, seconds=600)
    head.kill()
    head.wait()
    done = {"CONFIGURE", "SIMULATE (tiny)", "CHECK (samplesheet.csv)", "DATASET (SIM1)"}
    done |= {f"COVERAGE (SIM1.sim1.{name})" for name in ("c1", "r1", "r2")}
    assert not (tmp_path / "results/train").exists()

    resumed = run_pipeline(tmp_path, *arguments, "-resume")
    stop_orphans(head.pid)
    assert resumed.returncode == 0, resumed.output
    assert set(resumed.names("CACHED")) == done
    trained = [f"TRAIN (SIM1.all.fold_0.restart_{restart})" for restart in (1, 2)]
    assert resumed.names("COMPLETED") == ["FINETUNE (SIM1.all.fold_0)", "PREDICT (SIM1)", "SELECT (SIM1)", *trained]
    model, tables = "select/SIM1.model.safetensors", ("predict/SIM1.region_predictions.tsv", "predict/SIM1.metrics.tsv")
    for name in (model, *tables):
        assert (resumed.outdir / name).read_bytes() == (finished.outdir / name).read_bytes(), name
    history = "train/SIM1.all.fold_0.restart_1.history.tsv"
    assert (resumed.outdir / history).read_bytes() == (finished.outdir / history).read_bytes()


def stop_orphans(session: int) -> None:
    """End what the killed head left running; it was the leader of its own session."""
    listed = subprocess.run(["ps", "-o", "pid=", "--sid", str(session)], capture_output=True, text=True, check=False)
    for pid in listed.stdout.split():
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            continue
