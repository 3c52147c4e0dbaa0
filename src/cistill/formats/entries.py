"""Counts as their non-zero entries: how a dataset stores them, and reading some of them back."""

from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from cistill.errors import InputError

INTEGER_TYPES = (np.uint8, np.uint16, np.uint32)


class Entries(NamedTuple):
    """The non-zero counts of windows, in the order of the windows and, within one, of positions.

    Attributes
    ----------
    number : int64 array, (windows,)
        Entries of each window (of one region, track and strand).
    position : int64 array, (entries,)
        Offset in the window.
    value : array, (entries,)
        The counts.
    """

    number: NDArray[np.int64]
    position: NDArray[np.int64]
    value: NDArray[Any]


def entries_of(windows: NDArray[Any]) -> Entries:
    """Return the entries of dense windows `(..., length)`; all axes but the last one count windows."""
    flat = windows.reshape(-1, windows.shape[-1])
    window, position = np.nonzero(flat)
    return Entries(np.bincount(window, minlength=len(flat)), position, flat[window, position])


def value_type(largest: float, fractional: bool) -> np.dtype[Any]:
    """Return the smallest type that holds counts: uint8, uint16, uint32, or float32 for fractions."""
    if fractional:
        return np.dtype(np.float32)
    for kind in INTEGER_TYPES:
        if largest <= np.iinfo(kind).max:
            return np.dtype(kind)
    raise InputError(f"a count of {largest:g} at one base is more than 32 bits hold; is the bigWig broken?")


def position_type(length: int) -> np.dtype[Any]:
    """Return the smallest type, uint16 or uint32, that holds the positions of windows of a length in bp."""
    return np.dtype(np.uint16 if length <= 1 << 16 else np.uint32)


def read_windows(group: h5py.Group, first: int, last: int, track: int, tracks: int, length: int) -> NDArray[np.float64]:
    """Read the windows of consecutive regions from an open dataset, without reading all.

    Parameters
    ----------
    group : h5py.Group
        `signal` or `control` of a `dataset.h5`.
    first, last : int
        Row numbers of the regions: first, ..., last - 1.
    track, tracks : int
        Which track, of how many.
    length : int
        Length of the stored windows, bp.

    Returns
    -------
    float64 array, (last - first, 2 strands [+, -], length)
    """
    regions = last - first
    indptr = group["indptr"][2 * first * tracks : 2 * last * tracks + 1]
    entries = slice(int(indptr[0]), int(indptr[-1]))
    stored = np.repeat(np.arange(regions * tracks * 2), np.diff(indptr))  # (entries,), region, track and strand
    own = (stored // 2) % tracks == track
    windows = np.zeros((regions, 2, length))
    at = stored[own]
    windows[at // (2 * tracks), at % 2, group["position"][entries][own]] = group["value"][entries][own]
    return windows
