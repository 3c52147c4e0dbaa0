"""Actual contributions as bigWig tracks for browsers."""

import os
from collections.abc import Iterator, Mapping

import numpy as np

from cistill.errors import InputError
from cistill.formats.attributions import AttributionReader, open_attributions
from cistill.formats.bigwig_writing import bigwig_output

REGIONS_AT_ONCE = 256


def write_contributions(
    attributions: str | os.PathLike[str], track: str | os.PathLike[str], sizes: Mapping[str, int], window: int | None
) -> None:
    """Write the contribution of every base as a bigWig; where regions overlap, the mean of theirs.

    Bases of no region have no value, and what reaches past a chromosome's ends is left out. Some hundred regions are in
    memory at a time.

    Parameters
    ----------
    attributions : path
        `{head}.attributions.h5`.
    track : path
        The bigWig to write.
    sizes : mapping
        Chromosome lengths in bp, in the order of the track; all chromosomes of the regions must be there.
    window : int, optional
        Central part of every region to write, bp; all by default.
    """
    with open_attributions(attributions) as reader, bigwig_output(track, sizes) as writer:
        full = reader.length
        length = full if window is None else min(window, full)
        if length < 1:
            raise InputError(f"--window must be at least 1 bp, not {window}")
        inside = slice((full - length) // 2, (full - length) // 2 + length)
        chrom, start = reader.chrom.astype(str), reader.start + inside.start
        for name, size in sizes.items():
            rows = np.flatnonzero(chrom == name)
            rows = rows[np.argsort(start[rows], kind="stable")]
            for first, values in _means(_contributions(reader, rows, inside), start[rows]):
                cut = slice(max(0, -first), max(0, size - first))
                if len(values[cut]):
                    writer.stretch(name, first + cut.start, values[cut].astype(np.float32))


def _contributions(reader: AttributionReader, rows: np.ndarray, inside: slice) -> Iterator[np.ndarray]:
    """Yield the contributions of regions one by one, float64 (length,)."""
    for first in range(0, len(rows), REGIONS_AT_ONCE):
        chosen = rows[first : first + REGIONS_AT_ONCE]
        yield from reader.contributions(chosen, inside).sum(-1)


def _means(contributions: Iterator[np.ndarray], starts: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (start, values) of stretches from left to right, means over the regions at each base; starts ascend."""
    begin = 0
    sums = np.zeros((2, 0))  # of the values, and of how many there are
    for start, values in zip(starts.tolist(), contributions, strict=True):
        # no later region reaches what lies left of this one
        done = min(start - begin, sums.shape[1]) if sums.shape[1] else 0
        if done:
            yield begin, sums[0, :done] / sums[1, :done]
        rest = sums[:, done:]
        sums = np.pad(rest, ((0, 0), (0, len(values) - rest.shape[1])))
        sums[0] += values
        sums[1] += 1
        begin = start
    if sums.shape[1]:
        yield begin, sums[0] / sums[1]
