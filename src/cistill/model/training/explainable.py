"""What there is to explain in both heads' data: between a model that knows the mean only and one that knows all."""

from dataclasses import dataclass

import numpy as np
import torch

from cistill.model.training.losses import multinomial_nll
from cistill.model.windows.counts import strand_shares
from cistill.model.windows.dataset import Dataset, signal_blocks

NAN = float("nan")
LEAST = 1e-9  # there is nothing to explain in less


@dataclass(frozen=True)
class Explainable:
    """Bounds of both losses for one task; NaN without any of its regions.

    Attributes
    ----------
    nll_mean : float
        Profile loss of the mean profile, a mean over the task's peaks, nats.
    nll_self : float
        Profile loss of every peak's own profile, nats.
    mse_mean : float
        Squared error of the mean log count, a mean over the task's peaks and their backgrounds.
    """

    nll_mean: float
    nll_self: float
    mse_mean: float

    @property
    def profile(self) -> float:
        """What there is to explain of the profile, nats a peak and strand."""
        return self.nll_mean - self.nll_self

    def profile_unexplained(self, nll: float) -> float:
        """Return the share that a profile loss leaves unexplained."""
        return (nll - self.nll_self) / max(self.profile, LEAST)

    def count_unexplained(self, mse: float) -> float:
        """Return the share that a squared error of log counts leaves unexplained."""
        return mse / max(self.mse_mean, LEAST)


def explainable(
    dataset: Dataset, rows: np.ndarray, log_mean_profile: np.ndarray, mean_log_counts: np.ndarray
) -> list[Explainable]:
    """Return what there is to explain of every task, on those of some regions that are its own.

    Parameters
    ----------
    dataset : Dataset
    rows : int array
        Regions.
    log_mean_profile : float64 array, shape=(tasks, 2, output_length)
        Natural log of the mean profile (`mean_profile`).
    mean_log_counts : float array, shape=(tasks, 2)
        Mean ln(1 + count) of every task and strand.
    """
    mean = torch.from_numpy(log_mean_profile)
    of_mean, of_self = [], []
    for _, signal in signal_blocks(dataset, rows):
        observed = torch.from_numpy(signal)
        of_mean.append(multinomial_nll(observed, mean).mean(2))
        # an own profile has probability zero where it has no read; these positions contribute nothing
        of_self.append(multinomial_nll(observed, torch.log(observed + 1e-30)).mean(2))
    nll_mean, nll_self = torch.cat(of_mean).numpy(), torch.cat(of_self).numpy()  # (regions, tasks)
    squared = ((np.log1p(dataset.counts[rows]) - mean_log_counts) ** 2).mean(2)
    tasks = []
    for task in range(len(dataset.tasks)):
        own = dataset.of_task[rows, task]
        peaks = own & (dataset.kind[rows] == "peak")
        bounds = (nll_mean[peaks, task], nll_self[peaks, task], squared[own, task])
        tasks.append(Explainable(*(mean_or_nan(values) for values in bounds)))
    return tasks


def mean_profile(dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """Return the mean of peaks' profiles, each strand normalised, with a floor of 1e-6 per position.

    Parameters
    ----------
    dataset : Dataset
    rows : int array
        Peaks; each enters the mean of the tasks whose peak it is.

    Returns
    -------
    array, shape=(tasks, 2, output_length), float64
        Each strand sums to one.
    """
    total = np.zeros((len(dataset.tasks), 2, dataset.output_length))
    for block, signal in signal_blocks(dataset, rows):
        total += (strand_shares(signal) * dataset.is_peak[block][:, :, None, None]).sum(0)
    total += 1e-6 * max(1, len(rows))
    return total / total.sum(-1, keepdims=True)


def mean_or_nan(values: np.ndarray) -> float:
    """Return the mean; NaN of nothing."""
    return float(values.mean()) if len(values) else NAN
