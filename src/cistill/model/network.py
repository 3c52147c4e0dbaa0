"""The profile network: one-hot sequence (and control) -> strand profiles and log counts, for T tasks.

The architecture is that of the published motif-discovery system (a relative of BPNet): a wide first convolution,
dilated convolutions with residual sums, a wide profile head and a count head on the mean of the trunk. All
convolutions are "valid", so no position ever sees padding; the published same-padding-and-crop gives the same numbers.
"""

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from cistill.errors import InputError


class NetworkOutput(NamedTuple):
    """What the network predicts.

    Attributes
    ----------
    profile : Tensor, shape=(batch, tasks, 2, output_length)
        Logits of the position of a read's 5' end, each strand on its own; not normalised.
    log_counts : Tensor, shape=(batch, tasks, 2)
        Natural log of (1 + number of 5' ends in the output window), per strand.
    """

    profile: Tensor
    log_counts: Tensor


@dataclass(frozen=True)
class NetworkConfig:
    """Arguments of `ProfileNetwork`; JSON in a checkpoint.

    Attributes
    ----------
    input_length, output_length : int
        Window lengths in bp. `input_length - output_length` must equal the trim of the convolutions.
    filters : int
        Channels of every trunk layer.
    layers : int
        Number of dilated layers, with dilations 2, 4, ..., 2**layers.
    first_kernel, dilated_kernel, profile_kernel : int
        Widths in bp; odd.
    tasks : int
        Number of experiments predicted at once.
    controls : bool
        Whether both heads take control tracks.
    last_residual : bool
        Whether the last dilated layer is added to its input as the others are. The published system leaves it out.
    """

    input_length: int = 2114
    output_length: int = 1000
    filters: int = 64
    layers: int = 8
    first_kernel: int = 21
    dilated_kernel: int = 3
    profile_kernel: int = 75
    tasks: int = 1
    controls: bool = False
    last_residual: bool = False

    @property
    def dilations(self) -> tuple[int, ...]:
        """Dilation of each dilated layer."""
        return tuple(2**i for i in range(1, self.layers + 1))

    @property
    def trim(self) -> int:
        """Return how many bp the output window is shorter than the input window."""
        dilated = (self.dilated_kernel - 1) * sum(self.dilations)
        return (self.first_kernel - 1) + dilated + (self.profile_kernel - 1)

    def check(self) -> None:
        """Raise InputError where the lengths do not close or an argument is out of range."""
        for name in ("first_kernel", "dilated_kernel", "profile_kernel"):
            if getattr(self, name) % 2 == 0 or getattr(self, name) < 1:
                raise InputError(f"{name} must be odd and positive, not {getattr(self, name)}")
        for name in ("input_length", "output_length", "filters", "tasks"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.layers < 0:
            raise InputError(f"layers must not be negative, not {self.layers}")
        if self.input_length - self.output_length != self.trim:
            raise InputError(
                f"input length {self.input_length} and output length {self.output_length} do not close: "
                f"{self.layers} dilated layers with kernels {self.first_kernel}/{self.dilated_kernel}/"
                f"{self.profile_kernel} trim {self.trim} bp. Use input length {self.output_length + self.trim} "
                f"for this output, or output length {self.input_length - self.trim} for this input"
            )

    def to_json(self) -> dict[str, Any]:
        """Return the arguments as a dictionary."""
        return asdict(self)


class ProfileNetwork(nn.Module):
    """Profile network for T tasks.

    Parameters
    ----------
    config : NetworkConfig
        Its arguments.

    Raises
    ------
    InputError
        If the lengths do not close.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        config.check()
        self.config = config
        filters, tasks = config.filters, config.tasks
        self.first = nn.Conv1d(4, filters, config.first_kernel)
        self.dilated = nn.ModuleList(
            nn.Conv1d(filters, filters, config.dilated_kernel, dilation=d) for d in config.dilations
        )
        self.profile_weight = nn.Parameter(torch.empty(2 * tasks, filters, config.profile_kernel))
        self.profile_bias = nn.Parameter(torch.zeros(2 * tasks))
        self.count = nn.Linear(filters, 2 * tasks)
        if config.controls:
            self.profile_mix = nn.Conv1d(4 * tasks, 2 * tasks, 1, groups=tasks)
            self.count_mix = nn.Conv1d(4 * tasks, 2 * tasks, 1, groups=tasks)
        self.reset()

    def reset(self) -> None:
        """Initialise as Keras does: Glorot uniform weights, zero biases; controls start without influence."""
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)
            else:
                nn.init.zeros_(parameter)
            if name.endswith("_mix.weight"):
                # (2 T, 4, 1), inputs of a task: [+, -, control +, control -]; start from the sequence alone
                with torch.no_grad():
                    parameter.zero_()
                    parameter[0::2, 0] = 1
                    parameter[1::2, 1] = 1

    def start_counts_at(self, log_counts: Tensor) -> None:
        """Set the count head's bias, so that training starts from the mean instead of from no reads.

        Parameters
        ----------
        log_counts : Tensor, shape=(tasks, 2)
            Mean ln(1 + count) of the training regions.
        """
        with torch.no_grad():
            self.count.bias.copy_(log_counts.flatten())

    def trunk(self, sequence: Tensor) -> Tensor:
        """Return the trunk's activations.

        Parameters
        ----------
        sequence : Tensor, shape=(batch, 4, input_length)
            One-hot sequence.

        Returns
        -------
        Tensor, shape=(batch, filters, output_length + profile_kernel - 1)
        """
        hidden = torch.relu(self.first(sequence))
        last = len(self.dilated) - 1
        for i, layer in enumerate(self.dilated):
            new = torch.relu(layer(hidden))
            if i < last or self.config.last_residual:
                crop = (hidden.shape[-1] - new.shape[-1]) // 2
                new = new + hidden[..., crop : hidden.shape[-1] - crop]
            hidden = new
        return hidden

    def profile_logits(self, hidden: Tensor) -> Tensor:
        """Return the profile head's logits before controls, shape (batch, 2 tasks, output_length).

        A convolution with few outputs and a wide kernel is slow on a CPU; as one matrix product with all taps, followed
        by a sum along diagonals, it gives the same numbers many times faster.
        """
        outputs, _, width = self.profile_weight.shape
        if hidden.is_cuda:
            return functional.conv1d(hidden, self.profile_weight, self.profile_bias)
        taps = self.profile_weight.permute(0, 2, 1).reshape(outputs * width, -1)
        product = (taps @ hidden).view(hidden.shape[0], outputs, width, -1)  # (batch, outputs, width, positions)
        length = product.shape[-1] - width + 1
        batch_stride, output_stride, tap_stride, step = product.stride()
        diagonal = product.as_strided(
            (product.shape[0], outputs, width, length), (batch_stride, output_stride, tap_stride + step, step)
        )
        return diagonal.sum(2) + self.profile_bias[:, None]

    def forward(self, sequence: Tensor, control: Tensor | None = None) -> NetworkOutput:
        """Predict profiles and log counts.

        Parameters
        ----------
        sequence : Tensor, shape=(batch, 4, input_length)
            One-hot sequence; all zeros where the base is unknown.
        control : Tensor, shape=(batch, tasks, 2, output_length), optional
            Control counts, strand axis [+, -]; needed if the network takes controls, ignored otherwise.
        """
        hidden = self.trunk(sequence)
        return self.mix(self.profile_logits(hidden), self.count(hidden.mean(-1)), control)

    def mix(self, profile: Tensor, counts: Tensor, control: Tensor | None) -> NetworkOutput:
        """Join the heads' outputs with the controls.

        Controls enter as ln(1 + c): the profile head sees them per base, the count head their totals. (The published
        system feeds raw totals into the log-count head, which gives regions of high control unbounded leverage.)

        Parameters
        ----------
        profile : Tensor, shape=(batch, 2 tasks, output_length)
        counts : Tensor, shape=(batch, 2 tasks)
        control : Tensor, shape=(batch, tasks, 2, output_length), optional
        """
        batch, tasks = profile.shape[0], self.config.tasks
        profile = profile.view(batch, tasks, 2, -1)
        counts = counts.view(batch, tasks, 2)
        if not self.config.controls:
            return NetworkOutput(profile, counts)
        if control is None:
            raise ValueError("this network takes controls: pass `control`")
        totals = torch.log1p(control.sum(-1))
        joined = torch.cat([profile, torch.log1p(control)], 2).flatten(1, 2)  # (batch, 4 tasks, length)
        joined_counts = torch.cat([counts, totals], 2).flatten(1)[..., None]  # (batch, 4 tasks, 1)
        return NetworkOutput(
            self.profile_mix(joined).view(batch, tasks, 2, -1),
            self.count_mix(joined_counts).view(batch, tasks, 2),
        )
