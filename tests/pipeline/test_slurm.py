"""The pipeline on a Slurm cluster: a node on this machine, with a pretended GPU."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pipeline_runs import Run
from slurm_node import megabytes, missing, slurm_node

pytestmark = [pytest.mark.nextflow, pytest.mark.long]
# The node is smaller than what tasks ask for; ask often how jobs are doing.
CONFIG = """
process.resourceLimits = [cpus: {cpus}, memory: '{megabytes} MB']
executor {{
    pollInterval      = '1 sec'
    queueStatInterval = '1 sec'
}}
"""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    if missing():
        pytest.skip(f"Slurm is not installed: no {', '.join(missing())} on PATH")
    if os.geteuid() != 0:
        pytest.skip("a Slurm node of one's own needs root")
    with slurm_node(tmp_path_factory.mktemp("slurm")) as variables:
        yield variables


@pytest.fixture
def fitted(tmp_path: Path) -> list[object]:
    """Arguments that fit the tasks to the node."""
    config = tmp_path / "node.config"
    config.write_text(CONFIG.format(cpus=os.cpu_count(), megabytes=megabytes()))
    return ["-c", config]


def scripts(run: Run) -> dict[str, str]:
    """Name of every task to its job script."""
    found = {}
    for task in run.tasks():
        (folder,) = (run.folder / "work").glob(f"{task['hash']}*")
        found[task["name"]] = (folder / ".command.run").read_text()
    return found


def test_jobs_of_slurm_make_the_same_model(
    run_pipeline: Callable[..., Run], finished: Run, slurm: dict[str, str], fitted: list[object], tmp_path: Path
) -> None:
    run = run_pipeline(tmp_path, *fitted, "-profile", "test,slurm", "--step", "prepare,train", **slurm)
    assert run.returncode == 0, run.output
    assert all("#SBATCH --mem " in script for script in scripts(run).values())
    model = "select/SIM1.model.safetensors"
    assert (run.outdir / model).read_bytes() == (finished.outdir / model).read_bytes()


def test_only_tasks_that_can_use_a_gpu_ask_for_one(
    run_pipeline: Callable[..., Run], slurm: dict[str, str], fitted: list[object], tmp_path: Path
) -> None:
    run = run_pipeline(tmp_path, *fitted, "-profile", "test,slurm,gpu", "-stub", **slurm)
    assert run.returncode == 0, run.output
    asking = [name for name, script in scripts(run).items() if "--gres=gpu:1" in script]
    trained = [f"TRAIN (SIM.all.fold_0.restart_{restart})" for restart in (1, 2)]
    assert sorted(asking) == [
        "FINETUNE (SIM.all.fold_0)",
        "MARGINALIZE (SIM.variants)",
        "PREDICT (SIM)",
        "SHAP (SIM)",
        *trained,
    ]
