"""DeepSHAP of the profile network, written out: the rescale rule layer by layer, both heads in one pass.

A contribution compares a sequence with references (its own dinucleotide shuffles). Every ReLU is replaced by the slope
between its two inputs, every linear layer passes multipliers on by its transpose (DeepLIFT's rescale rule, Shrikumar
et al. 2017; averaging over references: Lundberg and Lee 2017). No hooks, so nothing can be missed; the sum of
contributions equals the difference of the outputs, and the gap is measured for every region.

Both explained quantities are linear in the trunk's output h:

- counts: the sum over tasks and strands of the predicted log counts;
- profile: the sum over tasks, strands and positions of z * p, where z are the logits less their mean and p, the
  softmax of the logits, is held constant. With `weighting="input"` p is that of the explained sequence (the intent of
  the published systems); with `weighting="mean"` it is the mean of the explained sequence's and the reference's, which
  is what the published files hold (a side effect of how a constant passes through the explainer they used).
"""

from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cistill.model.batches import ONE_HOT
from cistill.model.network import ProfileNetwork

HEADS = ("counts", "profile")
Weighting = Literal["input", "mean"]


class Attributions(NamedTuple):
    """Attributions of a batch; the head axis is [counts, profile].

    Attributes
    ----------
    hypothetical : array, shape=(2, batch, input_length, 4), float32
        What each base would contribute at its position: mean over references of the multiplier of that base less the
        reference base's. Times the one-hot sequence: the actual contributions.
    gap : array, shape=(2, batch), float32
        |sum of contributions - difference of outputs| over the mean absolute difference of outputs.
    difference : array, shape=(2, batch), float32
        Output of the sequence less the mean output of its references.
    """

    hypothetical: np.ndarray
    gap: np.ndarray
    difference: np.ndarray


def _one_hot(codes: np.ndarray, device: torch.device) -> Tensor:
    """Return codes (batch, length) as one-hot (batch, 4, length)."""
    return torch.from_numpy(ONE_HOT[codes]).transpose(1, 2).contiguous().to(device)


def _convolve(x: Tensor, weight: Tensor, bias: Tensor | None, dilation: int, padding: int = 0) -> Tensor:
    """Return a one-dimensional convolution of x (n, channels, 1, length), its channels side by side in memory.

    That layout is about twice as fast on a CPU as a plain `conv1d` or `conv_transpose1d` of these sizes.
    """
    x = x.contiguous(memory_format=torch.channels_last)
    return functional.conv2d(x, weight[:, :, None], bias, dilation=(1, dilation), padding=(0, padding))


def _pre_activations(network: ProfileNetwork, sequence: Tensor) -> tuple[list[Tensor], Tensor]:
    """Return the inputs of every ReLU, in order, and the trunk's output, all (batch, filters, 1, positions)."""
    pre = [_convolve(sequence[:, :, None], network.first.weight, network.first.bias, 1)]
    hidden = torch.relu(pre[0])
    weights, biases = _dilated_parameters(network)
    last = len(weights) - 1
    for i, dilation in enumerate(network.config.dilations):
        pre.append(_convolve(hidden, weights[i], biases[i], dilation))
        new = torch.relu(pre[-1])
        if i < last or network.config.last_residual:
            crop = (hidden.shape[-1] - new.shape[-1]) // 2
            new = new + hidden[..., crop : hidden.shape[-1] - crop]
        hidden = new
    return pre, hidden


def _dilated_parameters(network: ProfileNetwork) -> tuple[list[Tensor], list[Tensor]]:
    """Return weights and biases of the dilated layers."""
    named: list[tuple[str, Tensor]] = list(network.dilated.named_parameters())
    weights = [value for name, value in named if name.endswith("weight")]
    return weights, [value for name, value in named if name.endswith("bias")]


def _head_coefficients(
    network: ProfileNetwork, hidden: Tensor, control: Tensor | None, tasks: list[int]
) -> tuple[Tensor, Tensor]:
    """Return how both explained quantities depend on the trunk's output, per head: (batch, filters, positions).

    The profile's are those for p of the sequences whose trunk output is given.
    """
    config = network.config
    hidden = hidden[:, :, 0]
    batch, filters, positions = hidden.shape
    chosen = torch.zeros(config.tasks, 2, device=hidden.device)
    chosen[tasks] = 1

    per_output = chosen.flatten()
    if config.controls:
        # (2 T, 4, 1) -> what each raw output contributes to the two outputs of its task
        mix = network.count_mix.weight[:, :2, 0].view(config.tasks, 2, 2)
        per_output = torch.einsum("ts,tsr->tr", chosen, mix).flatten()
    counts = (per_output @ network.count.weight) / positions
    counts = counts[None, :, None].expand(batch, filters, positions)

    logits = network.mix(network.profile_logits(hidden), hidden.new_zeros(batch, 2 * config.tasks), control).profile
    weights = torch.softmax(logits, -1) - 1 / config.output_length  # z * p = logits * (p - 1 / length)
    weights = weights * chosen[None, :, :, None]
    if config.controls:
        mix = network.profile_mix.weight[:, :2, 0].view(config.tasks, 2, 2)
        weights = torch.einsum("btsl,tsr->btrl", weights, mix)
    profile = functional.conv_transpose1d(weights.flatten(1, 2), network.profile_weight)
    return counts, profile


def _times_slopes(multipliers: Tensor, pre: Tensor, pre_reference: Tensor) -> Tensor:
    """Return multipliers below a ReLU: those above times the rescale rule's slope between its two inputs.

    For inputs a and b, (relu(a) - relu(b)) / (a - b) is max(a, b) / |a - b| cut to [0, 1]: one where both are positive,
    zero where both are negative, and for equal inputs their gradient. The cut form needs no case for small differences
    and fewer passes over memory, which is what takes the time here.

    Parameters
    ----------
    multipliers : Tensor, shape=(batch * references * heads, filters, 1, positions)
    pre : Tensor, shape=(batch, filters, 1, positions)
    pre_reference : Tensor, shape=(batch * references, filters, 1, positions)
    """
    batch, *shape = pre.shape
    references = pre_reference.view(batch, -1, *shape)
    # the smallest of shifts keeps 0 / 0 out; it changes no other number
    distance = torch.sub((pre + 1e-30)[:, None], references).abs_()
    slope = torch.maximum(pre[:, None], references).div_(distance).clamp_(0, 1)
    return (multipliers.view(batch, references.shape[1], 2, *shape) * slope[:, :, None]).flatten(0, 2)


def _transposed_first(network: ProfileNetwork, multipliers: Tensor) -> Tensor:
    """Return the transposed first convolution: (n, filters, 1, positions) -> (n, 4, input_length).

    Few channels and a wide kernel again: one matrix product and a sum over taps.
    """
    weight = network.first.weight  # (filters, 4, width)
    filters, bases, width = weight.shape
    taps = weight.permute(0, 2, 1).reshape(filters, width * bases)
    product = multipliers[:, :, 0].transpose(1, 2) @ taps  # (n, positions, width * bases)
    n, positions, _ = product.shape
    product = product.view(n, positions, width, bases)
    out = multipliers.new_zeros(n, positions + width - 1, bases)
    for tap in range(width):
        out[:, tap : tap + positions] += product[:, :, tap]
    return out.transpose(1, 2)


def deepshap(
    network: ProfileNetwork,
    codes: np.ndarray,
    references: np.ndarray,
    control: Tensor | None = None,
    tasks: list[int] | None = None,
    weighting: Weighting = "input",
) -> Attributions:
    """Return DeepSHAP attributions of both heads.

    Parameters
    ----------
    network : ProfileNetwork
        In evaluation mode.
    codes : uint8 array, shape=(batch, input_length)
        The sequences, coded 0..4.
    references : uint8 array, shape=(batch, references, input_length)
        Their references.
    control : Tensor, shape=(batch, tasks, 2, output_length), optional
        Controls of the regions, for networks that take them. They enter through p only.
    tasks : list of int, optional
        Which tasks' outputs to sum; all by default.
    weighting : {"input", "mean"}
        The profile's weights p, see the module's text.
    """
    tasks = list(range(network.config.tasks)) if tasks is None else tasks
    device = network.count.weight.device
    with torch.no_grad():
        return _deepshap(network, codes, references, control, tasks, weighting, device)


def _deepshap(
    network: ProfileNetwork,
    codes: np.ndarray,
    references: np.ndarray,
    control: Tensor | None,
    tasks: list[int],
    weighting: Weighting,
    device: torch.device,
) -> Attributions:
    batch, n, length = references.shape
    flat = batch * n
    sequence = _one_hot(codes, device)
    reference = _one_hot(references.reshape(flat, length), device)
    pre, hidden = _pre_activations(network, sequence)
    pre_reference, hidden_reference = _pre_activations(network, reference)

    counts, profile = _head_coefficients(network, hidden, control, tasks)
    heads = torch.stack([counts, profile], 1)[:, None]  # (batch, 1, 2, filters, positions)
    if weighting == "mean":
        repeated = None if control is None else control.repeat_interleave(n, 0)
        of_reference = _head_coefficients(network, hidden_reference, repeated, tasks)[1]
        profile_pairs = (profile[:, None] + of_reference.view(batch, n, *profile.shape[1:])) / 2
        heads = torch.stack([counts[:, None].expand_as(profile_pairs), profile_pairs], 2)
    change = (hidden[:, None] - hidden_reference.view(batch, n, *hidden.shape[1:]))[:, :, :, 0]
    differences = (heads * change[:, :, None]).sum((3, 4))  # (batch, n, 2)

    # multipliers with respect to the output of the last layer, per pair and head: (pairs * 2, filters, 1, positions)
    multipliers = heads.expand(batch, n, 2, *heads.shape[3:]).reshape(flat * 2, *heads.shape[3:])[:, :, None]
    weights, _ = _dilated_parameters(network)
    last = len(weights) - 1
    for i in range(last, -1, -1):
        # the transpose of a convolution is the convolution with turned weights and full padding
        turned = weights[i].flip(-1).transpose(0, 1)
        dilation = network.config.dilations[i]
        through = _times_slopes(multipliers, pre[i + 1], pre_reference[i + 1])
        below = _convolve(through, turned, None, dilation, dilation * (turned.shape[-1] - 1))
        if i < last or network.config.last_residual:
            crop = (below.shape[-1] - multipliers.shape[-1]) // 2
            below[..., crop : below.shape[-1] - crop] += multipliers
        multipliers = below
    through = _times_slopes(multipliers, pre[0], pre_reference[0])
    per_base = _transposed_first(network, through).view(batch, n, 2, 4, length)

    of_reference_base = (per_base * reference.view(batch, n, 1, 4, length)).sum(3)  # (batch, n, 2, length)
    hypothetical = per_base.mean(1) - of_reference_base.mean(1)[:, :, None]  # (batch, 2, 4, length)
    total = (hypothetical * sequence[:, None]).sum((2, 3))
    # an unknown base has no one-hot row: its contribution is what the reference's base takes away
    unknown = (sequence.sum(1) == 0).to(total.dtype)[:, None]
    total = total - (of_reference_base.mean(1) * unknown).sum(2)
    scale = differences.abs().mean(1).clamp(min=1e-12)
    gap = (total - differences.mean(1)).abs() / scale
    return Attributions(
        hypothetical.permute(1, 0, 3, 2).contiguous().cpu().numpy(),
        gap.T.contiguous().cpu().numpy(),
        differences.mean(1).T.contiguous().cpu().numpy(),
    )
