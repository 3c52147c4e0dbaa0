"""Values along the genome that the page shows: observed and predicted 5' ends, contributions, sequence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.formats.dataset import open_dataset
from cistill.report.reading.locus_arrays import Floats, bases_of, contributions_of, observed_ends, predicted_ends
from cistill.report.reading.tf_results import TfResults

Positions = NDArray[np.int64]
BLOCK = 1024
"""Regions read at once."""
MINUS = 1
"""Row of the minus strand."""


@dataclass(frozen=True)
class Stretch:
    """Values of consecutive bases.

    Attributes
    ----------
    chrom : str
    start : int
        Position of the first base, 0-based.
    values : array (bases,)
        float32, or codes of bases.
    """

    chrom: str
    start: int
    values: NDArray[np.generic]

    @property
    def end(self) -> int:
        """Position behind the last base."""
        return self.start + len(self.values)


@dataclass(frozen=True)
class ShownValues:
    """All values of the regions shown; a mapping is empty where the file was not given.

    Attributes
    ----------
    observed, predicted : mapping
        (task, strand) to stretches, strand 0 for plus and 1 for minus.
    contributions : mapping
        Head to stretches.
    sequence : list of Stretch
        Codes of the bases.
    """

    observed: Mapping[tuple[str, int], list[Stretch]]
    predicted: Mapping[tuple[str, int], list[Stretch]]
    contributions: Mapping[str, list[Stretch]]
    sequence: list[Stretch]


def read_signals(results: TfResults, regions: Sequence[str]) -> ShownValues:
    """Read the values of regions.

    Where windows of regions overlap, each base has the value of the region whose summit is nearest: the left one of two
    that are equally near.
    """
    table = results.regions[results.regions["region_id"].isin(set(regions))]
    wanted = {task: list(regions) for task in results.tasks}
    observed = observed_ends(results.file("dataset"), wanted, jitter=True)
    predicted = predicted_ends(results.file("predictions"), wanted)
    contributions = {}
    for head in results.heads.values():
        if head.attributions is not None:
            found = contributions_of(head.attributions, regions)
            summed = {name: (values.sum(axis=1), start) for name, (values, start) in found.items()}
            contributions[head.name] = _cut(table, summed)
    return ShownValues(
        _strands(table, observed, results.tasks),
        _strands(table, predicted, results.tasks),
        {name: stretches for name, stretches in contributions.items() if stretches},
        _cut(table, bases_of(results.file("dataset"), regions)),
    )


def observed_everywhere(
    file: Path, task: str
) -> tuple[dict[str, tuple[Positions, Floats]], dict[str, tuple[Positions, Floats]]]:
    """Return the 5' ends of a task in all stored windows of dataset.h5.

    Returns
    -------
    (dict, dict)
        Of the plus and of the minus strand: chromosome to ascending positions and their counts, none of them zero.
    """
    found: tuple[dict[str, list[NDArray[Any]]], dict[str, list[NDArray[Any]]]] = ({}, {})
    with open_dataset(file) as dataset:
        index = dataset.tasks.index(task)
        chroms = dataset.column("chrom").astype(str)
        before = dataset.output_length // 2 + dataset.max_jitter
        for first in range(0, len(dataset), BLOCK):
            last = min(first + BLOCK, len(dataset))
            windows = dataset.windows(first, last, jitter=True)[:, index]
            for strand in (0, MINUS):
                rows, offsets = np.nonzero(windows[:, strand])
                places = dataset.summit[first:last][rows] - before + offsets
                values = windows[rows, strand, offsets]
                for chrom in np.unique(chroms[first:last][rows]):
                    own = chroms[first:last][rows] == chrom
                    found[strand].setdefault(str(chrom), []).append(np.stack([places[own], values[own]]))
    plus, minus = ({chrom: _unique(pieces) for chrom, pieces in of_chroms.items()} for of_chroms in found)
    return plus, minus


def _unique(pieces: Sequence[NDArray[Any]]) -> tuple[Positions, Floats]:
    """Return positions, each once, and their values, which are the same in all windows that hold them."""
    together = np.concatenate(pieces, axis=1)
    positions, first = np.unique(together[0].astype(np.int64), return_index=True)
    return positions, together[1][first]


def _strands(
    table: pd.DataFrame, ends: Mapping[tuple[str, str], NDArray[np.float64]], tasks: Sequence[str]
) -> dict[tuple[str, int], list[Stretch]]:
    """Return (task, strand) to the stretches of windows centred on the summits."""
    summits = dict(zip(table["region_id"].astype(str), table["summit"].astype(int), strict=True))
    found = {}
    for task in tasks:
        own = {name: values for (of, name), values in ends.items() if of == task}
        for strand in (0, MINUS):
            windows = {
                name: (values[strand], summits[name] - values.shape[1] // 2) for name, values in own.items()
            }  # fmt: skip
            if windows:
                found[task, strand] = _cut(table, windows)
    return found


def _cut(table: pd.DataFrame, windows: Mapping[str, tuple[NDArray[np.generic], int]]) -> list[Stretch]:
    """Return windows as stretches in genome order, none of which overlaps another.

    Parameters
    ----------
    table : DataFrame
        Rows of regions.tsv.
    windows : mapping
        region_id to values and the position of the first.
    """
    rows = sorted(
        (str(chrom), int(summit), str(name))
        for name, chrom, summit in table[["region_id", "chrom", "summit"]].to_numpy(dtype=object)
        if str(name) in windows
    )
    stretches = []
    for at, (chrom, summit, name) in enumerate(rows):
        values, start = windows[name]
        first, last = max(start, 0), start + len(values)
        if at and rows[at - 1][0] == chrom:
            first = max(first, _border(rows[at - 1][1], summit))
        if at + 1 < len(rows) and rows[at + 1][0] == chrom:
            last = min(last, _border(summit, rows[at + 1][1]))
        if last > first:
            kept = values[first - start : last - start]
            stretches.append(Stretch(chrom, first, kept if kept.dtype == np.uint8 else kept.astype(np.float32)))
    return stretches


def _border(left: int, right: int) -> int:
    """Return the first base that is nearer to the right one of two summits."""
    return (left + right) // 2 + 1
