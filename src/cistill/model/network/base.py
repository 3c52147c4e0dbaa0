"""What the two families of networks share: the outputs, and a trunk followed by two linear heads."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from cistill.model.network.config import NetworkConfig
from cistill.model.network.convolution import channels_last, convolution, cropped, relu_convolution


class NetworkOutput(NamedTuple):
    """What a network predicts; float32 whatever the precision of the trunk.

    Attributes
    ----------
    profile : Tensor, shape=(batch, tasks, strands, output_length)
        Logits of the position of a read's 5' end, each strand on its own; not normalised.
    log_counts : Tensor, shape=(batch, tasks, strands)
        Natural log of (1 + number of 5' ends in the output window), per strand; (batch, tasks, 1), the total of the
        strands, for imported networks with joint counts.
    """

    profile: Tensor
    log_counts: Tensor


def bias_of(layer: nn.Conv1d) -> Tensor:
    """Return a layer's bias."""
    assert layer.bias is not None
    return layer.bias


# how much of a control's log count is added to the predicted one before anything is learnt: some bias is expected
CONTROL_START = 0.5


class Network(nn.Module):
    """What both families share.

    Parameters
    ----------
    config : NetworkConfig
        Its arguments.

    Raises
    ------
    InputError
        If the lengths do not close or an argument is out of range.
    """

    count: nn.Linear
    initial_gain = 1.0

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        config.check()
        self.config = config
        self.first = nn.Conv1d(4, config.filters, config.first_kernel)
        self.dilated = nn.ModuleList(
            nn.Conv1d(config.channels, config.filters, config.dilated_kernel, dilation=d) for d in config.dilations
        )

    def kernels(self) -> list[tuple[Tensor, Tensor]]:
        """Return the trunk's convolutions as they are applied, first to last.

        Returns
        -------
        list of (Tensor, shape=(outputs, channels, width); Tensor, shape=(outputs,))
        """
        layers = [self.first, *(layer for layer in self.dilated if isinstance(layer, nn.Conv1d))]
        return [(layer.weight, bias_of(layer)) for layer in layers]

    def trunk(self, sequence: Tensor) -> Tensor:
        """Return the trunk's activations.

        Parameters
        ----------
        sequence : Tensor, shape=(batch, 4, input_length)
            One-hot sequence; all zeros where the base is unknown. Its type is the one to compute in.

        Returns
        -------
        Tensor, shape=(batch, channels, positions)
        """
        config = self.config
        kernels, kind = self.kernels(), config.residual
        first = convolution if kind == "pre" else relu_convolution
        hidden = first(channels_last(sequence), *kernels[0])
        for i, (weight, bias) in enumerate(kernels[1:]):
            dilation, adds = config.dilations[i], config.adds(i)
            if kind == "post":
                hidden = relu_convolution(hidden, weight, bias, dilation, adds)
                continue
            new = convolution(hidden.relu() if kind == "pre" else hidden, weight, bias, dilation)
            if adds:
                new = new + cropped(hidden, new.shape[-1])
            hidden = new.relu() if kind == "sum" else new
        if kind == "pre":
            hidden = hidden.relu()
        scale = config.trunk_scale
        return (hidden if scale == 1 else hidden * scale)[:, :, 0]

    def profile_logits(self, hidden: Tensor) -> Tensor:
        """Return the profile head before controls, (batch, strands * tasks, output_length), float32."""
        raise NotImplementedError

    def pooled_counts(self, hidden: Tensor) -> Tensor:
        """Return the count head before controls, (batch, counts_per_task * tasks), float32."""
        raise NotImplementedError

    def mix(self, profile: Tensor, counts: Tensor, control: Tensor | None) -> NetworkOutput:
        """Join what the heads make of the trunk with the controls.

        Parameters
        ----------
        profile : Tensor, shape=(batch, strands * tasks, output_length)
        counts : Tensor, shape=(batch, counts_per_task * tasks)
        control : Tensor, shape=(batch, tasks, 2, output_length), optional
        """
        raise NotImplementedError

    def heads(self, hidden: Tensor, control: Tensor | None = None) -> NetworkOutput:
        """Predict from the trunk's activations.

        Parameters
        ----------
        hidden : Tensor, shape=(batch, channels, positions)
        control : Tensor, shape=(batch, tasks, 2, output_length), optional
            Control counts, strand axis [+, -]; needed if the network takes controls, ignored otherwise.
        """
        profile, counts = self.profile_logits(hidden), self.pooled_counts(hidden)
        with torch.autocast(hidden.device.type, enabled=False):
            return self.mix(profile, counts, None if control is None else control.to(profile.dtype))

    def forward(self, sequence: Tensor, control: Tensor | None = None) -> NetworkOutput:
        """Predict profiles and log counts: `heads` of the `trunk`."""
        return self.heads(self.trunk(sequence), control)

    def trunk_parameters(self) -> Iterator[nn.Parameter]:
        """Yield the parameters of the trunk."""
        yield from self.first.parameters()
        yield from self.dilated.parameters()

    def head_parameters(self, head: str) -> Iterator[nn.Parameter]:
        """Yield the parameters of one head, "profile" or "counts"."""
        start = {"profile": "profile_", "counts": "count"}[head]
        for name, parameter in self.named_parameters():
            if name.startswith(start):
                yield parameter

    def reset(self, generator: torch.Generator | None = None) -> None:
        """Initialise as Keras does: Glorot uniform weights, zero biases; half of a control's log count is added.

        Parameters
        ----------
        generator : torch.Generator, optional
            The only source of randomness; torch's global state if not given.
        """
        for name, parameter in self.named_parameters():
            if parameter.dim() == 1 or "control" in name:
                nn.init.zeros_(parameter)
            elif "_mix" not in name:
                nn.init.xavier_uniform_(parameter, gain=self.initial_gain, generator=generator)
        self._reset_mixes()

    def _reset_mixes(self) -> None:
        """Set the weights that join heads and controls to what the sequence alone says."""
        raise NotImplementedError

    def start_counts_at(self, log_counts: Tensor, control_log_counts: Tensor | None = None) -> None:
        """Set the count head's bias, so that training starts from the mean instead of from no reads.

        Parameters
        ----------
        log_counts : Tensor, shape=(tasks, 2)
            Mean ln(1 + count) of the training regions.
        control_log_counts : Tensor, shape=(tasks, 2), optional
            The same of their controls: what these add at the start is taken off.
        """
        raise NotImplementedError
