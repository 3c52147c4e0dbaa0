"""Profiles of 5' ends, strands [+, -]: the ends that a prediction expects, and reading them along a strand."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def expected_ends(log_counts: NDArray[np.floating], log_profile: NDArray[np.floating], rescale: bool = False) -> Floats:
    """Return the expected 5' ends per base: max(0, e^c - 1) times the base's share of the profile.

    Parameters
    ----------
    log_counts : array, (...)
        c = ln(1 + 5' ends) of a strand.
    log_profile : array, (..., length)
        Natural log of the probabilities of its bases.
    rescale : bool
        Scale the shares to sum to one: logarithms in half precision do but for a few in a thousand.

    Returns
    -------
    float64 array, (..., length)
    """
    share = np.exp(np.asarray(log_profile).astype(np.float64))
    if rescale:
        share /= share.sum(-1, keepdims=True)
    ends = np.maximum(np.expm1(np.asarray(log_counts).astype(np.float64)), 0.0)
    return np.asarray(ends[..., None] * share)


def turned(profiles: Floats) -> Floats:
    """Return profiles (..., 2, length) as read from the other strand: strands and positions both reversed."""
    return profiles[..., ::-1, ::-1]


def along(profiles: Floats, reverse: NDArray[np.bool_]) -> Floats:
    """Return windows (n, 2, length) with those marked in `reverse`, (n,), read from the other strand."""
    found = profiles.copy()
    found[reverse] = turned(profiles[reverse])
    return found


def cut_out(profiles: Floats, first: int, width: int, reverse: bool) -> Floats:
    """Return `width` bases from `first` on of profiles (..., 2, length), read from the other strand if `reverse`."""
    part = profiles[..., first : first + width]
    return turned(part) if reverse else part
