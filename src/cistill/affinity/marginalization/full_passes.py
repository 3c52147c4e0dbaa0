"""Full forward passes with and without an insert: for networks that the fast path does not know, and to check it."""

import numpy as np
import torch
from torch import Tensor, nn

from cistill.affinity.marginalization.changes import one_hot

BATCH = 64


class FullPasses:
    """The change of a network's log counts by inserts in backgrounds, every sequence predicted whole.

    Parameters
    ----------
    network : torch.nn.Module
        Called with one-hot sequences (batch, 4, input_length) and controls or None; gives `log_counts`
        (batch, tasks, strands). In evaluation mode, on its device.
    backgrounds : uint8 array, shape=(backgrounds, input_length)
    control_shape : tuple of int, optional
        Tasks, strands and length of the control, where the network takes one; it is empty of reads.
    batch : int
        Sequences at once.
    """

    def __init__(
        self,
        network: nn.Module,
        backgrounds: np.ndarray,
        control_shape: tuple[int, int, int] | None = None,
        batch: int = BATCH,
    ) -> None:
        self.network, self.backgrounds, self.batch = network, backgrounds, batch
        self.control_shape = control_shape
        self.like = next(network.parameters())
        self.without = self._predicted(backgrounds)

    def __len__(self) -> int:
        return len(self.backgrounds)

    def _predicted(self, codes: np.ndarray) -> np.ndarray:
        """Return mean log counts over strands, (sequences, tasks), float64."""
        parts: list[Tensor] = []
        with torch.inference_mode():
            for begin in range(0, len(codes), self.batch):
                sequence = one_hot(codes[begin : begin + self.batch], self.like)
                control = None if self.control_shape is None else sequence.new_zeros(len(sequence), *self.control_shape)
                parts.append(self.network(sequence, control).log_counts.mean(-1))
        return torch.cat(parts).double().cpu().numpy()

    def log_counts(self, inserts: np.ndarray) -> np.ndarray:
        """Return how inserts change the mean predicted log count over strands.

        Parameters
        ----------
        inserts : uint8 array, shape=(inserts, length)

        Returns
        -------
        float32 array, shape=(inserts, tasks, backgrounds)
        """
        length = inserts.shape[1]
        start = (self.backgrounds.shape[1] - length) // 2
        changes = []
        for background, without in zip(self.backgrounds, self.without, strict=True):
            codes = np.repeat(background[None], len(inserts), 0)
            codes[:, start : start + length] = inserts
            changes.append(self._predicted(codes) - without)
        return np.stack(changes, 2).astype(np.float32)
