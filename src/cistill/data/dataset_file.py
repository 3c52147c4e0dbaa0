"""Filling the file of a dataset in blocks of regions, chromosome by chromosome."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.console import progress
from cistill.data.backgrounds import WindowShape
from cistill.data.genome import read_chromosomes, window_codes
from cistill.data.signals import Tracks
from cistill.formats.dataset import dataset_writer
from cistill.formats.entries import entries_of, value_type

REGIONS_AT_ONCE = 256


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


@dataclass
class Measured:
    """What one pass over tracks tells: how to store their windows, and the regions' counts.

    Attributes
    ----------
    number : int64 array, (regions, tracks, 2)
        Positions with reads in the stored windows of the regions that are stored.
    counts : float64 array, (regions,)
        5' ends in the output windows, all tracks and strands.
    largest : float
        Largest value stored.
    fractional : bool
        Whether any value stored is not a whole number.
    """

    number: NDArray[np.int64]
    counts: NDArray[np.float64]
    largest: float = 0.0
    fractional: bool = False

    @property
    def dtype(self) -> np.dtype[Any]:
        """The smallest type that holds the values."""
        return value_type(self.largest, self.fractional)


def measure(
    regions: pd.DataFrame, stored: NDArray[np.bool_], tracks: Tracks, shape: WindowShape, name: str
) -> Measured:
    """Go through the windows of all regions once.

    Parameters
    ----------
    regions : pandas.DataFrame
        In genome order.
    stored : bool array, (regions,)
        Of which ones the windows will be stored.
    tracks : Tracks
    shape : WindowShape
    name : str
        What is measured, for the reader.
    """
    found = Measured(np.zeros((len(regions), len(tracks), 2), dtype=np.int64), np.zeros(len(regions)))
    output = slice(shape.max_jitter, shape.max_jitter + shape.output_length)
    for rows, windows in _windows(regions, tracks, shape, f"measuring {name}"):
        found.counts[rows] = windows[..., output].sum(axis=(1, 2, 3), dtype=np.float64)
        windows = windows[stored[rows]]
        found.number[rows[stored[rows]]] = np.count_nonzero(windows, axis=-1)
        found.largest = max(found.largest, float(windows.max(initial=0)))
        found.fractional = found.fractional or bool((windows != np.rint(windows)).any())
    return found


def _windows(
    regions: pd.DataFrame, tracks: Tracks, shape: WindowShape, description: str
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Yield row numbers and stored windows `(rows, tracks, 2, stored output)`, block by block."""
    if len(tracks):
        for chrom, rows, summits in progress(blocks(regions), description, total=len(regions), size=REGIONS_AT_ONCE):
            starts = summits - shape.output_length // 2 - shape.max_jitter
            yield rows, tracks.windows(chrom, starts, shape.stored_output)


def write_dataset(
    path: str | os.PathLike[str],
    regions: pd.DataFrame,
    fasta: str | os.PathLike[str],
    signal: tuple[Tracks, Measured],
    control: tuple[Tracks, Measured],
    of_task: Sequence[int],
    shape: WindowShape,
    attributes: Mapping[str, str | int],
    genome: Mapping[str, Any],
) -> None:
    """Write `dataset.h5`, a block of regions at a time.

    Parameters
    ----------
    path : path
        The file to write. It appears whole or not at all.
    regions : pandas.DataFrame
        The kept regions, in genome order.
    fasta : path
        The genome.
    signal, control : pair of Tracks and Measured
        Open tracks, and what `measure` found for these regions.
    of_task : sequence of int, (tasks,)
        Control track of each task, -1 for none.
    shape : WindowShape
    attributes : mapping
        `tf`, `tasks` (JSON) and `seed`.
    genome : mapping
        `folds` and `sizes`: what grows with the number of chromosomes, and attributes may not.
    """
    lengths = {name: getattr(shape, name) for name in ("input_length", "output_length", "max_jitter")}
    with dataset_writer(path, regions, lengths, attributes, genome, of_task) as file:
        _write_sequences(file.sequence, regions, fasta, shape)
        for name, (tracks, measured) in (("signal", signal), ("control", control)):
            counts = file.counts(name, measured.number, measured.dtype)
            for rows, windows in _windows(regions, tracks, shape, f"writing {name}"):
                windows[~measured.number[rows].any(axis=(1, 2))] = 0  # regions of which nothing was counted
                counts.write(entries_of(windows))


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
