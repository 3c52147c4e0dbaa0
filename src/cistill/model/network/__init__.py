"""The networks: one-hot sequence (and control) -> strand profiles and log counts, for T tasks.

Two published families share one interface, a trunk of dilated convolutions followed by two linear heads:

- `profile`: the motif-discovery system's relative of BPNet (sums of residuals);
- `distill`: Affinity Distillation's network, whose convolutions are reverse-complement-equivariant and whose layers see
  the average of all layers before them. The reverse complement of a sequence gives the same prediction with strands
  and positions reversed.

All convolutions are "valid", so no position ever sees padding; the published same-padding-and-crop gives the same
numbers. The heads are linear in the trunk's output. Networks are loaded when they are first used: presets and
configurations are read without torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cistill.model.network.config import NetworkConfig

if TYPE_CHECKING:
    from cistill.model.network.base import Network, NetworkOutput
    from cistill.model.network.distill_family import DistillNetwork
    from cistill.model.network.profile_family import ProfileNetwork

__all__ = ["DistillNetwork", "Network", "NetworkConfig", "NetworkOutput", "ProfileNetwork", "build_network"]
LOADED = {
    "DistillNetwork": "distill_family",
    "Network": "base",
    "NetworkOutput": "base",
    "ProfileNetwork": "profile_family",
}


def __getattr__(name: str) -> Any:
    if name not in LOADED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{LOADED[name]}"), name)


def build_network(config: NetworkConfig) -> "Network":
    """Return a network of the family that its configuration names.

    Raises
    ------
    InputError
        If the lengths do not close or an argument is out of range.
    """
    from cistill.model.network.distill_family import DistillNetwork
    from cistill.model.network.profile_family import ProfileNetwork

    return DistillNetwork(config) if config.family == "distill" else ProfileNetwork(config)
