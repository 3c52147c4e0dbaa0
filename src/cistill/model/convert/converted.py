"""What a reader of another program's file hands back, and the checks that all readers share."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cistill.errors import InputError
from cistill.formats.foreign import expecting
from cistill.model.network import Network, NetworkConfig
from cistill.model.network.fitting import build_fitting


@dataclass
class Converted:
    """A network in our terms.

    Attributes
    ----------
    config : NetworkConfig
    state : dict of str to Tensor
        Its weights, by our names, strands in the source's order.
    strands : str
        That order: `plus_minus` or `minus_plus`.
    notes : dict
        What of the source is worth keeping: its class, its lengths.
    """

    config: NetworkConfig
    state: dict[str, Tensor]
    strands: str = "plus_minus"
    notes: dict[str, Any] = field(default_factory=dict)

    def network(self) -> Network:
        """Return the network, its strands in our order [+, -], in evaluation mode."""
        self.config.check()
        with expecting("weights of a network that can be converted", "the file"):
            state = swapped_strands(self.config, self.state) if self.strands == "minus_plus" else self.state
            network = build_fitting(self.config, {name: tensor.shape for name, tensor in state.items()})
            network.load_state_dict({name: tensor.float().contiguous() for name, tensor in state.items()})
        if not all(torch.isfinite(tensor).all() for tensor in state.values()):
            raise InputError("the file holds weights that are not finite numbers")
        return network.eval()


def config_of(state: dict[str, Tensor], input_length: int, **form: Any) -> NetworkConfig:
    """Return the configuration of a network: its sizes from its weights, its output length from the convolutions.

    Parameters
    ----------
    state : dict of str to Tensor
        Its trunk and its profile head.
    input_length : int
        Length of the sequence in bp.
    **form
        Further arguments of `NetworkConfig`.
    """
    layers = sum(name.startswith("dilated.") and name.endswith(".weight") for name in state)
    sizes: dict[str, Any] = {
        "filters": len(state["first.weight"]),
        "layers": layers,
        "first_kernel": state["first.weight"].shape[-1],
        "dilated_kernel": state["dilated.0.weight"].shape[-1] if layers else 3,
        "profile_kernel": state["profile_weight"].shape[-1],
    }
    bare = NetworkConfig(**sizes, **form)
    shorter = bare.trim + 2 * bare.profile_crop
    return replace(bare, input_length=input_length, output_length=input_length - shorter)


def refuse(file: Path, layer: str, why: str) -> InputError:
    """Return the error for something that our networks cannot represent."""
    return InputError(f"{file}: layer {layer!r} {why}; this network cannot be converted")


def mixing(own: Tensor, control: Tensor) -> Tensor:
    """Return the weights of one task's joining of head and control, (outputs, outputs + controls, 1).

    Parameters
    ----------
    own : Tensor, shape=(outputs, outputs)
        What each output takes of the head's.
    control : Tensor, shape=(outputs, controls)
        What it takes of the control.
    """
    return torch.cat([own, control], 1)[..., None]


def both_strands(control: Tensor) -> Tensor:
    """Return weights of one control track as those of its two strands: they enter as their sum.

    Parameters
    ----------
    control : Tensor, shape=(outputs, 1 or 2, ...)
    """
    return control if control.shape[1] == 2 else control.expand(-1, 2, *control.shape[2:]).clone()


def swapped_strands(config: NetworkConfig, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights of a profile network with its strands, and those of its controls, in the other order."""
    swapped = dict(state)
    if config.strands == 2:
        for name in ("profile_weight", "profile_bias", "profile_control_weight", "profile_mix.weight"):
            if name in swapped:
                swapped[name] = _swap_rows(swapped[name])
        if "profile_mix.bias" in swapped:
            swapped["profile_mix.bias"] = _swap_rows(swapped["profile_mix.bias"])
    if config.counts_per_task == 2:
        for name in ("count.weight", "count.bias", "count_mix.weight", "count_mix.bias"):
            if name in swapped:
                swapped[name] = _swap_rows(swapped[name])
    # inputs of the mixes: the outputs' strands, then the control's
    for name, outputs in (("profile_mix.weight", config.strands), ("count_mix.weight", config.counts_per_task)):
        if name in swapped:
            own, control = swapped[name].split([outputs, swapped[name].shape[1] - outputs], 1)
            swapped[name] = torch.cat([own.flip(1), control.flip(1)], 1)
    if "profile_control_weight" in swapped:
        swapped["profile_control_weight"] = swapped["profile_control_weight"].flip(1)
    return swapped


def _swap_rows(x: Tensor) -> Tensor:
    """Return x (2 tasks, ...) with the rows of every task exchanged."""
    return x.unflatten(0, (-1, 2)).flip(1).flatten(0, 1)
