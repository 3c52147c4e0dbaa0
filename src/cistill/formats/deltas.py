"""`deltas.h5`: what each insert changes in each background."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import h5py
import numpy as np
from numpy.typing import NDArray

from cistill.formats.hdf5 import TEXT, Layout, Opened, new_file, opened

LAYOUT = Layout(
    name="cistill-marginalization",
    version=1,
    what="a file of deltas",
    made_by="cistill marginalize --deltas",
    words="change of the prediction by each insert in each background",
    attributes={"tf": "name of the TF"},
    datasets={
        "sequence": "ASCII `(inserts,)`",
        "row": "int64 `(inserts,)`: place in the library",
        "source": "int64 `(backgrounds,)`: which region each background was shuffled from",
        "task": "UTF-8 text `(tasks,)`",
        "delta": "float32 `(inserts, tasks, backgrounds)`: change in predicted natural-log counts",
    },
)


@contextmanager
def delta_writer(
    path: str | os.PathLike[str],
    tf: str,
    sequences: NDArray[np.bytes_],
    tasks: Sequence[str],
    source: NDArray[np.int64],
    rows: NDArray[np.int64],
) -> Iterator[h5py.Dataset]:
    """Give the dataset `delta` (inserts, tasks, backgrounds) of a new file, to be filled."""
    with new_file(path) as h5:
        LAYOUT.stamp(h5)
        h5.attrs["tf"] = tf
        h5["sequence"], h5["row"], h5["source"] = sequences, rows, source
        h5.create_dataset("task", data=np.array(tasks, dtype=object), dtype=TEXT)
        yield h5.create_dataset("delta", (len(sequences), len(tasks), len(source)), dtype=np.float32)


@contextmanager
def open_deltas(path: str | os.PathLike[str]) -> Iterator[Opened]:
    """Open deltas for reading.

    Raises
    ------
    InputError
        If the file is missing, damaged, none that `marginalize --deltas` wrote, or one of another version.
    """
    with opened(path, LAYOUT, tuple(LAYOUT.datasets)) as file:
        yield file
