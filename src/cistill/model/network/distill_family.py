"""The distill family: Affinity Distillation's reverse-complement-equivariant network."""

import torch
from torch import Tensor, nn

from cistill.model.network.base import CONTROL_START, Network, NetworkOutput
from cistill.model.network.config import NetworkConfig
from cistill.model.network.convolution import wide_convolution
from cistill.model.network.layers import mirrored, moving_average


class DistillNetwork(Network):
    """The distill family: 163,019 parameters at its published size with controls, 163,013 without.

    Every kernel is used in both orientations; channel c and channel 2 filters - 1 - c are each other's mirror image.
    """

    # the published layers compute 2 conv(x) + b: their starting scale, without the factor in the layer
    initial_gain = 2.0

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config)
        tasks, channels = config.tasks, config.channels
        self.profile_weight = nn.Parameter(torch.empty(tasks, channels, config.profile_kernel))
        self.profile_bias = nn.Parameter(torch.zeros(tasks))
        # published order of a task's inputs: [smoothed, control, +, -, control, smoothed], [total, pooled, total]
        self.profile_mix_weight = nn.Parameter(torch.zeros(tasks, 6 if config.controls else 2))
        self.profile_mix_bias = nn.Parameter(torch.zeros(tasks))
        self.count = nn.Linear(channels, tasks)
        if config.controls:
            self.count_control_weight = nn.Parameter(torch.zeros(tasks, 2))
        self.reset()

    def kernels(self) -> list[tuple[Tensor, Tensor]]:
        """Return every kernel and its mirror image, scaled so that a layer may see the sum of those before it.

        The published layers see the average of all before them; the sum, and kernels divided by how many there are,
        give the same with one pass over memory less.
        """
        return [
            (mirrored(weight) / max(i, 1), torch.cat([bias, bias.flip(0)]))
            for i, (weight, bias) in enumerate(super().kernels())
        ]

    def profile_logits(self, hidden: Tensor) -> Tensor:
        weight = torch.stack([self.profile_weight, self.profile_weight.flip(1, 2)], 1).flatten(0, 1)
        return wide_convolution(hidden, weight, self.profile_bias.repeat_interleave(2))

    def pooled_counts(self, hidden: Tensor) -> Tensor:
        pooled = hidden.mean(-1, dtype=torch.promote_types(hidden.dtype, torch.float32))
        with torch.autocast(hidden.device.type, enabled=False):
            return torch.stack([self.count(pooled), self.count(pooled.flip(1))], 2).flatten(1)

    def mix(self, profile: Tensor, counts: Tensor, control: Tensor | None) -> NetworkOutput:
        """Join the heads with the controls, the same for both strands.

        The profile head sees the control of both strands together, as it is and smoothed, the count head its total,
        ln(1 + t). (The published system gives the profile head raw counts; ln(1 + c) here unless `profile_control` is
        "raw".)

        Parameters
        ----------
        profile : Tensor, shape=(batch, 2 tasks, output_length)
        counts : Tensor, shape=(batch, 2 tasks)
        control : Tensor, shape=(batch, tasks, 2, output_length), optional
        """
        config = self.config
        batch, tasks = profile.shape[0], config.tasks
        profile = profile.view(batch, tasks, 2, -1)
        counts = counts.view(batch, tasks, 2)
        weight = self.profile_mix_weight
        first = weight.shape[1] // 2 - 1  # where the two tracks stand among the inputs
        own, other = weight[:, first, None, None], weight[:, first + 1, None, None]
        profile = own * profile + other * profile.flip(2) + self.profile_mix_bias[:, None, None]
        if not config.controls:
            return NetworkOutput(profile, counts)
        if control is None:
            raise ValueError("this network takes controls: pass `control`")
        both = control.sum(2)  # (batch, tasks, length)
        smooth = moving_average(both, config.control_smoothing)
        totals = torch.log1p(both.sum(-1))
        if config.profile_control == "log1p":
            both, smooth = torch.log1p(both), torch.log1p(smooth)
        added = (weight[:, 1] + weight[:, 4])[:, None] * both + (weight[:, 0] + weight[:, 5])[:, None] * smooth
        counts = counts + (totals * self.count_control_weight.sum(1))[..., None]
        return NetworkOutput(profile + added[:, :, None], counts)

    def _reset_mixes(self) -> None:
        with torch.no_grad():
            self.profile_mix_weight.zero_()
            self.profile_mix_weight[:, self.profile_mix_weight.shape[1] // 2 - 1] = 1
            if self.config.controls:
                self.count_control_weight.fill_(CONTROL_START / 2)

    def start_counts_at(self, log_counts: Tensor, control_log_counts: Tensor | None = None) -> None:
        """Set the count head's bias; both strands share it, so it is their mean."""
        with torch.no_grad():
            start = log_counts.mean(-1)
            if control_log_counts is not None and self.config.controls:
                start = start - CONTROL_START * torch.log1p(torch.expm1(control_log_counts).sum(-1))
            self.count.bias.copy_(start)
