"""What a ReLU does to multipliers: the rescale rule's slope, fused into one pass over memory on a CPU.

Most of the time of DeepSHAP goes into reading and writing activations, not into multiplying them. On a CPU the slope is
therefore never stored: it is made and used a few hundred numbers at a time.
"""

import numpy as np
import torch
from torch import Tensor

from cistill.compiled import compiled
from cistill.model.network.convolution import cropped

AT_ONCE = 512  # slopes that are made before they are used; they stay in the innermost cache


def activated(pre: Tensor, added: Tensor | None = None) -> Tensor:
    """Return relu(pre), plus the central part of `added`; (n, channels, 1, positions), channels last.

    Parameters
    ----------
    pre : Tensor, shape=(n, channels, 1, positions)
        Input of a ReLU.
    added : Tensor, shape=(n, channels, 1, as many positions or more), optional
    """
    if added is None:
        return torch.relu(pre)
    if not _on_cpu(pre):
        return torch.relu(pre).add_(cropped(added, pre.shape[-1]))
    out = torch.empty_like(pre)
    crop = (added.shape[-1] - pre.shape[-1]) // 2 * pre.shape[1]
    _activate(_rows(pre), _rows(added), crop, _rows(out))
    return out


def times_slopes(
    multipliers: Tensor, pre: Tensor, pre_reference: Tensor, added: Tensor | None = None, keep: bool = True
) -> tuple[Tensor, Tensor]:
    """Return multipliers above a ReLU, completed, and those below it: times the slope between its two inputs.

    For inputs a and b, (relu(a) - relu(b)) / (a - b) is max(a, b) / |a - b| cut to [0, 1]: one where both are positive,
    zero where both are negative, and for equal inputs their gradient. The cut form needs no case for small differences.

    Parameters
    ----------
    multipliers : Tensor, shape=(sequences * references * outputs, channels, 1, positions)
        Overwritten.
    pre : Tensor, shape=(sequences, channels, 1, positions)
        Input of the ReLU for the sequences.
    pre_reference : Tensor, shape=(sequences * references, channels, 1, positions)
        The same for their references.
    added : Tensor, shape=(sequences * references * outputs, channels, 1, as many positions or fewer), optional
        Multipliers that come past the layer above, to be added to the central positions first.
    keep : bool
        Whether the completed multipliers are still needed; if not, both returned tensors are the same.
    """
    outputs = len(multipliers) // len(pre_reference)
    if _on_cpu(multipliers):
        below = torch.empty_like(multipliers) if keep else multipliers
        crop = 0 if added is None else (multipliers.shape[-1] - added.shape[-1]) // 2 * multipliers.shape[1]
        passed = _rows(multipliers)[:, :0] if added is None else _rows(added)
        _rescale(_rows(multipliers), passed, crop, _rows(pre), _rows(pre_reference), outputs, _rows(below))
        return multipliers, below
    if added is not None:
        cropped(multipliers, added.shape[-1]).add_(added)
    sequences, *shape = pre.shape
    references = pre_reference.view(sequences, -1, *shape)
    # the smallest of shifts keeps 0 / 0 out; it changes no other number
    distance = torch.sub((pre + 1e-30)[:, None], references).abs_()
    slope = torch.maximum(pre[:, None], references).div_(distance).clamp_(0, 1).flatten(0, 1)[:, None]
    of_pair = multipliers.view(-1, outputs, *shape)
    below = torch.mul(of_pair, slope) if keep else of_pair.mul_(slope)
    return multipliers, below.flatten(0, 1)


def _on_cpu(x: Tensor) -> bool:
    return x.device.type == "cpu"


def _rows(x: Tensor) -> np.ndarray:
    """Return (n, channels, 1, positions), channels last, as an array (n, positions * channels) on the same memory."""
    return x[:, :, 0].transpose(1, 2).flatten(1).numpy()


@compiled("(f4[:, ::1], f4[:, ::1], i8, f4[:, ::1])")
def _activate(pre: np.ndarray, added: np.ndarray, crop: int, out: np.ndarray) -> None:
    for n in range(pre.shape[0]):
        inputs, passed, made = pre[n], added[n, crop : crop + pre.shape[1]], out[n]
        for i in range(inputs.shape[0]):
            made[i] = max(inputs[i], 0) + passed[i]


@compiled("(f4[:, ::1], f4[:, ::1], i8, f4[:, ::1], f4[:, ::1], i8, f4[:, ::1])")
def _rescale(
    multipliers: np.ndarray,
    added: np.ndarray,
    crop: int,
    pre: np.ndarray,
    pre_reference: np.ndarray,
    outputs: int,
    below: np.ndarray,
) -> None:
    pairs, size = pre_reference.shape
    references = pairs // pre.shape[0]
    slope = np.empty(AT_ONCE, pre.dtype)
    zero, one, shift = pre.dtype.type(0), pre.dtype.type(1), pre.dtype.type(1e-30)
    for pair in range(pairs):
        for row in range(pair * outputs, (pair + 1) * outputs):
            centre, passed = multipliers[row, crop : crop + added.shape[1]], added[row]
            for i in range(passed.shape[0]):
                centre[i] += passed[i]
        for first in range(0, size, AT_ONCE):
            last = min(first + AT_ONCE, size)
            a, b = pre[pair // references, first:last], pre_reference[pair, first:last]
            for i in range(last - first):
                # the smallest of shifts keeps 0 / 0 out; it changes no other number
                quotient = max(a[i], b[i]) / abs(a[i] + shift - b[i])
                slope[i] = min(max(quotient, zero), one)
            for row in range(pair * outputs, (pair + 1) * outputs):
                above, under = multipliers[row, first:last], below[row, first:last]
                for i in range(last - first):
                    under[i] = above[i] * slope[i]
