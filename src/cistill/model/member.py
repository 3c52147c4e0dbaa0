"""One trained network of a model, and what it predicts per strand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from cistill.data.splits import Split
from cistill.errors import InputError
from cistill.model.network import Network, NetworkConfig, NetworkOutput


@dataclass
class Member:
    """One trained network of an ensemble.

    Attributes
    ----------
    network : Network
        In evaluation mode.
    tasks : list of str
        What its outputs predict, in order.
    fold : str
        Name of the fold it was trained in.
    split : Split
        Chromosomes that it was trained, validated and is to be tested on.
    record : dict
        How it came about, as JSON: settings, chosen epoch, criterion.
    votes : list of str
        The tasks that it predicts in its ensemble; all of its tasks if empty.
    """

    network: Network
    tasks: list[str]
    fold: str
    split: Split
    record: dict[str, Any] = field(default_factory=dict)
    votes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.votes = self.votes or list(self.tasks)

    def outputs(self, sequence: Tensor, control: Tensor | None) -> NetworkOutput:
        """Return probabilities and log counts per strand, averaged over both orientations of the sequence.

        A network that is equivariant by construction predicts the same for both; one pass is enough then. Imported
        networks with a profile or counts over both strands are split into strands.

        Parameters
        ----------
        sequence : Tensor, shape=(batch, 4, input_length)
        control : Tensor, shape=(batch, tasks, 2, output_length), optional

        Returns
        -------
        NetworkOutput
            `profile`: probabilities (batch, tasks, 2, output_length); `log_counts` (batch, tasks, 2); float32.
        """
        profile, counts = per_strand(self.network(sequence, control), self.network.config)
        if self.network.config.equivariant:
            return NetworkOutput(profile, counts)
        mirrored = None if control is None else control.flip(-1, -2)
        other, other_counts = per_strand(self.network(sequence.flip(1, 2), mirrored), self.network.config)
        return NetworkOutput((profile + other.flip(-1, -2)) / 2, (counts + other_counts.flip(-1)) / 2)


def per_strand(output: NetworkOutput, config: NetworkConfig) -> tuple[Tensor, Tensor]:
    """Return probabilities (batch, tasks, 2, length), each strand's sum to one, and log counts (batch, tasks, 2).

    A profile over both strands at once gives each strand its share of the counts. Where nothing tells the strands
    apart, each is given half.
    """
    logits, counts = output.profile.float(), output.log_counts.float()
    share = torch.full((*logits.shape[:2], 2), 0.5, device=logits.device)
    if config.joint_profile:
        joint = torch.softmax(logits.flatten(2), -1).view(logits.shape)
        share = joint.sum(-1)
        profile = joint / share[..., None]
    else:
        profile = torch.softmax(logits, -1)
    profile = profile.expand(-1, -1, 2, -1)
    if counts.shape[-1] == 1:
        counts = torch.log1p(share * torch.expm1(counts).clamp(min=0))
    return profile, counts


def member_control(member: Member, control: Tensor | None, rows: Tensor, names: Sequence[str]) -> Tensor | None:
    """Return the control of a member's tasks for some rows, or None if it takes none."""
    if not member.network.config.controls:
        return None
    if control is None:
        raise InputError("the model takes controls, the data have none")
    own = torch.tensor([list(names).index(task) for task in member.tasks], device=control.device)
    return control[rows.to(control.device)][:, own]
