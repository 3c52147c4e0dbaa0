"""Joining the peaks of several tasks that lie on one locus, so that it is counted once."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def merge_peaks(peaks: Mapping[str, pd.DataFrame], locus_distance: int = 0) -> pd.DataFrame:
    """Make one row of the peaks of several tasks on one locus.

    Peaks of different tasks are joined pair by pair, the closest summits first (of equally close ones the leftmost),
    where the summits of a locus then span at most `locus_distance` and no task has two peaks in it. The order of the
    tasks makes no difference. A locus has the median summit of its peaks, rounded down, and reaches from their first
    start to their last end.

    Parameters
    ----------
    peaks : mapping
        Task to its peaks, with columns `chrom, start, end, summit`.
    locus_distance : int
        Largest distance in bp between the summits of a locus; 0 joins peaks on the same summit.

    Returns
    -------
    pandas.DataFrame
        Columns `region_id, chrom, start, end, summit, tasks, repeat`, in the order in which the loci first appear;
        `repeat` is True for a task's second peak on the same summit.
    """
    one_by_one = []
    for task, table in peaks.items():
        part = table[["chrom", "start", "end", "summit"]].copy()
        part["tasks"] = task
        part["repeat"] = part.duplicated(["chrom", "summit"])
        one_by_one.append(part)
    rows = pd.concat(one_by_one, ignore_index=True)
    first = rows[~rows["repeat"]].reset_index(drop=True)
    grouped = first.groupby(_loci(first, list(peaks), locus_distance), sort=False)
    loci = grouped.agg(chrom=("chrom", "first"), start=("start", "min"), end=("end", "max"), tasks=("tasks", ",".join))
    loci["summit"] = np.floor(grouped["summit"].median()).astype(np.int64)
    loci["repeat"] = False
    merged = pd.concat([loci, rows[rows["repeat"]]], ignore_index=True)
    copy = merged.groupby(["chrom", "summit"], sort=False).cumcount() + 1
    suffix = np.where(copy > 1, "#" + copy.astype(str), "")
    merged["region_id"] = merged["chrom"] + ":" + merged["summit"].astype(str) + suffix
    return merged[["region_id", "chrom", "start", "end", "summit", "tasks", "repeat"]]


def _loci(peaks: pd.DataFrame, tasks: Sequence[str], distance: int) -> NDArray[np.int64]:
    """Number the locus of every peak, `(peaks,)`."""
    bit_of = {task: 1 << i for i, task in enumerate(tasks)}
    numbers = np.zeros(len(peaks), dtype=np.int64)
    summits = peaks["summit"].to_numpy(dtype=np.int64)
    found = 0
    for rows in peaks.groupby("chrom", sort=False).indices.values():
        places, place_of_row = np.unique(summits[rows], return_inverse=True)
        tasks_at = [0] * len(places)
        for place, task in zip(place_of_row.tolist(), peaks["tasks"].to_numpy()[rows], strict=True):
            tasks_at[place] |= bit_of[task]
        locus = _join(places, tasks_at, distance)
        numbers[rows] = found + locus[place_of_row]
        found += len(places)
    return numbers


def _join(places: NDArray[np.int64], tasks_at: Sequence[int], distance: int) -> NDArray[np.int64]:
    """Join summits of one chromosome.

    Parameters
    ----------
    places : int64 array, (places,)
        Different summits, ascending.
    tasks_at : sequence of int, (places,)
        The tasks with a peak there, as bits.
    distance : int

    Returns
    -------
    int64 array, (places,)
        Index of the first place of each place's locus.
    """
    locus = np.arange(len(places))
    edges = [0, *(np.flatnonzero(np.diff(places) > distance) + 1).tolist(), len(places)]
    for first, last in pairwise(edges):
        if last - first == 1:
            continue
        near, tasks = places[first:last].tolist(), list(tasks_at[first:last])
        of_place = list(range(last - first))
        span = [(place, place) for place in near]
        for _, left, right in _pairs(near, distance):
            one, other = of_place[left], of_place[right]
            joined = (min(span[one][0], span[other][0]), max(span[one][1], span[other][1]))
            if one == other or tasks[one] & tasks[other] or joined[1] - joined[0] > distance:
                continue
            one, other = min(one, other), max(one, other)
            span[one], tasks[one] = joined, tasks[one] | tasks[other]
            of_place = [one if name == other else name for name in of_place]
        locus[first:last] = first + np.array(of_place)
    return locus


def _pairs(places: Sequence[int], distance: int) -> list[tuple[int, int, int]]:
    """Return (distance, left, right) of all pairs of ascending places at most `distance` apart, closest first."""
    pairs = []
    for left, place in enumerate(places):
        for right in range(left + 1, len(places)):
            if places[right] - place > distance:
                break
            pairs.append((places[right] - place, left, right))
    return sorted(pairs)
