"""Choosing among overlapping intervals."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

PIECE = 100_000
FAR = 1 << 40  # farther than any chromosome is long


def best_of_overlapping(
    chrom: npt.NDArray[np.int64],
    start: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    score: npt.NDArray[np.float64],
    shared: int = 3,
) -> npt.NDArray[np.bool_]:
    """Greedy non-maximum suppression: return which intervals are kept.

    Intervals are taken from the highest score down; one that shares at least `shared` bases with one taken before is
    left out. Equal scores are taken in the order given. An interval shorter than `shared` must be shared whole.

    The result is that of the sequential procedure, found in rounds: in each, every interval that no better one overlaps
    is taken, and what overlaps those is left out.

    Parameters
    ----------
    chrom : (intervals,)
        Chromosomes as numbers.
    start, end : (intervals,)
        Half-open intervals.
    score : (intervals,)
        Higher is better.
    shared : int
        Bases two intervals must share to compete; with 0 they need only touch.
    """
    n = len(start)
    keep = np.zeros(n, dtype=bool)
    priority = np.empty(n, dtype=np.int64)
    priority[np.argsort(-score, kind="stable")] = np.arange(n)  # 0 is taken first
    order = np.lexsort((end, start, chrom))
    for piece in _separate_pieces(chrom[order], start[order], end[order]):
        left = order[piece]
        while len(left):
            taken, gone = _round(chrom[left], start[left], end[left], priority[left], shared)
            keep[left[taken]] = True
            left = left[~gone]
    return keep


def overlapping_pairs(
    chrom: npt.NDArray[np.int64], start: npt.NDArray[np.int64], end: npt.NDArray[np.int64], shared: int = 3
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Yield pairs of indices of intervals that compete, as `best_of_overlapping` defines it; each pair once."""
    order = np.lexsort((end, start, chrom))
    for piece in _separate_pieces(chrom[order], start[order], end[order]):
        own = order[piece]
        first, second = _competing_pairs(chrom[own], start[own], end[own], shared)
        yield own[first], own[second]


def chains_of_overlapping(
    chrom: npt.NDArray[np.int64], start: npt.NDArray[np.int64], end: npt.NDArray[np.int64], shared: int = 3
) -> npt.NDArray[np.int64]:
    """Return the chain of every interval, numbered by position, `(intervals,)`.

    Taken by their starts, an interval is of the chain before it if it shares at least `shared` bases with what that
    chain spans, or, with 0, touches it.
    """
    order = np.lexsort((end, start, chrom))
    place, reach = start[order] + chrom[order] * FAR, end[order] + chrom[order] * FAR
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = place[1:] > np.maximum.accumulate(reach)[:-1] - shared
    chains = np.empty(len(order), dtype=np.int64)
    chains[order] = np.cumsum(begins) - 1
    return chains


def best_of_same_place(hits: pd.DataFrame, column: str) -> npt.NDArray[np.bool_]:
    """Return which hits are kept of those that one motif has at one place and strand, seen from several regions.

    That of the highest value in `column` is; of equal ones the first. Columns `chrom, start, end, motif_id, strand`.
    """
    order = np.argsort(-hits[column].to_numpy(dtype=float), kind="stable")
    place = hits[["chrom", "start", "end", "motif_id", "strand"]].iloc[order]
    keep = np.zeros(len(hits), dtype=bool)
    keep[order[~place.duplicated().to_numpy()]] = True
    return keep


def _separate_pieces(
    chrom: npt.NDArray[np.int64], start: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
) -> Iterator[slice]:
    """Cut sorted intervals where nothing overlaps, into pieces of about `PIECE`: it bounds the memory for pairs."""
    n = len(start)
    reach = np.maximum.accumulate(end + chrom * FAR) if n else end
    free = np.flatnonzero(start[1:] + chrom[1:] * FAR > reach[:-1]) + 1
    first = 0
    while first < n:
        after = free[np.searchsorted(free, first + PIECE) :]
        last = int(after[0]) if len(after) else n
        yield slice(first, last)
        first = last


def _round(
    chrom: npt.NDArray[np.int64],
    start: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    priority: npt.NDArray[np.int64],
    shared: int,
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which intervals no better one overlaps, and which are settled: those and what they overlap."""
    first, second = _competing_pairs(chrom, start, end, shared)
    beaten = np.zeros(len(start), dtype=bool)
    beaten[np.where(priority[first] < priority[second], second, first)] = True
    taken = ~beaten
    gone = taken.copy()
    gone[second[taken[first]]] = True
    gone[first[taken[second]]] = True
    return taken, gone


def _competing_pairs(
    chrom: npt.NDArray[np.int64], start: npt.NDArray[np.int64], end: npt.NDArray[np.int64], shared: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return pairs of indices, first before second, of intervals sorted by position that share enough bases."""
    n = len(start)
    firsts, seconds = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    longest = int((end - start).max())
    step = 1
    while step < n:
        first = np.arange(n - step)
        second = first + step
        # sorted by start: once no pair at this distance can reach, none further apart can
        near = (chrom[first] == chrom[second]) & (start[second] <= start[first] + longest)
        if not near.any():
            break
        first, second = first[near], second[near]
        common = np.minimum(end[first], end[second]) - start[second]
        needed = np.minimum(shared, np.minimum(end[first] - start[first], end[second] - start[second]))
        compete = common >= needed
        firsts.append(first[compete])
        seconds.append(second[compete])
        step += 1
    return np.concatenate(firsts), np.concatenate(seconds)
