"""Tasks that fail: which are tried again, and with what."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline_runs import Run

pytestmark = pytest.mark.nextflow
# The first attempt of each of these ends as if a scheduler had killed it.
CONFIG = """
process {
    withName: 'COVERAGE' { beforeScript = { task.attempt == 1 ? 'exit 137' : 'true' } }
    withName: 'TUNE' { beforeScript = { task.attempt == 1 ? 'exit 140' : 'true' } }
    withName: 'FINETUNE' { beforeScript = { task.attempt == 1 ? 'exit 143' : 'true' } }
    withName: 'TRAIN' { beforeScript = { task.attempt == 1 ? 'exit 140' : 'true' } }
    withName: 'SHAP' { beforeScript = { 'exit 1' } }
}
"""


def test_killed_tasks_are_tried_again_with_more_memory_and_others_are_not(
    run_pipeline: Callable[..., Run], tmp_path: Path
) -> None:
    config = tmp_path / "kill.config"
    config.write_text(CONFIG)
    run = run_pipeline(tmp_path, "-c", config, "-profile", "test", "-stub", "--tune_trials", 1)
    assert run.returncode == 1
    attempts = {(task["name"], task["attempt"]): task for task in run.tasks()}
    first, second = attempts["COVERAGE (SIM.sim.r1)", "1"], attempts["COVERAGE (SIM.sim.r1)", "2"]
    assert (first["status"], first["exit"], second["status"]) == ("FAILED", "137", "COMPLETED")
    assert (first["memory"], second["memory"]) == ("2 GB", "4 GB")
    for name in ("TUNE (SIM.1)", "TRAIN (SIM.all.fold_0.restart_1)", "FINETUNE (SIM.all.fold_0)"):
        assert attempts[name, "2"]["status"] == "COMPLETED", name
    assert [attempt for name, attempt in attempts if name == "SHAP (SIM)"] == ["1"]
