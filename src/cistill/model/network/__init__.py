"""The networks: one-hot sequence (and control) -> strand profiles and log counts, for T tasks.

Two published families share one interface, a trunk of dilated convolutions followed by two linear heads:

- `profile`: the motif-discovery system's relative of BPNet (sums of residuals);
- `distill`: Affinity Distillation's network, whose convolutions are reverse-complement-equivariant and whose layers see
  the average of all layers before them. The reverse complement of a sequence gives the same prediction with strands
  and positions reversed.

All convolutions are "valid", so no position ever sees padding; the published same-padding-and-crop gives the same
numbers. The heads are linear in the trunk's output.
"""

import math
from collections.abc import Mapping

import torch

from cistill.errors import InputError
from cistill.model.network.base import Network, NetworkOutput
from cistill.model.network.config import NetworkConfig
from cistill.model.network.distill_family import DistillNetwork
from cistill.model.network.profile_family import ProfileNetwork

__all__ = [
    "DistillNetwork",
    "Network",
    "NetworkConfig",
    "NetworkOutput",
    "ProfileNetwork",
    "build_fitting",
    "build_network",
]


def build_network(config: NetworkConfig) -> Network:
    """Return a network of the family that its configuration names.

    Raises
    ------
    InputError
        If the lengths do not close or an argument is out of range.
    """
    return DistillNetwork(config) if config.family == "distill" else ProfileNetwork(config)


def build_fitting(config: NetworkConfig, shapes: Mapping[str, torch.Size]) -> Network:
    """Return a network for weights of given shapes; no memory is taken for others.

    Raises
    ------
    InputError
        If the configuration's weights have other names or shapes, or as for `build_network`.
    """
    config.check()
    given = sum(math.prod(shape) for shape in shapes.values())
    if fewest_weights(config) > given:
        raise InputError(
            f"the weights do not fit the configuration kept with them: {given:,} numbers for a network of more than "
            f"{fewest_weights(config):,}"
        )
    network = build_network(config)
    wanted = {name: tensor.shape for name, tensor in network.state_dict().items()}
    if wanted != dict(shapes):
        names = sorted({*wanted, *shapes})
        wrong = next(name for name in names if wanted.get(name) != shapes.get(name))
        found = tuple(shapes[wrong]) if wrong in shapes else "missing"
        expected = tuple(wanted[wrong]) if wrong in wanted else "no such weight"
        raise InputError(
            f"the weights do not fit the configuration kept with them: {wrong} is {found}, expected {expected}"
        )
    return network


def fewest_weights(config: NetworkConfig) -> int:
    """Return how many weights a network has at least: those of its trunk and its profile head."""
    trunk = config.filters * (4 * config.first_kernel + config.layers * config.channels * config.dilated_kernel)
    return trunk + config.channels * config.tasks * config.profile_kernel
