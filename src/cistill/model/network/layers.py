"""Small pieces of the networks: mirrored kernels, and what is made of controls."""

import torch
from torch import Tensor
from torch.nn import functional

from cistill.model.network.convolution import cropped


def mirrored(weight: Tensor) -> Tensor:
    """Return kernels and their reverse complements, (filters, channels, width) -> (2 filters, channels, width).

    Reversing width, input channels and the order of kernels: an input reversed in length and channels gives the output
    reversed in length and channels (Shrikumar et al. 2017, reverse-complement parameter sharing).
    """
    return torch.cat([weight, weight.flip(0, 1, 2)])


def moving_average(x: Tensor, width: int) -> Tensor:
    """Return the moving average over the last axis, its ends repeated outwards, of the same shape.

    A window of even width reaches one position further to the right, as the published smoothing of controls does.
    """
    left = (width - 1) // 2
    flat = x.reshape(-1, 1, x.shape[-1])
    padded = functional.pad(flat, (left, width - 1 - left), mode="replicate")
    return functional.avg_pool1d(padded, width, stride=1).view(x.shape)


def filled_to(control: Tensor, length: int) -> Tensor:
    """Return a control track widened to `length`, the positions beyond its window at the track's own mean.

    Networks whose profile convolution takes the control look further than the output window; what lies there is not in
    a dataset, and the mean neither makes an edge nor changes the expected total.
    """
    missing = length - control.shape[-1]
    if missing <= 0:
        return cropped(control, length)
    mean = control.mean(-1, keepdim=True)
    left = mean.expand(*mean.shape[:-1], missing // 2)
    right = mean.expand(*mean.shape[:-1], missing - missing // 2)
    return torch.cat([left, control, right], -1)
