"""Reading bigWig files: values and windows of stranded counts. Writing them is in `bigwig_writing`."""

import os
from collections.abc import Iterator
from functools import cached_property
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from cistill.formats.bigwig_layout import BigWigFile, Intervals, Summary

SPAN = 1 << 20  # bases read in one call


class BigWigTrack:
    """A bigWig file open for reading. A broken file raises an `InputError`, on opening or on reading.

    Parameters
    ----------
    path : path
        The bigWig file.

    Attributes
    ----------
    sizes : dict of str to int
        Chromosome lengths in bp as the file states them.
    negated : bool
        Values are read with the opposite sign.
    """

    negated = False

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = BigWigFile(path)
        self.path = self._file.path
        self.sizes = self._file.sizes
        self._names = {number: name for name, number in self._file.numbers.items()}

    def __enter__(self) -> "BigWigTrack":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def smallest(self) -> float:
        """Least value; 0 in a file without values."""
        return self._summary.smallest

    @property
    def largest(self) -> float:
        """Largest value; 0 in a file without values."""
        return self._summary.largest

    @property
    def total(self) -> float:
        """Sum of the values' sizes."""
        return abs(self._summary.total)

    @property
    def covered(self) -> float:
        """Number of positions that hold reads; NaN where zeros are counted among them."""
        lists_zeros = self._summary.smallest <= 0 <= self._summary.largest
        return float("nan") if lists_zeros and self._summary.covered else float(self._summary.covered)

    @cached_property
    def _summary(self) -> Summary:
        """The file's own summary where it can be relied on, else that of all values; NaN is no value.

        Summaries of files with NaN hold NaN, and pyBigWig never states a largest value of zero or less.
        """
        stated = self._file.summary
        if stated is not None and not stated.covered:
            return Summary(0, 0.0, 0.0, 0.0)
        if stated is not None and np.isfinite(stated.total) and 0 <= stated.smallest <= stated.largest < np.inf:
            return stated
        smallest, largest, covered, total = np.inf, -np.inf, 0, 0.0
        for name in self.sizes:
            for starts, ends, values in self.intervals(name):
                smallest, largest = min(smallest, float(values.min())), max(largest, float(values.max()))
                covered += int((ends - starts).sum())
                total += float(((ends - starts) * values.astype(np.float64)).sum())
        return Summary(covered, smallest, largest, total) if covered else Summary(0, 0.0, 0.0, 0.0)

    @cached_property
    def _blocks(self) -> dict[str, NDArray[np.void]]:
        """Rows of the index of each chromosome, by ascending start; `end` is the largest up to that row."""
        stated = self._file.summary
        if stated is not None and not stated.covered and stated.total == 0:
            return {}
        rows = self._file.index(self._file.index_offset)
        if not len(rows):
            raise self._file.broken("its index lists no block, though it states that there are values")
        rows = rows[np.lexsort((rows["start"], rows["chrom"]))]
        numbers, first = np.unique(rows["chrom"], return_index=True)
        of_chrom = {}
        for number, blocks in zip(numbers.tolist(), np.split(rows, first[1:]), strict=True):
            if number not in self._names:
                raise self._file.broken("its index names a chromosome that it does not list")
            blocks["end"] = np.maximum.accumulate(blocks["end"])
            of_chrom[self._names[number]] = blocks
        return of_chrom

    def intervals(self, chrom: str, start: int = 0, end: int | None = None) -> Iterator[Intervals]:
        """Yield the intervals with a value of the blocks that overlap [start, end) of a chromosome.

        Yields
        ------
        starts, ends : int64 arrays, (intervals,)
        values : float32 array, (intervals,)
            Never NaN: such an interval is without data.
        """
        blocks = self._blocks.get(chrom)
        if blocks is None:
            return
        first = int(np.searchsorted(blocks["end"], start, side="right"))
        last = len(blocks) if end is None else int(np.searchsorted(blocks["start"], end, side="left"))
        for block in blocks[first:last]:
            number, (starts, ends, values) = self._file.intervals(int(block["offset"]), int(block["size"]))
            if self._names.get(number) != chrom or (ends <= starts).any() or (ends > self.sizes[chrom]).any():
                raise self._file.broken(f"a block of values on {chrom} does not fit the chromosome")
            if np.isinf(values).any():
                raise self._file.broken(f"it has infinite values on {chrom}")
            known = ~np.isnan(values)
            if not known.all():
                starts, ends, values = starts[known], ends[known], values[known]
            if len(starts):
                yield starts, ends, -values if self.negated else values

    def values(self, chrom: str, start: int, end: int) -> NDArray[np.float32]:
        """Return the values of [start, end) of a chromosome; 0 where the file has none.

        Returns
        -------
        float32 array, (end - start,)
        """
        values = np.zeros(end - start, dtype=np.float32)
        for starts, ends, found in self.intervals(chrom, start, end):
            begins = np.maximum(starts, start) - start
            lengths = np.maximum(np.minimum(ends, end) - start - begins, 0)
            if len(lengths) and lengths.max() <= 1:
                inside = lengths == 1
                values[begins[inside]] = found[inside]
                continue
            # the bases of all intervals one after another
            before = np.cumsum(lengths) - lengths
            at = np.repeat(begins - before, lengths) + np.arange(int(lengths.sum()))
            values[at] = np.repeat(found, lengths)
        return values

    def sum_of(self, chrom: str) -> float:
        """Return the sum of the values over the bases of a chromosome."""
        return sum(
            float(((ends - starts) * values.astype(np.float64)).sum()) for starts, ends, values in self.intervals(chrom)
        )

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
