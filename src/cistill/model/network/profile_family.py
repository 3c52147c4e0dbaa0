"""The profile family: the motif-discovery system's relative of BPNet, and the variants of it that importers read."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from cistill.model.network.base import CONTROL_START, Network, NetworkOutput
from cistill.model.network.config import NetworkConfig
from cistill.model.network.convolution import cropped, wide_convolution
from cistill.model.network.layers import filled_to


class ProfileNetwork(Network):
    """The profile family: 104,256 + 9,752 T parameters at its published size with controls."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config)
        tasks, strands, counts = config.tasks, config.strands, config.counts_per_task
        self.profile_weight = nn.Parameter(torch.empty(strands * tasks, config.channels, config.profile_kernel))
        self.profile_bias = nn.Parameter(torch.zeros(strands * tasks))
        self.count = nn.Linear(config.channels, counts * tasks)
        if config.controls:
            if config.profile_control == "wide":
                self.profile_control_weight = nn.Parameter(torch.zeros(strands * tasks, 2, config.profile_kernel))
            else:
                self.profile_mix = nn.Conv1d((strands + 2) * tasks, strands * tasks, 1, groups=tasks)
            totals = 1 if config.count_control.startswith("joint") else 2
            self.count_mix = nn.Conv1d((counts + totals) * tasks, counts * tasks, 1, groups=tasks)
        self.reset()

    def profile_logits(self, hidden: Tensor) -> Tensor:
        crop = self.config.profile_crop
        if crop:
            hidden = hidden[..., crop:-crop]
        return wide_convolution(hidden, self.profile_weight, self.profile_bias)

    def pooled_counts(self, hidden: Tensor) -> Tensor:
        pooled = hidden.mean(-1, dtype=torch.promote_types(hidden.dtype, torch.float32))
        with torch.autocast(hidden.device.type, enabled=False):
            return self.count(pooled)

    def mix(self, profile: Tensor, counts: Tensor, control: Tensor | None) -> NetworkOutput:
        """Join the heads with the controls.

        Controls enter as ln(1 + c) by default: the profile head sees them per base, the count head their totals. (The
        published system feeds raw totals into the log-count head, which gives regions of high control unbounded
        leverage.)

        Parameters
        ----------
        profile : Tensor, shape=(batch, strands * tasks, output_length)
        counts : Tensor, shape=(batch, counts_per_task * tasks)
        control : Tensor, shape=(batch, tasks, 2, output_length), optional
            Up to `config.control_length` positions where the configuration looks at more than the output window.
        """
        config = self.config
        batch, tasks = profile.shape[0], config.tasks
        profile = profile.view(batch, tasks, config.strands, -1)
        counts = counts.view(batch, tasks, config.counts_per_task)
        if not config.controls:
            return NetworkOutput(profile, counts)
        if control is None:
            raise ValueError("this network takes controls: pass `control`")
        control = filled_to(control, config.control_length)
        inside = cropped(control, config.output_length)
        if config.profile_control == "wide":
            wide = functional.conv1d(control.flatten(1, 2), self.profile_control_weight, groups=tasks)
            profile = profile + wide.view(profile.shape)
        else:
            given = torch.log1p(inside) if config.profile_control == "log1p" else inside
            joined = torch.cat([profile, given], 2).flatten(1, 2)  # (batch, (strands + 2) tasks, length)
            profile = self.profile_mix(joined).view(profile.shape)
        joined = torch.cat([counts, self._control_totals(control, inside)], 2).flatten(1)[..., None]
        return NetworkOutput(profile, self.count_mix(joined).view(counts.shape))

    def _control_totals(self, control: Tensor, inside: Tensor) -> Tensor:
        """Return what the count head sees of the controls, (batch, tasks, 2 or 1)."""
        kind = self.config.count_control
        totals = (control if kind == "joint_wide" else inside).sum(-1)
        if kind == "raw":
            return totals
        if kind == "log1p":
            return torch.log1p(totals)
        return torch.log(totals.sum(-1, keepdim=True) + self.config.count_control_pseudocount)

    def _reset_mixes(self) -> None:
        for name in ("profile_mix", "count_mix"):
            if hasattr(self, name):
                # (outputs T, outputs + controls, 1): inputs of a task are its outputs, then its controls
                weight = getattr(self, name).weight
                outputs = weight.shape[0] // self.config.tasks
                with torch.no_grad():
                    weight.zero_()
                    weight[:, :outputs, 0] = torch.eye(outputs).repeat(self.config.tasks, 1)
        if hasattr(self, "count_mix") and self._starts_with_control:
            with torch.no_grad():
                self.count_mix.weight[:, 2:, 0] = CONTROL_START * torch.eye(2).repeat(self.config.tasks, 1)

    @property
    def _starts_with_control(self) -> bool:
        return self.config.controls and self.config.count_control == "log1p" and self.config.counts_per_task == 2

    def start_counts_at(self, log_counts: Tensor, control_log_counts: Tensor | None = None) -> None:
        with torch.no_grad():
            if self.config.counts_per_task == 1:
                log_counts = torch.log1p(torch.expm1(log_counts).sum(-1))
            elif control_log_counts is not None and self._starts_with_control:
                log_counts = log_counts - CONTROL_START * control_log_counts
            self.count.bias.copy_(log_counts.flatten())
