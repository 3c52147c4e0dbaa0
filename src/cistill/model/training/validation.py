"""The fixed validation set and the criterion that chooses the epoch: it contains no loss weight."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from cistill.ahead import ahead
from cistill.model.device import on_one_thread, threads_restored
from cistill.model.network import Network, NetworkOutput
from cistill.model.training.explainable import NAN, explainable, mean_or_nan, mean_profile
from cistill.model.training.losses import count_errors, profile_losses
from cistill.model.windows.batches import take
from cistill.model.windows.dataset import Dataset

BATCH = 256
BATCH_OF_A_THREAD, OF_ALL_THREADS = 64, 512


@dataclass(frozen=True)
class TaskScores:
    """Scores of one task on its validation regions; NaN without any.

    Attributes
    ----------
    profile_nll : float
        Mean profile loss of the task's validation peaks, nats.
    count_mse : float
        Mean squared error of log counts, the task's peaks and their backgrounds.
    profile_unexplained, count_unexplained : float
        Shares of what there is to explain that are left: 1 for a model that knows the mean only, 0 for a perfect one.
    """

    profile_nll: float
    count_mse: float
    profile_unexplained: float
    count_unexplained: float

    @property
    def criterion(self) -> float:
        """Unexplained share of both heads, summed: 2 for a model that knows nothing, 0 for a perfect one."""
        return self.profile_unexplained + self.count_unexplained

    def to_json(self) -> dict[str, float]:
        """Return the scores, the criterion too, as a dictionary."""
        return {**asdict(self), "criterion": self.criterion}


@dataclass(frozen=True)
class ValidationScores:
    """Scores on the validation set: of every task, and their means over tasks."""

    tasks: dict[str, TaskScores]

    def _mean(self, name: str) -> float:
        values = [getattr(task, name) for task in self.tasks.values()]
        known = [value for value in values if value == value]
        return float(np.mean(known)) if known else NAN

    @property
    def profile_nll(self) -> float:
        """Mean over tasks of the mean profile loss of validation peaks, nats."""
        return self._mean("profile_nll")

    @property
    def count_mse(self) -> float:
        """Mean over tasks of the mean squared error of log counts."""
        return self._mean("count_mse")

    @property
    def criterion(self) -> float:
        """Mean over tasks of the unexplained share of both heads, summed."""
        return self._mean("criterion")

    def to_json(self) -> dict[str, Any]:
        """Return the scores as a dictionary."""
        return {name: scores.to_json() for name, scores in self.tasks.items()}


class Validation:
    """Validation regions, scored the same way every time: no jitter, no reverse complement, no draws.

    The criterion is ``(NLL - NLL_self) / (NLL_mean - NLL_self) + MSE / MSE_mean`` for each task, where NLL_self is that
    of every region's own profile, NLL_mean that of the task's mean training profile and MSE_mean that of its mean
    training log count (`training_means`). Both terms are shares of what there is to explain, so that neither the depth
    of the experiment nor a loss weight enters. A task is scored on its own peaks and their backgrounds, so that a
    network of several tasks and one of a single task are compared on the same regions.

    Parameters
    ----------
    dataset : Dataset
        Its validation split is scored, its training split gives the bounds.
    device : torch.device
        Where to compute.
    """

    def __init__(self, dataset: Dataset, device: torch.device) -> None:
        self.dataset, self.device = dataset, device
        self.rows = dataset.rows("valid")
        self.peaks, self.scored = [], []
        for task in range(len(dataset.tasks)):
            rows = dataset.rows("valid", task=task)
            self.scored.append(np.isin(self.rows, rows))
            self.peaks.append(np.isin(self.rows, rows[dataset.kind[rows] == "peak"]))
        self.available = any(peaks.any() for peaks in self.peaks)
        if self.available:
            mean = mean_profile(dataset, dataset.rows("train", "peak"))
            shares = [
                float(peaks.sum() / max(1, scored.sum())) for peaks, scored in zip(self.peaks, self.scored, strict=True)
            ]
            self.explainable = explainable(dataset, self.rows, np.log(mean), training_means(dataset, shares))

    def score(self, network: Network) -> ValidationScores:
        """Score a network that predicts the dataset's tasks, in evaluation mode; in float32."""
        if not self.available:
            return ValidationScores({task: TaskScores(NAN, NAN, NAN, NAN) for task in self.dataset.tasks})
        on_cpu = self.device.type == "cpu"

        @torch.inference_mode()
        def scored(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            batch = take(self.dataset, rows).to(self.device)
            return region_scores(network(batch.sequence, batch.control), batch.signal)

        with threads_restored() as threads:
            # many threads get fewer regions each, so that memory does not grow with them
            size = min(BATCH_OF_A_THREAD, max(1, OF_ALL_THREADS // threads)) if on_cpu else BATCH
            blocks = [self.rows[first : first + size] for first in range(0, len(self.rows), size)]
            outputs = list(ahead(on_one_thread(scored), blocks, threads) if on_cpu else map(scored, blocks))
        return self.of_regions(*(np.concatenate(values) for values in zip(*outputs, strict=True)))

    def of_regions(self, profile_nll: np.ndarray, count_error: np.ndarray) -> ValidationScores:
        """Return the scores from those of the validation regions, both of shape (regions, tasks)."""
        tasks = {}
        for index, name in enumerate(self.dataset.tasks):
            nll = mean_or_nan(profile_nll[self.peaks[index], index])
            mse = mean_or_nan(count_error[self.scored[index], index])
            bounds = self.explainable[index]
            tasks[name] = TaskScores(nll, mse, bounds.profile_unexplained(nll), bounds.count_unexplained(mse))
        return ValidationScores(tasks)


def training_means(dataset: Dataset, peak_shares: Sequence[float]) -> np.ndarray:
    """Return the mean ln(1 + count) of the training regions, peaks weighing as they do in other regions.

    A dataset stores more backgrounds than are scored with: the plain mean would depend on how many, and a model that
    knows the mean only would score better than 1.

    Parameters
    ----------
    dataset : Dataset
    peak_shares : sequence of float, length=tasks
        Share of peaks in the regions that are scored.

    Returns
    -------
    float array, shape=(tasks, 2)
    """
    means = []
    for task, share in enumerate(peak_shares):
        rows = dataset.rows("train", task=task)
        peak = dataset.kind[rows] == "peak"
        values = np.log1p(dataset.counts[rows, task])
        parts = [(share, values[peak]), (1 - share, values[~peak])]
        known = [(weight, part.mean(0)) for weight, part in parts if weight and len(part)]
        total = sum(weight for weight, _ in known)
        means.append(sum((weight / total * mean for weight, mean in known), np.zeros(values.shape[1])))
    return np.stack(means)


def region_scores(output: NetworkOutput, signal: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return profile losses and squared errors of log counts, both (regions, tasks), float64."""
    nll, squared = profile_losses(output, signal), count_errors(output, signal)
    return nll.double().cpu().numpy(), squared.double().cpu().numpy()
