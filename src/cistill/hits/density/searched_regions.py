"""What of an attribution file is searched, and the sums of contributions along it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cistill.formats.attributions import AttributionWindows
from cistill.hits.measure import clean_contributions

Double = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Searched:
    """Which regions are searched.

    Attributes
    ----------
    usable : (regions,) of bool
    with_n, not_finite : int
        Regions left out for a base other than A, C, G, T, or for a score that is no number.
    background : (4,) of float
        Frequencies of A, C, G, T in the usable regions, as the plus strand has them.
    """

    usable: npt.NDArray[np.bool_]
    with_n: int
    not_finite: int
    background: Double


def usable_regions(windows: AttributionWindows, keep_n: bool = False) -> Searched:
    """Look through all regions once."""
    usable = np.zeros(len(windows), dtype=bool)
    with_n = not_finite = 0
    letters = np.zeros(4)
    for rows, scores, bases in windows.blocks():
        complete = (bases.sum(axis=2) == 1).all(axis=1)
        finite = np.isfinite(scores).all(axis=(1, 2))
        usable[rows] = finite & (complete | keep_n)
        with_n += int((~complete).sum()) if not keep_n else 0
        not_finite += int((~finite & (complete | keep_n)).sum())
        letters += bases[usable[rows]].sum(axis=(0, 1), dtype=np.float64)
    background = letters / letters.sum() if letters.sum() else np.full(4, 0.25)
    return Searched(usable, with_n, not_finite, background)


def window_sums(scores: npt.NDArray[np.float32], bases: npt.NDArray[np.int8], sign: int, width: int) -> Double:
    """Return the contributions summed over every window of `width` bases, times `sign`: `(regions, windows)`.

    Parameters
    ----------
    scores, bases : (regions, length, 4)
        Hypothetical contributions and one-hot bases.
    """
    track = sign * clean_contributions(scores, bases).sum(axis=2, dtype=np.float64)
    totals = np.concatenate([np.zeros((len(track), 1)), np.cumsum(track, axis=1)], axis=1)
    return np.asarray(totals[:, width:] - totals[:, :-width])
