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
RUN = "TOY.all.fold_0.restart_1"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a toy dataset of two tasks and controls, its model, predictions and attributions."""
    folder = tmp_path_factory.mktemp("toy")
    write_toy_dataset(folder / "TOY.dataset.h5", tasks=2, controls=True)
    for command in (
        ["train", "--dataset", "TOY.dataset.h5", *TRAINING],
        ["finetune", "--dataset", "TOY.dataset.h5", "--epochs", 2, "--restarts", 1, f"{RUN}.model.safetensors"],
        ["select", f"{RUN}.model.safetensors", f"{RUN}.finetuned.model.safetensors"],
        ["predict", "--dataset", "TOY.dataset.h5", "--model", "TOY.model.safetensors"],
        ["shap", "--dataset", "TOY.dataset.h5", "--model", "TOY.model.safetensors", "--n_shuffles", 4],
    ):
        subprocess.run([str(PROJECT / "bin" / command[0]), *map(str, command[1:])], cwd=folder, check=True)
    return folder


def test_every_file_of_the_contract_is_written(trained: Path) -> None:
    assert {file.name for file in trained.iterdir()} == {
        "TOY.dataset.h5",
        f"{RUN}.model.safetensors",
        f"{RUN}.history.tsv",
        f"{RUN}.train.json",
        f"{RUN}.finetuned.model.safetensors",
        f"{RUN}.finetuned.history.tsv",
        f"{RUN}.finetuned.json",
        "TOY.model.safetensors",
        "TOY.candidates.tsv",
        "TOY.select.json",
        "TOY.predictions.h5",
        "TOY.region_predictions.tsv",
        "TOY.metrics.tsv",
        "TOY.predict.json",
        "TOY.counts.attributions.h5",
        "TOY.profile.attributions.h5",
        "TOY.region_contributions.tsv",
        "TOY.shap.json",
        "TOY.shap.tsv",
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
    assert set(metrics["metric"]) >= {
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
    record = json.loads((trained / f"{RUN}.train.json").read_text())
    assert record["settings"]["network"]["controls"] is True
    assert record["settings"]["training"]["count_weight"] >= 1
    assert record["inputs"]["dataset"]["name"] == "TOY.dataset.h5"
    assert record["results"]["best_epoch"] <= 8


def test_same_seed_same_bytes(trained: Path, tmp_path: Path, run_command) -> None:
    shutil.copy(trained / "TOY.dataset.h5", tmp_path)
    model = f"{RUN}.model.safetensors"
    for command in (
        ["train", *TRAINING],
        ["finetune", "--epochs", 2, "--restarts", 1, model],
        ["predict", "--model", trained / "TOY.model.safetensors"],
    ):
        done = run_command(command[0], "--dataset", "TOY.dataset.h5", *command[1:], cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    names = [f"{RUN}{stage}.{name}" for stage in ("", ".finetuned") for name in ("model.safetensors", "history.tsv")]
    names += [f"TOY.{name}" for name in ("predictions.h5", "region_predictions.tsv", "metrics.tsv")]
    for name in names:
        assert (tmp_path / name).read_bytes() == (trained / name).read_bytes(), name


def test_folds_and_restarts_side_by_side_are_those_trained_alone(tmp_path: Path, run_command) -> None:
    write_toy_dataset(tmp_path / "TOY.dataset.h5", tasks=2, folds=4)
    shared = ("--dataset", "TOY.dataset.h5", *NETWORK, "--epochs", 2, "--batch_size", 8)
    both = run_command(
        "train", *shared, "--fold", "1,3", "--restarts", 2, "--processes", 2, "--outdir", "both", cwd=tmp_path
    )
    assert both.returncode == 0, both.stderr
    alone = run_command("train", *shared, "--fold", "3", "--restarts", "2,", "--outdir", "alone", cwd=tmp_path)
    assert alone.returncode == 0, alone.stderr
    models = sorted(file.name for file in (tmp_path / "both").glob("*.model.safetensors"))
    assert models == [f"TOY.all.fold_{f}.restart_{r}.model.safetensors" for f in (1, 3) for r in (1, 2)]
    one, other = (
        json.loads((tmp_path / folder / "TOY.all.fold_3.restart_2.train.json").read_text())
        for folder in ("both", "alone")
    )
    assert one["settings"] == other["settings"]
    history = [
        pd.read_csv(tmp_path / folder / "TOY.all.fold_3.restart_2.history.tsv", sep="\t")
        for folder in ("both", "alone")
    ]
    # a process has fewer threads here than there, and sums in another order
    pd.testing.assert_frame_equal(*history, rtol=0.02)


def test_a_network_of_one_task_is_trained_on_its_own_peaks(tmp_path: Path, run_command) -> None:
    write_toy_dataset(tmp_path / "TOY.dataset.h5", tasks=2)
    done = run_command("train", "--dataset", "TOY.dataset.h5", *TRAINING, "--task", "task1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "TOY.task1.fold_0.restart_1.train.json").read_text())
    assert record["settings"]["network"]["tasks"] == 1


def test_trials_are_trained_and_the_best_is_used(tmp_path: Path, run_command) -> None:
    write_toy_dataset(tmp_path / "TOY.dataset.h5")
    for trial in (1, 2):
        done = run_command(
            "tune",
            "--dataset",
            "TOY.dataset.h5",
            "--preset",
            "net.json",
            "--trial",
            trial,
            "--epochs",
            2,
            cwd=prepared(tmp_path),
        )
        assert done.returncode == 0, done.stderr
    done = run_command("tune", "--tf", "TOY", "TOY.trial_1.tsv", "TOY.trial_2.tsv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    tuned = json.loads((tmp_path / "TOY.tuning.json").read_text())
    done = run_command("train", "--dataset", "TOY.dataset.h5", *TRAINING, "--tuned", "TOY.tuning.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    used = json.loads((tmp_path / f"{RUN}.train.json").read_text())["settings"]["training"]
    assert used["learning_rate"] == tuned["learning_rate"]
    assert used["count_weight_factor"] == tuned["count_weight_factor"]


def prepared(folder: Path) -> Path:
    """The folder, with a preset of the toy network in it."""
    (folder / "net.json").write_text('{"filters": 8, "layers": 2, "first_kernel": 7, "profile_kernel": 9}')
    return folder


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
    assert not list(tmp_path.glob("*.model.safetensors"))
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "resumed at" in again.stderr
    unbroken = run_command("train", "--outdir", "unbroken", *command[1:-2], cwd=tmp_path)
    assert unbroken.returncode == 0, unbroken.stderr
    for name in (f"{RUN}.model.safetensors", f"{RUN}.history.tsv"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "unbroken" / name).read_bytes()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["train", "--dataset", "missing.h5"], "no such file: missing.h5"),
        (["train", "--dataset", "TOY.dataset.h5", "--layers", 3], "do not close"),
        (["train", "--dataset", "TOY.dataset.h5", "--fold", "nine"], "its folds are 0"),
        (["train", "--dataset", "TOY.dataset.h5", "--task", "nine"], "its tasks are task0"),
        (["train", "--dataset", "TOY.dataset.h5", "--restarts", "many"], "--restarts many: give their number"),
        (["tune", "--dataset", "TOY.dataset.h5"], "give --dataset and --trial"),
        (["finetune", "--dataset", "TOY.dataset.h5", "bad.json"], "not a safetensors file"),
        (["select", "bad.json"], "not a safetensors file"),
        (["train", "--dataset", "TOY.dataset.h5", "--preset", "bad.json"], "not a JSON file"),
        (["train", "--dataset", "TOY.dataset.h5", *NETWORK, "--use_gpu"], "no GPU is visible"),
        (["predict", "--dataset", "TOY.dataset.h5", "--model", "bad.json"], "not a safetensors file"),
        (["shap", "--dataset", "bad.json", "--model", "bad.json"], "not a safetensors file"),
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
