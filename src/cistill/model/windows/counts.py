"""Windows of stranded counts, held sparse in memory and cut out dense, a batch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from cistill.formats.entries import entries_of, position_type, value_type

ENTRIES_AT_ONCE = 1 << 23


@dataclass(frozen=True)
class CountWindows:
    """Counts of all regions and tasks, as their non-zero entries.

    A track is one pair of stranded profiles: the signal of a task, or a control that several tasks may share. Entries
    lie in the order of (region, track, strand, position).

    Attributes
    ----------
    indptr : int64 array, (stored regions * tracks * 2 + 1,)
        Where the entries of each region, track and strand begin.
    position : uint16 or uint32 array, (entries,)
        Offset in the stored window.
    value : array, (entries,)
        The count.
    tracks : int
        Number of stored tracks.
    of_task : int array, (tasks,)
        Track of each task; -1 for a task without one, whose counts are zero.
    region : int64 array, (regions,), optional
        Stored region of each row, where this is a selection; all in their order by default.
    """

    indptr: np.ndarray
    position: np.ndarray
    value: np.ndarray
    tracks: int
    of_task: np.ndarray
    region: np.ndarray | None = None

    @classmethod
    def from_dense(cls, windows: np.ndarray) -> "CountWindows":
        """Make them from dense windows `(regions, tasks, 2, length)`."""
        entries = entries_of(windows)
        fractional = bool((entries.value != np.rint(entries.value)).any())
        return cls(
            indptr=np.concatenate([[0], np.cumsum(entries.number)]),
            position=entries.position.astype(position_type(windows.shape[-1])),
            value=entries.value.astype(value_type(float(entries.value.max(initial=0)), fractional)),
            tracks=windows.shape[1],
            of_task=np.arange(windows.shape[1]),
        )

    def __len__(self) -> int:
        return self._stored if self.region is None else len(self.region)

    @property
    def _stored(self) -> int:
        """Number of stored regions."""
        return (len(self.indptr) - 1) // (2 * self.tracks) if self.tracks else 0

    @property
    def has_track(self) -> np.ndarray:
        """Which tasks have a track, bool `(tasks,)`."""
        return self.of_task >= 0

    def select_task(self, task: int) -> "CountWindows":
        """Return the windows of one task, sharing the entries."""
        return replace(self, of_task=self.of_task[[task]])

    def select_regions(self, rows: np.ndarray) -> "CountWindows":
        """Return the windows of some regions, sharing the entries."""
        return replace(self, region=np.asarray(rows) if self.region is None else self.region[rows])

    def take(self, rows: np.ndarray, start: np.ndarray, length: int, flip: np.ndarray | None = None) -> np.ndarray:
        """Cut windows out of the stored ones.

        Parameters
        ----------
        rows : int array, (batch,)
            Which regions.
        start : int array, (batch,)
            Where each window begins in the stored one.
        length : int
            Length of the windows in bp.
        flip : bool array, (batch,), optional
            Where to reverse strands and positions.

        Returns
        -------
        float32 array, (batch, tasks, 2, length)
        """
        tasks = len(self.of_task)
        used = np.unique(self.of_task[self.of_task >= 0])  # (used tracks,)
        if not len(rows) or not len(used):
            return np.zeros((len(rows), tasks, 2, length), dtype=np.float32)
        dense = self._dense(rows, start, length, flip, used)  # (batch, used tracks, 2, length)
        if np.array_equal(used, self.of_task):
            return dense
        if len(used) == 1 and self.has_track.all():
            return np.repeat(dense, tasks, axis=1)
        shared = np.zeros((len(rows), tasks, 2, length), dtype=np.float32)
        for task, track in enumerate(self.of_task.tolist()):
            if track >= 0:
                shared[:, task] = dense[:, np.searchsorted(used, track)]
        return shared

    def _dense(
        self, rows: np.ndarray, start: np.ndarray, length: int, flip: np.ndarray | None, used: np.ndarray
    ) -> np.ndarray:
        """Return windows of the tracks `used` (ascending), float32 `(batch, used, 2, length)`."""
        regions = np.asarray(rows) if self.region is None else self.region[rows]
        strands = 2 * len(used)  # of a region
        first = 2 * (regions[:, None] * self.tracks + used)  # (batch, used), where the plus strand's entries begin
        in_order = np.stack([first, first + 1], -1)  # (batch, used, 2)
        number = (self.indptr[in_order + 1] - self.indptr[in_order]).ravel()  # (batch * strands,)
        # copying each run of neighbouring entries is several times faster than gathering entry by entry
        if used[-1] - used[0] == len(used) - 1:
            begin, end = self.indptr[first[:, 0]].tolist(), self.indptr[first[:, -1] + 2].tolist()
        else:
            begin, end = self.indptr[first].ravel().tolist(), self.indptr[first + 2].ravel().tolist()
        position = np.concatenate([self.position[a:b] for a, b in zip(begin, end, strict=True)])
        value = np.concatenate([self.value[a:b] for a, b in zip(begin, end, strict=True)])

        # an unsigned difference wraps round below zero, so that one comparison finds what is inside the window
        begins = np.repeat(np.asarray(start).astype(position.dtype), strands)  # (batch * strands,)
        inside = position - np.repeat(begins, number) < length
        offset = np.arange(len(number)) * length - begins  # what takes a position to its place among all windows
        target = position.astype(np.int64)
        if flip is not None and flip.any():
            flips = np.repeat(flip, strands)
            # the other strand's window, from its end
            mirrored = (np.arange(len(number)) ^ 1) * length + (length - 1) + begins.astype(np.int64)
            offset = np.where(flips, mirrored, offset)
            np.negative(target, out=target, where=np.repeat(flips, number))
        target += np.repeat(offset, number)
        windows = np.zeros(len(number) * length, dtype=np.float32)
        windows[target[inside]] = value[inside]
        return windows.reshape(len(rows), len(used), 2, length)

    def sums(self, start: int, length: int) -> np.ndarray:
        """Return the counts in [start, start + length) of every stored window, float64 `(regions, tasks, 2)`."""
        totals = np.zeros(len(self.indptr) - 1)
        for first, last in self._blocks():
            begin, end = int(self.indptr[first]), int(self.indptr[last])
            position = self.position[begin:end].astype(np.int64)
            value = self.value[begin:end] * ((position >= start) & (position < start + length))
            edges = self.indptr[first : last + 1] - begin
            filled = np.flatnonzero(edges[1:] > edges[:-1])
            if len(filled):
                totals[first + filled] = np.add.reduceat(value.astype(np.float64), edges[filled])
        of_tracks = totals.reshape(self._stored, self.tracks, 2)
        if self.region is not None:
            of_tracks = of_tracks[self.region]
        # a task without a track, -1, reads the zeros that are appended
        return np.concatenate([of_tracks, np.zeros((len(of_tracks), 1, 2))], 1)[:, self.of_task]

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """Yield ranges of windows (region, track, strand) that hold about ENTRIES_AT_ONCE entries each."""
        first, windows = 0, len(self.indptr) - 1
        while first < windows:
            wanted = int(self.indptr[first]) + ENTRIES_AT_ONCE
            last = max(first + 1, int(np.searchsorted(self.indptr, wanted, side="right")) - 1)
            yield first, min(last, windows)
            first = last


def strand_shares(signal: np.ndarray) -> np.ndarray:
    """Return each strand's profile as shares of its reads, zeros for a strand without any; of the signal's shape."""
    depth = signal.sum(-1, keepdims=True)
    return np.divide(signal, depth, out=np.zeros_like(signal), where=depth > 0)
