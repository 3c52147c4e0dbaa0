"""The two losses of a profile network and the weight between them."""

from typing import NamedTuple

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


def profile_losses(output: NetworkOutput, signal: Tensor) -> Tensor:
    """Return the profile loss of every region and task, mean over strands, shape (batch, tasks)."""
    return multinomial_nll(signal, output.profile).mean(2)


def count_errors(output: NetworkOutput, signal: Tensor) -> Tensor:
    """Return the squared error of log counts of every region and task, mean over strands, shape (batch, tasks)."""
    return ((output.log_counts - torch.log1p(signal.sum(-1))) ** 2).mean(2)


def region_losses(output: NetworkOutput, signal: Tensor) -> Losses:
    """Return both losses for every region.

    Parameters
    ----------
    output : NetworkOutput
        Predictions for the regions.
    signal : Tensor, shape=(batch, tasks, 2, output_length)
        Observed 5' ends.
    """
    return Losses(profile_losses(output, signal).mean(1), count_errors(output, signal).mean(1))
