"""Training one network on one split: a plain loop that can be killed at any time and goes on to the same weights."""

import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cistill.console import LOG
from cistill.errors import InputError
from cistill.model.checkpoint import read_tensors
from cistill.model.network import Network, NetworkConfig, build_network
from cistill.model.precision import use_precision
from cistill.model.training.endings import LossNotFinite, TrainingDiverged, TrainingInterrupted, TrainingResult
from cistill.model.training.gradients import Gradients, limit_gradients
from cistill.model.training.settings import TrainingSettings, epochs_of
from cistill.model.training.state import TrainingState, load_weights, save_state
from cistill.model.training.validation import Validation
from cistill.model.windows.batches import Batch, TrainingBatches, mean_log_counts, signal_of
from cistill.model.windows.dataset import Dataset

STEPS_BETWEEN_CHECKS = 25
STARTING_REGIONS = 1024
KNOWS_NOTHING = 0.98  # of the criterion of the mean of the data


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
        rows = self.batches.order(0)
        self.settings = settings.chosen(dataset, rows, self.batches.of_one_background, device)
        self.device, self.state_file, self.stop_requested = device, state_file, stop_requested
        self.dtype = use_precision(self.settings.precision)
        self.validation = Validation(dataset, device)
        self.config = config
        self.starting_counts = torch.from_numpy(mean_log_counts(dataset, rows)).float()
        control = signal_of(dataset, rows[:STARTING_REGIONS])[1]
        self.starting_control = None if control is None else torch.log1p(control.sum(-1)).mean(0)
        self._start(0)

    def _start(self, divergences: int) -> None:
        """Set up an untrained network; every divergence before halves the learning rate."""
        self.network = build_network(self.config)
        self.network.reset(torch.Generator().manual_seed(self.settings.seed))
        self.network.start_counts_at(self.starting_counts, self.starting_control)
        self.network.to(self.device)
        self.average = deepcopy(self.network).eval()
        self.best = deepcopy(self.average)
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), lr=self.settings.learning_rate, eps=1e-7, fused=True
        )
        self.gradients = Gradients(
            self.network, self.settings.count_weight, self.dtype, self.settings.batch_size, self.device
        )
        self.sums = torch.zeros(4, dtype=torch.float64, device=self.device)
        self.usual_gradient = torch.zeros((), device=self.device)
        self.state = TrainingState(divergences=divergences)

    def run(self, share: float = 1.0) -> TrainingResult:
        """Train and return the network of the best epoch.

        A training whose loss stops being a number starts anew with half the learning rate, a few times.

        Parameters
        ----------
        share : float
            Of the schedule, at whose end to stop; a saved state that is further on stays as it is.

        Raises
        ------
        TrainingInterrupted
            If asked to stop; the state is saved.
        TrainingDiverged
            If the loss is not a number again and again: the data are not counts, or the learning rate is far too high.
        """
        resumed = self._restore()
        while not self.state.finished and self.state.epoch < epochs_of(share, self.settings):
            try:
                self._epoch()
            except LossNotFinite as problem:
                self._start_anew(str(problem))
            self._save()
        scores = self.validation.score(self.best)
        settings = replace(self.settings, learning_rate=self._peak_rate())
        state = self.state
        regions = self.batches.regions_per_epoch
        return TrainingResult(
            self.best, settings, state.history, state.best_epoch, scores, resumed, regions, state.divergences
        )

    def _start_anew(self, problem: str) -> None:
        """Begin from an untrained network with half the learning rate, or give up."""
        divergences = self.state.divergences + 1
        if divergences > self.settings.divergences:
            raise TrainingDiverged(
                f"{problem}, even with a learning rate of {self._peak_rate():.3g}. Lower --learning_rate; check that "
                "the signal holds counts of 5' ends"
            )
        self._start(divergences)
        LOG.warning("%s; starting anew with a learning rate of %.3g", problem, self._peak_rate())

    def _peak_rate(self) -> float:
        """Return the highest learning rate of the schedule."""
        return self.settings.learning_rate * 0.5**self.state.divergences

    def _epoch(self) -> None:
        """Go through the epoch from the batch where the state stands, then validate."""
        state, started = self.state, time.monotonic()
        self.network.train()
        for index, batch in enumerate(self.batches.epoch(state.epoch, state.batch), state.batch):
            self._step(batch.to(self.device))
            if index % STEPS_BETWEEN_CHECKS == 0:
                self._check_sums()
            if index + 1 < len(self.batches) and self.stop_requested():
                self._check_sums()
                state.batch = index + 1
                state.seconds += time.monotonic() - started
                self._save()
                raise TrainingInterrupted(f"stopped in epoch {state.epoch + 1} after batch {index + 1}")
        self._check_sums()
        state.seconds += time.monotonic() - started
        self._finish_epoch()
        if self.stop_requested() and not state.finished:
            self._save()
            raise TrainingInterrupted(f"stopped after epoch {state.epoch}")

    def _step(self, batch: Batch) -> None:
        """Take one step of the optimizer."""
        settings, state = self.settings, self.state
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate(state.step)
        losses = self.gradients.compute(batch)
        self.usual_gradient = limit_gradients(self.network.parameters(), self.usual_gradient)
        self.optimizer.step()
        # the average forgets the initial weights quickly: its decay grows with the steps taken
        decay = min(settings.average_decay, (1 + state.step) / (10 + state.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.network.parameters()), 1 - decay)
            values = torch.stack([*losses, torch.ones_like(losses.loss)])
            self.sums += values.double() * len(batch.sequence)
        state.step += 1

    def _check_sums(self) -> None:
        """Raise LossNotFinite if a loss of this epoch was not a number; on a GPU this waits for its results."""
        self.state.sums = self.sums.tolist()
        if not all(map(math.isfinite, self.state.sums)):
            raise LossNotFinite(f"training diverged in epoch {self.state.epoch + 1}: the loss is not a number")

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of a step: linear warm-up over one epoch, then half a cosine."""
        per_epoch = len(self.batches)
        warm_up = min(1.0, (step + 1) / per_epoch)
        done = step / (per_epoch * self.settings.epochs)
        return self._peak_rate() * warm_up * 0.5 * (1 + math.cos(math.pi * done))

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
        self.sums.zero_()
        waited = state.epoch - 1 - state.best_epoch
        over = 0 < settings.patience <= waited and 2 * state.epoch > settings.epochs
        tried = state.epoch >= settings.hopeless_after * settings.epochs
        hopeless = tried and settings.hopeless_after < 1 and state.best_criterion > KNOWS_NOTHING * 2
        state.finished = state.epoch >= settings.epochs or over or hopeless

    @property
    def _networks(self) -> dict[str, Network]:
        """The networks of the state, by role."""
        return {"network": self.network, "average": self.average, "best": self.best}

    def _save(self) -> None:
        if self.state_file is not None:
            save_state(self.state_file, self.state, self._networks, self.optimizer, self.usual_gradient)

    def _restore(self) -> tuple[int, int]:
        """Take up a saved state; return the epoch and batch it stood at."""
        if self.state_file is None or not self.state_file.exists():
            return 0, 0
        try:
            tensors, metadata = read_tensors(self.state_file)
            self._take_up(tensors, metadata)
        except (InputError, KeyError, TypeError, RuntimeError) as error:
            LOG.warning("a saved state cannot be used (%s); the training starts from the beginning", error)
            self._start(0)
            return 0, 0
        LOG.info("resumed at epoch %d, batch %d", self.state.epoch + 1, self.state.batch + 1)
        return self.state.epoch, self.state.batch

    def _take_up(self, tensors: dict[str, Tensor], metadata: dict[str, Any]) -> None:
        """Set weights, moments and counters to those of a saved state."""
        load_weights(tensors, self._networks, self.optimizer)
        self.usual_gradient = tensors["usual_gradient"].to(self.device)
        self.state = TrainingState(**metadata["state"])
        self.sums = torch.tensor(self.state.sums, dtype=torch.float64, device=self.device)
