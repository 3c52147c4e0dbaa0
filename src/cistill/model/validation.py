"""The fixed validation set and the criterion that chooses the epoch: it contains no loss weight."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from cistill.model.batches import Dataset, mean_log_counts, signal_blocks, take
from cistill.model.losses import multinomial_nll, region_losses
from cistill.model.network import ProfileNetwork

BATCH = 256


class Scores(NamedTuple):
    """Scores on the validation set; NaN without one.

    Attributes
    ----------
    profile_nll : float
        Mean profile loss of validation peaks, nats.
    count_mse : float
        Mean squared error of log counts, peaks and backgrounds.
    criterion : float
        Unexplained share of both heads, summed: 2 for a model that knows nothing, 0 for a perfect one.
    """

    profile_nll: float
    count_mse: float
    criterion: float


class Validation:
    """Validation regions, scored the same way every time: no jitter, no reverse complement, no draws.

    The criterion is ``(NLL - NLL_self) / (NLL_mean - NLL_self) + MSE / MSE_mean``, where NLL_self is that of every
    region's own profile, NLL_mean that of the mean training profile and MSE_mean that of the mean training log count.
    Both terms are shares of what there is to explain, so that neither the depth of the experiment nor a
    loss weight enters.

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
        self.is_peak = torch.from_numpy(dataset.kind[self.rows] == "peak")
        self.available = bool(self.is_peak.any())
        if self.available:
            self._bounds()

    def _bounds(self) -> None:
        dataset = self.dataset
        log_mean = torch.from_numpy(np.log(mean_profile(dataset)))  # (tasks, 2, length)
        mean_counts = mean_log_counts(dataset, dataset.rows("train"))
        of_mean, of_self, squared = [], [], []
        for rows, signal in signal_blocks(dataset, self.rows):
            squared.append(((np.log1p(signal.sum(-1)) - mean_counts) ** 2).mean((1, 2)))
            peaks = torch.from_numpy(signal[dataset.kind[rows] == "peak"])
            of_mean.append(multinomial_nll(peaks, log_mean).mean((1, 2)))
            # an own profile has probability zero where it has no read; these positions contribute nothing
            of_self.append(multinomial_nll(peaks, torch.log(peaks + 1e-30)).mean((1, 2)))
        self.nll_mean, self.nll_self = float(torch.cat(of_mean).mean()), float(torch.cat(of_self).mean())
        self.mse_mean = float(np.concatenate(squared).mean())

    def score(self, network: ProfileNetwork) -> Scores:
        """Score a network, in evaluation mode."""
        if not self.available:
            return Scores(float("nan"), float("nan"), float("nan"))
        profile: list[Tensor] = []
        count: list[Tensor] = []
        with torch.no_grad():
            for first in range(0, len(self.rows), BATCH):
                batch = take(self.dataset, self.rows[first : first + BATCH]).to(self.device)
                losses = region_losses(network(batch.sequence, batch.control), batch.signal)
                profile.append(losses.profile_nll.cpu())
                count.append(losses.count_mse.cpu())
        nll = float(torch.cat(profile)[self.is_peak].double().mean())
        mse = float(torch.cat(count).double().mean())
        unexplained_profile = (nll - self.nll_self) / max(self.nll_mean - self.nll_self, 1e-9)
        return Scores(nll, mse, unexplained_profile + mse / max(self.mse_mean, 1e-9))


def mean_profile(dataset: Dataset) -> np.ndarray:
    """Return the mean of the training peaks' profiles, each strand normalised, with a floor of 1e-6 per position.

    Returns
    -------
    array, shape=(tasks, 2, output_length), float64
        Each strand sums to one.
    """
    total = np.zeros((len(dataset.tasks), 2, dataset.output_length))
    rows = dataset.rows("train", "peak")
    for block, signal in signal_blocks(dataset, rows):
        depth = signal.sum(-1, keepdims=True)
        share = np.divide(signal, depth, out=np.zeros_like(signal), where=depth > 0)
        total += (share * dataset.is_peak[block][:, :, None, None]).sum(0)
    total += 1e-6 * max(1, len(rows))
    return total / total.sum(-1, keepdims=True)
