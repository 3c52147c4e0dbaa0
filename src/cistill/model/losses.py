"""The two losses of a profile network and the weight between them."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cistill.model.network import NetworkOutput


class Losses(NamedTuple):
    """Losses per region, each a mean over tasks and strands, shape (batch,)."""

    profile_nll: Tensor
    count_mse: Tensor


def multinomial_nll(counts: Tensor, logits: Tensor) -> Tensor:
    """Return the full multinomial negative log-likelihood of a strand's 5' ends, in nats.

    With N = sum of counts and l = log-softmax of the logits over positions:
    ``-(ln N! - sum ln x_j! + sum x_j l_j)``. Zero for an empty strand.

    Parameters
    ----------
    counts, logits : Tensor, shape=(..., length)

    Returns
    -------
    Tensor, shape=(...)
    """
    log_probability = functional.log_softmax(logits, -1)
    constant = torch.lgamma(counts.sum(-1) + 1) - torch.lgamma(counts + 1).sum(-1)
    return -(constant + (counts * log_probability).sum(-1))


def region_losses(output: NetworkOutput, signal: Tensor) -> Losses:
    """Return both losses for every region.

    Parameters
    ----------
    output : NetworkOutput
        Predictions for the regions.
    signal : Tensor, shape=(batch, tasks, 2, output_length)
        Observed 5' ends.
    """
    profile = multinomial_nll(signal, output.profile).mean((1, 2))
    squared = (output.log_counts - torch.log1p(signal.sum(-1))) ** 2
    return Losses(profile, squared.mean((1, 2)))


def balanced_count_weight(signal: np.ndarray, is_peak: np.ndarray) -> float:
    """Return the weight of the count loss, from the depth of the experiment.

    The profile loss grows with the number of reads N of a strand, the squared error of log counts does not. For Poisson
    counts, a small deviation d in log counts costs N d^2 / 2 nats: with a weight of N / 2 both losses are in nats of
    the same likelihood. N is the mean number of 5' ends per strand and task of a peak.

    Parameters
    ----------
    signal : array, shape=(regions, tasks, 2, length)
    is_peak : bool array, shape=(regions, tasks)

    Returns
    -------
    float
        At least 1.
    """
    depth = signal.sum((2, 3), dtype=np.float64) / 2  # (regions, tasks), mean of the strands
    return float(max(1.0, depth[is_peak].mean() / 2)) if is_peak.any() else 1.0
