"""Attributions of outputs as arrays, put together from multipliers, and how well they add up."""

from typing import NamedTuple

import numpy as np
from torch import Tensor


class Output(NamedTuple):
    """One number that a network predicts and that is explained.

    Attributes
    ----------
    head : {"counts", "profile"}
    tasks : tuple of int
        Whose outputs are summed.
    """

    head: str
    tasks: tuple[int, ...]


class Attributions(NamedTuple):
    """Attributions of a batch; float32 (or the type of the network's weights).

    Attributes
    ----------
    hypothetical : array, shape=(outputs, batch, input_length, 4)
        What each base would contribute at its position: mean over references of the multiplier of that base less the
        reference base's. Times the one-hot sequence: the actual contributions.
    total : array, shape=(outputs, batch)
        Sum of the actual contributions, unknown bases' included.
    difference : array, shape=(outputs, batch)
        Output of the sequence less the mean output of its references: what the total should be.
    scale : array, shape=(outputs, batch)
        What a gap between the two is measured against: the mean absolute difference to a reference, or the smallest
        that can be told from rounding.
    """

    hypothetical: np.ndarray
    total: np.ndarray
    difference: np.ndarray
    scale: np.ndarray

    @property
    def gap(self) -> np.ndarray:
        """Relative completeness gap, (outputs, batch)."""
        return relative_gap(self.total, self.difference, self.scale)


def relative_gap(total: np.ndarray, difference: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return |total - difference| / scale; zero where nothing at all is predicted from the sequence."""
    return np.abs(total - difference) / np.maximum(scale, np.finfo(np.float32).tiny)


def from_means(
    multipliers: Tensor, at_reference: Tensor, one_hot: Tensor, difference: Tensor, scale: Tensor
) -> Attributions:
    """Return attributions from means over references.

    Parameters
    ----------
    multipliers : Tensor, shape=(batch, outputs, 4, input_length)
    at_reference : Tensor, shape=(batch, outputs, input_length)
        Multipliers of the bases that the references have.
    one_hot : Tensor, shape=(batch, 4, input_length)
    difference, scale : Tensor, shape=(batch, outputs)
    """
    hypothetical = multipliers - at_reference[:, :, None]
    # an unknown base has no one-hot row: its contribution is what the reference's base takes away
    unknown = 1 - one_hot.sum(1)
    total = (hypothetical * one_hot[:, None]).sum((2, 3)) - (at_reference * unknown[:, None]).sum(2)
    by_output = (x.transpose(0, 1).contiguous().cpu().numpy() for x in (total, difference, scale))
    return Attributions(hypothetical.permute(1, 0, 3, 2).contiguous().cpu().numpy(), *by_output)
