"""Predictions of regions and what is written about them."""

import dataclasses
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats
from scipy.spatial.distance import jensenshannon
from toy_dataset import CHROMOSOMES, write_toy_dataset
from toy_ensemble import toy_ensemble

from cistill.errors import InputError
from cistill.model.ensemble import Prediction, save_ensemble
from cistill.model.prediction import dataset_regions
from cistill.model.prediction.dataset_regions import check_finite, write_predictions
from cistill.model.prediction.predict import predict
from cistill.model.windows.batches import take
from cistill.model.windows.dataset import read_dataset

KEYS = ["task", "split", "regions", "metric"]


@pytest.fixture(scope="module")
def predicted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a dataset of four folds, two tasks and controls, a network for each fold, and its predictions."""
    folder = tmp_path_factory.mktemp("toy")
    dataset = write_toy_dataset(folder / "TOY.dataset.h5", tasks=2, controls=True, folds=4)
    ensemble = toy_ensemble(["0", "1", "2", "3"], ["task0", "task1"], dataset, controls=True)
    save_ensemble(folder / "TOY.model.safetensors", ensemble)
    scorer = write_predictions(
        folder / "TOY.predictions.h5",
        folder / "TOY.region_predictions.tsv",
        ensemble,
        read_dataset(dataset),
        np.arange(96),
    )
    scorer.metrics(seed=1).to_csv(folder / "TOY.metrics.tsv", sep="\t", index=False)
    return folder


def test_each_region_is_predicted_by_the_network_that_never_saw_its_chromosome(predicted: Path) -> None:
    dataset = read_dataset(predicted / "TOY.dataset.h5")
    members = toy_ensemble(["0", "1", "2", "3"], ["task0", "task1"], predicted / "TOY.dataset.h5", True).members
    with h5py.File(predicted / "TOY.predictions.h5") as h5:
        assert h5["unseen"][:].all()
        log_counts, log_profile = h5["log_counts"][:], h5["log_profile"][:]
        assert log_profile.dtype == np.float16
        assert list(h5["region_id"].asstr()[:]) == list(dataset.region_id)
    for fold, chrom in enumerate(CHROMOSOMES):  # fold k tests the k-th chromosome
        rows = np.flatnonzero(dataset.chrom == chrom)
        batch = take(dataset, rows).to(torch.device("cpu"))
        with torch.no_grad():
            output = members[fold].outputs(batch.sequence, batch.control)
        np.testing.assert_allclose(log_counts[rows], output.log_counts.numpy(), atol=1e-5)
        np.testing.assert_allclose(np.exp(log_profile[rows].astype(float)), output.profile.numpy(), atol=1e-3)


def test_metrics_are_those_of_the_predictions(predicted: Path) -> None:
    """Every number again, from the files, with scipy."""
    dataset = read_dataset(predicted / "TOY.dataset.h5")
    metrics = pd.read_csv(predicted / "TOY.metrics.tsv", sep="\t")
    assert not metrics.duplicated(KEYS).any()
    found = metrics.set_index(KEYS)["value"]
    with h5py.File(predicted / "TOY.predictions.h5") as h5:
        log_counts = h5["log_counts"][:].astype(float)
    counts = dataset.counts[:, 1]
    peaks = dataset.rows(kind="peak")
    observed, guessed = np.log1p(counts), log_counts[:, 1]
    total = np.log(np.exp(guessed).sum(1) - 1)
    for regions, rows in (("peaks", peaks), ("peaks+background", np.arange(96))):
        for suffix, x, y in (
            ("", np.log1p(counts.sum(1)), total),
            ("_pooled", observed, guessed),
            ("_plus", observed[:, 0], guessed[:, 0]),
            ("_minus", observed[:, 1], guessed[:, 1]),
        ):
            x, y = x[rows].ravel(), y[rows].ravel()
            where = ("task1", "test", regions)
            assert found[(*where, f"count_pearson{suffix}")] == pytest.approx(stats.pearsonr(x, y)[0], abs=1e-6)
            assert found[(*where, f"count_spearman{suffix}")] == pytest.approx(stats.spearmanr(x, y)[0], abs=1e-6)
            assert found[(*where, f"count_mse{suffix}")] == pytest.approx(((x - y) ** 2).mean(), rel=1e-5)
    wins = stats.mannwhitneyu(total[:48], total[48:]).statistic / 48**2
    assert found["task1", "test", "peaks+background", "auroc"] == pytest.approx(wins)
    table = pd.read_csv(predicted / "TOY.region_predictions.tsv", sep="\t")
    own = table[(table["task"] == "task1") & (table["kind"] == "peak")]
    for name in ("profile_jsd", "profile_nll", "profile_js_divergence", "profile_spearman", "profile_cross_entropy"):
        assert found["task1", "test", "peaks", name] == pytest.approx(own[name].mean(), rel=1e-5)


def test_the_table_of_regions_says_what_was_observed_and_predicted(predicted: Path) -> None:
    dataset = read_dataset(predicted / "TOY.dataset.h5")
    table = pd.read_csv(predicted / "TOY.region_predictions.tsv", sep="\t").set_index(["region_id", "task"])
    assert len(table) == 2 * 96
    with h5py.File(predicted / "TOY.predictions.h5") as h5:
        log_counts = h5["log_counts"][:].astype(float)
        log_profile = h5["log_profile"][:].astype(float)
    row = 7
    signal = take(dataset, np.array([row])).signal.numpy()[0, 0].astype(float)
    line = table.loc[(dataset.region_id[row], "task0")]
    assert line["observed_log_count"] == pytest.approx(np.log1p(signal.sum()), rel=1e-5)
    assert line["observed_log_count_minus"] == pytest.approx(np.log1p(signal[1].sum()), rel=1e-5)
    assert line["predicted_log_count_plus"] == pytest.approx(log_counts[row, 0, 0], rel=1e-5)
    joint = np.exp(log_profile[row, 0] + log_counts[row, 0][:, None])
    assert line["profile_jsd"] == pytest.approx(jensenshannon(signal.ravel(), joint.ravel()), abs=1e-3)
    backgrounds = table[table["kind"] == "background"]
    assert backgrounds["profile_nll"].notna().all()
    assert backgrounds["profile_pearson"].isna().all()  # of few reads it would say nothing, and take a sort


def test_bounds_stand_where_they_should(predicted: Path) -> None:
    metrics = pd.read_csv(predicted / "TOY.metrics.tsv", sep="\t").set_index(KEYS).sort_index()
    one = metrics.loc[("task0", "test", "peaks")]
    assert one.loc["profile_jsd", "upper"] == 0
    assert one.loc["profile_jsd", "lower"] > one.loc["profile_jsd", "average"] > 0
    assert one.loc["profile_nll", "lower"] > one.loc["profile_nll", "average"] > one.loc["profile_nll", "upper"] > 0
    assert one.loc["profile_pearson", ["lower", "upper"]].tolist() == [0, 1]
    assert 0 < one.loc["profile_pearson", "average"] < 1
    assert one.loc["count_mse", "lower"] > one.loc["count_mse", "average"] > one.loc["count_mse", "upper"] == 0
    assert np.isnan(one.loc["count_pearson", "average"])
    line = one.loc["profile_cross_entropy"]
    assert line["normalised"] == pytest.approx((line["value"] - line["lower"]) / (line["upper"] - line["lower"]))
    assert metrics.loc[("task0", "test", "peaks+background", "auroc"), "lower"] == 0.5
    assert one.loc["profile_nll_plus", "strand"] == "+"
    assert one.loc["profile_nll_minus", "strand"] == "-"
    assert one.loc["profile_nll", "strand"] == "both"


def test_the_order_of_work_changes_nothing(predicted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset_regions, "BATCH", 10)
    dataset = read_dataset(predicted / "TOY.dataset.h5")
    ensemble = toy_ensemble(["0", "1", "2", "3"], ["task0", "task1"], predicted / "TOY.dataset.h5", controls=True)
    for workers in (1, 3):
        files = [tmp_path / f"{workers}.h5", tmp_path / f"{workers}.tsv"]
        scorer = write_predictions(*files, ensemble, dataset, np.arange(96), workers)
        scorer.metrics(1).to_csv(tmp_path / f"{workers}.metrics", index=False)
    for suffix in ("h5", "tsv", "metrics"):
        assert (tmp_path / f"1.{suffix}").read_bytes() == (tmp_path / f"3.{suffix}").read_bytes()
    other, table = (pd.read_csv(f, sep="\t") for f in (tmp_path / "1.tsv", predicted / "TOY.region_predictions.tsv"))
    pd.testing.assert_frame_equal(other, table, rtol=1e-4)


def test_only_regions_that_networks_never_saw_are_test_regions(tmp_path: Path, run_command) -> None:
    dataset = write_toy_dataset(tmp_path / "TOY.dataset.h5", folds=4)
    save_ensemble(tmp_path / "TOY.model.safetensors", toy_ensemble(["0", "2"], ["task0"], dataset))
    command = ("predict", "--dataset", "TOY.dataset.h5", "--model", "TOY.model.safetensors")
    for arguments in (("--outdir", "all"), ("--regions", "held_out", "--outdir", "held_out")):
        done = run_command(*command, *arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    metrics = {name: pd.read_csv(tmp_path / name / "TOY.metrics.tsv", sep="\t") for name in ("all", "held_out")}
    numbers = metrics["all"].set_index(KEYS)["n"]
    assert numbers["task0", "test", "peaks", "count_mse"] == 24  # of 48 peaks, those of chr1 and chr3
    assert numbers["task0", "seen", "peaks", "count_mse"] == 24
    held_out = metrics["held_out"]
    assert set(held_out["split"]) == {"test"}
    pd.testing.assert_frame_equal(held_out, metrics["all"][metrics["all"]["split"] == "test"].reset_index(drop=True))
    with h5py.File(tmp_path / "held_out/TOY.predictions.h5") as h5:
        assert set(h5["chrom"].asstr()[:]) == {"chr1", "chr3"}
        assert h5["log_profile"].shape == (48, 1, 2, 40)
    table = pd.read_csv(tmp_path / "all/TOY.region_predictions.tsv", sep="\t")
    assert (table["unseen"] == table["region_id"].str.contains("chr[13]:")).all()
    assert (table["split"] == np.where(table["unseen"], "test", "seen")).all()


def test_a_model_of_one_task_predicts_that_task_of_the_dataset(tmp_path: Path) -> None:
    dataset = write_toy_dataset(tmp_path / "TOY.dataset.h5", tasks=2, controls=True)
    ensemble = toy_ensemble(["0"], ["task1"], dataset, controls=True)
    scorer = write_predictions(tmp_path / "a.h5", tmp_path / "a.tsv", ensemble, read_dataset(dataset), np.arange(96))
    metrics = scorer.metrics(1)
    assert set(metrics["task"]) == {"task1"}
    assert list(dict.fromkeys(metrics["split"])) == ["test", "valid", "train"]
    observed = np.log1p(read_dataset(dataset).counts[:, 1].sum(1))
    table = pd.read_csv(tmp_path / "a.tsv", sep="\t")
    np.testing.assert_allclose(table["observed_log_count"], observed, rtol=1e-5)


@pytest.mark.parametrize(
    ("dataset", "regions", "message"),
    [
        ("OTHER.dataset.h5", "all", "model takes 66 -> 40 bp"),
        ("TOY.dataset.h5", "some", "--regions must be one of all, held_out"),
    ],
)
def test_bad_input_is_told(tmp_path: Path, dataset: str, regions: str, message: str) -> None:
    good = write_toy_dataset(tmp_path / "TOY.dataset.h5")
    write_toy_dataset(tmp_path / "OTHER.dataset.h5", output_length=60)
    model = tmp_path / "TOY.model.safetensors"
    save_ensemble(model, toy_ensemble(["0"], ["task0"], good))
    with pytest.raises(InputError, match=message):
        predict(tmp_path / dataset, model, None, regions, True, "cpu", 1, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_command_with_neither_dataset_nor_regions_is_one_message(tmp_path: Path, run_command) -> None:
    (tmp_path / "TOY.model.safetensors").write_text("x")
    done = run_command("predict", "--model", "TOY.model.safetensors", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "predict: error: give either --dataset or --bed\n"
    done = run_command("predict", "--model", "TOY.model.safetensors", "--bed", "a.bed", cwd=tmp_path)
    assert done.stderr == "predict: error: --bed needs --fasta, the genome\n"


def test_a_prediction_that_is_no_number_is_told() -> None:
    profile, counts = np.zeros((3, 1, 2, 5), np.float32), np.zeros((3, 1, 2), np.float32)
    check_finite(Prediction(profile, counts, np.ones(3, bool)), np.array(["a", "b", "c"]))
    counts[1] = np.inf
    with pytest.raises(InputError, match="1 region\\(s\\), the first one b"):
        check_finite(Prediction(profile, counts, np.ones(3, bool)), np.array(["a", "b", "c"]))


def test_of_several_backgrounds_the_first_alone_is_scored(tmp_path: Path) -> None:
    dataset = read_dataset(write_toy_dataset(tmp_path / "TOY.dataset.h5"))
    further = dataset.kind == "background"
    further[48::2] = False  # every second background is a further one
    dataset = dataclasses.replace(dataset, match_rank=further.astype(np.uint8))
    ensemble = toy_ensemble(["0"], ["task0"], tmp_path / "TOY.dataset.h5")
    scorer = write_predictions(tmp_path / "a.h5", tmp_path / "a.tsv", ensemble, dataset, np.arange(96))
    table = pd.read_csv(tmp_path / "a.tsv", sep="\t")
    for split in ("test", "valid", "train"):
        counted = dataset.rows(split, task=0)
        counted = counted[dataset.match_rank[counted] == 0]
        assert set(table.loc[table["split"] == split, "region_id"]) == set(dataset.region_id[counted])
        metrics = scorer.metrics(1).set_index(["split", "metric"])
        assert metrics.loc[(split, "auroc"), "n"] == len(counted)
