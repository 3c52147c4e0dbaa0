"""Summaries of a bigWig's values: bins of ever more bases, each level from the one before."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cistill.formats.bigwig_layout import ZOOM_ITEM, BigWigFile

BIN = np.dtype([(name, "f8" if name in ("extremes", "sums") else "i8", *shape) for name, _, *shape in ZOOM_ITEM.descr])
"""As `ZOOM_ITEM`, wide enough to add up."""
NO_BINS = np.zeros(0, BIN)


def bins_of_values(file: BigWigFile, rows: list[tuple[int, ...]], reduction: int) -> Iterator[NDArray[np.void]]:
    """Yield the values of blocks, single bases, as bins of up to `reduction` bases; one may go on in the next block."""
    for *_, offset, size in rows:
        number, (starts, ends, values) = file.intervals(offset, size)
        first = np.flatnonzero(np.diff(starts // reduction, prepend=-1))
        after = np.append(first[1:], len(starts))
        bins = np.zeros(len(first), BIN)
        bins["chrom"], bins["start"], bins["end"] = number, starts[first], ends[after - 1]
        bins["covered"] = after - first
        wide = values.astype(np.float64)
        bins["extremes"][:, 0] = np.minimum.reduceat(wide, first)
        bins["extremes"][:, 1] = np.maximum.reduceat(wide, first)
        bins["sums"][:, 0], bins["sums"][:, 1] = np.add.reduceat(wide, first), np.add.reduceat(wide**2, first)
        yield bins


def bins_of_summaries(file: BigWigFile, rows: list[tuple[int, ...]]) -> Iterator[NDArray[np.void]]:
    """Yield the bins of blocks of summaries."""
    for *_, offset, size in rows:
        yield file.zoom_items(offset, size).astype(BIN)


def reduced(
    pieces: Iterator[NDArray[np.void]], reduction: int, lengths: NDArray[np.int64]
) -> Iterator[NDArray[np.void]]:
    """Yield bins of `reduction` bases each from finer ones, which come in order."""
    rest = NO_BINS  # finer bins of the coarse one that may go on in the next piece
    for piece in _ended(pieces):
        fine = rest if piece is None else np.concatenate([rest, piece], dtype=BIN)
        if not len(fine):
            continue
        place = fine["start"] // reduction
        new = np.flatnonzero((np.diff(place) != 0) | (np.diff(fine["chrom"]) != 0)) + 1
        first = np.concatenate([[0], new])
        if piece is not None:
            rest, fine, first = fine[first[-1] :], fine[: first[-1]], first[:-1]
        if not len(fine):
            continue
        bins = fine[first]
        bins["start"] = place[first] * reduction
        bins["end"] = np.minimum(bins["start"] + reduction, lengths[bins["chrom"]])
        bins["covered"] = np.add.reduceat(fine["covered"], first)
        bins["extremes"][:, 0] = np.minimum.reduceat(fine["extremes"][:, 0], first)
        bins["extremes"][:, 1] = np.maximum.reduceat(fine["extremes"][:, 1], first)
        bins["sums"] = np.add.reduceat(fine["sums"], first)
        yield bins


def _ended(pieces: Iterator[NDArray[np.void]]) -> Iterator[NDArray[np.void] | None]:
    """Yield pieces, and None after the last."""
    yield from pieces
    yield None


def in_blocks(pieces: Iterator[NDArray[np.void]], size: int) -> Iterator[NDArray[np.void]]:
    """Yield bins `size` at once."""
    held, number = [NO_BINS], 0
    for piece in pieces:
        held.append(piece)
        number += len(piece)
        while number >= size:
            together = np.concatenate(held, dtype=BIN)
            yield together[:size]
            held, number = [together[size:]], number - size
    if number:
        yield np.concatenate(held, dtype=BIN)
