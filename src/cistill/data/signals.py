"""The signal and control tracks of a TF, read as windows."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cistill.console import LOG
from cistill.data.contigs import LEAVE_OUT, Sizes, UnknownContigs, contig_problems, problems_of, remarks_of
from cistill.errors import InputError
from cistill.files import require_file, sha256
from cistill.formats.bigwig import BigWigTrack

Strands = tuple[str | os.PathLike[str], str | os.PathLike[str]]
NEGATED = "the counts of the minus strand are negative; their absolute values are used"


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


def distinct_controls(signals: Signals) -> tuple[list[Sequence[Strands]], list[int]]:
    """List the controls, each once however many tasks share it.

    Controls are the same where the contents of their files are, whatever their names and order.

    Returns
    -------
    controls : list of sequence of (plus, minus)
        The bigWigs of each control, which are summed.
    of_task : list of int
        Control of each task, -1 for a task without one.
    """
    controls: dict[tuple[tuple[str, ...], ...], Sequence[Strands]] = {}
    of_task = []
    for task in signals.tasks:
        pairs = signals.control.get(task, ())
        content = tuple(sorted(tuple(sha256(require_file(path, "bigWig")) for path in pair) for pair in pairs))
        if content:
            controls.setdefault(content, pairs)
        of_task.append(list(controls).index(content) if content else -1)
    return list(controls.values()), of_task


class Tracks:
    """Open bigWigs, read as windows `(regions, tracks, 2, length)`.

    Parameters
    ----------
    files : sequence
        For each track the (plus, minus) bigWigs that are summed.
    sizes : mapping
        Chromosome lengths of the genome.
    allow_fractional : bool
        Accept values that are not whole numbers.
    unknown : UnknownContigs
        What becomes of contigs that the genome lacks.
    """

    def __init__(
        self,
        files: Iterable[Sequence[Strands]],
        sizes: Mapping[str, int],
        allow_fractional: bool,
        unknown: UnknownContigs = LEAVE_OUT,
    ) -> None:
        self.allow_fractional = allow_fractional
        self._stack = ExitStack()
        self.tracks: list[tuple[list[BigWigTrack], list[BigWigTrack]]] = []
        for pairs in files:
            strands: tuple[list[BigWigTrack], list[BigWigTrack]] = ([], [])
            for pair in pairs:
                for opened, path, minus in zip(strands, pair, (False, True), strict=True):
                    track = self._stack.enter_context(open_counts(path, minus))
                    _check_contigs(track, sizes, unknown)
                    opened.append(track)
            self.tracks.append(strands)

    def __enter__(self) -> "Tracks":
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def __len__(self) -> int:
        return len(self.tracks)

    def windows(self, chrom: str, starts: NDArray[np.int64], length: int) -> NDArray[np.float32]:
        """Return counts of windows, float32 `(windows, tracks, 2 strands [+, -], length)`; `starts` ascend."""
        values = np.zeros((len(starts), len(self.tracks), 2, length), dtype=np.float32)
        for number, strands in enumerate(self.tracks):
            for strand, replicates in enumerate(strands):
                for track in replicates:
                    read = track.windows(chrom, starts, length)
                    self._check(track, chrom, starts, read)
                    values[:, number, strand] += read
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


def open_counts(path: str | os.PathLike[str], minus: bool) -> BigWigTrack:
    """Open a bigWig of the counts of a strand; negative counts of the minus strand are read as positive ones.

    Raises
    ------
    InputError
        If it is no readable bigWig, or has negative values on the plus strand or values of either sign.
    """
    track = BigWigTrack(path)
    try:
        if track.smallest >= 0:
            return track
        if not minus:
            raise InputError(
                f"{track.path}: it has negative values (down to {track.smallest:g}); give unnormalised counts of "
                "reads' 5' ends (are the strands swapped?)"
            )
        if track.largest > 0:
            raise InputError(
                f"{track.path}: it has negative values (down to {track.smallest:g}) and positive ones (up to "
                f"{track.largest:g}); give unnormalised counts of reads' 5' ends, of one sign"
            )
    except InputError:
        track.close()
        raise
    track.negated = True
    return track


def contigs_of_track(track: BigWigTrack, sizes: Sizes, unknown: UnknownContigs) -> list[str]:
    """Compare the contigs of a bigWig with those of the genome; return problems and remarks."""
    lost = {name: round(track.sum_of(name)) for name in track.sizes if sizes is not None and name not in sizes}
    records = None
    if any(lost.values()):
        records = lost | {name: round(track.sum_of(name)) for name in track.sizes if name not in lost}
    elif lost and len(lost) < len(track.sizes):
        records = {}
    return contig_problems(track.sizes, sizes, unknown, records, "5' ends")


def _check_contigs(track: BigWigTrack, sizes: Mapping[str, int], unknown: UnknownContigs) -> None:
    """Refuse a bigWig of another genome; say which of its contigs are left out, and how many counts with them."""
    if track.negated:
        LOG.warning("%s: %s", track.path, NEGATED)
    found = contigs_of_track(track, sizes, unknown)
    for remark in remarks_of(found):
        LOG.warning("%s: %s", track.path, remark)
    if problems := problems_of(found):
        raise InputError(f"{track.path}: {'; '.join(problems)}")
