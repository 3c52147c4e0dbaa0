"""The state of a running training in a file, from which a killed one resumes to the same weights."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cistill.console import LOG
from cistill.model.checkpoint import write_tensors
from cistill.model.network import Network


@dataclass
class TrainingState:
    """Everything that changes while training, beside tensors; JSON in the state's file."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0, 0.0])
    seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)
    best_epoch: int = -1
    best_criterion: float = math.inf
    divergences: int = 0
    finished: bool = False


def state_in(folder: Path | None) -> Path | None:
    """Return the file of a training's state in its folder of checkpoints."""
    return None if folder is None else folder / "state.safetensors"


def save_state(
    file: Path,
    state: TrainingState,
    networks: Mapping[str, Network],
    optimizer: torch.optim.Optimizer,
    usual_gradient: Tensor,
) -> None:
    """Write the state of a training; a disk that is full is reported and the training goes on.

    Parameters
    ----------
    file : Path
    state : TrainingState
    networks : mapping
        Role to network.
    optimizer : Adam
    usual_gradient : tensor, shape=()
        Length of the gradients of late.
    """
    tensors = {"usual_gradient": usual_gradient}
    for role, module in networks.items():
        tensors.update({f"{role}.{name}": value for name, value in module.state_dict().items()})
    for i, moments in optimizer.state_dict()["state"].items():
        tensors.update({f"adam.{i}.{name}": torch.as_tensor(value) for name, value in moments.items()})
    try:
        write_tensors(file, tensors, {"state": asdict(state)})
    except OSError as error:
        # the training itself needs no disk: better to finish it without a state than to lose it
        LOG.warning("the state of the training was not saved: %s; if it is killed now, it starts anew", error)


def load_weights(
    tensors: Mapping[str, Tensor], networks: Mapping[str, Network], optimizer: torch.optim.Optimizer
) -> None:
    """Set networks and the optimizer's moments to those of a saved state, in place.

    Raises
    ------
    KeyError, RuntimeError
        If the tensors are not those of such networks.
    """
    for role, module in networks.items():
        prefix = f"{role}."
        module.load_state_dict({n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)})
    moments: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("adam."):
            _, index, moment = name.split(".")
            moments.setdefault(int(index), {})[moment] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": moments})
