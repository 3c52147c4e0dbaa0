"""DeepSHAP of a network, written out: the rescale rule layer by layer, all explained outputs in one pass.

A contribution compares a sequence with references (its own dinucleotide shuffles): DeepLIFT's rescale rule (Shrikumar
et al. 2017) averaged over references (Lundberg and Lee 2017). No hooks, so nothing can be missed; the sum of
contributions equals the difference of the outputs, and the gap is measured for every region.

Both kinds of output are linear in the trunk's output h:

- counts: the sum over tasks and strands of the predicted log counts;
- profile: the sum over tasks, strands and positions of z * p, where z are the logits less their mean and p, the
  softmax of the logits, is held constant. With `weighting="input"` p is that of the explained sequence (the intent of
  the published systems); with `weighting="mean"` it is the mean of the explained sequence's and the reference's, which
  is what the published files hold (a side effect of how a constant passes through the explainer they used).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from cistill.dna.codes import ONE_HOT
from cistill.interpret.attribution_arrays import Attributions, Output, from_means
from cistill.interpret.rescale import (
    Trunk,
    first_layer_multipliers,
    pre_activations,
    reference_multipliers,
    sequence_multipliers,
    trunk_of,
)
from cistill.interpret.shap_settings import Weighting
from cistill.model.network import Network
from cistill.network_heads import HEADS

CACHE_BYTES = 1 << 22  # of one layer's activations: pairs are taken so few at a time that these stay in a CPU's cache
# a difference this small beside the terms that it is the sum of is rounding: gaps are not measured against less
RESOLUTION = 1e-4


def deepshap(
    network: Network,
    codes: np.ndarray,
    references: np.ndarray,
    control: Tensor | None = None,
    tasks: Sequence[int] | None = None,
    weighting: Weighting = "input",
    heads: Sequence[str] = HEADS,
) -> Attributions:
    """Return DeepSHAP attributions of a network's heads, summed over tasks (all by default); see `explain_outputs`."""
    chosen = tuple(range(network.config.tasks) if tasks is None else tasks)
    return explain_outputs(network, codes, references, [Output(head, chosen) for head in heads], control, weighting)


class _Seen(NamedTuple):
    """What a trunk makes of sequences.

    Attributes
    ----------
    codes : uint8 array, shape=(n, input_length)
    one_hot : Tensor, shape=(n, 4, 1, input_length)
    pre : list of Tensor, shape=(n, channels, 1, positions)
        Inputs of every ReLU.
    hidden : Tensor, shape=(n, positions, channels)
        The trunk's output.
    """

    codes: np.ndarray
    one_hot: Tensor
    pre: list[Tensor]
    hidden: Tensor

    def take(self, rows: slice) -> "_Seen":
        """Return a part of the sequences."""
        return _Seen(self.codes[rows], self.one_hot[rows], [pre[rows] for pre in self.pre], self.hidden[rows])


class _Pairs(NamedTuple):
    """Sums over references, by sequence and output.

    Attributes
    ----------
    multipliers : Tensor, shape=(batch, outputs, positions, filters)
        With respect to what the first layer's convolution makes.
    at_reference : Tensor, shape=(batch, outputs, input_length)
        Multipliers of the bases that the references have.
    difference, absolute : Tensor, shape=(batch, outputs)
        Differences of the outputs, and their absolute values.
    """

    multipliers: Tensor
    at_reference: Tensor
    difference: Tensor
    absolute: Tensor


def explain_outputs(
    network: Network,
    codes: np.ndarray,
    references: np.ndarray,
    outputs: Sequence[Output],
    control: Tensor | None = None,
    weighting: Weighting = "input",
    pairs_at_once: int | None = None,
) -> Attributions:
    """Return DeepSHAP attributions of any outputs of a network; they share its forward passes.

    Parameters
    ----------
    network : Network
        In evaluation mode.
    codes : uint8 array, shape=(batch, input_length)
        The sequences, coded 0..4.
    references : uint8 array, shape=(batch, references, input_length)
        Their references.
    outputs : sequence of Output
    control : Tensor, shape=(batch, tasks, 2, output_length), optional
        Controls of the regions, for networks that take them. They enter through p only.
    weighting : {"input", "mean"}
        The profile's weights p, see the module's text.
    pairs_at_once : int, optional
        Pairs of sequence and reference whose multipliers are in memory at once. By default as many as fit a CPU's
        cache, and all on a GPU.
    """
    batch, n, length = references.shape
    with torch.no_grad():
        trunk = trunk_of(network)
        sequence = _seen(trunk, codes)
        above = _coefficients(network, sequence.hidden, control, outputs)
        parts: list[list[Tensor]] = []
        for rows, some in _slices(batch, n, pairs_at_once or _pairs_that_fit(trunk, len(outputs), batch * n)):
            reference = _seen(trunk, references[rows, some].reshape(-1, length))
            own = above[rows][:, None]  # (sequences, 1, outputs, positions, channels)
            if weighting == "mean":
                repeated = None if control is None else control[rows].repeat_interleave(some.stop - some.start, 0)
                theirs = _coefficients(network, reference.hidden, repeated, outputs)
                own = (own + theirs.unflatten(0, (len(own), -1))) / 2
            pairs = _of_pairs(trunk, sequence.take(rows), reference, own)
            if some.start:  # more references of the sequence before
                parts[-1] = [total + more for total, more in zip(parts[-1], pairs, strict=True)]
            else:
                parts.append(list(pairs))
        mean = _Pairs(*(torch.cat(part) / n for part in zip(*parts, strict=True)))
        return _assembled(trunk, sequence, above, mean)


def _slices(batch: int, n: int, at_once: int) -> Iterator[tuple[slice, slice]]:
    """Yield (sequences, references) that make at most `at_once` pairs: whole sequences, or equal parts of one."""
    if at_once >= n:
        size = at_once // n
        for first in range(0, batch, size):
            yield slice(first, min(first + size, batch)), slice(0, n)
        return
    parts = -(-n // at_once)
    for row in range(batch):
        for part in range(parts):
            yield slice(row, row + 1), slice(part * n // parts, (part + 1) * n // parts)


def _pairs_that_fit(trunk: Trunk, outputs: int, pairs: int) -> int:
    """Return how many pairs to take at once by default."""
    if trunk.first.device.type != "cpu":
        return pairs
    layer = trunk.config.input_length * trunk.config.channels * trunk.first.element_size()
    return max(1, CACHE_BYTES // (layer * outputs))


def _seen(trunk: Trunk, codes: np.ndarray) -> _Seen:
    # channels last in memory, as ONE_HOT[codes] lies there
    one_hot = torch.from_numpy(ONE_HOT[codes]).to(trunk.first.device, trunk.first.dtype).transpose(1, 2)[:, :, None]
    pre, hidden = pre_activations(trunk, one_hot)
    return _Seen(codes, one_hot, pre, hidden[:, :, 0].transpose(1, 2))


def _coefficients(network: Network, hidden: Tensor, control: Tensor | None, outputs: Sequence[Output]) -> Tensor:
    """Return how outputs depend on the trunk's output, (batch, outputs, positions, channels).

    They are linear in it, so their gradients say it all. A profile's are those for p of the sequences whose trunk
    output is given.
    """
    joint, length = network.config.joint_profile, network.config.output_length
    with torch.enable_grad():
        hidden = hidden.detach().requires_grad_()
        heads = {output.head for output in outputs}
        columns = hidden.transpose(1, 2)
        made: dict[str, Tensor] = {}
        if heads == {"counts"}:
            # the profile head's work is spared: the count head makes nothing of a profile
            empty = columns.new_zeros(len(hidden), network.config.strands * network.config.tasks, length)
            made["counts"] = network.mix(empty, network.pooled_counts(columns), control).log_counts
        else:
            predicted = network.heads(columns, control)
            # z * p = logits * (p - 1 / length); a joint profile is one distribution over strands and positions
            logits = predicted.profile.flatten(2) if joint else predicted.profile
            weights = torch.softmax(logits.detach(), -1) - 1 / logits.shape[-1]
            made = {"counts": predicted.log_counts, "profile": logits * weights}
        gradients = [
            torch.autograd.grad(made[output.head][:, list(output.tasks)].sum(), hidden, retain_graph=True)[0]
            for output in outputs
        ]
    return torch.stack(gradients, 1)


def _of_pairs(trunk: Trunk, sequence: _Seen, reference: _Seen, above: Tensor) -> _Pairs:
    """Return sums over the references of each sequence.

    Parameters
    ----------
    trunk : Trunk
    sequence, reference : _Seen
        Of sequences, and of as many references for each of them.
    above : Tensor, shape=(sequences, references or 1, outputs, positions, channels)
        How the outputs depend on the trunk's output.
    """
    n = len(reference.codes) // len(sequence.codes)
    above = above.expand(-1, n, -1, -1, -1)
    change = sequence.hidden[:, None] - reference.hidden.unflatten(0, (-1, n))  # (sequences, n, positions, channels)
    differences = (above.flatten(3) @ change.flatten(2)[..., None])[..., 0]  # (sequences, n, outputs)
    multipliers = above.clone(memory_format=torch.contiguous_format).flatten(0, 2)  # overwritten in what follows
    multipliers = multipliers.transpose(1, 2)[:, :, None]  # channels last
    multipliers = first_layer_multipliers(trunk, multipliers, sequence.pre, reference.pre)
    at_reference = reference_multipliers(trunk, multipliers, reference.codes, reference.one_hot)
    by_pair = above.shape[:3]
    return _Pairs(
        multipliers[:, :, 0].transpose(1, 2).unflatten(0, by_pair).sum(1),
        at_reference.unflatten(0, by_pair).sum(1),
        differences.sum(1),
        differences.abs().sum(1),
    )


def _assembled(trunk: Trunk, sequence: _Seen, above: Tensor, mean: _Pairs) -> Attributions:
    """Return attributions from means over references; `above` holds the outputs' coefficients."""
    # the transposed first layer is linear: it is applied to the mean over references
    per_base = sequence_multipliers(trunk, mean.multipliers.flatten(0, 1).transpose(1, 2))
    terms = (above * sequence.hidden[:, None]).abs().sum((2, 3))
    return from_means(
        per_base.unflatten(0, above.shape[:2]),
        mean.at_reference,
        sequence.one_hot[:, :, 0],
        mean.difference,
        torch.maximum(mean.absolute, RESOLUTION * terms),
    )
