"""What metrics reach without a model."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toy_dataset import write_toy_dataset
from toy_ensemble import toy_ensemble

from cistill.model.prediction.baselines import TrainingMeans
from cistill.model.prediction.bounds import bounds
from cistill.model.prediction.dataset_regions import write_predictions
from cistill.model.prediction.metrics import shuffled_baseline
from cistill.model.windows.batches import take
from cistill.model.windows.dataset import read_dataset

KEYS = ["task", "split", "regions", "metric"]


def bounds_of(dataset: Path, seed: int = 1) -> pd.DataFrame:
    """Run `bounds` and return its table."""
    bounds(dataset, None, seed, dataset.parent)
    return pd.read_csv(dataset.parent / "TOY.bounds.tsv", sep="\t")


def test_bounds_are_those_that_stand_beside_predictions(tmp_path: Path) -> None:
    dataset = write_toy_dataset(tmp_path / "TOY.dataset.h5", tasks=2, controls=True, folds=4)
    ensemble = toy_ensemble(["0", "1", "2", "3"], ["task0", "task1"], dataset, controls=True)
    scorer = write_predictions(tmp_path / "a.h5", tmp_path / "a.tsv", ensemble, read_dataset(dataset), np.arange(96))
    bounds = bounds_of(dataset)
    assert list(bounds.columns) == ["task", "split", "regions", "metric", "strand", "lower", "average", "upper", "n"]
    beside = scorer.metrics(1)[bounds.columns]
    pd.testing.assert_frame_equal(bounds, beside, rtol=1e-5, check_dtype=False)


def test_bounds_command_writes_the_same_again(tmp_path: Path, run_command) -> None:
    dataset = write_toy_dataset(tmp_path / "TOY.dataset.h5")
    bounds_of(dataset)
    done = run_command("bounds", "--dataset", "TOY.dataset.h5", "--outdir", "again", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {file.name for file in (tmp_path / "again").iterdir()} == {"TOY.bounds.tsv", "TOY.bounds.json"}
    assert (tmp_path / "again/TOY.bounds.tsv").read_bytes() == (tmp_path / "TOY.bounds.tsv").read_bytes()


def test_bounds_by_hand(tmp_path: Path) -> None:
    dataset_file = write_toy_dataset(tmp_path / "TOY.dataset.h5")
    found = bounds_of(dataset_file, seed=3).set_index(KEYS).sort_index()
    dataset = read_dataset(dataset_file)
    rows = dataset.rows("test", "peak")
    signal = take(dataset, rows).signal.numpy()[:, 0].astype(float)  # (peaks, 2, 40)
    depth = signal.sum(-1)
    peaks = found.loc[("task0", "test", "peaks")]
    assert peaks.loc["profile_cross_entropy", "lower"] == pytest.approx(np.log(40), rel=1e-5)
    share = signal / depth[..., None]
    entropy = -np.where(share > 0, share * np.log(np.where(share > 0, share, 1)), 0).sum(-1).mean()
    assert peaks.loc["profile_cross_entropy", "upper"] == pytest.approx(entropy, rel=1e-5)
    observed = np.log1p(depth.sum(1))
    baseline = shuffled_baseline(observed, 3)
    assert peaks.loc["count_pearson", "lower"] == pytest.approx(baseline["pearson"], rel=1e-4)
    training = np.log1p(dataset.counts[dataset.rows("train", "peak"), 0].sum(1)).mean()
    assert peaks.loc["count_mse", "average"] == pytest.approx(((observed - training) ** 2).mean(), rel=1e-4)
    assert peaks.loc["count_mse", "n"] == len(rows) == 12
    perfect = [("profile_pearson", 1), ("profile_js_divergence", 0), ("count_spearman_pooled", 1), ("profile_jsd", 0)]
    for name, best in perfect:
        assert peaks.loc[name, "upper"] == best
    both = found.loc[("task0", "test", "peaks+background")]
    assert both.loc["auroc"][["lower", "average", "upper"]].tolist() == [0.5, 0.5, 1]


def test_a_region_is_held_against_training_regions_of_the_fold_that_tests_it(tmp_path: Path) -> None:
    dataset = read_dataset(write_toy_dataset(tmp_path / "TOY.dataset.h5", folds=4))
    means = TrainingMeans(dataset, dataset.tasks)
    signal = take(dataset, np.arange(96)).signal.numpy()[:, 0].astype(float)
    for row in (0, 1, 50):
        fold = next(split for split in dataset.folds.values() if dataset.chrom[row] in split.test)
        own = np.isin(dataset.chrom, fold.train) & (dataset.kind == "peak")
        share = (signal[own] / signal[own].sum(-1, keepdims=True)).mean(0)  # (2, 40)
        found = np.exp(means.profile.log_profile[means.profile_for(np.array([row]), np.array([0])).index])[0]
        np.testing.assert_allclose(found, share, atol=5e-5)  # the floor of 1e-6 a position
        logs = np.log1p(signal[own].sum((1, 2))).mean()
        assert means.log_count[means.group[row], 0, 0, 0] == pytest.approx(logs)


def test_regions_in_no_split_count_in_no_bound(tmp_path: Path) -> None:
    dataset = read_dataset(write_toy_dataset(tmp_path / "TOY.dataset.h5"))
    split = dataset.split.copy()
    split[0] = "none"  # on a training chromosome
    means = TrainingMeans(dataclasses.replace(dataset, split=split), dataset.tasks)
    own = np.isin(dataset.chrom, ["chr1", "chr2"]) & (dataset.kind == "peak")
    own[0] = False
    assert means.log_count[0, 0, 0, 0] == pytest.approx(np.log1p(dataset.counts[own].sum((1, 2))).mean())


def test_a_dataset_without_backgrounds_has_no_ranking(tmp_path: Path) -> None:
    dataset = read_dataset(write_toy_dataset(tmp_path / "TOY.dataset.h5"))
    dataset = dataclasses.replace(dataset, split=np.where(dataset.kind == "peak", dataset.split, "none"))
    ensemble = toy_ensemble(["0"], ["task0"], tmp_path / "TOY.dataset.h5")
    metrics = write_predictions(tmp_path / "a.h5", tmp_path / "a.tsv", ensemble, dataset, np.arange(96)).metrics(1)
    both = metrics[metrics["regions"] == "peaks+background"]
    assert set(both["metric"]) == {"auroc"}
    assert both["value"].isna().all()
    table = pd.read_csv(tmp_path / "a.tsv", sep="\t")
    assert table.loc[table["kind"] == "background", ["observed_log_count", "profile_nll"]].isna().all(axis=None)
    assert table["predicted_log_count"].notna().all()
