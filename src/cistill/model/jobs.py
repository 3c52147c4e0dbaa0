"""What `train` and `predict` do, from files to files."""

import fcntl
import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from cistill.errors import InputError
from cistill.files import require_file, sha256
from cistill.model.batches import Dataset, read_dataset
from cistill.model.checkpoint import load_model, save_model
from cistill.model.device import describe_device, find_device
from cistill.model.network import NetworkConfig
from cistill.model.prediction import check_fit, metrics_table, write_predictions
from cistill.model.training import HISTORY_COLUMNS, Trainer, TrainingInterrupted, TrainingResult, TrainingSettings
from cistill.provenance import library_digest, write_provenance
from cistill.tables import write_table

LOG = logging.getLogger("cistill")
PRESET_KEYS = {field.name for field in fields(NetworkConfig)} - {"tasks", "controls"}
MOST_LAYERS = 12


def network_config(dataset: Dataset, preset: Path | None, given: Mapping[str, Any]) -> NetworkConfig:
    """Return the network's arguments: the data's windows, then what was given, then the preset, then defaults.

    Raises
    ------
    InputError
        If the preset is no JSON object of known arguments, or the lengths do not close.
    """
    arguments = read_preset(preset) if preset is not None else {}
    arguments.update({name: value for name, value in given.items() if value is not None})
    arguments["input_length"], arguments["output_length"] = dataset.input_length, dataset.output_length
    arguments["tasks"], arguments["controls"] = len(dataset.tasks), dataset.control is not None
    if "layers" not in arguments:
        arguments["layers"] = closing_layers(arguments)
    config = NetworkConfig(**arguments)
    config.check()
    return config


def read_preset(path: Path) -> dict[str, Any]:
    """Read a preset of the network: a JSON object with arguments of `NetworkConfig`."""
    try:
        preset = json.loads(require_file(path, "preset").read_text())
    except ValueError as error:
        raise InputError(f"{path}: not valid JSON: {error}") from error
    if not isinstance(preset, dict) or not set(preset) <= PRESET_KEYS | {"description"}:
        raise InputError(f"{path}: a preset is a JSON object with some of: {', '.join(sorted(PRESET_KEYS))}")
    preset.pop("description", None)
    return preset


def closing_layers(arguments: Mapping[str, Any]) -> int:
    """Return the number of dilated layers that closes the windows.

    Raises
    ------
    InputError
        If no number does.
    """
    for layers in range(MOST_LAYERS + 1):
        config = NetworkConfig(**{**arguments, "layers": layers})
        if config.input_length - config.output_length == config.trim:
            return layers
    possible = {n: NetworkConfig(**{**arguments, "layers": n}).trim for n in range(4, 10)}
    lengths = ", ".join(f"{arguments['output_length'] + trim} ({n} layers)" for n, trim in possible.items())
    raise InputError(
        f"no number of layers takes {arguments['input_length']} bp to {arguments['output_length']} bp; "
        f"input lengths for this output: {lengths}"
    )


def train_command(
    dataset_file: Path,
    tf: str | None,
    preset: Path | None,
    network: Mapping[str, Any],
    training: Mapping[str, Any],
    device_name: str,
    checkpoint_dir: Path | None,
    outdir: Path,
    stop_requested: Callable[[], bool],
) -> bool:
    """Train a model from a dataset file; write its weights, history and provenance.

    Parameters
    ----------
    dataset_file : Path
        From `dataset`.
    tf : str, optional
        Prefix of the files written.
    preset : Path, optional
        JSON with arguments of the network.
    network, training : mapping
        Arguments of `NetworkConfig` (None: not given) and of `TrainingSettings`.
    device_name : str
        `cpu` or `cuda`.
    checkpoint_dir : Path, optional
        Where the state of running trainings is kept, in a folder of its own for every (data, settings, code).
    outdir : Path
        Where to write.
    stop_requested : callable
        True once the training shall stop.

    Returns
    -------
    bool
        False if it was stopped; its state is saved.
    """
    device = find_device(device_name)
    dataset = read_dataset(dataset_file)
    config = network_config(dataset, preset, network)
    settings = TrainingSettings(**training)
    torch.use_deterministic_algorithms(True, warn_only=True)
    digest = sha256(dataset_file)
    try:
        with _state_file(checkpoint_dir, dataset.tf, config, settings, digest) as state_file:
            LOG.info("training on %s: %d peaks", describe_device(device), len(dataset.rows("train", "peak")))
            result = Trainer(dataset, config, settings, device, state_file, stop_requested).run()
    except TrainingInterrupted as stopped:
        LOG.info("%s; start again to go on", stopped)
        return False
    _write_model(outdir, tf or dataset.tf, dataset, digest, result)
    seconds = sum(row["seconds"] for row in result.history)
    write_provenance(
        outdir / f"{tf or dataset.tf}.train.json",
        {"network": config.to_json(), "training": asdict(result.settings)},
        {"dataset": dataset_file},
        {
            "device": describe_device(device),
            "epochs": len(result.history),
            "best_epoch": result.best_epoch + 1,
            "criterion": result.history[result.best_epoch]["criterion"],
            "resumed_at": {"epoch": result.resumed_from[0] + 1, "batch": result.resumed_from[1] + 1},
            "parameters": sum(p.numel() for p in result.network.parameters()),
            "training_seconds": round(seconds, 1),
            "regions_per_second": round(_regions_trained(dataset, result) / max(seconds, 1e-9), 1),
        },
        settings.seed,
    )
    return True


def _regions_trained(dataset: Dataset, result: TrainingResult) -> float:
    peaks = len(dataset.rows("train", "peak"))
    backgrounds = min(len(dataset.rows("train", "background")), result.settings.background_ratio * peaks)
    return (peaks + backgrounds) * len(result.history)


def _write_model(outdir: Path, tf: str, dataset: Dataset, dataset_digest: str, result: TrainingResult) -> None:
    outdir.mkdir(parents=True, exist_ok=True)
    # seconds are measured and differ from run to run: they go to the provenance, never into a table
    write_table(outdir / f"{tf}.history.tsv", pd.DataFrame(result.history, columns=list(HISTORY_COLUMNS)))
    record = {
        "tf": dataset.tf,
        "tasks": dataset.tasks,
        "dataset_sha256": dataset_digest,
        "training": {**asdict(result.settings), "best_epoch": result.best_epoch + 1},
    }
    save_model(outdir / f"{tf}.model.safetensors", result.network, record)


@contextmanager
def _state_file(
    folder: Path | None, tf: str, config: NetworkConfig, settings: TrainingSettings, dataset_digest: str
) -> Iterator[Path | None]:
    """Give the file that holds this training's state, locked: two processes never train on one state.

    The file's folder is keyed by data, settings and code, so that other settings never take up a wrong state.
    """
    if folder is None:
        yield None
        return
    key = json.dumps([dataset_digest, config.to_json(), asdict(settings), library_digest()], sort_keys=True)
    own = folder / f"{tf}.{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    own.mkdir(parents=True, exist_ok=True)
    with (own / "lock").open("w") as lock:
        _wait_for(lock.fileno(), own)
        yield own / "state.safetensors"


def _wait_for(descriptor: int, folder: Path) -> None:
    """Wait until no other process trains with this state (one whose workflow was killed may still run)."""
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not told:
                LOG.info("another process trains with the state in %s; waiting to take up what it reaches", folder)
                told = True
            time.sleep(1)
        except OSError as error:
            LOG.warning("no file locks in %s (%s): make sure that no other process trains there", folder, error)
            return


def predict_command(
    dataset_file: Path, model_file: Path, tf: str | None, device_name: str, seed: int, outdir: Path
) -> None:
    """Predict all regions of a dataset; write predictions, scores per region, metrics and provenance."""
    device = find_device(device_name)
    dataset = read_dataset(dataset_file)
    network, record = load_model(model_file, device)
    check_fit(network, dataset, record["tasks"])
    outdir.mkdir(parents=True, exist_ok=True)
    prefix = tf or dataset.tf
    scores = write_predictions(outdir / f"{prefix}.predictions.h5", network, dataset, device)
    write_table(
        outdir / f"{prefix}.region_predictions.tsv",
        scores.drop(
            columns=["is_peak", "profile_jsd_uniform", "profile_nll_mean", "profile_nll_uniform", "profile_nll_self"]
        ),
    )
    metrics = metrics_table(scores, dataset.tasks, seed)
    write_table(outdir / f"{prefix}.metrics.tsv", metrics)
    write_provenance(
        outdir / f"{prefix}.predict.json",
        {"device": device_name},
        {"dataset": dataset_file, "model": model_file},
        {"device": describe_device(device), "regions": len(dataset)},
        seed,
    )
