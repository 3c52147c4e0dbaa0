"""Which network to train: presets, what the user gives, what the data demand."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from cistill.errors import InputError
from cistill.model.network import NetworkConfig
from cistill.model.windows.dataset import Dataset
from cistill.texts import read_object

PRESET_KEYS = {field.name for field in fields(NetworkConfig)} - {"tasks", "controls"}


def network_config(dataset: Dataset, preset: Path | None, given: Mapping[str, Any]) -> NetworkConfig:
    """Return the network's arguments: the data's windows, then what was given, then the preset, then defaults.

    Raises
    ------
    InputError
        If the preset is no JSON object of known arguments, or the lengths do not close.
    """
    arguments = read_preset(preset) if preset is not None else {}
    arguments.update({name: value for name, value in given.items() if value is not None})
    arguments["input_length"], arguments["output_length"] = dataset.input_length, dataset.output_length
    arguments["tasks"], arguments["controls"] = len(dataset.tasks), dataset.control is not None
    if "layers" not in arguments:
        arguments["layers"] = layers_for(arguments)
    config = NetworkConfig(**arguments)
    config.check()
    if not config.per_strand:
        raise InputError("networks trained here predict each strand: leave strands, joint_profile and joint_counts out")
    return config


def read_preset(path: Path) -> dict[str, Any]:
    """Read a preset of the network: a JSON object with arguments of `NetworkConfig`."""
    preset = read_object(path, "preset")
    if not set(preset) <= PRESET_KEYS | {"description"}:
        raise InputError(f"{path}: a preset is a JSON object with some of: {', '.join(sorted(PRESET_KEYS))}")
    preset.pop("description", None)
    return preset


def layers_for(arguments: Mapping[str, Any]) -> int:
    """Return the number of dilated layers that closes the windows.

    Raises
    ------
    InputError
        If no number does.
    """
    config = NetworkConfig(**arguments)
    layers = config.closing_layers()
    if layers is not None:
        return layers
    trims = {n: NetworkConfig(**{**arguments, "layers": n}).trim for n in range(4, 10)}
    lengths = ", ".join(f"{config.output_length + trim} ({n} layers)" for n, trim in trims.items())
    raise InputError(
        f"no number of layers takes {config.input_length} bp to {config.output_length} bp; "
        f"input lengths for this output: {lengths}"
    )
