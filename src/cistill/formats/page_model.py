"""One network that a page keeps, so that a browser can predict pasted sequences: `{tf}.page_model.json`.

Weights are little-endian 16-bit floats, in base64, under the names that they have in model.safetensors.
"""

import base64
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.files import atomic_output
from cistill.formats.foreign import expecting
from cistill.texts import read_object

FORMAT, FORMAT_VERSION = "cistill-page-model", 1
LARGEST = 1_400_000
"""Bytes of weights as text: with its program and its words, the box stays below 1.5 MB of the page."""
STORED = np.dtype("<f2")
Weights = Mapping[str, NDArray[np.float16]]


@dataclass(frozen=True)
class PageModel:
    """A network for the page.

    Attributes
    ----------
    tf : str
    tasks : list of str
        What the network's outputs predict, in order.
    votes : list of str
        Those of them that it predicts in its model: the ones to show.
    network : mapping
        Its configuration, arguments of `NetworkConfig`.
    weights : mapping
        Name to float16 array; empty where no network is kept.
    backgrounds : list of str
        Sequences as long as the network's input, for the effect of a sequence put into their middle.
    record : mapping
        How it came about: run, fold, how it was chosen, number of networks of the model, how far it is from these.
    not_available : str
        Why no network is kept; empty where one is.
    """

    tf: str
    tasks: list[str] = field(default_factory=list)
    votes: list[str] = field(default_factory=list)
    network: Mapping[str, Any] = field(default_factory=dict)
    weights: Weights = field(default_factory=dict)
    backgrounds: list[str] = field(default_factory=list)
    record: Mapping[str, Any] = field(default_factory=dict)
    not_available: str = ""


def text_size(weights: Weights) -> int:
    """Return how many bytes weights take up as text."""
    return sum(4 * -(-array.size * STORED.itemsize // 3) for array in weights.values())


def page_model_json(model: PageModel) -> dict[str, Any]:
    """Return the content of the file, which a page's script reads as it is."""
    weights = {
        name: {"shape": list(array.shape), "float16": base64.b64encode(array.astype(STORED).tobytes()).decode()}
        for name, array in model.weights.items()
    }
    return {"format": FORMAT, "format_version": FORMAT_VERSION, **vars(model), "weights": weights}


def write_page_model(path: str | os.PathLike[str], model: PageModel) -> None:
    """Write the file, whole or not at all."""
    with atomic_output(path) as temporary:
        temporary.write_text(json.dumps(page_model_json(model), allow_nan=False, separators=(",", ":")) + "\n")


def read_page_model(path: str | os.PathLike[str]) -> PageModel:
    """Read what `write_page_model` wrote.

    Raises
    ------
    InputError
        If the file is missing, damaged or none of ours.
    """
    file = Path(path)
    given = read_object(file, "page model")
    if given.get("format") != FORMAT or given.get("format_version") != FORMAT_VERSION:
        raise InputError(f"{file}: no page model of version {FORMAT_VERSION}; make it with `pagemodel`")
    with expecting("a page model of cistill", file):
        weights = {str(name): _array(stored) for name, stored in given["weights"].items()}
        texts = {name: [str(text) for text in given[name]] for name in ("tasks", "votes", "backgrounds")}
        return PageModel(
            str(given["tf"]),
            network=dict(given["network"]),
            weights=weights,
            record=dict(given["record"]),
            not_available=str(given["not_available"]),
            **texts,
        )


def _array(stored: Mapping[str, Any]) -> NDArray[np.float16]:
    """Return one weight; its bytes must be as many as its shape says."""
    shape = tuple(int(length) for length in stored["shape"])
    content = base64.b64decode(stored["float16"], validate=True)
    if len(content) != STORED.itemsize * math.prod(shape):
        raise ValueError(f"{len(content)} bytes for weights of shape {shape}")
    return np.frombuffer(content, STORED).reshape(shape).astype(np.float16)
