"""The losses of a batch and their gradients; on a CPU, threads compute parts of the batch side by side."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial, reduce
from typing import NamedTuple

import torch
from torch import Tensor

from cistill.model.network import Network
from cistill.model.training.losses import region_losses
from cistill.model.windows.batches import Batch

LEAST = 8  # regions a thread
GRADIENT_LIMIT, GRADIENT_MEMORY = 3.0, 0.02  # times the usual length; share of a step in what is usual


class BatchLosses(NamedTuple):
    """Losses of a batch, means over its regions, without gradients."""

    loss: Tensor
    profile_nll: Tensor
    count_mse: Tensor


class Gradients:
    """Computes the losses of batches and leaves their gradients in a network's parameters.

    Threads that share every operation wait for one another after each of them; here every thread has regions of its
    own, and they meet once a batch. Parts are added in their order: with as many threads the sums are the same.

    Parameters
    ----------
    network : Network
    count_weight : float
        Of the count loss.
    dtype : torch.dtype
        In which the network is given sequences.
    batch_size : int
    device : torch.device
    """

    def __init__(
        self, network: Network, count_weight: float, dtype: torch.dtype, batch_size: int, device: torch.device
    ) -> None:
        self.network, self.count_weight, self.dtype = network, count_weight, dtype
        self.parameters = list(network.parameters())
        threads = torch.get_num_threads() if device.type == "cpu" else 1
        self.parts = min(threads, max(1, batch_size // LEAST))
        self.pool = None
        if self.parts > 1:
            self.pool = ThreadPoolExecutor(self.parts, "gradients", torch.set_num_threads, (threads // self.parts,))

    def compute(self, batch: Batch) -> BatchLosses:
        """Set the gradients of all parameters to those of a batch's loss, and return its losses."""
        if self.pool is None:
            gradients, losses = self._of_part(batch, len(batch.signal))
        else:
            parts = self.pool.map(partial(self._of_part, of=len(batch.signal)), batch.split(self.parts))
            gradients, losses = reduce(_added, parts)
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = gradient
        return BatchLosses(*losses.unbind())

    def _of_part(self, batch: Batch, of: int) -> tuple[list[Tensor], Tensor]:
        """Return what some regions add to the gradients and to the losses of a batch of so many."""
        found = region_losses(self.network(batch.sequence.to(self.dtype), batch.control), batch.signal)
        profile, count = found.profile_nll.sum() / of, found.count_mse.sum() / of
        loss = profile + self.count_weight * count
        gradients = torch.autograd.grad(loss, self.parameters, materialize_grads=True)
        # the optimizer goes through memory, so a gradient must lie there as its parameter does
        return [gradient.contiguous() for gradient in gradients], torch.stack([loss, profile, count]).detach()


def _added(one: tuple[list[Tensor], Tensor], other: tuple[list[Tensor], Tensor]) -> tuple[list[Tensor], Tensor]:
    torch._foreach_add_(one[0], other[0])
    return one[0], one[1] + other[1]


def limit_gradients(parameters: Iterable[Tensor], usual: Tensor) -> Tensor:
    """Scale gradients down that are far longer than those of late: one odd batch must not undo a training.

    The limit follows the lengths seen, each counted up to the limit only, so that nothing depends on the scale of the
    loss.

    Parameters
    ----------
    parameters : iterable of tensor
        Their gradients are scaled in place.
    usual : tensor, shape=()
        Length of the gradients of late; 0 before the first step.

    Returns
    -------
    tensor, shape=()
        The usual length with this step's.
    """
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    length = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    limit = torch.where(usual > 0, GRADIENT_LIMIT * usual, length)
    torch._foreach_mul_(gradients, (limit / length.clamp(min=1e-30)).clamp(max=1))
    known = torch.minimum(length, limit)
    return torch.where(usual > 0, usual.lerp(known, GRADIENT_MEMORY), known)
