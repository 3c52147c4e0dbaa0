"""Batches of a dataset that depend on nothing but (seed, epoch, index)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor

from cistill.ahead import ahead
from cistill.console import LOG
from cistill.dna.codes import BASE_CODES
from cistill.errors import InputError
from cistill.model.windows.dataset import Dataset


class Batch(NamedTuple):
    """Regions as the network takes them.

    Attributes
    ----------
    sequence : Tensor, shape=(batch, 4, input_length)
        One-hot, int8 as it is made, float32 once it is on its device (`to`).
    signal : Tensor, shape=(batch, tasks, 2, output_length)
        float32.
    control : Tensor, shape=(batch, tasks, 2, output_length), or None without controls
        float32.
    """

    sequence: Tensor
    signal: Tensor
    control: Tensor | None

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device, the sequence as float32."""
        control = None if self.control is None else self.control.to(device, non_blocking=True)
        sequence = self.sequence.to(device, non_blocking=True).float()
        return Batch(sequence, self.signal.to(device, non_blocking=True), control)

    def split(self, parts: int) -> list["Batch"]:
        """Return views of so many parts of equal size, the last ones smaller or left out where that cannot be."""
        size = -(-len(self.signal) // parts)
        spans = [slice(first, first + size) for first in range(0, len(self.signal), size)]
        return [
            Batch(self.sequence[span], self.signal[span], None if self.control is None else self.control[span])
            for span in spans
        ]

    def pin_memory(self) -> "Batch":
        """Return the batch in page-locked memory, from which a GPU copies while the program goes on."""
        control = None if self.control is None else self.control.pin_memory()
        return Batch(self.sequence.pin_memory(), self.signal.pin_memory(), control)


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
    if shift is not None and len(shift) and np.abs(shift).max() > jitter:
        raise ValueError(f"a shift of more than the stored {jitter} bp")
    start = np.full(len(rows), jitter) if shift is None else shift + jitter
    sequence = one_hot_windows(dataset.sequence, rows, start, dataset.input_length, flip)
    return Batch(torch.from_numpy(sequence), *signal_of(dataset, rows, shift, flip))


def signal_of(
    dataset: Dataset, rows: np.ndarray, shift: np.ndarray | None = None, flip: np.ndarray | None = None
) -> tuple[Tensor, Tensor | None]:
    """Return signal and control of windows, as `take` does, without their sequence."""
    start = np.full(len(rows), dataset.max_jitter) + (0 if shift is None else shift)
    signal = torch.from_numpy(dataset.signal.take(rows, start, dataset.output_length, flip))
    if dataset.control is None:
        return signal, None
    return signal, torch.from_numpy(dataset.control.take(rows, start, dataset.output_length, flip))


def one_hot_windows(
    stored: np.ndarray, rows: np.ndarray, start: np.ndarray, length: int, flip: np.ndarray | None
) -> np.ndarray:
    """Cut windows out of coded sequences, reverse-complement those of `flip`, and code them one-hot.

    Parameters
    ----------
    stored : uint8 array, shape=(regions, stored length)
        A, C, G, T = 0..3; anything else becomes zeros.
    rows, start : int array, shape=(batch,)
    length : int
    flip : bool array, shape=(batch,), optional

    Returns
    -------
    int8 array, shape=(batch, 4, length)
    """
    # one copy of a run of bytes per window: ten times faster than an index per base
    codes = sliding_window_view(stored.reshape(-1), length)[np.asarray(rows) * stored.shape[1] + start]
    bases = np.broadcast_to(BASE_CODES, (len(codes), 4))
    if flip is not None and flip.any():
        codes[flip] = codes[flip][:, ::-1]
        bases = np.where(flip[:, None], BASE_CODES[::-1], BASE_CODES)  # the complement of base b is 3 - b
    return (codes[:, None, :] == bases[:, :, None]).view(np.int8)


def mean_log_counts(dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """Return the mean ln(1 + count) of regions, shape (tasks, 2)."""
    return np.log1p(dataset.counts[rows]).mean(0)


class TrainingBatches:
    """Batches of one epoch after another, the same for the same (seed, epoch, index) whatever came before.

    Every epoch passes once over all training peaks, in a random order, each with `background_ratio` backgrounds drawn
    from the stored pool without replacement (a large pool gives new ones in every epoch). Every window is shifted by an
    integer uniform on [-jitter, +jitter] and reverse-complemented with probability one half. A ratio below one gives
    several jittered passes over the peaks for each background.

    Parameters
    ----------
    dataset : Dataset
        Its training split is used.
    batch_size : int
        Regions per batch.
    seed : int
        Seed of all draws.
    background_ratio : float
        Backgrounds per peak in an epoch, as far as there are so many (a warning says if not); 0 trains on peaks alone.
    jitter : int, optional
        Largest shift in bp; all that is stored by default.
    pool_per_peak : int, optional
        Draw from the first few backgrounds of every peak; from all by default.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int,
        seed: int,
        background_ratio: float = 1.0,
        jitter: int | None = None,
        pool_per_peak: int | None = None,
    ) -> None:
        self.dataset = dataset
        self.batch_size = batch_size
        self.seed = seed
        self.jitter = dataset.max_jitter if jitter is None else jitter
        if self.jitter > dataset.max_jitter:
            raise InputError(f"jitter {self.jitter} bp is more than the dataset stores ({dataset.max_jitter} bp)")
        self.peaks = dataset.rows("train", "peak")
        stored = dataset.rows("train", "background")
        self.backgrounds = stored if pool_per_peak is None else stored[dataset.match_rank[stored] < pool_per_peak]
        if not len(self.peaks):
            raise InputError("the dataset has no training peak: check the chromosome split")
        asked = round(background_ratio * len(self.peaks))
        self.backgrounds_per_epoch = min(len(self.backgrounds), asked)
        if self.backgrounds_per_epoch < asked:
            LOG.warning(
                "%d training peaks have %d backgrounds: each epoch sees all of them, not the %g per peak asked for",
                len(self.peaks), len(self.backgrounds), background_ratio,
            )  # fmt: skip
        self.regions_per_epoch = len(self.peaks) + self.backgrounds_per_epoch

    def __len__(self) -> int:
        return -(-self.regions_per_epoch // self.batch_size)

    @property
    def of_one_background(self) -> int:
        """Batches of an epoch if it had one background a peak, or as few as it has: schedules are passes over peaks."""
        return -(-min(self.regions_per_epoch, 2 * len(self.peaks)) // self.batch_size)

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
        return take(self.dataset, *self.draw(epoch, index, order))

    def draw(
        self, epoch: int, index: int, order: Sequence[int] | np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return rows, shifts and orientations of batch `index` of an epoch, each (batch,)."""
        rows = np.asarray(self.order(epoch) if order is None else order)
        rows = rows[index * self.batch_size : (index + 1) * self.batch_size]
        random = np.random.default_rng([self.seed, epoch, index, 1])
        shift = random.integers(-self.jitter, self.jitter, len(rows), endpoint=True)
        return rows, shift, random.random(len(rows)) < 0.5

    def epoch(self, epoch: int, first: int = 0, workers: int = 0, pin: bool = False) -> Iterator[Batch]:
        """Yield the batches of an epoch in their order, the same ones for any number of workers.

        Parameters
        ----------
        epoch : int
        first : int
            Index of the first batch; a resumed training starts where it stopped.
        workers : int
            Threads that make batches ahead; without any, every batch is made when it is asked for.
        pin : bool
            Give batches in page-locked memory.
        """
        order = self.order(epoch)

        def make(index: int) -> Batch:
            batch = self.batch(epoch, index, order)
            return batch.pin_memory() if pin else batch

        indices = range(first, len(self))
        yield from ahead(make, indices, workers) if workers else map(make, indices)
