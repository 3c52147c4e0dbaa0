"""Counting the 5' ends of every read set around peaks and backgrounds, before replicates are summed."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.console import progress
from cistill.data.backgrounds import WindowShape
from cistill.data.dataset_file import REGIONS_AT_ONCE, blocks
from cistill.data.regions import region_uses
from cistill.data.signals import Signals, Strands, Tracks
from cistill.data.splits import Split

BIGWIG_ENDS = (".plus.bw", ".bw", ".bigwig", ".bigWig")


@dataclass(frozen=True)
class ReadSet:
    """One pair of bigWigs.

    Attributes
    ----------
    name : str
        From the name of its file of the + strand.
    task, role : str
        `role` is `signal` or `control`.
    total, covered : float array, (2 strands,)
        5' ends and positions that hold any, of the whole file as its header states them; NaN where it does not, or
        where it lists zeros too.
    lacks : frozenset of str
        Chromosomes of the genome that the file of either strand does not have.
    """

    name: str
    task: str
    role: str
    total: NDArray[np.float64]
    covered: NDArray[np.float64]
    lacks: frozenset[str]


@dataclass(frozen=True)
class Counted:
    """5' ends of peaks and of the first background of each.

    Attributes
    ----------
    regions : pandas.DataFrame
        Those that are counted, in genome order.
    uses : int8 array, (regions, folds)
        What each fold uses them for, index of `PARTS` (or beyond, for nothing).
    is_peak : bool array, (regions, tasks)
    of_task : bool array, (regions, tasks)
        A task's peaks, and the backgrounds that are matched to them.
    readsets : list of ReadSet
    counts : float64 array, (regions, read sets, 2)
        In the output window.
    near : float64 array, (regions, read sets, 2)
        Near the summit.
    once : float64 array, (tasks, read sets, 2)
        In the output windows of a task's peaks, each position counted once where windows overlap.
    occupied : int64 array, (regions, read sets, 2)
        Positions of the output window with a read.
    same_strands : bool array, (read sets,)
        Whether both strands hold the same reads at the same positions, in all windows.
    near_share : float
        What is near the summit, as a share of the output window.
    """

    regions: pd.DataFrame
    tasks: list[str]
    uses: NDArray[np.int8]
    is_peak: NDArray[np.bool_]
    of_task: NDArray[np.bool_]
    readsets: list[ReadSet]
    counts: NDArray[np.float64]
    near: NDArray[np.float64]
    once: NDArray[np.float64]
    occupied: NDArray[np.int64]
    same_strands: NDArray[np.bool_]
    output_length: int
    near_share: float

    def sets(self, task: str, role: str = "signal") -> list[int]:
        """Return the numbers of a task's read sets of a role."""
        return [i for i, readset in enumerate(self.readsets) if readset.task == task and readset.role == role]


def count_reads(
    regions: pd.DataFrame,
    signals: Signals,
    sizes: Mapping[str, int],
    folds: Mapping[str, Split],
    shape: WindowShape,
    centre: int,
    allow_fractional: bool,
) -> Counted:
    """Go through the usable peaks and the first background of each, all read sets side by side.

    Parameters
    ----------
    regions : pandas.DataFrame
        Region table in genome order.
    signals : Signals
    sizes : mapping
        Chromosome lengths of the genome in bp.
    folds : mapping
        Name to Split.
    shape : WindowShape
    centre : int
        Half of what is near a summit, bp.
    allow_fractional : bool
    """
    usable = (regions["kept"] & regions["reason"].isna() & (regions["match_rank"] == 0)).to_numpy(dtype=bool)
    own = regions[usable].reset_index(drop=True)
    tasks = signals.tasks
    is_peak, of_task = _membership(own, tasks)
    pairs = [
        (task, role, pair)
        for role, group in (("signal", signals.signal), ("control", signals.control))
        for task in tasks
        for pair in group.get(task, ())
    ]
    half = max(1, min(centre, shape.output_length // 4))
    middle = shape.output_length // 2
    near_window = slice(middle - half, middle + half)
    windows_of = (len(own), len(pairs), 2)
    counts, near = np.zeros(windows_of), np.zeros(windows_of)
    occupied = np.zeros(windows_of, dtype=np.int64)
    once = np.zeros((len(tasks), len(pairs), 2))
    same = np.ones(len(pairs), dtype=bool)
    ends = dict.fromkeys(tasks, ("", 0))  # chromosome and end of what was counted last
    with Tracks([[pair] for _, _, pair in pairs], sizes, allow_fractional) as tracks:
        readsets = [_read_set(tracks, i, task, role, pair, sizes) for i, (task, role, pair) in enumerate(pairs)]
        found = progress(blocks(own), "counting reads of each read set", total=len(own), size=REGIONS_AT_ONCE)
        for chrom, rows, summits in found:
            starts = summits - middle
            windows = tracks.windows(chrom, starts, shape.output_length)  # (rows, read sets, 2, length)
            counts[rows] = windows.sum(-1, dtype=np.float64)
            near[rows] = windows[..., near_window].sum(-1, dtype=np.float64)
            occupied[rows] = np.count_nonzero(windows, axis=-1)
            same &= (windows[:, :, 0] == windows[:, :, 1]).all(axis=(0, 2))
            for number, task in enumerate(tasks):
                chosen = np.flatnonzero(is_peak[rows, number])
                if len(chosen):
                    new, ends[task] = _not_yet_counted(chrom, starts[chosen], shape.output_length, ends[task])
                    once[number] += np.einsum("rtsl,rl->ts", windows[chosen], new, dtype=np.float64)
    return Counted(
        own, tasks, region_uses(own, folds, shape), is_peak, of_task, readsets, counts, near, once, occupied,
        same & (counts > 0).any(axis=(0, 2)), shape.output_length,
        2 * half / shape.output_length,
    )  # fmt: skip


def _membership(regions: pd.DataFrame, tasks: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which regions are peaks of each task, and which are its peaks or matched to one, (regions, tasks)."""
    names = [str(cell or "").split(",") for cell in regions["tasks"].fillna("")]
    is_peak = np.array([[task in cell for task in tasks] for cell in names], dtype=bool).reshape(len(regions), -1)
    is_peak &= (regions["kind"] == "peak").to_numpy()[:, None]
    place = pd.Index(regions["region_id"]).get_indexer(regions["matched_to"].fillna(""))
    of_task = np.where((place >= 0)[:, None], is_peak[place], is_peak)
    return is_peak, of_task


def _not_yet_counted(
    chrom: str, starts: NDArray[np.int64], length: int, last: tuple[str, int]
) -> tuple[NDArray[np.float32], tuple[str, int]]:
    """Return which positions of ascending windows `(windows, length)` no earlier window holds, and the new end."""
    before = np.concatenate([[last[1] if last[0] == chrom else starts[0]], starts[:-1] + length])
    skipped = np.clip(before - starts, 0, length)
    new = (np.arange(length) >= skipped[:, None]).astype(np.float32)
    return new, (chrom, int(starts[-1]) + length)


def _read_set(tracks: Tracks, number: int, task: str, role: str, pair: Strands, sizes: Mapping[str, int]) -> ReadSet:
    """Return what the headers of a pair of open bigWigs say."""
    strands = [opened[0] for opened in tracks.tracks[number]]
    total = np.array([strand.total for strand in strands])
    covered = np.array([strand.covered for strand in strands])
    lacks = frozenset(name for name in sizes if any(name not in strand.sizes for strand in strands))
    return ReadSet(_name(pair[0]), task, role, total, covered, lacks)


def _name(path: str | os.PathLike[str]) -> str:
    name = Path(path).name
    return next((name.removesuffix(end) for end in BIGWIG_ENDS if name.endswith(end)), name)
