"""The HDF5 file of a dataset: written in blocks of regions, chromosome by chromosome."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from cistill.console import progress
from cistill.data.backgrounds import WindowShape
from cistill.data.genome import read_chromosomes, window_codes
from cistill.data.tracks import TaskTracks
from cistill.errors import InputError
from cistill.files import atomic_output

FORMAT = "cistill-dataset"
FORMAT_VERSION = 1
REGIONS_AT_ONCE = 256
CHUNK_BYTES = 1 << 19
INTEGER_TYPES = (np.uint8, np.uint16, np.uint32)


@dataclass
class Extremes:
    """What decides the type that counts are stored in.

    Attributes
    ----------
    largest : float
        Largest value seen.
    fractional : bool
        Whether any value was not a whole number.
    """

    largest: float = 0.0
    fractional: bool = False

    def see(self, values: NDArray[np.float32]) -> None:
        """Take more values into account."""
        if values.size:
            self.largest = max(self.largest, float(values.max()))
            self.fractional = self.fractional or bool((values != np.rint(values)).any())

    @property
    def dtype(self) -> np.dtype[Any]:
        """The smallest type that holds the values: uint8, uint16, uint32, or float32 for fractions."""
        if self.fractional:
            return np.dtype(np.float32)
        for kind in INTEGER_TYPES:
            if self.largest <= np.iinfo(kind).max:
                return np.dtype(kind)
        raise InputError(f"a count of {self.largest:g} at one base is more than 32 bits hold; is the bigWig broken?")


def blocks(regions: pd.DataFrame) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.int64]]]:
    """Cut a table in genome order into blocks of one chromosome and a bounded number of rows.

    Yields
    ------
    chrom : str
    rows : int64 array, (block,)
        Row numbers.
    summits : int64 array, (block,)
        Ascending.
    """
    chroms = regions["chrom"].to_numpy(dtype=object)
    summits = regions["summit"].to_numpy(dtype=np.int64)
    edges = [0, *(np.flatnonzero(chroms[1:] != chroms[:-1]) + 1).tolist(), len(chroms)]
    for first, last in pairwise(edges):
        for start in range(first, last, REGIONS_AT_ONCE):
            rows = np.arange(start, min(start + REGIONS_AT_ONCE, last))
            yield str(chroms[start]), rows, summits[rows]


def write_dataset(
    path: str | os.PathLike[str],
    regions: pd.DataFrame,
    fasta: str | os.PathLike[str],
    signal: TaskTracks,
    control: TaskTracks,
    types: tuple[DTypeLike, DTypeLike],
    shape: WindowShape,
    attributes: Mapping[str, str | int],
) -> None:
    """Write `dataset.h5` as docs/architecture.md describes it.

    Parameters
    ----------
    path : path
        The file to write. It appears whole or not at all.
    regions : pandas.DataFrame
        The kept regions, in genome order.
    fasta : path
        The genome.
    signal, control : TaskTracks
        Open tracks of all tasks.
    types : pair of dtype
        Of signal and control.
    shape : WindowShape
    attributes : mapping
        `tf`, `tasks` (JSON list) and `seed`.
    """
    tasks = json.loads(str(attributes["tasks"]))
    counts_shape = (len(regions), len(tasks), 2, shape.stored_output)
    with atomic_output(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs["format"] = FORMAT
        file.attrs["format_version"] = FORMAT_VERSION
        for name in ("input_length", "output_length", "max_jitter"):
            file.attrs[name] = getattr(shape, name)
        for name, value in attributes.items():
            file.attrs[name] = value
        _write_columns(file, regions, tasks)
        file["has_control"] = np.array([bool(plus) for plus, _ in control.tracks])
        sequence = _create(file, "sequence", (len(regions), shape.stored_input), np.uint8, compression=None)
        _write_sequences(sequence, regions, fasta, shape)
        for name, tracks, kind in (("signal", signal, types[0]), ("control", control, types[1])):
            # Without any control nothing is written: HDF5 then gives zeros and stores nothing.
            counts = _create(file, name, counts_shape, kind, compression="lzf")
            if tracks.any:
                _write_counts(counts, regions, tracks, shape, name)


def _write_columns(file: h5py.File, regions: pd.DataFrame, tasks: Sequence[str]) -> None:
    """Write what there is one value of per region."""
    text = h5py.string_dtype("utf-8")
    for name in ("region_id", "chrom", "kind", "split"):
        file.create_dataset(name, data=regions[name].to_numpy(dtype=object), dtype=text)
    file["summit"] = regions["summit"].to_numpy(dtype=np.int64)
    named = [set(text.split(",")) for text in regions["tasks"]]
    is_peak = np.array([[task in names for task in tasks] for names in named], dtype=bool)
    file["is_peak"] = is_peak.reshape(len(regions), len(tasks))


def _create(
    file: h5py.File, name: str, shape: tuple[int, ...], kind: DTypeLike, compression: str | None
) -> h5py.Dataset:
    """Create a dataset in chunks of whole rows."""
    row_bytes = int(np.prod(shape[1:])) * np.dtype(kind).itemsize
    rows = min(max(1, CHUNK_BYTES // row_bytes), shape[0])
    return file.create_dataset(name, shape, kind, chunks=(rows, *shape[1:]), compression=compression)


def _write_sequences(
    dataset: h5py.Dataset, regions: pd.DataFrame, fasta: str | os.PathLike[str], shape: WindowShape
) -> None:
    """Fill in the coded bases, one chromosome of the genome at a time."""
    of_chrom: dict[str, list[tuple[NDArray[np.int64], NDArray[np.int64]]]] = {}
    for chrom, rows, summits in blocks(regions):
        of_chrom.setdefault(chrom, []).append((rows, summits))
    for chrom, codes in progress(read_chromosomes(fasta), "sequences", unit="chromosomes"):
        for rows, summits in of_chrom.get(chrom, ()):
            starts = summits - shape.input_length // 2 - shape.max_jitter
            dataset[rows[0] : rows[-1] + 1] = window_codes(codes, starts, shape.stored_input)


def _write_counts(
    dataset: h5py.Dataset, regions: pd.DataFrame, tracks: TaskTracks, shape: WindowShape, name: str
) -> None:
    """Fill in counts block by block; regions whose signal is unusable get none."""
    unusable = regions["reason"].notna().to_numpy() & (name == "signal")
    done = progress(blocks(regions), name, total=len(regions), size=REGIONS_AT_ONCE)
    for chrom, rows, summits in done:
        starts = summits - shape.output_length // 2 - shape.max_jitter
        windows = tracks.windows(chrom, starts, shape.stored_output)
        windows[unusable[rows]] = 0
        dataset[rows[0] : rows[-1] + 1] = windows.astype(dataset.dtype)
