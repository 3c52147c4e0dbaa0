"""Keras models written by hand into HDF5 as `model.save` does, and the layers' arithmetic in plain numpy."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np


class ToyKeras:
    """A Keras 2 graph that grows layer by layer and remembers its weights."""

    def __init__(self, seed: int = 0) -> None:
        self.random = np.random.default_rng(seed)
        self.layers: list[dict[str, Any]] = []
        self.weights: dict[str, dict[str, np.ndarray]] = {}
        self.nested: dict[str, ToyKeras] = {}

    def add(self, kind: str, name: str, inputs: list[str] | None = None, **config: Any) -> str:
        nodes = [[[source, 0, 0, {}] for source in inputs]] if inputs else []
        self.layers.append(
            {"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": nodes}
        )
        return name

    def input(self, name: str, *shape: int) -> str:
        return self.add("InputLayer", name, batch_input_shape=[None, *shape])

    def conv(self, name: str, source: str, channels: int, filters: int, width: int, **config: Any) -> str:
        """A convolution with random weights; `kind` to give another class."""
        kind = config.pop("kind", "Conv1D")
        settings = {"filters": filters, "kernel_size": [width], "strides": [1], "padding": "valid", "use_bias": True}
        settings |= {"dilation_rate": [config.pop("dilation", 1)], "activation": "linear"}
        self._random(name, (width, channels, filters))
        return self.add(kind, name, [source], **{**settings, **config})

    def dense(self, name: str, source: str, channels: int, units: int) -> str:
        self._random(name, (channels, units))
        return self.add("Dense", name, [source], units=units, activation="linear", use_bias=True)

    def _random(self, name: str, shape: tuple[int, ...]) -> None:
        self.weights[name] = {
            "kernel": self.random.normal(0, 0.4, shape).astype(np.float32),
            "bias": self.random.normal(0, 0.2, shape[-1]).astype(np.float32),
        }

    def __getitem__(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        return self.weights[name]["kernel"].astype(np.float64), self.weights[name]["bias"].astype(np.float64)

    def config(self, kind: str = "Functional", name: str = "model") -> dict[str, Any]:
        layers = [
            {"class_name": "Functional", "name": inner, "config": toy.config(name=inner)["config"], "inbound_nodes": []}
            for inner, toy in self.nested.items()
        ]
        return {"class_name": kind, "config": {"name": name, "layers": [*self.layers, *layers]}}

    def save(self, path: Path, kind: str = "Functional") -> Path:
        with h5py.File(path, "w") as h5:
            h5.attrs["keras_version"] = "2.4.0"
            h5.attrs["model_config"] = json.dumps(self.config(kind)).encode()
            root = h5.create_group("model_weights")
            for layer in self.layers:
                group = root.create_group(layer["name"])
                for weight, values in self.weights.get(layer["name"], {}).items():
                    group[f"{layer['name']}/{weight}:0"] = values
            for name, toy in self.nested.items():
                for inner, weights in toy.weights.items():
                    for weight, values in weights.items():
                        root[f"{name}/{inner}/{weight}:0"] = values
        return path


def convolve(x: np.ndarray, layer: tuple[np.ndarray, np.ndarray], dilation: int = 1, same: bool = False) -> np.ndarray:
    """Keras' Conv1D of x (batch, length, channels): kernel (width, channels, filters), padded with zeros if `same`."""
    kernel, bias = layer
    reach = (len(kernel) - 1) * dilation
    if same:
        x = np.pad(x, ((0, 0), (reach // 2, reach // 2), (0, 0)))
    length = x.shape[1] - reach
    return sum(x[:, k * dilation : k * dilation + length] @ tap for k, tap in enumerate(kernel)) + bias


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def crop(x: np.ndarray, cut: int) -> np.ndarray:
    return x[:, cut : x.shape[1] - cut] if cut else x


def sequences(length: int, seed: int = 5) -> np.ndarray:
    """Three random one-hot sequences (3, length, 4), one of them with unknown bases."""
    codes = np.random.default_rng(seed).integers(0, 4, (3, length))
    one_hot = np.eye(4)[codes]
    one_hot[1, 10:20] = 0
    return one_hot
