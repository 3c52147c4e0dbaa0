"""A network for weights that are there already: nothing is built that does not fit them."""

import math
from collections.abc import Mapping

import torch

from cistill.errors import InputError
from cistill.model.network import Network, NetworkConfig, build_network


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
