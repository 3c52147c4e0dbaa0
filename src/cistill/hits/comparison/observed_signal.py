"""Observed 5' ends around hits, read from a dataset or from bigWigs, a block of hits at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.data.signals import open_counts
from cistill.errors import InputError
from cistill.formats.dataset import open_dataset
from cistill.formats.profiles import along

HITS_AT_ONCE = 4096
WINDOWS_AT_ONCE = 512  # regions times tasks


class SignalBlock(NamedTuple):
    """Signal around some hits.

    Attributes
    ----------
    hit : int64 array, (block,)
        Rows of the table of hits.
    signal : float64 array, (block, 2, width)
        Strands [the hit's, the other]; positions along the hit's strand, its middle at width // 2.
    """

    hit: NDArray[np.int64]
    signal: NDArray[np.float64]


class Signal(Protocol):
    """Where the signal around hits is read from."""

    def blocks(self, hits: pd.DataFrame, width: int) -> Iterator[SignalBlock]:
        """Yield the signal around all hits whose surroundings are known, each once."""


def first_bases(hits: pd.DataFrame, width: int) -> NDArray[np.int64]:
    """Return where the windows around hits start, (hits,).

    The window of a plus hit reaches from width // 2 before its middle base, (start + end) // 2, on; that of a minus
    hit is its mirror image, so that a motif's bases are at the same places of the window on either strand.
    """
    start, end = hits["start"].to_numpy(np.int64), hits["end"].to_numpy(np.int64)
    middle = (start + end) // 2
    plus = middle - width // 2
    mirrored = start + end - 1 - plus - (width - 1)
    return np.where(hits["strand"].to_numpy() == "-", mirrored, plus)


class BigWigSignal:
    """Signal of bigWigs of 5' counts.

    Parameters
    ----------
    plus, minus : list of Path
        Summed within each strand.
    """

    def __init__(self, plus: list[Path], minus: list[Path]) -> None:
        self.files = (plus, minus)
        if not plus or not minus:
            raise InputError("the signal needs bigWigs of both strands: give --signal PLUS,MINUS")

    def blocks(self, hits: pd.DataFrame, width: int) -> Iterator[SignalBlock]:
        """Yield the signal around all hits; zero where the tracks have no value."""
        first, reverse = first_bases(hits, width), (hits["strand"] == "-").to_numpy()
        tracks = [
            [open_counts(file, minus) for file in files] for files, minus in zip(self.files, (False, True), strict=True)
        ]
        try:
            chroms = hits["chrom"].to_numpy(dtype=str)
            for chrom in np.unique(chroms):
                rows = np.flatnonzero(chroms == chrom)
                ordered = rows[np.argsort(first[rows], kind="stable")]
                for at in range(0, len(ordered), HITS_AT_ONCE):
                    hit = ordered[at : at + HITS_AT_ONCE]
                    signal = np.zeros((len(hit), 2, width))
                    for strand, of_strand in enumerate(tracks):
                        for track in of_strand:
                            signal[:, strand] += track.windows(str(chrom), first[hit], width)
                    yield SignalBlock(hit, along(signal, reverse[hit]))
        finally:
            for track in [track for of_strand in tracks for track in of_strand]:
                track.close()


class DatasetSignal:
    """Signal of a dataset: known in its regions' stored windows alone.

    Parameters
    ----------
    path : Path
        dataset.h5.
    task : str
        Whose reads; the sum over tasks by default.
    """

    def __init__(self, path: Path, task: str = "") -> None:
        self.path = path
        with open_dataset(path) as reader:
            self.tasks = list(reader.tasks)
            self.length = reader.output_length + 2 * reader.max_jitter
            self.summit = dict(zip(reader.region_id.tolist(), reader.summit.tolist(), strict=True))
        if task and task not in self.tasks:
            raise InputError(f"{path}: there is no task {task}; there are {', '.join(self.tasks)}")
        self.chosen = [self.tasks.index(task)] if task else list(range(len(self.tasks)))

    def blocks(self, hits: pd.DataFrame, width: int) -> Iterator[SignalBlock]:
        """Yield the signal around the hits whose surroundings lie in the stored window of their region."""
        names = list(self.summit)
        row = pd.Index(names).get_indexer(pd.Index(hits["region_id"]))
        summit = np.array([*self.summit.values(), 0], dtype=np.int64)[row]
        offset = first_bases(hits, width) - (summit - self.length // 2)
        known = np.flatnonzero((row >= 0) & (offset >= 0) & (offset + width <= self.length))
        known = known[np.argsort(row[known], kind="stable")]
        reverse = (hits["strand"] == "-").to_numpy()
        size = max(1, WINDOWS_AT_ONCE // len(self.tasks))
        with open_dataset(self.path) as reader:
            for first in range(0, len(names), size):
                hit = known[slice(*np.searchsorted(row[known], [first, first + size]))]
                if not len(hit):
                    continue
                last = min(first + size, len(names))
                of_region = reader.windows(first, last, jitter=True)[:, self.chosen].sum(1)
                at = offset[hit][:, None, None] + np.arange(width)
                signal = of_region[(row[hit] - first)[:, None, None], np.arange(2)[:, None], at]
                yield SignalBlock(hit, along(signal, reverse[hit]))


def open_signal(
    dataset: Path | None, task: str, bigwigs: Sequence[tuple[Path, Path]]
) -> tuple[Signal | None, dict[str, Path]]:
    """Return the signal of a dataset or else of pairs of bigWigs, None of neither, and role and file of what it is of.

    Parameters
    ----------
    dataset : Path, optional
    task : str
        As for `DatasetSignal`.
    bigwigs : sequence of pairs of Path
        Plus and minus strand of every replicate.
    """
    if dataset is not None:
        return DatasetSignal(dataset, task), {"dataset": dataset}
    files: dict[str, Path] = {}
    for number, (plus, minus) in enumerate(bigwigs, 1):
        files |= {f"signal {number} plus": plus, f"signal {number} minus": minus}
    return (BigWigSignal([one for one, _ in bigwigs], [other for _, other in bigwigs]) if bigwigs else None), files
