"""Which network to train: presets, what the user gives, what the data demand."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from cistill.errors import InputError
from cistill.model.network.config import NetworkConfig
from cistill.model.windows.dataset import Dataset
from cistill.texts import read_object

PRESET_KEYS = {field.name for field in fields(NetworkConfig)} - {"tasks", "controls"}
KINDS = {int: "a whole number", bool: "true or false", float: "a number"}


@dataclass(frozen=True)
class NetworkData:
    """What the data say of a network.

    Attributes
    ----------
    input_length, output_length : int
        bp.
    tasks : int
        Number of tasks.
    controls : bool
        Whether there is a control.
    """

    input_length: int
    output_length: int
    tasks: int = 1
    controls: bool = False


def network_config(dataset: Dataset, preset: Path | None, given: Mapping[str, Any]) -> NetworkConfig:
    """Return the network's arguments: the data's windows, then what was given, then the preset, then defaults.

    Raises
    ------
    InputError
        If the preset is no JSON object of known arguments, or the lengths do not close.
    """
    has_control = dataset.control is not None
    data = NetworkData(dataset.input_length, dataset.output_length, len(dataset.tasks), has_control)
    return config_for(data, preset, given)


def config_for(data: NetworkData, preset: Path | None, given: Mapping[str, Any]) -> NetworkConfig:
    """Return the network's arguments as `network_config`, from what is known of the data."""
    arguments = read_preset(preset) if preset is not None else {}
    arguments.update({name: value for name, value in given.items() if value is not None})
    arguments |= asdict(data)
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
        strange = ", ".join(sorted(set(preset) - PRESET_KEYS))
        known = ", ".join(sorted(PRESET_KEYS))
        raise InputError(f"{path}: a preset is a JSON object with some of: {known}; it has {strange}")
    preset.pop("description", None)
    kinds = {field.name: type(getattr(NetworkConfig(), field.name)) for field in fields(NetworkConfig)}
    for name, value in preset.items():
        if type(value) is not kinds[name]:
            raise InputError(f"{path}: {name} must be {KINDS.get(kinds[name], 'a text')}, not {json.dumps(value)}")
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
