"""Opening HDF5 files of a known layout: one check of format, version, parts and damage, one message for each."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.files import atomic_output, require_file
from cistill.formats.foreign import UNEXPECTED, is_of_the_system, reason
from cistill.formats.foreign_hdf5 import check_apart, check_dataset
from cistill.formats.hdf5_storage import NewStorage

BEGINNING = 1 << 20  # bytes of a file, among which are the attributes of the whole file
TEXT = h5py.string_dtype("utf-8")


@dataclass(frozen=True)
class Layout:
    """What an HDF5 file holds, and who writes it.

    Attributes
    ----------
    name : str
        Value of the attribute `format`.
    version : int
        Value of the attribute `format_version`: the one that this program writes and reads.
    what : str
        Kind of the file in messages, with its article: `a dataset`.
    made_by : str
        The command that writes it.
    words : str
        One line: what the file holds.
    attributes : mapping
        Attribute to its meaning, without `format` and `format_version`.
    datasets : mapping
        Dataset to its type, shape and meaning.
    foreign : bool
        Whether files without `format` are read too, since other programs write this layout.
    stamped : bool
        Whether this program writes `format` and `format_version` to such a file.
    """

    name: str
    version: int
    what: str
    made_by: str
    words: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    datasets: Mapping[str, str] = field(default_factory=dict)
    foreign: bool = False
    stamped: bool = True

    @property
    def kind(self) -> str:
        """The kind without its article, as messages name the file."""
        return self.what.split(" ", 1)[1]

    def stamp(self, handle: h5py.File) -> None:
        """Write format and version to a new file."""
        handle.attrs["format"] = self.name
        handle.attrs["format_version"] = self.version


class Opened:
    """An open file of a layout, in which a part that is missing is bad input.

    Parameters
    ----------
    handle : h5py.File
    file : Path
    layout : Layout
    """

    def __init__(self, handle: h5py.File, file: Path, layout: Layout) -> None:
        self.handle, self.file, self.layout = handle, file, layout

    def __contains__(self, name: str) -> bool:
        return name in self.handle

    def __getitem__(self, name: str) -> h5py.Dataset:
        """Return a dataset or group.

        Raises
        ------
        InputError
            If the file lacks it.
        """
        self.require([name])
        found = self.handle[name]
        if isinstance(found, h5py.Dataset):
            check_dataset(found, f"{self.file}: {name}")
        return found

    def require(self, names: Sequence[str], attributes: Sequence[str] = ()) -> None:
        """Refuse a file that lacks any of some datasets or attributes; all of them are named.

        Raises
        ------
        InputError
            If one is missing.
        """
        missing = [name for name in names if name not in self.handle]
        missing += [f"the attribute {name}" for name in attributes if name not in self.handle.attrs]
        if missing:
            raise InputError(
                f"{self.file}: not {self.layout.what}: it lacks {', '.join(missing)}; make it again with "
                f"`{self.layout.made_by}`"
            )

    def attribute(self, name: str) -> Any:
        """Return an attribute.

        Raises
        ------
        InputError
            If the file lacks it.
        """
        self.require([], [name])
        return self.handle.attrs[name]

    def names(self, name: str) -> tuple[str, ...]:
        """Return the texts of an attribute that is a JSON list.

        Raises
        ------
        InputError
            If it is missing or no list.
        """
        return tuple(str(value) for value in self._json(name, self.attribute(name), list))

    def table(self, name: str) -> dict[str, Any]:
        """Return a dataset that is the JSON text of an object.

        Raises
        ------
        InputError
            If it is missing or no such text.
        """
        return dict(self._json(name, self[name].asstr()[()], dict))

    def _json(self, name: str, text: Any, kind: type) -> Any:
        try:
            value = json.loads(text)
        except (ValueError, TypeError, RecursionError) as error:
            raise InputError(f"{self.file}: {name} is not JSON: {error}") from error
        if not isinstance(value, kind):
            raise InputError(f"{self.file}: {name} is no JSON {kind.__name__}")
        return value

    def text(self, name: str) -> NDArray[np.object_]:
        """Return a dataset of text, an array of str.

        Raises
        ------
        InputError
            If it is missing or no text.
        """
        try:
            return np.asarray(self[name].asstr()[:], dtype=object)
        except TypeError as error:
            raise InputError(f"{self.file}: the dataset {name} is no text") from error


@contextmanager
def opened(
    path: str | os.PathLike[str], layout: Layout, datasets: Sequence[str] = (), attributes: Sequence[str] = ()
) -> Iterator[Opened]:
    """Open a file for reading and check that it is of a layout.

    Parameters
    ----------
    path : path
    layout : Layout
    datasets, attributes : sequence of str
        What must be in it; the rest is checked when it is asked for.

    Yields
    ------
    Opened

    Raises
    ------
    InputError
        If the file is missing, empty, damaged, of another format or version, or lacks a part.
    """
    file = require_file(path, layout.kind)
    if layout.foreign and not _is_ours(file, layout):
        _check_once(file, layout.what, file.stat().st_size, file.stat().st_mtime_ns)
    try:
        handle = h5py.File(file, "r")
    except OSError as error:
        what = "not an HDF5 file, or it is damaged (was its writing cut off?)"
        raise InputError(f"{file}: not a readable {layout.kind}: {what}: {error}") from error
    with handle, _damage_told(file, layout):
        _check_format(handle, file, layout)
        found = Opened(handle, file, layout)
        found.require(datasets, attributes)
        yield found


@lru_cache
def _check_once(file: Path, what: str, _size: int, _mtime_ns: int) -> None:
    """Read another program's file in a process of its own, once as long as it stays as it is."""
    check_apart(file, what)


def _is_ours(file: Path, layout: Layout) -> bool:
    """Say whether this program wrote a file, without opening it as HDF5."""
    with file.open("rb") as handle:
        return layout.name.encode() in handle.read(BEGINNING)


@contextmanager
def _damage_told(file: Path, layout: Layout) -> Iterator[None]:
    """Turn what HDF5 and the readers of formats raise over an open file into an `InputError`; no other bug."""
    try:
        yield
    except InputError:
        raise
    except UNEXPECTED as error:
        if is_of_the_system(error) or not _in_reader(error):
            raise
        raise InputError(
            f"{file}: damaged, or not {layout.what} ({reason(error)}); make it again with `{layout.made_by}`"
        ) from error


def _in_reader(error: BaseException) -> bool:
    """Say whether an exception comes from HDF5 or from a module of this package."""
    trace, inner = error.__traceback__, ""
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        if name.startswith(("cistill.", "h5py")):
            inner = name
        trace = trace.tb_next
    return inner.startswith((__package__ or "cistill.formats", "h5py"))


def _check_format(handle: h5py.File, file: Path, layout: Layout) -> None:
    """Refuse another format, or another version of it."""
    name, version = handle.attrs.get("format"), handle.attrs.get("format_version")
    if name is None and layout.foreign:
        return
    if not isinstance(name, str) or name != layout.name:
        raise InputError(f"{file}: not {layout.what} made by `{layout.made_by}`")
    if version != layout.version:
        raise InputError(
            f"{file}: {layout.kind} format {version}, this program reads {layout.version}: make it again with "
            f"`{layout.made_by}`"
        )


@contextmanager
def new_file(path: str | os.PathLike[str]) -> Iterator[h5py.File]:
    """Give a new HDF5 file to fill, which appears as `path`, whole, when the block ends without an error.

    Raises
    ------
    WriteError
        If it cannot be written; at the end of the block, see `hdf5_storage.NewStorage`.
    """
    with atomic_output(path) as temporary, NewStorage(temporary) as storage:
        with h5py.File(storage, "w") as handle:
            yield handle
        if storage.error is not None:
            raise storage.error


def rows_of(data: h5py.Dataset, rows: NDArray[np.int64], inside: slice = slice(None)) -> NDArray[Any]:
    """Read rows in any order, in one piece where they are close together.

    Parameters
    ----------
    data : h5py.Dataset, (regions, ...)
    rows : int64 array, (rows,)
        Each at most once.
    inside : slice
        Part of the second axis.

    Returns
    -------
    array, (rows, ...)
    """
    order = np.argsort(rows)
    ascending = rows[order]
    if len(ascending) and ascending[-1] - ascending[0] < 2 * len(ascending):
        found = data[ascending[0] : ascending[-1] + 1, inside][ascending - ascending[0]]
    else:
        found = data[ascending, inside]
    return np.asarray(found[np.argsort(order)])
