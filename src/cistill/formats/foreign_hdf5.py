"""HDF5 files that other programs wrote: nothing else is opened by them, and nothing is larger than what is stored."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.foreign import LONGEST, check_claim, expecting, try_apart

AT_ONCE = 16 << 20  # bytes of a dataset
MOST_PARTS = 200_000
NO_HDF5 = "not an HDF5 file, or it is damaged (was its writing or download cut off?)"
WALK = "cistill.formats.foreign_hdf5:walk"


@contextmanager
def open_foreign(path: str | os.PathLike[str], what: str) -> Iterator[h5py.File]:
    """Open an HDF5 file of another program.

    All of it is read in a process of its own first: a damaged file can crash HDF5. What goes wrong in the block is
    bad input too.

    Parameters
    ----------
    path : path
    what : str
        What it should be, with its article, for messages: `a Keras model`.

    Raises
    ------
    InputError
        If it is missing, damaged, or refers to other files.
    """
    file = require_file(path, what.split(" ", 1)[1])
    check_apart(file, what)
    with expecting(what, file), h5py.File(file, "r") as handle:
        yield handle


def check_apart(file: Path, what: str) -> None:
    """Read a whole HDF5 file in a process of its own.

    Raises
    ------
    InputError
        If it is damaged, or refers to other files.
    """
    kind = what.split(" ", 1)[1]
    if not h5py.is_hdf5(file):
        raise InputError(f"{file}: not a readable {kind}: {NO_HDF5}")
    try_apart(WALK, file, kind)


def walk(path: Path) -> None:
    """Read every attribute and all data of an HDF5 file, a piece at a time.

    Raises
    ------
    InputError
        If anything cannot be read, is larger than what is stored for it, or is in another file.
    """
    try:
        handle = h5py.File(path, "r")
    except OSError as error:
        raise InputError(f"{path}: {NO_HDF5}: {str(error)[:LONGEST]}") from error
    with expecting("an HDF5 file", path), handle:
        _attributes(handle)
        groups, seen, parts = [handle], {handle.id.__hash__()}, 0
        while groups:
            group = groups.pop()
            for name in group:
                parts += 1
                if parts > MOST_PARTS:
                    raise InputError(f"{path}: more than {MOST_PARTS:,} parts; this is no such file")
                where = f"{path}: {group.name.rstrip('/')}/{name}"
                if isinstance(group.get(name, getlink=True), h5py.ExternalLink):
                    raise InputError(f"{where} is a link to another file; store everything in one file")
                item = group.get(name)
                if item is None or item.id.__hash__() in seen:
                    continue
                seen.add(item.id.__hash__())
                _attributes(item)
                if isinstance(item, h5py.Group):
                    groups.append(item)
                elif isinstance(item, h5py.Dataset):
                    _read(item, where)


def _attributes(item: h5py.HLObject) -> None:
    for name in item.attrs:
        item.attrs[name]


def _read(data: h5py.Dataset, where: str) -> None:
    """Read a dataset to its end."""
    if data.external or data.is_virtual:
        raise InputError(f"{where} is kept in another file; store everything in one file")
    check_dataset(data, where)
    try:
        _read_blocks(data)
    except OSError as error:
        raise InputError(
            f"{where} cannot be read to its end ({str(error)[:LONGEST]}); if it is compressed in a way that h5py lacks "
            "(Blosc), store it again with gzip"
        ) from error


def _read_blocks(data: h5py.Dataset) -> None:
    if data.shape is None or not data.size:
        return
    if not data.shape:
        data[()]
        return
    row = max(1, data.dtype.itemsize * int(np.prod(data.shape[1:], dtype=np.float64)))
    if data.chunks is not None:
        step = max(1, AT_ONCE // row // data.chunks[0]) * data.chunks[0]
    else:
        step = max(1, AT_ONCE // row)
    for first in range(0, data.shape[0], step):
        data[first : first + step]


def check_dataset(data: h5py.Dataset, where: str) -> None:
    """Refuse a dataset that claims to be larger than what is stored for it can be.

    Raises
    ------
    InputError
        If it is.
    """
    if data.shape is not None:
        size = data.dtype.itemsize
        for length in data.shape:
            size *= int(length)
        check_claim(size, data.id.get_storage_size(), where)
