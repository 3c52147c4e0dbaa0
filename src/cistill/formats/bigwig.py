"""Windows of stranded counts from bigWig files, and bigWigs of single-base counts."""

import os
from collections.abc import Mapping
from types import TracebackType

import numpy as np
import pyBigWig
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.files import require_file

SPAN = 1 << 20  # bases read in one call: a call costs as much as 50 kb of values
ENTRIES_AT_ONCE = 1 << 20


class BigWigTrack:
    """A bigWig file open for reading. It must be opened in the process that reads it.

    Parameters
    ----------
    path : path
        The bigWig file.

    Attributes
    ----------
    sizes : dict of str to int
        Chromosome lengths in bp as the file states them.
    smallest, largest : float
        Extreme values as the file's summary states them; 0 in a file without values.
    total, covered : float
        Sum of the values' sizes, and number of positions that hold reads, as the summary states them; NaN where it
        counts zeros among the positions or values that are none.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = require_file(path, "bigWig")
        try:
            self._handle = pyBigWig.open(str(self.path))
        except RuntimeError as error:
            raise InputError(f"{self.path}: not a readable bigWig file") from error
        if not self._handle.isBigWig():
            self._handle.close()
            raise InputError(f"{self.path}: not a bigWig file (a bigBed?)")
        self.sizes: dict[str, int] = dict(self._handle.chroms())
        header = self._handle.header()
        self._empty = header["nBasesCovered"] == 0
        self.smallest = 0.0 if self._empty else float(header["minVal"])
        self.largest = 0.0 if self._empty else float(header["maxVal"])
        self.total, self.covered = 0.0, 0.0
        if not self._empty:
            self.total = abs(float(header["sumData"]))
            lists_zeros = self.smallest <= 0 <= self.largest
            self.covered = float("nan") if lists_zeros else float(header["nBasesCovered"])

    def __enter__(self) -> "BigWigTrack":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._handle.close()

    def values(self, chrom: str, start: int, end: int) -> NDArray[np.float32]:
        """Return the values of [start, end) of a chromosome; 0 where the file has none.

        Returns
        -------
        float32 array, (end - start,)
        """
        length = end - start
        values = np.zeros(length, dtype=np.float32)
        first, last = max(start, 0), min(end, self.sizes.get(chrom, 0))
        if first >= last or self._empty:
            return values
        try:
            read = self._handle.values(chrom, first, last, numpy=True)
        except RuntimeError as error:
            raise InputError(f"{self.path}: cannot be read at {chrom}:{first}-{last}; the file is broken") from error
        values[first - start : last - start] = np.nan_to_num(read, copy=False, nan=0.0)
        return values

    def windows(self, chrom: str, starts: NDArray[np.int64], length: int) -> NDArray[np.float32]:
        """Return windows of one length.

        Parameters
        ----------
        chrom : str
        starts : int64 array, (windows,)
            Ascending; windows may reach past the chromosome's ends and hold 0 there.
        length : int
            Length of every window in bp.

        Returns
        -------
        float32 array, (windows, length)
        """
        windows = np.zeros((len(starts), length), dtype=np.float32)
        row = 0
        while row < len(starts):
            offset = int(starts[row])
            stop = max(row + 1, int(np.searchsorted(starts, offset + SPAN - length, side="right")))
            piece = self.values(chrom, offset, int(starts[stop - 1]) + length)
            at = (starts[row:stop] - offset)[:, None] + np.arange(length)
            windows[row:stop] = piece[at]
            row = stop
        return windows


class CountsBigWig:
    """A bigWig of counts at single bases, written chromosome by chromosome.

    Parameters
    ----------
    path : path
        The file to write.
    sizes : mapping
        Chromosome lengths in bp, in the order of the file.
    """

    def __init__(self, path: str | os.PathLike[str], sizes: Mapping[str, int]) -> None:
        self._writer = pyBigWig.open(str(path), "w")
        self._writer.addHeader(list(sizes.items()))

    def __enter__(self) -> "CountsBigWig":
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.close()

    def add(self, chrom: str, positions: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
        """Add a chromosome's counts; chromosomes come in the order of the header.

        Parameters
        ----------
        chrom : str
        positions : int64 array, (entries,)
            Ascending, 0-based.
        counts : int64 array, (entries,)
            Above zero.
        """
        for start in range(0, len(positions), ENTRIES_AT_ONCE):
            part = slice(start, start + ENTRIES_AT_ONCE)
            values = counts[part].astype(np.float64)
            self._writer.addEntries(chrom, positions[part], values=values, span=1)
