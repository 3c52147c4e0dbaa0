"""Keras models in HDF5: their graph as JSON and their weights as arrays, without Keras or TensorFlow.

Nothing in the file is executed; the code of Lambda layers, which Keras stores as text, is not looked at.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from torch import Tensor

from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.foreign_hdf5 import open_foreign
from cistill.model.convert.converted import refuse

MODELS = ("Model", "Functional", "Sequential", "CustomModel", "AttributionPriorModel")


@dataclass(frozen=True)
class Layer:
    """A layer of a Keras graph: its name, class, settings, and the layers that feed it."""

    name: str
    kind: str
    config: dict[str, Any]
    inputs: list[str]


@dataclass
class KerasModel:
    """A Keras graph with its weights.

    Attributes
    ----------
    file : Path
    layers : dict of str to Layer
        By name, in the file's order.
    weights : dict of str to dict of str to array
        Layer -> `kernel`, `bias` -> values, in Keras' shapes.
    """

    file: Path
    layers: dict[str, Layer]
    weights: dict[str, dict[str, np.ndarray]]

    def of_kind(self, *kinds: str) -> list[Layer]:
        """Return the layers of some classes, in the file's order."""
        return [layer for layer in self.layers.values() if layer.kind in kinds]

    def layer(self, name: str) -> Layer:
        """Return a layer that must be there."""
        if name not in self.layers:
            raise InputError(f"{self.file}: has no layer {name!r}, which this format must have")
        return self.layers[name]

    def expect(self, known: dict[str, str]) -> None:
        """Raise InputError at the first layer that is not known, or not of the class that its name says.

        Parameters
        ----------
        known : dict of str to str
            Regular expression of whole names -> class, in the order to try them.
        """
        for layer in self.layers.values():
            kind = next((kind for pattern, kind in known.items() if re.fullmatch(pattern, layer.name)), None)
            if kind is None:
                raise refuse(self.file, layer.name, f"({layer.kind}) is not one that this format has")
            if layer.kind != kind:
                raise refuse(self.file, layer.name, f"is a {layer.kind} where a {kind} is expected")

    def count(self, pattern: str) -> int:
        """Return how many layers there are with names of a pattern with one number, 1, 2, ... without gaps."""
        found = [re.fullmatch(pattern, name) for name in self.layers]
        numbers = sorted(int(match[1]) for match in found if match)
        if numbers != list(range(1, len(numbers) + 1)):
            raise InputError(f"{self.file}: layers {pattern} are numbered {numbers}, not 1 to {len(numbers)}")
        return len(numbers)

    def sums(self) -> list[set[str]]:
        """Return what every Add layer adds."""
        return [set(layer.inputs) for layer in self.of_kind("Add")]

    def input_length(self, name: str) -> int:
        """Return the length that an input layer takes, (batch, length, 4)."""
        config = self.layer(name).config
        shape = config.get("batch_input_shape") or config.get("batch_shape")
        if not shape or shape[1] is None:
            raise InputError(f"{self.file}: input layer {name!r} has no fixed length")
        return int(shape[1])

    def cropping(self, name: str) -> int:
        """Return how many positions a Cropping1D layer cuts from either side."""
        value = self.layer(name).config["cropping"]
        left, right = (value, value) if isinstance(value, int) else value
        if left != right:
            raise refuse(self.file, name, f"cuts {left} and {right} positions, not the same on both sides")
        return int(left)

    def convolution(
        self, name: str, dilation: int = 1, activation: str = "linear", padding: str = "valid"
    ) -> tuple[Tensor, Tensor]:
        """Return kernel (outputs, channels, width) and bias of a one-dimensional convolution.

        Raises
        ------
        InputError
            If the layer is no convolution with these settings.
        """
        layer = self.layer(name)
        if layer.kind not in ("Conv1D", "RevCompConv1D"):
            raise refuse(self.file, name, f"is a {layer.kind} where a convolution is expected")
        wanted = {"dilation_rate": dilation, "activation": activation, "padding": padding, "strides": 1, "groups": 1}
        for key, value in wanted.items():
            found = plain(layer.config.get(key, value))
            if found != value:
                raise refuse(self.file, name, f"has {key} {found!r} where {value!r} is expected")
        kernel = torch.from_numpy(self._weight(name, "kernel").transpose(2, 1, 0).copy())
        return kernel, self._bias(name, len(kernel))

    def dense(self, name: str) -> tuple[Tensor, Tensor]:
        """Return weight (outputs, inputs) and bias of a linear dense layer."""
        layer = self.layer(name)
        if layer.kind != "Dense" or plain(layer.config.get("activation", "linear")) != "linear":
            raise refuse(self.file, name, f"is no linear dense layer but a {layer.kind}")
        weight = torch.from_numpy(self._weight(name, "kernel").T.copy())
        return weight, self._bias(name, len(weight))

    def _weight(self, name: str, which: str) -> np.ndarray:
        try:
            return self.weights[name][which].astype(np.float32)
        except KeyError:
            raise InputError(f"{self.file}: has no {which} for layer {name!r}: the file is incomplete") from None

    def _bias(self, name: str, outputs: int) -> Tensor:
        if not self.layers[name].config.get("use_bias", True):
            return torch.zeros(outputs)
        return torch.from_numpy(self._weight(name, "bias").copy())


def read_keras(path: str | os.PathLike[str], part: str | None = None) -> KerasModel:
    """Read a Keras model.

    Parameters
    ----------
    path : path
        An HDF5 file that Keras saved with its architecture.
    part : str, optional
        Name of a model inside the model.

    Raises
    ------
    InputError
        If the file is not HDF5, holds weights alone, or consists of several models and none was chosen.
    """
    file = Path(path)
    if file.is_dir():
        raise InputError(f"{file}: a folder (a TensorFlow SavedModel?): save the model as one .h5 file")
    file = require_file(file, "source")
    if not h5py.is_hdf5(file):
        raise InputError(f"{file}: not an HDF5 file: save the model in the .h5 format")
    with open_foreign(file, "a Keras model") as h5:
        if "model_config" not in h5.attrs or "model_weights" not in h5:
            raise InputError(f"{file}: holds no whole Keras model: save it with its architecture (model.save)")
        layers = _listed(file, _text(h5.attrs["model_config"]))
        weights = h5["model_weights"]
        nested = {entry["config"].get("name", entry.get("name")): entry for entry in layers if _is_model(entry)}
        if nested and part is None and len(nested) == len([e for e in layers if _has_weights(e, weights)]):
            raise InputError(f"{file}: consists of several models: choose one with --part: {', '.join(nested)}")
        if part is not None:
            if part not in nested:
                raise InputError(f"{file}: has no part {part!r}; its parts: {', '.join(nested) or 'none'}")
            layers, weights = nested[part]["config"]["layers"], weights[part]
        arrays = _read_weights(weights, whole=part is None)
    named = {}
    for entry in layers:
        name = entry["config"].get("name", entry.get("name"))
        inputs = [source for source in _sources(entry.get("inbound_nodes", [])) if source != name]
        named[str(name)] = Layer(str(name), entry["class_name"], entry["config"], list(dict.fromkeys(inputs)))
    return KerasModel(file, named, arrays)


def _listed(file: Path, text: str) -> list[dict[str, Any]]:
    """Return the layers in a model's description; that of a chain is a list itself in old files."""
    try:
        config = json.loads(text)["config"]
        return list(config if isinstance(config, list) else config["layers"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{file}: its model_config describes no network of layers: {error}") from error


def _is_model(entry: dict[str, Any]) -> bool:
    return entry["class_name"] in MODELS and "layers" in entry["config"]


def _has_weights(entry: dict[str, Any], weights: h5py.Group) -> bool:
    name = entry["config"].get("name", entry.get("name"))
    found: list[str] = []
    if name in weights:
        weights[name].visit(found.append)
    return bool(found)


def _read_weights(group: h5py.Group, whole: bool) -> dict[str, dict[str, np.ndarray]]:
    """Return layer -> weight -> array; in a whole file the outer group names the layer, in a part the inner one."""
    arrays: dict[str, dict[str, np.ndarray]] = {}

    def visit(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            *groups, last = name.split("/")
            layer = (groups[0] if whole else groups[-1]) if groups else ""
            arrays.setdefault(layer, {})[last.split(":")[0]] = item[()]

    group.visititems(visit)
    return arrays


def _sources(node: Any) -> Iterator[str]:
    """Yield the names of the layers in a list of inbound nodes, of Keras 2 ([name, node, tensor]) or 3 (histories)."""
    if isinstance(node, dict):
        if "keras_history" in node:
            yield str(node["keras_history"][0])
            return
        for value in node.values():
            yield from _sources(value)
    elif isinstance(node, list):
        if len(node) >= 3 and isinstance(node[0], str) and isinstance(node[1], int) and isinstance(node[2], int):
            yield node[0]
            return
        for value in node:
            yield from _sources(value)


def plain(value: Any) -> Any:
    """Return a setting as one number or word: Keras writes [2] for 2 and, lately, objects for words."""
    if isinstance(value, list | tuple) and len(set(value)) == 1:
        return value[0]
    if isinstance(value, dict):
        return str(value.get("config", value.get("class_name"))).lower()
    return value


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
