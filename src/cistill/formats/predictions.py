"""`predictions.h5`: predicted profiles and counts of regions."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from cistill.formats.hdf5 import TEXT, Layout, Opened, new_file, opened, rows_of
from cistill.formats.profiles import expected_ends

CHUNK_BYTES = 1 << 20  # of log-profiles, so that a few regions are read without reading many
LAYOUT = Layout(
    name="cistill-predictions",
    version=1,
    what="a file of predictions",
    made_by="cistill predict",
    words="predicted profiles and counts",
    attributes={
        "tf": "name of the TF",
        "tasks": "JSON list of the model's tasks",
        "output_length": "bp",
    },
    datasets={
        "region_id": "UTF-8 text `(regions,)`",
        "chrom": "UTF-8 text `(regions,)`",
        "summit": "int64 `(regions,)`",
        "kind": "UTF-8 text `(regions,)`, as in the dataset; not for regions of a BED file",
        "split": "UTF-8 text `(regions,)`, as in the dataset; not for regions of a BED file",
        "unseen": "bool `(regions,)`: whether only networks predicted that never saw the chromosome",
        "log_counts": "float32 `(regions, tasks, 2)`: ln(1 + 5' ends)",
        "log_profile": "float16 `(regions, tasks, 2, output_length)`: natural log of each strand's probabilities",
    },
)


class PredictionWriter:
    """A predictions.h5 that is being written.

    Parameters
    ----------
    h5 : h5py.File
        Empty, open for writing.
    tf : str
    tasks : sequence of str
    length : int
        Output length, bp.
    columns : mapping
        `region_id`, `chrom`, `summit` and what else is known of each region, arrays of one length.
    """

    def __init__(
        self, h5: h5py.File, tf: str, tasks: Sequence[str], length: int, columns: Mapping[str, NDArray[Any]]
    ) -> None:
        regions = len(columns["region_id"])
        LAYOUT.stamp(h5)
        h5.attrs.update(tf=tf, output_length=length, tasks=json.dumps(list(tasks)))
        for name, values in columns.items():
            if values.dtype.kind in "UO":
                h5.create_dataset(name, data=values.astype(object), dtype=TEXT)
            else:
                h5.create_dataset(name, data=values)
        self.log_counts = h5.create_dataset("log_counts", (regions, len(tasks), 2), "f4")
        shape = (len(tasks), 2, length)
        chunk = (max(1, min(regions, CHUNK_BYTES // (4 * len(tasks) * length))), *shape) if regions else None
        self.log_profile = h5.create_dataset("log_profile", (regions, *shape), "f2", chunks=chunk)
        self.unseen = h5.create_dataset("unseen", (regions,), bool)

    def write(self, first: int, log_counts: NDArray[Any], log_profile: NDArray[Any], unseen: NDArray[np.bool_]) -> None:
        """Write the predictions of consecutive regions from row `first` on."""
        part = slice(first, first + len(log_counts))
        self.log_counts[part] = log_counts
        self.log_profile[part] = log_profile.astype(np.float16)
        self.unseen[part] = unseen


@contextmanager
def prediction_writer(
    path: str | os.PathLike[str], tf: str, tasks: Sequence[str], length: int, columns: Mapping[str, NDArray[Any]]
) -> Iterator[PredictionWriter]:
    """Give a PredictionWriter whose file appears as `path` when the block ends without an error."""
    with new_file(path) as h5:
        yield PredictionWriter(h5, tf, tasks, length, columns)


class PredictionReader:
    """An open predictions.h5, of which regions are read as they are asked for.

    Parameters
    ----------
    file : Opened
        Of the layout of predictions.
    """

    def __init__(self, file: Opened) -> None:
        self.file = file

    @cached_property
    def tasks(self) -> tuple[str, ...]:
        """Names of the tasks, in the order of the arrays."""
        return self.file.names("tasks")

    @cached_property
    def output_length(self) -> int:
        """Predicted bp."""
        return int(self.file["log_profile"].shape[-1])

    @cached_property
    def region_id(self) -> NDArray[np.object_]:
        """Names of the regions, (regions,) of str."""
        return self.file.text("region_id")

    @cached_property
    def chrom(self) -> NDArray[np.str_]:
        """Chromosomes of the regions, (regions,)."""
        return self.file.text("chrom").astype(str)

    @cached_property
    def summit(self) -> NDArray[np.int64]:
        """Positions that the output windows are centred on, (regions,)."""
        return np.asarray(self.file["summit"][:].astype(np.int64))

    @cached_property
    def unseen(self) -> NDArray[np.bool_] | None:
        """Which regions only networks predicted that never saw the chromosome, (regions,); None if not recorded."""
        return np.asarray(self.file["unseen"][:], dtype=bool) if "unseen" in self.file else None

    def __len__(self) -> int:
        return len(self.region_id)

    def expected_ends(self, rows: Any, task: int | None = None, rescale: bool = False) -> NDArray[np.float64]:
        """Return the expected 5' ends per base of some regions.

        Parameters
        ----------
        rows : int, slice or int64 array, (rows,)
            Which regions, in which order.
        task : int, optional
            Only of this task; then without the axis of tasks.
        rescale : bool
            Scale the shares of each strand's profile to sum to one.

        Returns
        -------
        float64 array, (rows, tasks, 2 strands [+, -], output_length); without the first axis for a single row
        """
        log_counts, log_profile = (self._rows(name, rows, task) for name in ("log_counts", "log_profile"))
        return expected_ends(log_counts, log_profile, rescale)

    def _rows(self, name: str, rows: Any, task: int | None) -> NDArray[np.floating]:
        data, chosen = self.file[name], slice(None) if task is None else task
        return np.asarray(rows_of(data, rows)[:, chosen] if isinstance(rows, np.ndarray) else data[rows, chosen])


@contextmanager
def open_predictions(path: str | os.PathLike[str]) -> Iterator[PredictionReader]:
    """Open predictions to read some of them.

    Raises
    ------
    InputError
        If the file is missing, damaged, no file of predictions, or one of another version.
    """
    with opened(path, LAYOUT, ("summit", "log_counts", "log_profile"), ("tasks",)) as file:
        yield PredictionReader(file)
