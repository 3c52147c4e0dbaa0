"""Hyperparameter search: short trainings with drawn settings, compared by a criterion that contains none of them."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

import torch
from scipy.stats import qmc

from cistill.checkpoints import checkpoint_folder
from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import require_file, sha256
from cistill.formats.tables.training import TRIAL
from cistill.model.device import describe_device, find_device
from cistill.model.network.presets import network_config
from cistill.model.training.endings import TrainingDiverged, TrainingInterrupted
from cistill.model.training.settings import TrainingSettings, epochs_for, restart_seed
from cistill.model.training.state import state_in
from cistill.model.training.trainer import Trainer
from cistill.model.training.trials import TUNED_KEYS
from cistill.model.windows.batches import TrainingBatches
from cistill.model.windows.dataset import read_dataset
from cistill.provenance import write_provenance

# decades around the defaults; the published search draws the rate from 10^-5..10^-1 and the weight from 10^0..10^3
RATE_DECADES, FACTOR_DECADES = (-1.0, 0.7), (-1.0, 1.0)
LEAST_EPOCHS = 5
HOPELESS_AFTER = 0.5


def draw_trial(trial: int, seed: int, settings: TrainingSettings) -> TrainingSettings:
    """Return the settings of a trial.

    Trial 1 is the default itself, so that a search never chooses worse than no search; the others are points of a
    scrambled Halton sequence over the logarithms of learning rate and of the factor on the count weight that the
    program takes from the data.

    Parameters
    ----------
    trial : int
        From 1.
    seed : int
        Seed of the sequence.
    settings : TrainingSettings
        What all trials share; its learning rate is the middle of the search.
    """
    if trial < 1:
        raise InputError(f"trials are numbered from 1, not {trial}")
    if trial == 1:
        return settings
    point = qmc.Halton(2, rng=seed).random(trial)[-1]
    rate, factor = (
        low + share * (high - low) for share, (low, high) in zip(point, (RATE_DECADES, FACTOR_DECADES), strict=True)
    )
    return replace(
        settings,
        learning_rate=settings.learning_rate * 10**rate,
        count_weight_factor=float(10**factor),
        count_weight=0.0,
    )


class TunedSettings(TypedDict, total=False):
    """What a search or the user chose of `TrainingSettings`; a key that is absent keeps its default."""

    learning_rate: float
    count_weight: float
    count_weight_factor: float


def tuned_settings(tuned: Path | None, learning_rate: float | None, count_weight: float | None) -> TunedSettings:
    """Return learning rate and count weight as arguments of `TrainingSettings`: given ones, then tuned, then defaults.

    Raises
    ------
    InputError
        If `tuned` is not a file that `tune` wrote.
    """
    chosen = TunedSettings()
    if tuned is not None:
        file = require_file(tuned, "tuned settings")
        try:
            content = json.loads(file.read_text())
            rate, factor = (float(content[key]) for key in TUNED_KEYS)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{file}: not a JSON with {' and '.join(TUNED_KEYS)}, as `tune` writes it") from error
        if not all(math.isfinite(value) and value > 0 for value in (rate, factor)):
            raise InputError(f"{file}: {' and '.join(TUNED_KEYS)} must be positive numbers")
        chosen = TunedSettings(learning_rate=rate, count_weight_factor=factor)
    if learning_rate is not None:
        chosen["learning_rate"] = learning_rate
    if count_weight:
        chosen["count_weight"] = count_weight
    return chosen


def tune(
    dataset_file: Path,
    tf: str | None,
    preset: Path | None,
    network: Mapping[str, Any],
    settings: TrainingSettings,
    fold: str | None,
    trial: int,
    device_name: str,
    checkpoint_dir: Path | None,
    outdir: Path,
    stop_requested: Callable[[], bool],
) -> bool:
    """Train one trial and write its row, `{tf}.trial_{k}.tsv`.

    A trial takes a sixth of the epochs of a full training (five at least), with a schedule of that length, and is given
    up half way if its network knows no more than the mean of the data. One whose loss stops being a number is recorded
    as diverged.

    Returns
    -------
    bool
        False if it was stopped; its state is saved.
    """
    device = find_device(device_name)
    dataset = read_dataset(dataset_file)
    name = fold or next(iter(dataset.folds))
    view = dataset.in_fold(name)
    config = network_config(view, preset, network)
    drawn = draw_trial(trial, settings.seed, settings)
    drawn = replace(
        drawn, hopeless_after=HOPELESS_AFTER, divergences=0, patience=0, seed=restart_seed(settings.seed, 1)
    )
    torch.use_deterministic_algorithms(True, warn_only=True)
    outdir.mkdir(parents=True, exist_ok=True)
    prefix = f"{tf or dataset.tf}.trial_{trial}"
    key = ["trial", sha256(dataset_file), name, config.to_json(), drawn.to_json()]
    with checkpoint_folder(checkpoint_dir, f"{dataset.tf}.trial_{trial}", key) as folder:
        if not drawn.epochs:
            batches = TrainingBatches(view, drawn.batch_size, drawn.seed, drawn.background_ratio).of_one_background
            drawn = replace(drawn, epochs=max(LEAST_EPOCHS, math.ceil(epochs_for(batches, len(view.tasks)) / 6)))
        trainer = Trainer(view, config, drawn, device, state_in(folder), stop_requested)
        try:
            result = trainer.run()
        except TrainingInterrupted as stopped:
            LOG.info("trial %d %s; start again to go on", trial, stopped)
            return False
        except TrainingDiverged as diverged:
            LOG.info("trial %d: %s", trial, diverged)
            history, outcome, scores = [], "diverged", (float("nan"),) * 3
        else:
            history = result.history
            outcome = "finished" if len(history) == trainer.settings.epochs else "given up"
            scores = (result.scores.profile_nll, result.scores.count_mse, result.scores.criterion)
    row = (trial, drawn.learning_rate, drawn.count_weight_factor, trainer.settings.count_weight, len(history))
    TRIAL.write(outdir / f"{prefix}.tsv", TRIAL.frame([(*row, *scores, outcome)]))
    write_provenance(
        outdir / f"{prefix}.json",
        {"network": config.to_json(), "training": trainer.settings.to_json(), "fold": name},
        {"dataset": dataset_file},
        {"device": describe_device(device), "outcome": outcome},
        settings.seed,
    )
    return True
