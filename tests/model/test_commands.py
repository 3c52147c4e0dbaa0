"""`train`, `predict` and `shap` as a user runs them."""

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from toy_dataset import write_toy_dataset

PROJECT = Path(__file__).resolve().parents[2]
NETWORK = ("--filters", 8, "--layers", 2, "--first_kernel", 7, "--profile_kernel", 9)
TRAINING = (*NETWORK, "--epochs", 8, "--batch_size", 8)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a toy dataset of two tasks and controls, its model, predictions and attributions."""
    folder = tmp_path_factory.mktemp("toy")
    write_toy_dataset(folder / "TOY.dataset.h5", tasks=2, controls=True)
    for command in (
        ["train", "--dataset", "TOY.dataset.h5", *TRAINING],
        ["predict", "--dataset", "TOY.dataset.h5", "--model", "TOY.model.safetensors"],
        ["shap", "--dataset", "TOY.dataset.h5", "--model", "TOY.model.safetensors", "--n_shuffles", 4],
    ):
        subprocess.run([str(PROJECT / "bin" / command[0]), *map(str, command[1:])], cwd=folder, check=True)
    return folder


def test_every_file_of_the_contract_is_written(trained: Path) -> None:
    assert {file.name for file in trained.iterdir()} == {
        "TOY.dataset.h5",
        "TOY.model.safetensors",
        "TOY.history.tsv",
        "TOY.train.json",
        "TOY.predictions.h5",
        "TOY.region_predictions.tsv",
        "TOY.metrics.tsv",
        "TOY.predict.json",
        "TOY.counts.attributions.h5",
        "TOY.profile.attributions.h5",
        "TOY.shap.json",
    }


def test_files_are_keyed_by_region(trained: Path) -> None:
    with h5py.File(trained / "TOY.dataset.h5") as h5:
        regions, peaks = h5["region_id"].asstr()[:], h5["kind"].asstr()[:] == "peak"
    with h5py.File(trained / "TOY.predictions.h5") as h5:
        assert list(h5["region_id"].asstr()[:]) == list(regions)
        profile = np.exp(h5["log_profile"][:].astype(float)).sum(-1)
        np.testing.assert_allclose(profile, 1, atol=0.01)
    with h5py.File(trained / "TOY.profile.attributions.h5") as h5:
        assert list(h5["region_id"].asstr()[:]) == list(regions[peaks])
        assert h5["hyp_scores"].shape == (48, 66, 4)
        assert (h5["input_seqs"][:].sum(-1) == 1).all()
        assert np.array_equal(h5["coords_end"][:] - h5["coords_start"][:], np.full(48, 66))
    table = pd.read_csv(trained / "TOY.region_predictions.tsv", sep="\t")
    assert len(table) == 2 * len(regions)


def test_metrics_stand_between_their_bounds(trained: Path) -> None:
    metrics = pd.read_csv(trained / "TOY.metrics.tsv", sep="\t")
    assert set(metrics["metric"]) == {
        "auroc",
        "count_pearson",
        "count_spearman",
        "count_mse",
        "profile_jsd",
        "profile_nll",
    }
    jsd = metrics[metrics["metric"] == "profile_jsd"]
    assert (jsd["upper"] <= jsd["value"]).all()
    assert (jsd["value"] <= jsd["lower"]).all()


def test_provenance_names_settings_and_inputs(trained: Path) -> None:
    record = json.loads((trained / "TOY.train.json").read_text())
    assert record["settings"]["network"]["controls"] is True
    assert record["settings"]["training"]["count_weight"] >= 1
    assert record["inputs"]["dataset"]["name"] == "TOY.dataset.h5"
    assert record["results"]["best_epoch"] <= 8


def test_same_seed_same_bytes(trained: Path, tmp_path: Path, run_command) -> None:
    shutil.copy(trained / "TOY.dataset.h5", tmp_path)
    for command in (["train", *TRAINING], ["predict", "--model", "TOY.model.safetensors"]):
        done = run_command(command[0], "--dataset", "TOY.dataset.h5", *command[1:], cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    for name in ("model.safetensors", "history.tsv", "predictions.h5", "region_predictions.tsv", "metrics.tsv"):
        assert (tmp_path / f"TOY.{name}").read_bytes() == (trained / f"TOY.{name}").read_bytes(), name


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_training_goes_on_to_the_same_model(tmp_path: Path, how: signal.Signals, run_command) -> None:
    write_toy_dataset(tmp_path / "TOY.dataset.h5", peaks=100)
    command = [PROJECT / "bin/train", "--dataset", "TOY.dataset.h5", *NETWORK, "--epochs", 40, "--batch_size", 8]
    command = [*map(str, command), "--checkpoint_dir", "states"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob("states/*/state.safetensors")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(how)
    process.communicate()
    assert process.returncode == (143 if how == signal.SIGTERM else -signal.SIGKILL)
    assert not (tmp_path / "TOY.model.safetensors").exists()
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "resumed at" in again.stderr
    unbroken = run_command("train", "--outdir", "unbroken", *command[1:-2], cwd=tmp_path)
    assert unbroken.returncode == 0, unbroken.stderr
    for name in ("TOY.model.safetensors", "TOY.history.tsv"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "unbroken" / name).read_bytes()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["train", "--dataset", "missing.h5"], "no such file: missing.h5"),
        (["train", "--dataset", "TOY.dataset.h5", "--layers", 3], "do not close"),
        (["train", "--dataset", "TOY.dataset.h5", "--preset", "bad.json"], "not valid JSON"),
        (["train", "--dataset", "TOY.dataset.h5", *NETWORK, "--use_gpu"], "no GPU is visible"),
        (["predict", "--dataset", "TOY.dataset.h5", "--model", "bad.json"], "not a safetensors file"),
        (["shap", "--dataset", "bad.json", "--model", "bad.json"], "not an HDF5 file"),
    ],
)
def test_bad_input_is_one_message(tmp_path: Path, command: list[object], message: str, run_command) -> None:
    write_toy_dataset(tmp_path / "TOY.dataset.h5")
    (tmp_path / "bad.json").write_text("{")
    before = set(tmp_path.iterdir())
    done = run_command(*command, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert set(tmp_path.iterdir()) == before


def test_a_model_of_other_windows_is_refused(trained: Path, tmp_path: Path, run_command) -> None:
    write_toy_dataset(tmp_path / "TOY.dataset.h5", output_length=60)
    done = run_command(
        "predict", "--dataset", "TOY.dataset.h5", "--model", trained / "TOY.model.safetensors", cwd=tmp_path
    )
    assert done.returncode == 2
    assert "model takes 66 -> 40 bp" in done.stderr
    assert "task0, task1" in done.stderr
