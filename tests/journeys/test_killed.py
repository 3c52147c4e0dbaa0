"""A run that is killed in every stage, and resumed each time, ends with the results of one that was left alone."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from journeys import summary_of, tables_of
from pipeline_runs import PROJECT, Run, environment

pytestmark = [pytest.mark.nextflow, pytest.mark.long]
STAGES = ("CHECK", "COVERAGE", "DATASET", "TRAIN", "FINETUNE", "PREDICT", "SHAP", "MODISCO", "CALLHITS", "COLLAPSE")
STAGES += ("MARGINALIZE", "CALIBRATE", "ANALYSE", "BROWSER", "REPORT")


def kill_session(leader: int) -> None:
    """Kill a process and all that it started."""
    listed = subprocess.run(["ps", "-o", "pid=", "--sid", str(leader)], capture_output=True, text=True, check=False)
    for pid in listed.stdout.split():
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            continue


def killed_in(stage: str, nextflow: str, folder: Path) -> None:
    """Run the pipeline until a task of a stage has begun, and kill everything."""
    log = folder / f"{stage}.log"
    command = [nextflow, "run", str(PROJECT), "-profile", "test", "--outdir", "results", "-resume"]
    with log.open("w") as handle:
        head = subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=handle, stderr=handle, start_new_session=True
        )
    until = time.monotonic() + 900
    while f":{stage} (" not in log.read_text() and f"> {stage} (" not in log.read_text():
        assert head.poll() is None, f"the run ended before {stage}: {log.read_text()}"
        assert time.monotonic() < until, f"{stage} did not begin in time"
        time.sleep(0.1)
    time.sleep(2)
    kill_session(head.pid)
    head.wait()


def test_a_run_killed_in_every_stage_ends_as_if_it_had_been_left_alone(
    nextflow: str, run_pipeline: Callable[..., Run], finished: Run, tmp_path: Path
) -> None:
    for stage in STAGES:
        killed_in(stage, nextflow, tmp_path)
    run = run_pipeline(tmp_path, "-profile", "test", "-resume")
    assert summary_of(run, "SIM1")["metrics"] == summary_of(finished, "SIM1")["metrics"]
    whole, own = tables_of(finished.outdir), tables_of(run.outdir)
    assert set(own) == set(whole)
    assert [name for name in sorted(whole) if own[name] != whole[name]] == []
