"""`footprints.h5` of `marginalize`: mean profiles with inserts and without."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from cistill.formats.hdf5 import TEXT, Layout, new_file, opened

Floats = NDArray[np.float64]
LAYOUT = Layout(
    name="cistill-footprints",
    version=1,
    what="a file of footprints",
    made_by="cistill marginalize --footprints",
    words="mean profiles with inserts and without",
    attributes={"tf": "name of the TF"},
    datasets={
        "sequence": "ASCII `(inserts,)`",
        "task": "UTF-8 text `(tasks,)`",
        "profile_without": "float32 `(tasks, 2, output_length)`: mean probabilities of the backgrounds as they are",
        "ends_without": "float32 `(tasks, 2, output_length)`: mean expected 5' ends",
        "profile": "float32 `(inserts, tasks, 2, output_length)`: the same with each insert",
        "ends": "float32 `(inserts, tasks, 2, output_length)`",
        "js_distance": "float32 `(inserts, tasks)`: Jensen-Shannon distance of the two profiles, base e",
    },
)


class InsertFootprints(NamedTuple):
    """The arrays of a file, as `LAYOUT` describes them, in float64."""

    sequences: list[str]
    tasks: list[str]
    profile: Floats
    ends: Floats
    profile_without: Floats
    ends_without: Floats
    js_distance: Floats


def read_insert_footprints(path: str | os.PathLike[str]) -> InsertFootprints:
    """Read footprints of inserts.

    Raises
    ------
    InputError
        If the file is missing, damaged, none that `marginalize --footprints` wrote, or one of another version.
    """
    with opened(path, LAYOUT, tuple(LAYOUT.datasets)) as file:
        arrays = {name: file[name][:].astype(np.float64) for name in InsertFootprints._fields[2:]}
        return InsertFootprints(
            [text.decode() for text in file["sequence"][:].tolist()], file.text("task").tolist(), **arrays
        )


class InsertFootprintWriter:
    """A file of footprints that is being written, insert by insert.

    Attributes
    ----------
    profile, ends : h5py.Dataset, (inserts, tasks, 2, output_length)
        To be filled.
    """

    def __init__(
        self, h5: h5py.File, tf: str, sequences: NDArray[np.bytes_], tasks: Sequence[str], without: Sequence[Floats]
    ) -> None:
        self._h5 = h5
        LAYOUT.stamp(h5)
        h5.attrs["tf"] = tf
        h5["sequence"] = sequences
        h5.create_dataset("task", data=np.array(tasks, dtype=object), dtype=TEXT)
        h5["profile_without"], h5["ends_without"] = (part.astype(np.float32) for part in without)
        shape = (len(sequences), *without[0].shape)
        self.profile, self.ends = (h5.create_dataset(name, shape, np.float32) for name in ("profile", "ends"))

    def write_distances(self, distances: Floats) -> None:
        """Write the distances (inserts, tasks), which are known last."""
        self._h5["js_distance"] = distances.astype(np.float32)


@contextmanager
def insert_footprint_writer(
    path: str | os.PathLike[str],
    tf: str,
    sequences: NDArray[np.bytes_],
    tasks: Sequence[str],
    without: Sequence[Floats],
) -> Iterator[InsertFootprintWriter]:
    """Give a writer whose file appears as `path` when the block ends without an error.

    `without` are profile and expected 5' ends without an insert, each (tasks, 2, output_length).
    """
    with new_file(path) as h5:
        yield InsertFootprintWriter(h5, tf, sequences, tasks, without)
