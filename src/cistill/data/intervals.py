"""Sets of intervals on chromosomes, and whether windows overlap them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cistill.data.bed import RowProblems, bed_rows
from cistill.errors import InputError


@dataclass(frozen=True)
class Intervals:
    """Intervals merged so that they ascend and neither touch nor overlap.

    Attributes
    ----------
    bounds : dict of str to (starts, ends)
        Per chromosome two int64 arrays, `(intervals,)`.
    """

    bounds: dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]

    @classmethod
    def merged(cls, rows: Iterable[tuple[str, int, int]]) -> "Intervals":
        """Make a set of half-open intervals (chrom, start, end) in any order."""
        by_chrom: dict[str, list[tuple[int, int]]] = {}
        for chrom, start, end in rows:
            by_chrom.setdefault(chrom, []).append((start, end))
        bounds = {}
        for chrom, pairs in by_chrom.items():
            merged: list[list[int]] = []
            for start, end in sorted(pairs):
                if merged and start <= merged[-1][1]:
                    merged[-1][1] = max(merged[-1][1], end)
                else:
                    merged.append([start, end])
            array = np.array(merged, dtype=np.int64)
            bounds[chrom] = (array[:, 0], array[:, 1])
        return cls(bounds)

    def overlap(self, chrom: str, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say for each window [start, end) of a chromosome whether it shares a base with an interval.

        Returns
        -------
        bool array, (windows,)
        """
        if chrom not in self.bounds:
            return np.zeros(len(starts), dtype=bool)
        first, last = self.bounds[chrom]
        # The first interval that ends after the window starts is the only one that needs a look.
        at = np.searchsorted(last, starts, side="right")
        begins = np.append(first, np.iinfo(np.int64).max)[at]
        return np.asarray(begins < ends)


def read_bed(path: str | os.PathLike[str], what: str) -> list[tuple[str, int, int]]:
    """Read the first three columns of a BED file, as `cistill.data.bed` reads it.

    Parameters
    ----------
    path : path
        The file; it may be empty of intervals.
    what : str
        Its role, for messages.

    Raises
    ------
    InputError
        One line for each malformed row, up to five.
    """
    problems = RowProblems()
    rows = [(row.chrom, row.start, row.end) for row in bed_rows(path, what, problems)]
    if problems.number:
        raise InputError("\n".join(f"{what} {path}: {text}" for text in problems.lines()))
    return rows
