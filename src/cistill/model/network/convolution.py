"""Convolutions of the trunk and of the profile head, laid out for speed; numbers as of plain convolutions.

Activations keep the channels of a position side by side in memory (`channels_last` with a height of one), from the
first layer to the heads. On a CPU oneDNN then convolves about twice as fast as with positions side by side, and cuDNN
prefers the same layout for half precision. Slices along positions are views in this layout; autograd would turn each
into a padded copy on the way back, so the layers' derivatives are written out.

The type of the numbers is that of the sequence given to the first layer (or autocast's, where it is on): float32, or
bfloat16 with float32 weights, cast once a pass. Sums over positions and the heads' outputs are float32 or wider.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

LAST = torch.channels_last
# neighbouring positions that the wide convolution makes at once
BLOCK = 8
# torch does not give a single input of at most this many numbers to oneDNN (use_mkldnn in ATen/native/Convolution.cpp)
SMALL = 20480


def channels_last(x: Tensor) -> Tensor:
    """Return (n, channels, length) as (n, channels, 1, length), channels last, in the type to compute in."""
    device = x.device.type
    if torch.is_autocast_enabled(device):
        x = x.to(torch.get_autocast_dtype(device))
    return x[:, :, None].contiguous(memory_format=LAST)


def cropped(x: Tensor, length: int) -> Tensor:
    """Return the central `length` positions of x, a view."""
    crop = (x.shape[-1] - length) // 2
    return x[..., crop : crop + length]


def _kernel(weight: Tensor, dtype: torch.dtype) -> Tensor:
    """Return a kernel (out, in, width) as (out, in, 1, width), channels last."""
    return weight.to(dtype)[:, :, None].contiguous(memory_format=LAST)


def convolved(x: Tensor, kernel: Tensor, bias: Tensor, dilation: int = 1) -> Tensor:
    """Return a valid convolution of x in which no sequence's numbers depend on the size of the batch.

    On a CPU torch convolves batches with oneDNN, but a single small sequence with kernels of its own, which on some
    processors give other last bits of float32. A single small sequence is therefore convolved as a batch of two; a
    convolution this small costs next to nothing. Where gradients are computed or a graph is exported, torch decides.

    Parameters
    ----------
    x : Tensor, shape=(batch, channels, 1, positions)
        Channels last in memory.
    kernel : Tensor, shape=(outputs, channels, 1, width)
        Channels last in memory.
    bias : Tensor, shape=(outputs,)
    dilation : int

    Returns
    -------
    Tensor, shape=(batch, outputs, 1, positions - (width - 1) * dilation)
    """
    if not _small_and_single(x):
        return functional.conv2d(x, kernel, bias, dilation=(1, dilation))
    pair = torch.cat([x, x]).contiguous(memory_format=LAST)
    return functional.conv2d(pair, kernel, bias, dilation=(1, dilation))[:1]


def _small_and_single(x: Tensor) -> bool:
    """Return whether torch would convolve x with other kernels than a batch."""
    if torch.is_grad_enabled() or torch.compiler.is_exporting() or x.device.type != "cpu":
        return False  # an exported graph takes batches of any size: it must not ask for theirs
    return len(x) == 1 and x.numel() <= SMALL


def convolution(x: Tensor, weight: Tensor, bias: Tensor, dilation: int = 1) -> Tensor:
    """Return a valid convolution of x (batch, channels, 1, positions), in the type of x."""
    return convolved(x, _kernel(weight, x.dtype), bias.to(x.dtype), dilation)


def _gradients(
    x: Tensor, gradient: Tensor, kernel: Tensor, wanted: list[bool], dilation: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients of a valid convolution's input, kernel and bias, those that are wanted."""
    biases = [kernel.shape[0]]
    return torch.ops.aten.convolution_backward(
        gradient, x, kernel, biases, [1, 1], [0, 0], [1, dilation], False, [0, 0], 1, wanted
    )


class _ReluConvolution(torch.autograd.Function):
    """relu(convolution(x)), plus x itself, cropped, where `residual`."""

    @staticmethod
    def forward(context: Any, x: Tensor, kernel: Tensor, bias: Tensor, dilation: int, residual: bool) -> Tensor:
        new = functional.conv2d(x, kernel, bias, dilation=(1, dilation)).relu_()
        context.save_for_backward(x, kernel, new)
        context.dilation, context.residual = dilation, residual
        return new + cropped(x, new.shape[-1]) if residual else new

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, kernel, new = context.saved_tensors
        gradient = gradient.contiguous(memory_format=LAST)
        through = torch.ops.aten.threshold_backward(gradient, new, 0)
        weight = bias = below = None
        if context.needs_input_grad[1]:
            _, weight, bias = _gradients(x, through, kernel, [False, True, True], context.dilation)
        if context.needs_input_grad[0]:
            # asking for all three gradients in one call is slower than two calls
            below, _, _ = _gradients(x, through, kernel, [True, False, False], context.dilation)
            if context.residual:
                cropped(below, gradient.shape[-1]).add_(gradient)
        return below, weight, bias, None, None


def relu_convolution(x: Tensor, weight: Tensor, bias: Tensor, dilation: int = 1, residual: bool = False) -> Tensor:
    """Return relu(valid convolution of x), plus the central part of x where `residual`.

    Parameters
    ----------
    x : Tensor, shape=(batch, channels, 1, positions)
        Fastest with its channels last in memory, as this function returns it.
    weight : Tensor, shape=(filters, channels, width)
    bias : Tensor, shape=(filters,)
    dilation : int
    residual : bool

    Returns
    -------
    Tensor, shape=(batch, filters, 1, positions - (width - 1) * dilation)
        In the type of x.
    """
    x = x.contiguous(memory_format=LAST)
    kernel, bias = _kernel(weight, x.dtype), bias.to(x.dtype)
    if torch.is_grad_enabled():
        return _ReluConvolution.apply(x, kernel, bias, dilation, residual)
    new = convolved(x, kernel, bias, dilation).relu()
    return new + cropped(x, new.shape[-1]) if residual else new


def _blocked_kernel(weight: Tensor) -> Tensor:
    """Return kernels that make BLOCK neighbouring positions from blocks of as many.

    Kernel r of an output is its kernel shifted by r: rows one longer than the blocks they cover, laid end to end and
    read in rows of just those blocks.

    Parameters
    ----------
    weight : Tensor, shape=(outputs, channels, width)

    Returns
    -------
    Tensor, shape=(outputs * BLOCK, BLOCK * channels, 1, blocks)
    """
    outputs, channels, width = weight.shape
    blocks = -(-(width + BLOCK - 1) // BLOCK)
    rows = functional.pad(weight, (0, blocks * BLOCK + 1 - width))[:, :, None].expand(-1, -1, BLOCK, -1).flatten(2)
    shifted = rows[..., : BLOCK * blocks * BLOCK].view(outputs, channels, BLOCK, blocks, BLOCK)
    kernel = shifted.permute(0, 2, 4, 1, 3).reshape(outputs * BLOCK, BLOCK * channels, 1, blocks)
    return kernel.contiguous(memory_format=LAST)


def wide_convolution(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return a valid convolution with few outputs and a wide kernel, in float32 or wider.

    Few outputs leave vector units and tensor cores idle. Positions are therefore taken in blocks: BLOCK neighbours
    beside each other in memory are one position of so many channels, and a convolution over blocks, its kernels shifted
    copies of the given ones, makes BLOCK neighbouring outputs at once. The same numbers many times faster. (A strided
    convolution would do the same; oneDNN's is wrong for bfloat16 with few channels.)

    Parameters
    ----------
    x : Tensor, shape=(batch, channels, positions)
    weight : Tensor, shape=(outputs, channels, width)
    bias : Tensor, shape=(outputs,)

    Returns
    -------
    Tensor, shape=(batch, outputs, positions - width + 1)
    """
    x = channels_last(x)[:, :, 0].transpose(1, 2)  # (batch, positions, channels), contiguous
    (batch, positions, channels), (outputs, _, width) = x.shape, weight.shape
    length = positions - width + 1
    kernel = _blocked_kernel(weight.to(x.dtype))
    needed = BLOCK * (-(-length // BLOCK) - 1 + kernel.shape[-1])
    padded = functional.pad(x, (0, 0, 0, needed - positions))
    blocks = padded.reshape(batch, needed // BLOCK, BLOCK * channels).transpose(1, 2)[:, :, None]
    made = functional.conv2d(blocks, kernel)  # (batch, outputs * BLOCK, 1, blocks)
    made = made.reshape(batch, outputs, BLOCK, -1).transpose(2, 3).reshape(batch, outputs, -1)[..., :length]
    return made.to(torch.promote_types(made.dtype, torch.float32)) + bias[:, None]
