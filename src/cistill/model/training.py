"""Training one network on one split: a plain loop that can be killed at any time and goes on to the same weights."""

import logging
import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cistill.errors import InputError
from cistill.model.batches import Dataset, TrainingBatches, mean_log_counts
from cistill.model.checkpoint import read_tensors, write_tensors
from cistill.model.losses import balanced_count_weight, region_losses
from cistill.model.network import NetworkConfig, ProfileNetwork
from cistill.model.validation import Validation

LOG = logging.getLogger("cistill")
HISTORY_COLUMNS = (
    "epoch",
    "learning_rate",
    "train_loss",
    "train_profile_nll",
    "train_count_mse",
    "valid_profile_nll",
    "valid_count_mse",
    "criterion",
    "best",
)


class TrainingInterrupted(Exception):
    """The training was asked to stop; its state is saved."""


@dataclass(frozen=True)
class TrainingSettings:
    """Settings of a training.

    Attributes
    ----------
    epochs : int
        Passes over the training peaks; 0 chooses by the size of the data (`epochs_for`).
    batch_size : int
        Regions per step.
    learning_rate : float
        Peak of the schedule: one epoch of linear warm-up, then a half cosine down to zero.
    count_weight : float
        Weight of the count loss; 0 takes it from the depth of the data (`balanced_count_weight`).
    patience : int
        Stop after so many epochs without a better criterion, in the second half of the schedule only; 0 never stops.
    average_decay : float
        Decay per step of the running average of the weights that is validated and kept.
    background_ratio : float
        Backgrounds per peak in an epoch.
    seed : int
        Seed of initial weights and of all batches.
    """

    epochs: int = 0
    batch_size: int = 64
    learning_rate: float = 0.004
    count_weight: float = 0.0
    patience: int = 10
    average_decay: float = 0.99
    background_ratio: float = 1.0
    seed: int = 1


@dataclass
class TrainingState:
    """Everything that changes while training, beside tensors; JSON in the state's file."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0, 0.0])
    seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)
    best_epoch: int = -1
    best_criterion: float = math.inf
    finished: bool = False


@dataclass
class TrainingResult:
    """A trained network and how it came about."""

    network: ProfileNetwork
    settings: TrainingSettings
    history: list[dict[str, Any]]
    best_epoch: int
    resumed_from: tuple[int, int]


def epochs_for(batches_per_epoch: int) -> int:
    """Return the number of epochs for a data set: about 800 steps, but no fewer than 15 and no more than 60 epochs.

    Small data sets need many passes before the count head has learnt anything; large ones are done after the published
    15 epochs.
    """
    return min(60, max(15, math.ceil(800 / batches_per_epoch)))


class Trainer:
    """Trains a network on the training split of a dataset.

    Parameters
    ----------
    dataset : Dataset
        Training and validation regions.
    config : NetworkConfig
        The network to train.
    settings : TrainingSettings
        Zero for `epochs` or `count_weight` means that they are chosen here; `self.settings` holds what was chosen.
    device : torch.device
        Where to compute.
    state_file : Path, optional
        Where the state is kept after every epoch, and taken up from if it is there.
    stop_requested : callable, optional
        Asked after every batch; when it returns True the state is saved and `TrainingInterrupted` raised.
    """

    def __init__(
        self,
        dataset: Dataset,
        config: NetworkConfig,
        settings: TrainingSettings,
        device: torch.device,
        state_file: Path | None = None,
        stop_requested: Callable[[], bool] = lambda: False,
    ) -> None:
        self.batches = TrainingBatches(dataset, settings.batch_size, settings.seed, settings.background_ratio)
        peaks = self.batches.peaks
        weight = settings.count_weight or balanced_count_weight(dataset.signal[peaks], dataset.is_peak[peaks])
        self.settings = TrainingSettings(
            **{
                **asdict(settings),
                "epochs": settings.epochs or epochs_for(len(self.batches)),
                "count_weight": weight,
            }
        )
        self.device, self.state_file, self.stop_requested = device, state_file, stop_requested
        self.validation = Validation(dataset, device)
        torch.manual_seed(settings.seed)
        self.network = ProfileNetwork(config).to(device)
        starting_counts = mean_log_counts(dataset, self.batches.order(0))
        self.network.start_counts_at(torch.from_numpy(starting_counts).float())
        self.average = deepcopy(self.network).eval()
        self.best = deepcopy(self.average)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=settings.learning_rate, eps=1e-7)
        self.state = TrainingState()

    def run(self) -> TrainingResult:
        """Train to the end and return the network of the best epoch.

        Raises
        ------
        TrainingInterrupted
            If asked to stop; the state is saved.
        InputError
            If the loss is not a number: the learning rate is too high, or the data are not counts.
        """
        resumed = self._restore()
        while not self.state.finished:
            self._epoch()
            self._save()
        return TrainingResult(self.best, self.settings, self.state.history, self.state.best_epoch, resumed)

    def _epoch(self) -> None:
        """Go through the epoch from the batch where the state stands, then validate."""
        state, started = self.state, time.monotonic()
        order = self.batches.order(state.epoch)
        self.network.train()
        for index in range(state.batch, len(self.batches)):
            self._step(index, order)
            if index + 1 < len(self.batches) and self.stop_requested():
                state.batch = index + 1
                state.seconds += time.monotonic() - started
                self._save()
                raise TrainingInterrupted(f"stopped in epoch {state.epoch + 1} after batch {index + 1}")
        state.seconds += time.monotonic() - started
        self._finish_epoch()
        if self.stop_requested() and not state.finished:
            self._save()
            raise TrainingInterrupted(f"stopped after epoch {state.epoch}")

    def _step(self, index: int, order: Any) -> None:
        """Take one step of the optimizer."""
        settings, state = self.settings, self.state
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate(state.step)
        batch = self.batches.batch(state.epoch, index, order).to(self.device)
        losses = region_losses(self.network(batch.sequence, batch.control), batch.signal)
        profile, count = losses.profile_nll.mean(), losses.count_mse.mean()
        loss = profile + settings.count_weight * count
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        # the average forgets the initial weights quickly: its decay grows with the steps taken
        decay = min(settings.average_decay, (1 + state.step) / (10 + state.step))
        with torch.no_grad():
            for mean, weight in zip(self.average.parameters(), self.network.parameters(), strict=True):
                mean.lerp_(weight, 1 - decay)
        size = len(batch.sequence)
        values = [float(loss.detach()), float(profile.detach()), float(count.detach())]
        if not all(map(math.isfinite, values)):
            raise InputError(
                f"training diverged in epoch {state.epoch + 1}: the loss is {values[0]}. Lower --learning_rate "
                f"(now {settings.learning_rate}); check that the signal holds counts of 5' ends"
            )
        state.sums = [total + size * value for total, value in zip(state.sums, [*values, 1.0], strict=True)]
        state.step += 1

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of a step: linear warm-up over one epoch, then half a cosine."""
        per_epoch = len(self.batches)
        warm_up = min(1.0, (step + 1) / per_epoch)
        done = step / (per_epoch * self.settings.epochs)
        return self.settings.learning_rate * warm_up * 0.5 * (1 + math.cos(math.pi * done))

    def _finish_epoch(self) -> None:
        """Validate the averaged weights, keep them if they are the best, decide whether to stop."""
        state, settings = self.state, self.settings
        scores = self.validation.score(self.average)
        better = scores.criterion < state.best_criterion or not self.validation.available
        if better:
            state.best_criterion, state.best_epoch = scores.criterion, state.epoch
            self.best.load_state_dict(self.average.state_dict())
        loss, profile, count, size = state.sums
        state.history.append(
            {
                "epoch": state.epoch + 1,
                "learning_rate": self.learning_rate(state.step - 1),
                "train_loss": loss / size,
                "train_profile_nll": profile / size,
                "train_count_mse": count / size,
                "valid_profile_nll": scores.profile_nll,
                "valid_count_mse": scores.count_mse,
                "criterion": scores.criterion,
                "best": better,
                "seconds": round(state.seconds, 3),
            }
        )
        LOG.info(
            "epoch %d of %d: loss %.4g, validation profile NLL %.4g, count MSE %.4g, criterion %.4f%s (%.1f s)",
            state.epoch + 1,
            settings.epochs,
            loss / size,
            scores.profile_nll,
            scores.count_mse,
            scores.criterion,
            " *" if better else "",
            state.seconds,
        )
        state.epoch, state.batch, state.seconds, state.sums = state.epoch + 1, 0, 0.0, [0.0] * 4
        waited = state.epoch - 1 - state.best_epoch
        hopeless = 0 < settings.patience <= waited and 2 * state.epoch > settings.epochs
        state.finished = state.epoch >= settings.epochs or hopeless

    def _tensors(self) -> dict[str, Tensor]:
        """Return every tensor of the state, named."""
        tensors = {}
        for role, module in (("network", self.network), ("average", self.average), ("best", self.best)):
            tensors.update({f"{role}.{name}": value for name, value in module.state_dict().items()})
        for i, moments in self.optimizer.state_dict()["state"].items():
            tensors.update({f"adam.{i}.{name}": torch.as_tensor(value) for name, value in moments.items()})
        return tensors

    def _save(self) -> None:
        if self.state_file is not None:
            write_tensors(self.state_file, self._tensors(), {"state": asdict(self.state)})

    def _restore(self) -> tuple[int, int]:
        """Take up a saved state; return the epoch and batch it stood at."""
        if self.state_file is None or not self.state_file.exists():
            return 0, 0
        tensors, metadata = read_tensors(self.state_file)
        for role, module in (("network", self.network), ("average", self.average), ("best", self.best)):
            prefix = f"{role}."
            module.load_state_dict({n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)})
        moments: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("adam."):
                _, index, moment = name.split(".")
                moments.setdefault(int(index), {})[moment] = tensor
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": moments})
        self.state = TrainingState(**metadata["state"])
        LOG.info("resumed at epoch %d, batch %d", self.state.epoch + 1, self.state.batch + 1)
        return self.state.epoch, self.state.batch
