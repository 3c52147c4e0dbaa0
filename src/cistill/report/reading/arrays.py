"""Opening the HDF5 files among the results."""

import json
from pathlib import Path

import h5py

from cistill.errors import InputError
from cistill.files import require_file


def open_results(file: Path) -> h5py.File:
    """Open an HDF5 file for reading.

    Raises
    ------
    InputError
        If it is missing, empty or no HDF5 file.
    """
    require_file(file, "HDF5 file")
    try:
        return h5py.File(file, "r")
    except OSError as error:
        raise InputError(f"{file}: not readable as HDF5; was its writing cut off? ({error})") from error


def text_column(file: Path, name: str) -> list[str]:
    """Return a text dataset of an HDF5 file.

    Raises
    ------
    InputError
        If the file has no such dataset.
    """
    with open_results(file) as handle:
        if name not in handle:
            raise InputError(f"{file}: the file lacks the dataset {name}")
        values = handle[name][:]
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def task_names(handle: h5py.File) -> tuple[str, ...]:
    """Return the names of the tasks, in the order of the file's arrays; empty if the file does not say."""
    return tuple(json.loads(handle.attrs["tasks"])) if "tasks" in handle.attrs else ()
