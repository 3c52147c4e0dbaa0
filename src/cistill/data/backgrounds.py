"""Background windows that match the GC content of peaks and avoid them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cistill.data.genome import base_content
from cistill.data.intervals import Intervals
from cistill.errors import InputError

GC_BINS = 100


@dataclass(frozen=True)
class WindowShape:
    """Lengths in bp of the windows around a summit.

    Attributes
    ----------
    input_length, output_length : int
        What the model reads and predicts.
    max_jitter : int
        Largest shift in training; stored windows are longer by this on both sides.
    """

    input_length: int
    output_length: int
    max_jitter: int

    @property
    def stored_input(self) -> int:
        """Length of the stored input window."""
        return self.input_length + 2 * self.max_jitter

    @property
    def stored_output(self) -> int:
        """Length of the stored output window."""
        return self.output_length + 2 * self.max_jitter


@dataclass
class Candidates:
    """Windows of the genome that may serve as background.

    Attributes
    ----------
    chrom_names : list of str
        Chromosomes in the genome's order.
    chrom : int32 array, (candidates,)
        Index into `chrom_names`.
    summit : int64 array, (candidates,)
        Centre, 0-based.
    gc : float32 array, (candidates,)
        GC fraction of the input window.
    """

    chrom_names: list[str] = field(default_factory=list)
    chrom: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    summit: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    gc: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    @classmethod
    def joined(cls, per_chrom: list[tuple[str, NDArray[np.int64], NDArray[np.float32]]]) -> "Candidates":
        """Join what `candidates_of` returned for each chromosome (name, summits, gc)."""
        names = [name for name, _, _ in per_chrom]
        chrom = [np.full(len(summits), i, dtype=np.int32) for i, (_, summits, _) in enumerate(per_chrom)]
        if not names:
            return cls()
        return cls(
            names,
            np.concatenate(chrom),
            np.concatenate([summits for _, summits, _ in per_chrom]),
            np.concatenate([gc for _, _, gc in per_chrom]),
        )


def candidates_of(
    chrom: str,
    codes: NDArray[np.uint8],
    shape: WindowShape,
    peaks: Intervals,
    excluded: Intervals,
    phase: int,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """List the windows of a chromosome that may serve as background.

    Output windows lie side by side, so that no two share a base. A window is left out if its stored input window
    holds an unknown base or reaches past an end, if its output window overlaps `peaks`, or if its stored output
    window overlaps `excluded`.

    Parameters
    ----------
    chrom : str
    codes : uint8 array, (chromosome length,)
    shape : WindowShape
    peaks : Intervals
        Where no background may lie: output windows of all peaks, extended by the margin.
    excluded : Intervals
        Regions without usable data.
    phase : int
        Offset of the first window, 0 <= phase < output_length.

    Returns
    -------
    summits : int64 array, (candidates,)
    gc : float32 array, (candidates,)
        GC fraction of the input window.
    """
    if len(codes) < shape.stored_input:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    first = shape.stored_input // 2 + phase
    last = len(codes) - (shape.stored_input - shape.stored_input // 2)
    summits = np.arange(first, last + 1, shape.output_length, dtype=np.int64)
    half, reach = shape.output_length // 2, shape.stored_output // 2
    free = ~peaks.overlap(chrom, summits - half, summits - half + shape.output_length)
    free &= ~excluded.overlap(chrom, summits - reach, summits - reach + shape.stored_output)
    summits = summits[free]
    _, unknown = base_content(codes, summits - shape.stored_input // 2, shape.stored_input)
    summits = summits[unknown == 0]
    gc, _ = base_content(codes, summits - shape.input_length // 2, shape.input_length)
    return summits, (gc / shape.input_length).astype(np.float32)


def match_gc(
    wanted: NDArray[np.floating],
    pool: NDArray[np.floating],
    per_peak: int,
    rng: np.random.Generator,
    always: int | None = None,
) -> NDArray[np.int64]:
    """Choose different windows whose GC content is that of the peaks.

    GC fractions are put in bins of one percent. Each peak takes windows from its own bin at random; where the bin is
    used up, from the nearest bin that has one left (of two equally near, the one with more left); after `always`
    rounds, none any more. Peaks choose in random order, one window a round, so that no peak is always the last.

    Parameters
    ----------
    wanted : float array, (peaks,)
        GC fraction of the peaks' input windows.
    pool : float array, (candidates,)
        GC fraction of the candidates.
    per_peak : int
        Windows to choose for each peak, at most.
    rng : numpy.random.Generator
    always : int, optional
        How many of them every peak gets whatever their GC content; all by default.

    Returns
    -------
    int64 array, (peaks, per_peak)
        Indices into `pool`, all different; -1, at the end of a row, where a peak gets fewer.

    Raises
    ------
    InputError
        If there are fewer candidates than windows wanted.
    """
    always = per_peak if always is None else always
    needed = len(wanted) * always
    if needed > len(pool):
        raise InputError(
            f"{needed} background windows are wanted but only {len(pool)} lie clear of peaks, excluded intervals, "
            "unknown bases and chromosome ends; ask for fewer per peak, lower the margin, or give the split more "
            "chromosomes"
        )
    order = rng.permutation(len(pool))
    bins = np.rint(np.asarray(pool, dtype=np.float64)[order] * GC_BINS).astype(np.int64)
    by_bin = order[np.argsort(bins, kind="stable")]
    ends = np.cumsum(np.bincount(bins, minlength=GC_BINS + 1))
    used = np.concatenate([[0], ends[:-1]])
    own_bin = np.rint(np.asarray(wanted, dtype=np.float64) * GC_BINS).astype(np.int64)
    chosen = np.full((len(wanted), per_peak), -1, dtype=np.int64)
    for one_round in range(per_peak):
        for peak in rng.permutation(len(wanted)):
            at = own_bin[peak]
            if used[at] == ends[at] and one_round >= always:
                continue
            if used[at] == ends[at]:
                left = ends - used
                distance = np.abs(np.arange(GC_BINS + 1) - at).astype(np.float64)
                distance[left == 0] = np.inf
                nearest = np.flatnonzero(distance == distance.min())
                at = nearest[np.argmax(left[nearest])]
            chosen[peak, one_round] = by_bin[used[at]]
            used[at] += 1
    return chosen
