"""The rescale rule through a network's trunk, layer by layer: what every ReLU saw, and multipliers on their way back.

Every ReLU is replaced by the slope between its two inputs, every linear layer passes multipliers on by its transpose
(DeepLIFT's rescale rule, Shrikumar et al. 2017). All forms of trunk that a configuration can name are covered.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cistill.compiled import compiled
from cistill.interpret.slopes import activated, times_slopes
from cistill.model.network import Network, NetworkConfig
from cistill.model.network.convolution import convolved, cropped

LAST = torch.channels_last


class Trunk(NamedTuple):
    """A network's trunk as it is explained: its kernels, laid out for both directions.

    Attributes
    ----------
    config : NetworkConfig
    kernels : list of (Tensor, shape=(outputs, channels, 1, width); Tensor, shape=(outputs,))
    turned : list of Tensor, shape=(channels, outputs, 1, width)
        Of the dilated layers: the transpose of a convolution is the convolution with turned weights and full padding.
    first : Tensor, shape=(filters, 4, width)
    """

    config: NetworkConfig
    kernels: list[tuple[Tensor, Tensor]]
    turned: list[Tensor]
    first: Tensor


def trunk_of(network: Network) -> Trunk:
    """Return a network's trunk, ready for any number of calls."""
    kernels = [(weight.detach(), bias.detach()) for weight, bias in network.kernels()]
    return Trunk(
        network.config,
        [(_laid_out(weight), bias) for weight, bias in kernels],
        [_laid_out(weight.flip(-1).transpose(0, 1)) for weight, _ in kernels[1:]],
        kernels[0][0],
    )


def _laid_out(weight: Tensor) -> Tensor:
    """Return (out, in, width) as (out, in, 1, width), channels last: about twice as fast on a CPU as plain `conv1d`."""
    return weight[:, :, None].contiguous(memory_format=LAST)


def pre_activations(trunk: Trunk, sequence: Tensor) -> tuple[list[Tensor], Tensor]:
    """Return the inputs of every ReLU, in order, and the trunk's output, all (batch, channels, 1, positions).

    Parameters
    ----------
    trunk : Trunk
    sequence : Tensor, shape=(batch, 4, 1, input_length)
        Channels last.
    """
    config = trunk.config
    pre = [convolved(sequence, *trunk.kernels[0])]
    # what enters the next layer, before its ReLU where the ReLU comes first
    hidden = pre[0] if config.residual == "pre" else activated(pre[0])
    for i, (weight, bias) in enumerate(trunk.kernels[1:]):
        seen = activated(hidden) if config.residual == "pre" else hidden
        new = convolved(seen, weight, bias, config.dilations[i])
        if config.residual == "post":
            pre.append(new)
            hidden = activated(new, hidden if config.adds(i) else None)
            continue
        if config.adds(i):
            new = new + cropped(hidden, new.shape[-1])
        pre.append(new)
        hidden = activated(new) if config.residual == "sum" else new
    if config.residual == "pre":
        hidden = activated(hidden)
    return pre, hidden if config.trunk_scale == 1 else hidden * config.trunk_scale


def first_layer_multipliers(
    trunk: Trunk, multipliers: Tensor, pre: list[Tensor], pre_reference: list[Tensor]
) -> Tensor:
    """Return multipliers with respect to what the first layer's convolution makes.

    Parameters
    ----------
    trunk : Trunk
    multipliers : Tensor, shape=(sequences * references * outputs, channels, 1, positions)
        With respect to the trunk's output; channels last, overwritten.
    pre : list of Tensor, shape=(sequences, channels, 1, positions)
        Inputs of the ReLUs for the sequences.
    pre_reference : list of Tensor, shape=(sequences * references, channels, 1, positions)
        The same for their references.

    Returns
    -------
    Tensor, shape=(sequences * references * outputs, filters, 1, positions)
    """
    config = trunk.config
    if config.trunk_scale != 1:
        multipliers.mul_(config.trunk_scale)
    if config.residual == "pre":
        return _before_activation(trunk, multipliers, pre, pre_reference)
    passed: Tensor | None = None  # what goes past a layer, by its residual connection
    for i in range(config.layers - 1, -1, -1):
        above, below = times_slopes(multipliers, pre[i + 1], pre_reference[i + 1], passed, config.adds(i))
        passed = None
        if config.adds(i):
            passed = below if config.residual == "sum" else above
        multipliers = _transposed(trunk, i, below)
    return times_slopes(multipliers, pre[0], pre_reference[0], passed, keep=False)[1]


def _before_activation(trunk: Trunk, multipliers: Tensor, pre: list[Tensor], pre_reference: list[Tensor]) -> Tensor:
    """Do the same for trunks whose layers have their ReLU first, and one more after the last."""
    multipliers = times_slopes(multipliers, pre[-1], pre_reference[-1], keep=False)[1]
    for i in range(trunk.config.layers - 1, -1, -1):
        below = times_slopes(_transposed(trunk, i, multipliers), pre[i], pre_reference[i], keep=False)[1]
        if trunk.config.adds(i):
            cropped(below, multipliers.shape[-1]).add_(multipliers)
        multipliers = below
    return multipliers


def _transposed(trunk: Trunk, i: int, multipliers: Tensor) -> Tensor:
    """Return multipliers with respect to the input of dilated layer i's convolution."""
    weight, dilation = trunk.turned[i], trunk.config.dilations[i]
    return functional.conv2d(
        multipliers, weight, dilation=(1, dilation), padding=(0, dilation * (weight.shape[-1] - 1))
    )


def sequence_multipliers(trunk: Trunk, multipliers: Tensor) -> Tensor:
    """Return the multipliers of every base, (n, 4, input_length), from those of the first layer's convolution.

    Parameters
    ----------
    trunk : Trunk
    multipliers : Tensor, shape=(n, filters, positions)
    """
    return functional.conv_transpose1d(multipliers, trunk.first)


def reference_multipliers(trunk: Trunk, multipliers: Tensor, codes: np.ndarray, reference: Tensor) -> Tensor:
    """Return the multiplier of the base that a reference has at each position, zero where it has none.

    Parameters
    ----------
    trunk : Trunk
    multipliers : Tensor, shape=(pairs * outputs, filters, 1, positions)
        As `first_layer_multipliers` returns them.
    codes : uint8 array, shape=(pairs, input_length)
        The references' bases, 0..4.
    reference : Tensor, shape=(pairs, 4, 1, input_length)
        The same, one-hot.

    Returns
    -------
    Tensor, shape=(pairs * outputs, input_length)
    """
    outputs = len(multipliers) // len(codes)
    if multipliers.device.type != "cpu":
        per_base = sequence_multipliers(trunk, multipliers[:, :, 0]).unflatten(0, (-1, outputs))
        return (per_base * reference[:, None, :, 0]).sum(2).flatten(0, 1)
    # one matrix product, of which only the reference's bases are then summed over taps
    filters, bases, width = trunk.first.shape
    taps = trunk.first.transpose(1, 2).reshape(filters, width * bases)
    rows = multipliers[:, :, 0].transpose(1, 2)  # (n, positions, filters), contiguous
    product = (rows.reshape(-1, filters) @ taps).view(*rows.shape[:2], width, bases)
    made = rows.new_zeros(len(rows), codes.shape[1])
    _sum_over_taps(product.numpy(), codes, outputs, made.numpy())
    return made


@compiled("(f4[:, :, :, ::1], u1[:, ::1], i8, f4[:, ::1])")
def _sum_over_taps(product: np.ndarray, codes: np.ndarray, outputs: int, made: np.ndarray) -> None:
    rows, positions, width, bases = product.shape
    for row in range(rows):
        for position in range(positions):
            for tap in range(width):
                base = codes[row // outputs, position + tap]
                if base < bases:
                    made[row, position + tap] += product[row, position, tap, base]
