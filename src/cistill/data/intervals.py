"""Sets of intervals on chromosomes, and whether windows overlap them."""

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.files import require_file
from cistill.texts import open_bytes

NOT_DATA = ("#", "track", "browser")


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


class BrokenGzip(Exception):
    """A compressed file cannot be read to its end."""


def bed_rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield row number, from 1, and columns of every data row of a BED-like file, plain or gzipped.

    Raises
    ------
    BrokenGzip
        If the compression is damaged; the message does not name the file.
    """
    try:
        with open_bytes(file) as handle:
            for number, line in enumerate(handle, 1):
                text = line.decode(errors="replace").rstrip("\r\n")
                if text.strip() and not text.startswith(NOT_DATA):
                    yield number, text.split("\t")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BrokenGzip(f"the compressed file is broken or cut short ({error}); copy or make it again") from error


def read_bed(path: str | os.PathLike[str], what: str) -> list[tuple[str, int, int]]:
    """Read the first three columns of a BED file, plain or gzipped.

    Parameters
    ----------
    path : path
        The file; it may be empty of intervals.
    what : str
        Its role, for messages.

    Raises
    ------
    InputError
        One line for each malformed row, up to ten.
    """
    rows: list[tuple[str, int, int]] = []
    problems: list[str] = []
    file = require_file(path, what)
    try:
        for number, fields in bed_rows(file):
            try:
                chrom, start, end = fields[0], int(fields[1]), int(fields[2])
                if not 0 <= start < end:
                    raise ValueError
                rows.append((chrom, start, end))
            except (ValueError, IndexError):
                found = "\t".join(fields)[:60]
                problems.append(
                    f"{what} {file}: row {number}: expected tab-separated chrom, start, end with 0 <= start < end, "
                    f"found {found!r}"
                )
    except BrokenGzip as error:
        problems.append(f"{what} {file}: {error}")
    if problems:
        more = [f"... and {len(problems) - 10} more such rows"] if len(problems) > 10 else []
        raise InputError("\n".join(problems[:10] + more))
    return rows
