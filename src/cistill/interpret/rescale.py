"""The rescale rule through a network's trunk, layer by layer: what every ReLU saw, and multipliers on their way back.

Every ReLU is replaced by the slope between its two inputs, every linear layer passes multipliers on by its transpose
(DeepLIFT's rescale rule, Shrikumar et al. 2017). All forms of trunk that a configuration can name are covered.
"""

import torch
from torch import Tensor
from torch.nn import functional

from cistill.model.network import Network
from cistill.model.network.convolution import cropped


def _convolve(x: Tensor, weight: Tensor, bias: Tensor | None, dilation: int, padding: int = 0) -> Tensor:
    """Return a one-dimensional convolution of x (n, channels, 1, length), its channels side by side in memory.

    That layout is about twice as fast on a CPU as a plain `conv1d` or `conv_transpose1d` of these sizes.
    """
    x = x.contiguous(memory_format=torch.channels_last)
    return functional.conv2d(x, weight[:, :, None], bias, dilation=(1, dilation), padding=(0, padding))


def pre_activations(network: Network, sequence: Tensor) -> tuple[list[Tensor], Tensor]:
    """Return the inputs of every ReLU, in order, and the trunk's output, all (batch, channels, 1, positions).

    Parameters
    ----------
    network : Network
    sequence : Tensor, shape=(batch, 4, input_length)
    """
    config, kernels = network.config, network.kernels()
    pre = [_convolve(sequence[:, :, None], *kernels[0], 1)]
    # what enters the next layer, before its ReLU where the ReLU comes first
    hidden = pre[0] if config.residual == "pre" else torch.relu(pre[0])
    for i, (weight, bias) in enumerate(kernels[1:]):
        seen = torch.relu(hidden) if config.residual == "pre" else hidden
        new = _convolve(seen, weight, bias, config.dilations[i])
        if config.residual == "post":
            pre.append(new)
            new = torch.relu(new)
        if config.adds(i):
            new = new + cropped(hidden, new.shape[-1])
        if config.residual != "post":
            pre.append(new)
        hidden = torch.relu(new) if config.residual == "sum" else new
    if config.residual == "pre":
        hidden = torch.relu(hidden)
    return pre, hidden * config.trunk_scale


def sequence_multipliers(
    network: Network, multipliers: Tensor, pre: list[Tensor], pre_reference: list[Tensor]
) -> Tensor:
    """Return multipliers with respect to the sequence, (pairs * heads, 4, input_length).

    Parameters
    ----------
    network : Network
    multipliers : Tensor, shape=(batch * references * 2 heads, channels, 1, positions)
        With respect to the trunk's output.
    pre : list of Tensor, shape=(batch, channels, 1, positions)
        Inputs of the ReLUs for the sequences.
    pre_reference : list of Tensor, shape=(batch * references, channels, 1, positions)
        The same for their references.
    """
    config, kernels = network.config, network.kernels()
    if config.trunk_scale != 1:
        multipliers = multipliers * config.trunk_scale
    if config.residual == "pre":
        multipliers = times_slopes(multipliers, pre[-1], pre_reference[-1])
    for i in range(config.layers - 1, -1, -1):
        at = i if config.residual == "pre" else i + 1  # which ReLU belongs to this layer's convolution
        past = multipliers
        if config.residual != "pre":
            past = times_slopes(past, pre[at], pre_reference[at])
        # the transpose of a convolution is the convolution with turned weights and full padding
        turned = kernels[i + 1][0].flip(-1).transpose(0, 1)
        dilation = config.dilations[i]
        below = _convolve(past, turned, None, dilation, dilation * (turned.shape[-1] - 1))
        if config.residual == "pre":
            below = times_slopes(below, pre[at], pre_reference[at])
        if config.adds(i):
            cropped(below, multipliers.shape[-1]).add_(past if config.residual == "sum" else multipliers)
        multipliers = below
    if config.residual != "pre":
        multipliers = times_slopes(multipliers, pre[0], pre_reference[0])
    return _transposed_first(kernels[0][0], multipliers)


def times_slopes(multipliers: Tensor, pre: Tensor, pre_reference: Tensor) -> Tensor:
    """Return multipliers below a ReLU: those above times the rescale rule's slope between its two inputs.

    For inputs a and b, (relu(a) - relu(b)) / (a - b) is max(a, b) / |a - b| cut to [0, 1]: one where both are positive,
    zero where both are negative, and for equal inputs their gradient. The cut form needs no case for small differences
    and fewer passes over memory, which is what takes the time here.

    Parameters
    ----------
    multipliers : Tensor, shape=(batch * references * heads, channels, 1, positions)
    pre : Tensor, shape=(batch, channels, 1, positions)
    pre_reference : Tensor, shape=(batch * references, channels, 1, positions)
    """
    batch, *shape = pre.shape
    references = pre_reference.view(batch, -1, *shape)
    # the smallest of shifts keeps 0 / 0 out; it changes no other number
    distance = torch.sub((pre + 1e-30)[:, None], references).abs_()
    slope = torch.maximum(pre[:, None], references).div_(distance).clamp_(0, 1)
    return (multipliers.view(batch, references.shape[1], 2, *shape) * slope[:, :, None]).flatten(0, 2)


def _transposed_first(weight: Tensor, multipliers: Tensor) -> Tensor:
    """Return the transposed first convolution: (n, filters, 1, positions) -> (n, 4, input_length).

    Few channels and a wide kernel: one matrix product and a sum over taps.
    """
    filters, bases, width = weight.shape
    taps = weight.permute(0, 2, 1).reshape(filters, width * bases)
    product = multipliers[:, :, 0].transpose(1, 2) @ taps  # (n, positions, width * bases)
    n, positions, _ = product.shape
    product = product.view(n, positions, width, bases)
    out = multipliers.new_zeros(n, positions + width - 1, bases)
    for tap in range(width):
        out[:, tap : tap + positions] += product[:, :, tap]
    return out.transpose(1, 2)
