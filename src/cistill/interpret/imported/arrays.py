"""Arrays of scores or one-hot sequences in HDF5, npz and npy files, read in blocks of rows from first to last."""

import math
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.foreign import expecting, reason
from cistill.formats.foreign_hdf5 import check_dataset

ROWS_AT_ONCE = 256
NAMES_SHOWN = 20
HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf")


class Stored(NamedTuple):
    """An array in a file.

    Attributes
    ----------
    path : Path
    key : str
        Name within the file; empty for npy.
    shape : tuple of int
        As stored: (regions, length, 4), (regions, 4, length) or (regions, length).
    """

    path: Path
    key: str
    shape: tuple[int, ...]

    @property
    def channels_first(self) -> bool:
        """Whether the axis of bases comes before that of positions."""
        return len(self.shape) == 3 and self.shape[1] == 4 and self.shape[2] != 4

    @property
    def regions(self) -> int:
        """Number of rows."""
        return self.shape[0]

    @property
    def length(self) -> int:
        """Length of the windows in bp."""
        return self.shape[2] if self.channels_first else self.shape[1]

    @property
    def per_base(self) -> bool:
        """Whether there is a value for each of the four bases, not one per position."""
        return len(self.shape) == 3

    def blocks(self, size: int = ROWS_AT_ONCE) -> Iterator[NDArray[Any]]:
        """Yield consecutive rows, (block, length, 4), or (block, length) with one value per position."""
        for block in _blocks(self, size):
            yield block.swapaxes(1, 2) if self.channels_first else block


def stored_array(path: Path, key: str, what: str) -> Stored:
    """Find an array in a file.

    Parameters
    ----------
    path : Path
        HDF5, npz or npy, by its suffix.
    key : str
        Name of the array; of an npz file by default `arr_0` or its only array.
    what : str
        What the array is, for messages.

    Raises
    ------
    InputError
        If there is no such file or array, or it is none of windows.
    """
    file = require_file(path, what)
    if file.suffix == ".npz":
        key = key or _default_key(file)
    with _readable(what, file):
        shape = _shape(file, key)
    if shape is None:
        names = _names(file)
        some = ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
        raise InputError(f"{file}: there is no {what} named {key!r}; there are {some or 'none'}")
    if len(shape) not in (2, 3) or (len(shape) == 3 and 4 not in shape[1:]):
        raise InputError(
            f"{file}: the {what} {key} are of shape {shape}; expected (regions, 4, length), (regions, length, 4) or "
            "(regions, length)"
        )
    return Stored(file, key, shape)


def _default_key(file: Path) -> str:
    names = _names(file)
    return names[0] if len(names) == 1 else "arr_0"


def _names(file: Path) -> list[str]:
    """Return the names of the arrays of a file."""
    if file.suffix == ".npz":
        with _readable("an npz file", file), zipfile.ZipFile(file) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist()]
    names: list[str] = []
    if file.suffix != ".npy":
        with _readable("an HDF5 file", file), h5py.File(file, "r") as handle:
            handle.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return names


@contextmanager
def _readable(what: str, file: Path) -> Iterator[None]:
    """Turn what the readers of archives and arrays raise into an `InputError`."""
    try:
        with expecting(what, file):
            yield
    except (zipfile.BadZipFile, zlib.error, TokenError, SyntaxError) as error:
        raise InputError(f"{file}: damaged, or not {what} ({reason(error)})") from error


def _shape(file: Path, key: str) -> tuple[int, ...] | None:
    """Return the shape of an array; None if there is none of this name."""
    if file.suffix == ".npz":
        with zipfile.ZipFile(file) as archive:
            if f"{key}.npy" not in archive.namelist():
                return None
            with _member(archive, key) as handle:
                return _header(handle, archive.getinfo(f"{key}.npy").file_size, f"{file}: {key}")[0]
    if file.suffix == ".npy":
        return npy_shape(file)
    with h5py.File(file, "r") as handle:
        found = handle.get(key)
        if not isinstance(found, h5py.Dataset):
            return None
        _check_type(found.dtype, f"{file}: {key}")
        check_dataset(found, f"{file}: {key}")
        return tuple(found.shape or ())


def npy_shape(file: Path) -> tuple[int, ...]:
    """Return the shape of the array of an npy file, checked against the file's size.

    Raises
    ------
    InputError
        If the file is damaged or holds objects.
    """
    with _readable("an npy file", file), file.open("rb") as handle:
        return _header(handle, file.stat().st_size, str(file))[0]


def _member(archive: zipfile.ZipFile, key: str) -> AbstractContextManager[IO[bytes]]:
    return archive.open(f"{key}.npy")


def _header(handle: IO[bytes], size: int, where: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read the header of an npy stream of `size` bytes: shape and type."""
    version = np.lib.format.read_magic(handle)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran_order, dtype = read(handle)
    if fortran_order:
        raise InputError(f"{where}: stored in Fortran order; save numpy.ascontiguousarray(x) in its place")
    _check_type(dtype, where)
    claimed = dtype.itemsize * math.prod(shape)
    if min(shape, default=0) < 0 or claimed > size:
        raise InputError(f"{where}: damaged: an array of shape {shape} does not fit into {size:,} bytes")
    return shape, dtype


def _check_type(dtype: np.dtype[Any], where: str) -> None:
    """Refuse what is no array of numbers."""
    if dtype.hasobject:
        raise InputError(f"{where}: it holds Python objects, which are not read")
    if dtype.kind not in "iufb":
        raise InputError(f"{where}: it holds {dtype} where numbers are expected")


def _blocks(array: Stored, size: int) -> Iterator[NDArray[Any]]:
    starts = range(0, array.regions, size)
    with _readable(f"a file whose {array.key or 'array'} can be read to its end", array.path):
        if array.path.suffix == ".npz":
            with zipfile.ZipFile(array.path) as archive, _member(archive, array.key) as handle:
                shape, dtype = _header(handle, archive.getinfo(f"{array.key}.npy").file_size, str(array.path))
                for first in starts:
                    rows = min(size, array.regions - first)
                    data = handle.read(rows * int(np.prod(shape[1:])) * dtype.itemsize)
                    yield np.frombuffer(data, dtype=dtype).reshape(rows, *shape[1:])
        elif array.path.suffix == ".npy":
            memory = np.load(array.path, mmap_mode="r", allow_pickle=False)
            for first in starts:
                yield np.array(memory[first : first + size])
        else:
            with h5py.File(array.path, "r") as file:
                for first in starts:
                    yield file[array.key][first : first + size]
