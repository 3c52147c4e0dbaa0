"""A dataset in memory, and batches of it that depend on nothing but (seed, epoch, index)."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import h5py
import numpy as np
import torch
from torch import Tensor

from cistill.errors import InputError
from cistill.files import require_file

# rows: A, C, G, T and "anything else", which is all zeros
ONE_HOT = np.vstack([np.eye(4, dtype=np.float32), np.zeros((1, 4), dtype=np.float32)])
COMPLEMENT = np.array([3, 2, 1, 0, 4], dtype=np.uint8)


class Batch(NamedTuple):
    """Regions as the network takes them, float32.

    Attributes
    ----------
    sequence : Tensor, shape=(batch, 4, input_length)
    signal : Tensor, shape=(batch, tasks, 2, output_length)
    control : Tensor, shape=(batch, tasks, 2, output_length), or None without controls
    """

    sequence: Tensor
    signal: Tensor
    control: Tensor | None

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device."""
        control = None if self.control is None else self.control.to(device, non_blocking=True)
        return Batch(self.sequence.to(device, non_blocking=True), self.signal.to(device, non_blocking=True), control)


@dataclass
class Dataset:
    """A `dataset.h5` in memory, arrays as stored (see docs/architecture.md)."""

    tf: str
    tasks: list[str]
    input_length: int
    output_length: int
    max_jitter: int
    region_id: np.ndarray
    chrom: np.ndarray
    summit: np.ndarray
    kind: np.ndarray
    split: np.ndarray
    is_peak: np.ndarray
    sequence: np.ndarray
    signal: np.ndarray
    control: np.ndarray | None

    def __len__(self) -> int:
        return len(self.region_id)

    def rows(self, split: str | None = None, kind: str | None = None) -> np.ndarray:
        """Return the row numbers of a split and kind (all of them by default)."""
        keep = np.ones(len(self), dtype=bool)
        if split is not None:
            keep &= self.split == split
        if kind is not None:
            keep &= self.kind == kind
        return np.flatnonzero(keep)


def read_dataset(path: str | os.PathLike[str]) -> Dataset:
    """Read a whole dataset into memory.

    Raises
    ------
    InputError
        If the file is no dataset of this format.
    """
    file = require_file(path, "dataset")
    try:
        handle = h5py.File(file, "r")
    except OSError as error:
        raise InputError(f"{file}: not an HDF5 file, or it is damaged: {error}") from error
    with handle as h5:
        if h5.attrs.get("format") != "cistill-dataset":
            raise InputError(f"{file}: not a dataset made by `dataset`")
        has_control = bool(h5["has_control"][:].any())

        def text(name: str) -> np.ndarray:
            return h5[name].asstr()[:].astype(str)

        return Dataset(
            tf=str(h5.attrs["tf"]),
            tasks=list(json.loads(h5.attrs["tasks"])),
            input_length=int(h5.attrs["input_length"]),
            output_length=int(h5.attrs["output_length"]),
            max_jitter=int(h5.attrs["max_jitter"]),
            region_id=text("region_id"),
            chrom=text("chrom"),
            summit=h5["summit"][:],
            kind=text("kind"),
            split=text("split"),
            is_peak=h5["is_peak"][:],
            sequence=h5["sequence"][:],
            signal=h5["signal"][:],
            control=h5["control"][:] if has_control else None,
        )


def take(dataset: Dataset, rows: np.ndarray, shift: np.ndarray | None = None, flip: np.ndarray | None = None) -> Batch:
    """Cut windows out of the stored ones.

    Parameters
    ----------
    dataset : Dataset
        Where from.
    rows : int array, shape=(batch,)
        Which regions.
    shift : int array, shape=(batch,), optional
        Shift of each window in bp, within the stored jitter. Zero by default.
    flip : bool array, shape=(batch,), optional
        Which ones to reverse-complement: the sequence, and the profiles along length and strand.
    """
    jitter = dataset.max_jitter
    start = np.full(len(rows), jitter) if shift is None else shift + jitter
    codes = _windows(dataset.sequence, rows, start, dataset.input_length)
    signal = _windows(dataset.signal, rows, start, dataset.output_length)
    control = None
    if dataset.control is not None:
        control = _windows(dataset.control, rows, start, dataset.output_length)
    if flip is not None and flip.any():
        codes[flip] = COMPLEMENT[codes[flip]][:, ::-1]
        signal[flip] = signal[flip][:, :, ::-1, ::-1]
        if control is not None:
            control[flip] = control[flip][:, :, ::-1, ::-1]
    return Batch(
        torch.from_numpy(ONE_HOT[codes]).transpose(1, 2).contiguous(),
        torch.from_numpy(signal.astype(np.float32)),
        None if control is None else torch.from_numpy(control.astype(np.float32)),
    )


def signal_blocks(dataset: Dataset, rows: np.ndarray, size: int = 4096) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield row numbers and their un-shifted signal, float64 (block, tasks, 2, output_length), block by block."""
    for first in range(0, len(rows), size):
        block = rows[first : first + size]
        start = np.full(len(block), dataset.max_jitter)
        yield block, _windows(dataset.signal, block, start, dataset.output_length).astype(np.float64)


def mean_log_counts(dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """Return the mean ln(1 + count) of regions, shape (tasks, 2)."""
    blocks = (np.log1p(signal.sum(-1)).sum(0) for _, signal in signal_blocks(dataset, rows))
    return sum(blocks, np.zeros((len(dataset.tasks), 2))) / len(rows)


def _windows(stored: np.ndarray, rows: np.ndarray, start: np.ndarray, length: int) -> np.ndarray:
    """Return `stored[row, ..., start : start + length]` for every row, as a new array."""
    cut = np.empty((len(rows), *stored.shape[1:-1], length), dtype=stored.dtype)
    for i, (row, first) in enumerate(zip(rows.tolist(), start.tolist(), strict=True)):
        cut[i] = stored[row, ..., first : first + length]
    return cut


class TrainingBatches:
    """Batches of one epoch after another, the same for the same (seed, epoch, index) whatever came before.

    Every epoch passes once over all training peaks, in a random order, each with `background_ratio` backgrounds drawn
    from the stored pool without replacement (a large pool gives new ones in every epoch). Every window is shifted by an
    integer uniform on [-jitter, +jitter] and reverse-complemented with probability one half.

    Parameters
    ----------
    dataset : Dataset
        Its training split is used.
    batch_size : int
        Regions per batch.
    seed : int
        Seed of all draws.
    background_ratio : float
        Backgrounds per peak in an epoch.
    jitter : int, optional
        Largest shift in bp; all that is stored by default.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int,
        seed: int,
        background_ratio: float = 1.0,
        jitter: int | None = None,
    ) -> None:
        self.dataset = dataset
        self.batch_size = batch_size
        self.seed = seed
        self.jitter = dataset.max_jitter if jitter is None else jitter
        if self.jitter > dataset.max_jitter:
            raise InputError(f"jitter {self.jitter} bp is more than the dataset stores ({dataset.max_jitter} bp)")
        self.peaks = dataset.rows("train", "peak")
        self.backgrounds = dataset.rows("train", "background")
        if not len(self.peaks):
            raise InputError("the dataset has no training peak: check the chromosome split")
        self.backgrounds_per_epoch = min(len(self.backgrounds), round(background_ratio * len(self.peaks)))
        self.regions_per_epoch = len(self.peaks) + self.backgrounds_per_epoch

    def __len__(self) -> int:
        return -(-self.regions_per_epoch // self.batch_size)

    def order(self, epoch: int) -> np.ndarray:
        """Return the rows of an epoch in their order."""
        random = np.random.default_rng([self.seed, epoch])
        if self.backgrounds_per_epoch:
            # consecutive epochs walk through one permutation of the pool, so all of it is seen
            pool = np.random.default_rng([self.seed, 2**31]).permutation(self.backgrounds)
            first = (epoch * self.backgrounds_per_epoch) % len(pool)
            chosen = np.take(pool, np.arange(first, first + self.backgrounds_per_epoch), mode="wrap")
        else:
            chosen = self.backgrounds[:0]
        return random.permutation(np.concatenate([self.peaks, chosen]))

    def batch(self, epoch: int, index: int, order: Sequence[int] | np.ndarray | None = None) -> Batch:
        """Return batch `index` of an epoch; `order` spares computing the epoch's order again."""
        rows = np.asarray(self.order(epoch) if order is None else order)
        rows = rows[index * self.batch_size : (index + 1) * self.batch_size]
        random = np.random.default_rng([self.seed, epoch, index, 1])
        shift = random.integers(-self.jitter, self.jitter, len(rows), endpoint=True)
        flip = random.random(len(rows)) < 0.5
        return take(self.dataset, rows, shift, flip)
