"""Activations of a frozen trunk, computed once and cut into windows afterwards."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from cistill.console import LOG, progress
from cistill.dna.codes import ONE_HOT
from cistill.model.network import Network
from cistill.model.windows.dataset import Dataset

BATCH = 128


class TrunkCache:
    """Trunk activations of regions for all shifts and both orientations.

    Convolutions are valid, so the activations of a shifted window are a slice of those of the stored, longer window:
    one pass over every region serves all its jittered copies. Activations are kept with channels last, so that a
    window is one block of memory; in float32, or in bfloat16 if that is what fits the budget. Where not even that
    does, nothing is kept and windows are computed when asked for, more slowly. On a CPU these equal the activations
    kept in float32 bit for bit: a sequence's activations do not depend on its batch (`convolved`), and both kinds of
    windows have one layout in memory, which sets the order of sums over positions. Last bits matter here: a bias of
    the profile head cancels in the softmax, so its gradient is rounding alone, and Adam scales that to full steps.

    Parameters
    ----------
    network : Network
        In evaluation mode, on `device`.
    dataset : Dataset
    rows : int array
        Regions to cover.
    device : torch.device
        Where the activations are kept and used.
    budget : float
        Bytes at most.
    jitter : int
        Largest shift to serve.
    mirror : bool
        Whether to serve reverse complements.
    """

    def __init__(
        self,
        network: Network,
        dataset: Dataset,
        rows: np.ndarray,
        device: torch.device,
        budget: float,
        jitter: int,
        mirror: bool,
    ) -> None:
        self.network, self.dataset, self.device, self.jitter = network, dataset, device, jitter
        self.config = network.config
        self.at = np.full(len(dataset), -1)
        self.at[rows] = np.arange(len(rows))
        positions, orientations = self.config.positions + 2 * jitter, 1 + mirror
        shape = (len(rows), orientations, positions, self.config.channels)
        numbers = float(np.prod(shape, dtype=np.float64))
        dtype = torch.float32 if 4 * numbers <= budget else torch.bfloat16
        self.kept = torch.empty(0)
        self.cached = numbers * dtype.itemsize <= budget
        if self.cached:
            self.kept = torch.empty(shape, dtype=dtype, device=device)
            blocks = range(0, len(rows), BATCH)
            for first in progress(blocks, "computing the trunk once", len(rows), size=BATCH):
                for orientation in range(orientations):
                    hidden = self._compute(rows[first : first + BATCH], bool(orientation))
                    self.kept[first : first + BATCH, orientation] = hidden.transpose(1, 2)
        else:
            LOG.info("activations of %d regions do not fit %.1f GB: not kept", len(rows), budget / 1e9)

    def _compute(self, rows: np.ndarray, mirror: bool) -> Tensor:
        """Return the trunk of the stored windows, cut to the jitter served, (batch, channels, positions)."""
        cut = self.dataset.max_jitter - self.jitter
        codes = self.dataset.sequence[rows, cut : self.dataset.sequence.shape[1] - cut]
        sequence = torch.from_numpy(ONE_HOT[codes]).transpose(1, 2).to(self.device)
        with torch.no_grad():
            return self.network.trunk(sequence.flip(1, 2) if mirror else sequence)

    def windows(self, rows: np.ndarray, shift: np.ndarray, flip: np.ndarray) -> Tensor:
        """Return the activations of windows.

        Parameters
        ----------
        rows : int array, shape=(batch,)
            Regions of the cache.
        shift : int array, shape=(batch,)
            Shift of each window in bp.
        flip : bool array, shape=(batch,)
            Which ones are read from the other strand.

        Returns
        -------
        Tensor, shape=(batch, channels, positions), float32
            Channels last in memory.
        """
        length = self.config.positions
        # on the other strand the stored window runs backwards, and so does the shift
        start = np.where(flip, self.jitter - shift, self.jitter + shift)
        if self.cached:
            at = self.at[rows]
            chosen = [
                self.kept[i, int(o), s : s + length]
                for i, o, s in zip(at.tolist(), flip.tolist(), start.tolist(), strict=True)
            ]
            return torch.stack(chosen).float().transpose(1, 2)
        hidden = torch.empty((len(rows), length, self.config.channels), device=self.device).transpose(1, 2)
        for orientation in (False, True):
            own = np.flatnonzero(flip == orientation)
            for first in range(0, len(own), BATCH):
                part = own[first : first + BATCH]
                stored = self._compute(rows[part], orientation)
                for i, row in enumerate(part.tolist()):
                    hidden[row] = stored[i, :, start[row] : start[row] + length]
        return hidden

    def centred(self, rows: np.ndarray, size: int = BATCH) -> Iterator[tuple[np.ndarray, Tensor]]:
        """Yield rows and activations of the un-shifted windows, block by block."""
        for first in range(0, len(rows), size):
            block = rows[first : first + size]
            yield block, self.windows(block, np.zeros(len(block), dtype=np.int64), np.zeros(len(block), dtype=bool))
