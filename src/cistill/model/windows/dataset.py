"""A dataset in memory: the regions of a TF, whole or as one fold or one task sees them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import h5py
import numpy as np

from cistill.data.chromosome_split import NONE, PARTS, Split, fold_uses
from cistill.errors import InputError
from cistill.formats.dataset import COLUMNS, open_dataset
from cistill.model.windows.counts import CountWindows

SCORED = ("valid", "test")
BLOCK = 4096  # windows of one task that are dense at once


@dataclass
class Dataset:
    """A `dataset.h5` in memory (see docs/formats.md). Views share its arrays.

    Attributes
    ----------
    tf : str
    tasks : list of str
    input_length, output_length, max_jitter : int
        Lengths in bp; stored windows are longer than these by `max_jitter` on both sides.
    folds : dict of str to Split
        Chromosomes of each fold.
    sizes : dict of str to int
        Lengths of the regions' chromosomes in bp.
    region_id, chrom, kind, split, matched_to : text array, (regions,)
        `split` as the file says, or as one fold uses the regions (`in_fold`).
    summit : int64 array, (regions,)
    is_peak : bool array, (regions, tasks)
    match_rank : uint8 array, (regions,)
        0 for peaks and for the first background of a peak.
    sequence : uint8 array, (regions, input_length + 2 * max_jitter)
        Bases coded 0..3, 4 for anything else.
    signal : CountWindows
    control : CountWindows or None
        None where no task has a control.
    counts : float64 array, (regions, tasks, 2)
        5' ends in the un-shifted output window.
    """

    tf: str
    tasks: list[str]
    input_length: int
    output_length: int
    max_jitter: int
    folds: dict[str, Split]
    sizes: dict[str, int]
    region_id: np.ndarray
    chrom: np.ndarray
    summit: np.ndarray
    kind: np.ndarray
    split: np.ndarray
    is_peak: np.ndarray
    matched_to: np.ndarray
    match_rank: np.ndarray
    sequence: np.ndarray
    signal: CountWindows
    control: CountWindows | None
    counts: np.ndarray

    def __len__(self) -> int:
        return len(self.region_id)

    @cached_property
    def is_scored(self) -> np.ndarray:
        """Peaks and the first background of each, bool `(regions,)`; the further ones are there for training alone."""
        return self.match_rank == 0

    @cached_property
    def of_task(self) -> np.ndarray:
        """Which regions are of a task: its peaks and the backgrounds matched to them, bool `(regions, tasks)`."""
        order = np.argsort(self.region_id)
        at = order[np.searchsorted(self.region_id, self.matched_to, sorter=order).clip(max=max(len(order) - 1, 0))]
        matched = (self.kind == "background") & (self.region_id[at] == self.matched_to)
        return np.where(matched[:, None], self.is_peak[at], self.is_peak)

    @cached_property
    def uses(self) -> np.ndarray:
        """What each fold uses each region for by where it is, int8 `(regions, folds)`, see `fold_uses`."""
        return self._uses_in(self.folds)

    def tested_by(self, test: Sequence[str]) -> np.ndarray:
        """Say which regions are on the test chromosomes of a split, or in such spans, bool `(regions,)`."""
        return self._uses_in({"": Split((), (), tuple(test))})[:, 0] == PARTS.index("test")

    def _uses_in(self, folds: Mapping[str, Split]) -> np.ndarray:
        names, codes = np.unique(self.chrom, return_inverse=True)
        starts = self.summit.astype(np.int64) - self.input_length // 2 - self.max_jitter
        return fold_uses(folds, names.tolist(), codes, starts, self.input_length + 2 * self.max_jitter)

    def rows(self, split: str | None = None, kind: str | None = None, task: int | None = None) -> np.ndarray:
        """Return the row numbers of a split, kind and task (all of them by default).

        Parameters
        ----------
        split : str, optional
            For `valid` and `test`, only what is scored (`is_scored`).
        kind : str, optional
            `peak` or `background`.
        task : int, optional
            Only the peaks of this task, and the backgrounds matched to them.
        """
        keep = np.ones(len(self), dtype=bool)
        if split is not None:
            keep &= self.split == split
        if split in SCORED:
            keep &= self.is_scored
        if kind is not None:
            keep &= self.kind == kind
        if task is not None:
            keep &= self.of_task[:, task]
        return np.flatnonzero(keep)

    def in_fold(self, name: str) -> "Dataset":
        """Return the dataset with `split` as a fold uses the regions; regions in no split stay out.

        Raises
        ------
        InputError
            If there is no such fold.
        """
        if name not in self.folds:
            raise InputError(f"the dataset has no fold {name!r}; its folds are {', '.join(self.folds)}")
        split = np.array([*PARTS, NONE])[self.uses[:, list(self.folds).index(name)]]
        split[self.split == NONE] = NONE
        return replace(self, split=split)

    def for_task(self, name: str) -> "Dataset":
        """Return the dataset of a single task: its peaks and the backgrounds matched to them.

        Raises
        ------
        InputError
            If there is no such task.
        """
        if name not in self.tasks:
            raise InputError(f"the dataset has no task {name!r}; its tasks are {', '.join(self.tasks)}")
        if len(self.tasks) == 1:
            return self
        task = self.tasks.index(name)
        rows = self.rows(task=task)
        control = None
        if self.control is not None and self.control.has_track[task]:
            control = self.control.select_task(task).select_regions(rows)
        texts = ("region_id", "chrom", "summit", "kind", "split", "matched_to", "match_rank", "sequence")
        return replace(
            self,
            tasks=[name],
            is_peak=self.is_peak[rows][:, [task]],
            signal=self.signal.select_task(task).select_regions(rows),
            control=control,
            counts=self.counts[rows][:, [task]],
            **{field: getattr(self, field)[rows] for field in texts},
        )


def read_dataset(path: str | os.PathLike[str]) -> Dataset:
    """Read a whole dataset into memory.

    Raises
    ------
    InputError
        If the file is no dataset of this format.
    """
    with open_dataset(path) as reader:
        file, jitter = reader.file, reader.max_jitter
        file.require(["signal", "control", *(f"control/{name}" for name in ("indptr", "position", "value", "of_task"))])
        signal = _counts(file["signal"], len(reader.tasks), np.arange(len(reader.tasks)))
        of_task = file["control/of_task"][:].astype(np.int64)
        control = _counts(file["control"], int(of_task.max()) + 1, of_task) if (of_task >= 0).any() else None
        return Dataset(
            tf=reader.tf,
            tasks=list(reader.tasks),
            input_length=reader.input_length,
            output_length=reader.output_length,
            max_jitter=jitter,
            folds={name: Split(**fold) for name, fold in reader.folds.items()},
            sizes=reader.sizes,
            signal=signal,
            control=control,
            counts=signal.sums(jitter, reader.output_length),
            **{name: reader.column(name).astype(str) for name in COLUMNS},
            **{name: file[name][:] for name in ("summit", "is_peak", "match_rank", "sequence")},
        )


def _counts(group: h5py.Group, tracks: int, of_task: np.ndarray) -> CountWindows:
    """Read the counts of all regions."""
    return CountWindows(group["indptr"][:], group["position"][:], group["value"][:], tracks, of_task)


def signal_blocks(
    dataset: Dataset, rows: np.ndarray, size: int | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield row numbers and their un-shifted signal, float64 (block, tasks, 2, output_length), block by block."""
    size = size or max(1, BLOCK // len(dataset.tasks))
    for first in range(0, len(rows), size):
        block = rows[first : first + size]
        start = np.full(len(block), dataset.max_jitter)
        yield block, dataset.signal.take(block, start, dataset.output_length).astype(np.float64)
