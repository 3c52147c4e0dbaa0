"""Files of models and of running trainings: safetensors with a JSON text in their metadata. Nothing is unpickled."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from cistill.errors import InputError
from cistill.files import atomic_output, require_file
from cistill.model.network import NetworkConfig, ProfileNetwork

METADATA_KEY = "cistill"
FORMAT_VERSION = 1


def write_tensors(path: str | os.PathLike[str], tensors: Mapping[str, Tensor], metadata: Mapping[str, Any]) -> None:
    """Write tensors and a JSON record to one safetensors file, whole or not at all."""
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(tensors.items())}
    with atomic_output(path) as temporary:
        save_file(contiguous, temporary, {METADATA_KEY: json.dumps(metadata, sort_keys=True)})


def read_tensors(path: str | os.PathLike[str]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `write_tensors` wrote.

    Raises
    ------
    InputError
        If the file is missing, damaged, or not one of ours.
    """
    file = require_file(path, "checkpoint")
    try:
        with safe_open(file, framework="pt") as handle:
            metadata = (handle.metadata() or {}).get(METADATA_KEY)
            tensors = {name: handle.get_tensor(name) for name in handle.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise InputError(f"{file}: not a safetensors file, or it is damaged: {error}") from error
    if metadata is None:
        raise InputError(f"{file}: a safetensors file, but not one that cistill wrote")
    return tensors, json.loads(metadata)


def save_model(path: str | os.PathLike[str], network: ProfileNetwork, record: Mapping[str, Any]) -> None:
    """Write a trained network.

    Parameters
    ----------
    path : path
        The file, `{tf}.model.safetensors` by convention.
    network : ProfileNetwork
        Its weights and configuration are kept.
    record : mapping
        What else to keep, as JSON: `tf`, `tasks`, `dataset_sha256`, `training`.
    """
    metadata = {"format_version": FORMAT_VERSION, "network": network.config.to_json(), **record}
    write_tensors(path, network.state_dict(), metadata)


def load_model(
    path: str | os.PathLike[str], device: torch.device | None = None
) -> tuple[ProfileNetwork, dict[str, Any]]:
    """Read a trained network, ready to predict.

    Returns
    -------
    network : ProfileNetwork
        In evaluation mode, on `device` (the CPU by default).
    metadata : dict
        The record kept with it.

    Raises
    ------
    InputError
        If the file is not a model of this program, or of a version it does not know.
    """
    tensors, metadata = read_tensors(path)
    if "network" not in metadata:
        raise InputError(f"{Path(path)}: holds no trained model (the state of a running training, perhaps)")
    if metadata.get("format_version") != FORMAT_VERSION:
        raise InputError(
            f"{Path(path)}: model format {metadata.get('format_version')}, this program reads {FORMAT_VERSION}"
        )
    network = ProfileNetwork(NetworkConfig(**metadata["network"]))
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise InputError(f"{Path(path)}: the weights do not fit the configuration kept with them") from error
    return network.to(device or torch.device("cpu")).eval(), metadata
