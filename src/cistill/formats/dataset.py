"""`dataset.h5`: the kept regions of a TF, their sequences, and the 5' ends around their summits."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.formats.entries import Entries, position_type, read_windows
from cistill.formats.hdf5 import TEXT, Layout, Opened, new_file, opened

PARTS = ("train", "valid", "test")
COLUMNS = ("region_id", "chrom", "kind", "split", "matched_to")
"""Texts of which there is one for each region."""
LAYOUT = Layout(
    name="cistill-dataset",
    version=2,
    what="a dataset",
    made_by="cistill dataset",
    words="sequences and signals that the model is trained on",
    attributes={
        "tf": "name of the TF",
        "tasks": "JSON list of names",
        "input_length": "bp that a model reads",
        "output_length": "bp that it predicts",
        "max_jitter": "bp by which stored windows are longer than these on both sides",
        "seed": "of the choice of backgrounds",
    },
    datasets={
        "folds": 'JSON text: name to `{"train": [chromosome, ...], "valid": ..., "test": ...}`, in the order chosen',
        "sizes": "JSON text: lengths of the regions' chromosomes, bp",
        "region_id": "UTF-8 text `(regions,)`, as in `regions.tsv`",
        "chrom": "UTF-8 text `(regions,)`",
        "kind": "UTF-8 text `(regions,)`: `peak` or `background`",
        "split": "UTF-8 text `(regions,)`",
        "matched_to": "UTF-8 text `(regions,)`; empty for peaks",
        "summit": "int64 `(regions,)`",
        "match_rank": "uint8 `(regions,)`",
        "is_peak": "bool `(regions, tasks)`: which tasks have this peak",
        "sequence": "uint8 codes 0..4 `(regions, input_length + 2*max_jitter)`",
        "signal/indptr": "int64 `(regions * tracks * 2 + 1,)`: where entries of a region, track and strand begin",
        "signal/position": "uint16 (uint32 for windows of over 65,536 bp) `(entries,)`: offset in the stored output "
        "window, of `output_length + 2*max_jitter`",
        "signal/value": "`(entries,)`: the count, never zero; uint8, uint16, uint32 or, for fractions, float32: the "
        "smallest that holds the values",
        "control/indptr": "as for `signal`",
        "control/position": "as for `signal`",
        "control/value": "as for `signal`",
        "control/of_task": "int16 `(tasks,)`: track of each task's control, -1 for none",
        "has_control": "bool `(tasks,)`",
    },
)


class RegionReader:
    """An open dataset, of which regions are read as they are asked for.

    Parameters
    ----------
    file : Opened
        Of the layout of a dataset.
    """

    def __init__(self, file: Opened) -> None:
        self.file = file

    @property
    def tf(self) -> str:
        """Name of the TF."""
        return str(self.file.attribute("tf"))

    @cached_property
    def tasks(self) -> tuple[str, ...]:
        """Names of the tasks, in the order of the arrays."""
        return self.file.names("tasks")

    @cached_property
    def input_length(self) -> int:
        """What a model reads, bp."""
        return int(self.file.attribute("input_length"))

    @cached_property
    def output_length(self) -> int:
        """What a model predicts, bp."""
        return int(self.file.attribute("output_length"))

    @cached_property
    def max_jitter(self) -> int:
        """By how many bp stored windows are longer on both sides."""
        return int(self.file.attribute("max_jitter"))

    @cached_property
    def region_id(self) -> NDArray[np.object_]:
        """Names of the regions, (regions,) of str."""
        return self.file.text("region_id")

    @cached_property
    def summit(self) -> NDArray[np.int64]:
        """Positions that windows are centred on, (regions,)."""
        return np.asarray(self.file["summit"][:].astype(np.int64))

    @cached_property
    def is_peak(self) -> NDArray[np.bool_]:
        """Which tasks have a peak in a region, (regions, tasks)."""
        return np.asarray(self.file["is_peak"][:], dtype=bool)

    @cached_property
    def has_control(self) -> NDArray[np.bool_]:
        """Which tasks have a control, (tasks,)."""
        return np.asarray(self.file["has_control"][:], dtype=bool)

    @cached_property
    def folds(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Name of a fold to its part (`train`, `valid`, `test`) to chromosomes, in the order of the file.

        Raises
        ------
        InputError
            If a fold lacks a part.
        """
        found = self.file.table("folds")
        try:
            return {name: {part: tuple(fold[part]) for part in PARTS} for name, fold in found.items()}
        except (KeyError, TypeError) as error:
            raise InputError(f"{self.file.file}: a fold lacks the part {error}") from error

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Lengths of the regions' chromosomes, bp."""
        return {name: int(size) for name, size in self.file.table("sizes").items()}

    def column(self, name: str) -> NDArray[np.object_]:
        """Return one of `COLUMNS`, (regions,) of str."""
        return self.file.text(name)

    def __len__(self) -> int:
        return len(self.region_id)

    def windows(self, first: int, last: int, jitter: bool = False) -> NDArray[np.float64]:
        """Return the 5' ends around the summits of consecutive regions.

        Parameters
        ----------
        first, last : int
            Row numbers of the regions: first, ..., last - 1.
        jitter : bool
            Whole stored windows; the output windows by default.

        Returns
        -------
        float64 array, (last - first, tasks, 2 strands [+, -], length)

        Raises
        ------
        InputError
            If the file lacks a part of the signal.
        """
        self.file.require(["signal/indptr", "signal/position", "signal/value"])
        tasks, stored = len(self.tasks), self.output_length + 2 * self.max_jitter
        # all tasks are read at once: as of one task and as many more regions
        found = read_windows(self.file["signal"], first * tasks, last * tasks, 0, 1, stored)
        found = found.reshape(last - first, tasks, 2, stored)
        return found if jitter else found[..., self.max_jitter : self.max_jitter + self.output_length]


@contextmanager
def open_dataset(path: str | os.PathLike[str]) -> Iterator[RegionReader]:
    """Open a dataset to read some of its regions.

    Raises
    ------
    InputError
        If the file is missing, damaged, no dataset, or one of another version.
    """
    needed = ("region_id", "summit", "signal/indptr", "signal/position", "signal/value")
    with opened(path, LAYOUT, needed, ("tasks", "output_length", "max_jitter")) as file:
        yield RegionReader(file)


class CountWriter:
    """The group `signal` or `control` of a dataset that is being written.

    Parameters
    ----------
    group : h5py.Group
        Empty.
    number : int64 array, (regions, tracks, 2)
        Entries of every window to come.
    kind : numpy.dtype
        Of the values.
    length : int
        Of the stored windows, bp.
    """

    def __init__(self, group: h5py.Group, number: NDArray[np.int64], kind: np.dtype[Any], length: int) -> None:
        indptr = np.concatenate([[0], np.cumsum(number)])
        group["indptr"] = indptr
        self._position = group.create_dataset("position", (indptr[-1],), position_type(length))
        self._value = group.create_dataset("value", (indptr[-1],), kind)
        self._at = 0

    def write(self, entries: Entries) -> None:
        """Write the entries of the next windows."""
        last = self._at + len(entries.value)
        self._position[self._at : last], self._value[self._at : last] = entries.position, entries.value
        self._at = last


class DatasetWriter:
    """A dataset that is being written; sequences and counts are filled in by who calls.

    Parameters
    ----------
    h5 : h5py.File
        Empty, open for writing.
    regions : pandas.DataFrame
        The kept regions, in genome order, columns as in regions.tsv.
    lengths : mapping
        `input_length`, `output_length`, `max_jitter`, bp.
    attributes : mapping
        `tf`, `tasks` (JSON) and `seed`.
    genome : mapping
        `folds` and `sizes`: what grows with the number of chromosomes, and attributes may not.
    of_task : sequence of int, (tasks,)
        Control track of each task, -1 for none.
    """

    def __init__(
        self,
        h5: h5py.File,
        regions: pd.DataFrame,
        lengths: Mapping[str, int],
        attributes: Mapping[str, str | int],
        genome: Mapping[str, Any],
        of_task: Sequence[int],
    ) -> None:
        self._h5, self._of_task = h5, of_task
        LAYOUT.stamp(h5)
        for name in ("input_length", "output_length", "max_jitter"):
            h5.attrs[name] = lengths[name]
        self._stored = lengths["output_length"] + 2 * lengths["max_jitter"]
        for name, value in attributes.items():
            h5.attrs[name] = value
        for name, value in genome.items():
            h5.create_dataset(name, data=json.dumps(value), dtype=TEXT)
        _write_columns(h5, regions, json.loads(str(attributes["tasks"])))
        h5["has_control"] = np.array(of_task) >= 0
        width = lengths["input_length"] + 2 * lengths["max_jitter"]
        self.sequence = h5.create_dataset("sequence", (len(regions), width), np.uint8)

    def counts(self, name: str, number: NDArray[np.int64], kind: np.dtype[Any]) -> CountWriter:
        """Begin `signal` or `control`: number of entries `(regions, tracks, 2)` and the type of their values."""
        return CountWriter(self._h5.create_group(name), number, kind, self._stored)

    def close(self) -> None:
        """Write what comes last."""
        self._h5["control"]["of_task"] = np.array(self._of_task, dtype=np.int16)


def _write_columns(h5: h5py.File, regions: pd.DataFrame, tasks: Sequence[str]) -> None:
    """Write what there is one value of per region."""
    for name in COLUMNS:
        values = regions[name].astype(object).where(regions[name].notna(), "")
        h5.create_dataset(name, data=values.to_numpy(dtype=object), dtype=TEXT)
    h5["summit"] = regions["summit"].to_numpy(dtype=np.int64)
    h5["match_rank"] = regions["match_rank"].to_numpy(dtype=np.uint8)
    named = [set(text.split(",")) for text in regions["tasks"]]
    is_peak = np.array([[task in names for task in tasks] for names in named], dtype=bool)
    h5["is_peak"] = is_peak.reshape(len(regions), len(tasks))


@contextmanager
def dataset_writer(
    path: str | os.PathLike[str],
    regions: pd.DataFrame,
    lengths: Mapping[str, int],
    attributes: Mapping[str, str | int],
    genome: Mapping[str, Any],
    of_task: Sequence[int],
) -> Iterator[DatasetWriter]:
    """Give a DatasetWriter whose file appears as `path` when the block ends without an error.

    Nothing is compressed or in chunks: a whole dataset is read as fast as the disk gives it.
    """
    with new_file(path) as h5:
        writer = DatasetWriter(h5, regions, lengths, attributes, genome, of_task)
        yield writer
        writer.close()
