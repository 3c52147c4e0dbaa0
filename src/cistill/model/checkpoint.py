"""Files of models and of running trainings: safetensors with a JSON text in their metadata. Nothing is unpickled."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from cistill.errors import InputError
from cistill.files import atomic_output, require_file
from cistill.formats.foreign import UNEXPECTED, is_of_the_system, reason

METADATA_KEY = "cistill"


def write_tensors(path: str | os.PathLike[str], tensors: Mapping[str, Tensor], metadata: Mapping[str, Any]) -> None:
    """Write tensors and a JSON record to one safetensors file, whole or not at all.

    Raises
    ------
    OSError
        If the disk is full, or the folder cannot be written to.
    """
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(tensors.items())}
    content = save(contiguous, {METADATA_KEY: json.dumps(metadata, sort_keys=True)})
    with atomic_output(path) as temporary:
        # safetensors would write a file of its own beside it, for the user alone to read, and leave it when killed
        temporary.write_bytes(content)


def read_tensors(path: str | os.PathLike[str]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `write_tensors` wrote.

    Raises
    ------
    InputError
        If the file is missing, damaged, or not one of ours.
    """
    file = require_file(path, "checkpoint")
    tensors, texts = read_safetensors(file)
    if METADATA_KEY not in texts:
        raise InputError(f"{file}: a safetensors file, but not one that cistill wrote")
    try:
        metadata = json.loads(texts[METADATA_KEY])
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: damaged: the record kept with the weights is not JSON") from error
    if not isinstance(metadata, dict):
        raise InputError(f"{file}: damaged: the record kept with the weights is no JSON object")
    return tensors, metadata


def read_safetensors(file: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors of a safetensors file and the texts of its metadata.

    Raises
    ------
    InputError
        If it is damaged.
    """
    try:
        with safe_open(file, framework="pt") as handle:
            texts = handle.metadata() or {}
            return {name: handle.get_tensor(name) for name in handle.keys()}, texts  # noqa: SIM118
    except (SafetensorError, *UNEXPECTED) as error:
        if is_of_the_system(error):
            raise
        raise InputError(f"{file}: not a safetensors file, or it is damaged ({reason(error)})") from error
