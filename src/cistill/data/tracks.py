"""The signal and control tracks of all tasks, read as windows."""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cistill.data.bigwig import BigWigTrack
from cistill.errors import InputError

Strands = tuple[str | os.PathLike[str], str | os.PathLike[str]]


@dataclass(frozen=True)
class Signals:
    """The tracks of every task.

    Attributes
    ----------
    signal, control : mapping of str to sequence of (plus, minus)
        Per task the stranded bigWigs of its replicates, which are summed. A task may lack a control.
    """

    signal: Mapping[str, Sequence[Strands]]
    control: Mapping[str, Sequence[Strands]]

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks, in the order of the dataset's task axis."""
        return list(self.signal)

    @classmethod
    def from_rows(cls, signal: Sequence[Sequence[str]], control: Sequence[Sequence[str]]) -> "Signals":
        """Group rows of (task, plus, minus) by task; tasks are in the order in which they first appear."""
        grouped: tuple[dict[str, list[Strands]], dict[str, list[Strands]]] = ({}, {})
        for group, rows in zip(grouped, (signal, control), strict=True):
            for task, plus, minus in rows:
                if (plus, minus) in group.setdefault(task, []):
                    raise InputError(f"task {task!r}: the bigWigs {plus} and {minus} are given twice")
                group[task].append((plus, minus))
        unknown = [task for task in grouped[1] if task not in grouped[0]]
        if unknown:
            raise InputError(f"control given for task(s) without signal: {', '.join(unknown)}")
        return cls(*grouped)

    def files_of_tasks(self, rows: Sequence[Sequence[str]]) -> dict[str, str]:
        """Turn rows of (task, file) into one file for each task, in the order of the tasks."""
        given: dict[str, str] = {}
        for task, file in rows:
            if task in given:
                raise InputError(f"task {task!r}: two files of peaks are given; merge them into one")
            given[task] = file
        unknown = [task for task in given if task not in self.signal]
        missing = [task for task in self.signal if task not in given]
        if unknown or missing:
            raise InputError(
                f"peaks and signal name different tasks: peaks without signal: {', '.join(unknown) or 'none'}; "
                f"signal without peaks: {', '.join(missing) or 'none'}"
            )
        return {task: given[task] for task in self.signal}

    def inputs(self) -> dict[str, str | os.PathLike[str]]:
        """Return every file under a name that says its role."""
        return {
            f"{role} {task} {number} {strand}": path
            for role, group in (("signal", self.signal), ("control", self.control))
            for task, pairs in group.items()
            for number, pair in enumerate(pairs, 1)
            for strand, path in zip(("plus", "minus"), pair, strict=True)
        }


class TaskTracks:
    """Open bigWigs of all tasks, read as windows `(regions, tasks, 2, length)`.

    Parameters
    ----------
    tasks : sequence of str
    files : mapping
        Task to the (plus, minus) bigWigs that are summed.
    sizes : mapping
        Chromosome lengths of the genome, which the bigWigs must share.
    allow_fractional : bool
        Accept values that are not whole numbers.
    """

    def __init__(
        self,
        tasks: Sequence[str],
        files: Mapping[str, Sequence[Strands]],
        sizes: Mapping[str, int],
        allow_fractional: bool,
    ) -> None:
        self.allow_fractional = allow_fractional
        self._stack = ExitStack()
        self.tracks: list[tuple[list[BigWigTrack], list[BigWigTrack]]] = []
        for task in tasks:
            strands: tuple[list[BigWigTrack], list[BigWigTrack]] = ([], [])
            for pair in files.get(task, ()):
                for opened, path in zip(strands, pair, strict=True):
                    track = self._stack.enter_context(BigWigTrack(path))
                    _check_sizes(track, sizes)
                    opened.append(track)
            self.tracks.append(strands)

    def __enter__(self) -> "TaskTracks":
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def any(self) -> bool:
        """Whether there is any track at all."""
        return any(plus for plus, _ in self.tracks)

    def windows(self, chrom: str, starts: NDArray[np.int64], length: int) -> NDArray[np.float32]:
        """Return counts of windows, float32 `(windows, tasks, 2 strands [+, -], length)`; `starts` ascend."""
        values = np.zeros((len(starts), len(self.tracks), 2, length), dtype=np.float32)
        for task, strands in enumerate(self.tracks):
            for strand, replicates in enumerate(strands):
                for track in replicates:
                    read = track.windows(chrom, starts, length)
                    self._check(track, chrom, starts, read)
                    values[:, task, strand] += read
        return values

    def _check(self, track: BigWigTrack, chrom: str, starts: NDArray[np.int64], values: NDArray[np.float32]) -> None:
        """Refuse negative and, unless allowed, fractional values."""
        bad, problem = values < 0, "is negative; give minus-strand counts as positive values"
        if not bad.any() and not self.allow_fractional:
            bad = values != np.rint(values)
            problem = (
                "is not a whole number; give unnormalised counts of reads' 5' ends, or allow fractional counts "
                "(--allow_fractional_counts)"
            )
        if bad.any():
            row, column = (int(i) for i in np.argwhere(bad)[0])
            raise InputError(
                f"{track.path}: the value {values[row, column]:g} at {chrom}:{starts[row] + column} {problem}"
            )


def _check_sizes(track: BigWigTrack, sizes: Mapping[str, int]) -> None:
    """Refuse a bigWig whose chromosomes are not those of the genome."""
    wrong = [
        f"{chrom} ({size:,} bp; in the genome {sizes[chrom]:,})" if chrom in sizes else f"{chrom} (not in the genome)"
        for chrom, size in track.sizes.items()
        if sizes.get(chrom) != size
    ]
    if wrong:
        raise InputError(
            f"{track.path}: chromosomes do not fit the genome: {', '.join(wrong[:5])}"
            f"{', ...' if len(wrong) > 5 else ''}; give the genome that the reads were aligned to"
        )
