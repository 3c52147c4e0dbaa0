"""DeepSHAP of a network, written out: the rescale rule layer by layer, both heads in one pass.

A contribution compares a sequence with references (its own dinucleotide shuffles): DeepLIFT's rescale rule (Shrikumar
et al. 2017) averaged over references (Lundberg and Lee 2017). No hooks, so nothing can be missed; the sum of
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

from cistill.interpret.rescale import pre_activations, sequence_multipliers
from cistill.model.network import Network
from cistill.model.windows.batches import ONE_HOT

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


def _head_coefficients(
    network: Network, hidden: Tensor, control: Tensor | None, tasks: list[int]
) -> tuple[Tensor, Tensor]:
    """Return how both explained quantities depend on the trunk's output, per head: (batch, channels, positions).

    Both heads are linear in it, so their gradients say it all. The profile's are those for p of the sequences whose
    trunk output is given.
    """
    with torch.enable_grad():
        hidden = hidden[:, :, 0].detach().requires_grad_()
        output = network.heads(hidden, control)
        logits = output.profile[:, tasks]
        # z * p = logits * (p - 1 / length); a joint profile is one distribution over strands and positions
        flat = logits.flatten(-2) if network.config.joint_profile else logits
        weights = torch.softmax(flat.detach(), -1) - 1 / flat.shape[-1]
        counts = torch.autograd.grad(output.log_counts[:, tasks].sum(), hidden, retain_graph=True)[0]
        profile = torch.autograd.grad((flat * weights).sum(), hidden)[0]
    return counts, profile


def deepshap(
    network: Network,
    codes: np.ndarray,
    references: np.ndarray,
    control: Tensor | None = None,
    tasks: list[int] | None = None,
    weighting: Weighting = "input",
) -> Attributions:
    """Return DeepSHAP attributions of both heads.

    Parameters
    ----------
    network : Network
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
    network: Network,
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
    pre, hidden = pre_activations(network, sequence)
    pre_reference, hidden_reference = pre_activations(network, reference)

    counts, profile = _head_coefficients(network, hidden, control, tasks)
    heads = torch.stack([counts, profile], 1)[:, None]  # (batch, 1, 2, channels, positions)
    if weighting == "mean":
        repeated = None if control is None else control.repeat_interleave(n, 0)
        of_reference = _head_coefficients(network, hidden_reference, repeated, tasks)[1]
        profile_pairs = (profile[:, None] + of_reference.view(batch, n, *profile.shape[1:])) / 2
        heads = torch.stack([counts[:, None].expand_as(profile_pairs), profile_pairs], 2)
    change = (hidden[:, None] - hidden_reference.view(batch, n, *hidden.shape[1:]))[:, :, :, 0]
    differences = (heads * change[:, :, None]).sum((3, 4))  # (batch, n, 2)

    # multipliers with respect to the trunk's output, per pair and head: (pairs * 2, channels, 1, positions)
    multipliers = heads.expand(batch, n, 2, *heads.shape[3:]).reshape(flat * 2, *heads.shape[3:])[:, :, None]
    per_base = sequence_multipliers(network, multipliers, pre, pre_reference).view(batch, n, 2, 4, length)

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
