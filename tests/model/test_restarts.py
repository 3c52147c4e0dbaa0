"""Restarts compared while they train: who goes on, and that what goes on is trained as if nothing was compared."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from toy_dataset import write_toy_dataset

from cistill.model.checkpoint import read_tensors
from cistill.model.training.restarts import PlannedRun, Rung, best_until, going_on, rungs
from cistill.model.training.settings import TrainingSettings
from cistill.model.training.train import TrainingJob, train

NETWORK = {"filters": 8, "layers": 2, "first_kernel": 7, "profile_kernel": 9}
SETTINGS = TrainingSettings(epochs=8, batch_size=8, precision="fp32", patience=0, seed=1)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> TrainingJob:
    folder = tmp_path_factory.mktemp("restarts")
    write_toy_dataset(folder / "TOY.dataset.h5", folds=2)
    return TrainingJob(folder / "TOY.dataset.h5", None, None, NETWORK, SETTINGS, "cpu", None, folder / "all", 0.25)


@pytest.fixture(scope="module")
def compared(job: TrainingJob) -> Path:
    assert train(job, "0,1", [1, 2, 3, 4], None, 1, lambda: False)
    return job.outdir


def epochs(folder: Path, fold: int) -> dict[int, int]:
    files = {restart: folder / f"TOY.all.fold_{fold}.restart_{restart}.history.tsv" for restart in (1, 2, 3, 4)}
    return {restart: len(pd.read_csv(file, sep="\t")) for restart, file in files.items()}


def test_half_of_the_restarts_go_on_from_each_comparison() -> None:
    assert rungs(3, 0.25) == [Rung(0.25, 1)]
    assert rungs(8, 0.25) == [Rung(0.25, 4), Rung(0.5, 2)]
    assert rungs(1, 0.25) == rungs(3, 1.0) == []


def test_the_smallest_criteria_of_each_fold_go_on() -> None:
    runs = [PlannedRun(fold, restart) for fold in "ab" for restart in (1, 2, 3)]
    criteria = dict(zip(runs, [0.9, 0.8, math.nan, 0.7, 0.7, 0.6], strict=True))
    assert going_on(criteria, 1) == {PlannedRun("a", 2), PlannedRun("b", 3)}
    assert going_on(criteria, 2) == {PlannedRun("a", 1), PlannedRun("a", 2), PlannedRun("b", 1), PlannedRun("b", 3)}


def test_without_validation_all_go_on() -> None:
    runs = [PlannedRun("a", restart) for restart in (1, 2)]
    assert going_on(dict.fromkeys(runs, math.nan), 1) == set(runs)


def test_the_best_epoch_counts_up_to_the_comparison() -> None:
    assert best_until([0.9, math.nan, 0.7, 0.1], 3) == 0.7
    assert math.isnan(best_until([], 3))


def test_one_restart_of_each_fold_is_trained_to_the_end(compared: Path) -> None:
    for fold in (0, 1):
        assert sorted(epochs(compared, fold).values()) == [2, 2, 4, 8]


def test_a_restart_that_goes_on_is_the_one_trained_alone(job: TrainingJob, compared: Path, tmp_path: Path) -> None:
    (best,) = (restart for restart, number in epochs(compared, 1).items() if number == 8)
    assert train(replace(job, outdir=tmp_path), "1", [best], None, 1, lambda: False)
    name = f"TOY.all.fold_1.restart_{best}"
    for kind in ("history.tsv", "model.safetensors"):
        assert (tmp_path / f"{name}.{kind}").read_bytes() == (compared / f"{name}.{kind}").read_bytes()


def test_stopped_between_comparisons_it_ends_with_the_same_networks(
    job: TrainingJob, compared: Path, tmp_path: Path
) -> None:
    kept = replace(job, checkpoint_dir=tmp_path / "states", outdir=tmp_path / "all")
    for most in (20, 45, 70):  # batches until each stop
        calls = iter(range(most))
        assert not train(kept, "0,1", [1, 2, 3, 4], None, 1, lambda calls=calls: next(calls, None) is None)
    assert train(kept, "0,1", [1, 2, 3, 4], None, 1, lambda: False)
    names = {file.name for file in compared.iterdir()}
    assert {file.name for file in kept.outdir.iterdir()} == names
    for name in (name for name in names if not name.endswith(".json")):
        assert (kept.outdir / name).read_bytes() == (compared / name).read_bytes(), name


def test_side_by_side_the_same_are_compared(job: TrainingJob, tmp_path: Path) -> None:
    assert train(replace(job, outdir=tmp_path), "0", [1, 2, 3, 4], None, 2, lambda: False)
    assert sorted(epochs(tmp_path, 0).values()) == [2, 2, 4, 8]
    assert not list(tmp_path.glob(".tmp*"))
    tensors, _ = read_tensors(tmp_path / "TOY.all.fold_0.restart_1.model.safetensors")
    assert tensors
