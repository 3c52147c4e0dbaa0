"""Figures of the counted reads: one row each, with its 95 % interval where it is an estimate."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from cistill.data.splits import PARTS, Split
from cistill.data.sufficiency.counting import Counted
from cistill.data.sufficiency.settings import SufficiencySettings
from cistill.statistics import (
    NO_INTERVAL,
    Z_95,
    Interval,
    auroc,
    auroc_interval,
    correlation_interval,
    mean_interval,
    pearson,
    share_interval,
)

NAN = float("nan")
ALL, BOTH = "all", "both"
STRANDS = ("+", "-")


@dataclass(frozen=True)
class Measure:
    """One figure.

    Attributes
    ----------
    task, readset, fold, split, strand : str
        Of what it is; `readset` and `fold` are empty where it is of all.
    name : str
        What was measured; a threshold of the same name judges it.
    value : float
    interval : Interval
        95 %; NaN where there is none.
    n : int
        What the figure is computed from: peaks, or reads.
    """

    task: str
    name: str
    value: float
    n: int
    readset: str = ""
    fold: str = ""
    split: str = ALL
    strand: str = BOTH
    interval: Interval = NO_INTERVAL


def measures(counted: Counted, folds: Mapping[str, Split], settings: SufficiencySettings) -> Iterator[Measure]:
    """Yield every figure of every task.

    Parameters
    ----------
    counted : Counted
    folds : mapping
        Name to Split.
    settings : SufficiencySettings
    """
    for number, task in enumerate(counted.tasks):
        yield from _of_splits(counted, number, task, folds)
        yield from _of_signal(counted, number, task)
        yield from _of_read_sets(counted, number, task, settings)


def _of_splits(counted: Counted, number: int, task: str, folds: Mapping[str, Split]) -> Iterator[Measure]:
    """Yield peaks and reads of every part of every fold."""
    counts = counted.counts[:, counted.sets(task)].sum(1)  # (regions, 2)
    peak = counted.is_peak[:, number]
    background = counted.of_task[:, number] & ~peak
    for column, fold in enumerate(folds):
        for use, part in enumerate(PARTS):
            inside = counted.uses[:, column] == use
            own, other = counts[inside & peak], counts[inside & background]
            excess = own.sum(1) - (other.sum(1).mean() if len(other) else 0.0)
            place = partial(Measure, task, fold=fold, split=part)
            total = float(np.maximum(excess.sum(), 0)) if len(own) else 0.0
            yield place("peaks", len(own), len(own))
            yield place("reads", float(own.sum()), len(own))
            for strand, name in enumerate(STRANDS):
                yield place("reads", float(own[:, strand].sum()), len(own), strand=name)
            yield place("reads_above_background", total, len(own))
            if len(own):
                yield place("reads_per_peak", float(excess.mean()), len(own), interval=mean_interval(excess))
            for name, of_strand in _by_strand(own):
                found = int((of_strand > 0).sum())
                share = found / len(own) if len(own) else NAN
                interval = share_interval(found, len(own))
                yield place("with_reads", share, len(own), strand=name, interval=interval)


def _by_strand(counts: NDArray[np.float64]) -> list[tuple[str, NDArray[np.float64]]]:
    """Return the counts `(regions,)` of both strands together, and of each."""
    return [(BOTH, counts.sum(1)), *((name, counts[:, strand]) for strand, name in enumerate(STRANDS))]


def _of_signal(counted: Counted, number: int, task: str) -> Iterator[Measure]:
    """Yield what tells a task's peaks from their backgrounds."""
    sets = counted.sets(task)
    counts, near = counted.counts[:, sets].sum(1), counted.near[:, sets].sum(1)  # (regions, 2)
    peak = counted.is_peak[:, number]
    background = counted.of_task[:, number] & ~peak
    totals = np.array([counted.readsets[i].total.sum() for i in sets])
    inside = counted.once[number][sets].sum()
    if np.isfinite(totals).all() and totals.sum() > 0:
        reads = int(max(totals.sum(), inside))
        interval = share_interval(int(inside), reads)
        yield Measure(task, "frip", float(inside / reads), reads, interval=interval)
    plus, minus = counts[peak].sum(0)
    if plus + minus:
        yield Measure(task, "strand_balance", float(min(plus, minus) / max(plus, minus)), int(plus + minus))
    for name, values in _by_strand(counts):
        ratio, interval = _ratio_of_means(values[peak], values[background])
        yield Measure(task, "enrichment", ratio, int(peak.sum()), strand=name, interval=interval)
    total = counts.sum(1)
    area = auroc(total[peak], total[background])
    yield Measure(
        task, "separation", area, int(peak.sum()),
        interval=auroc_interval(area, int(peak.sum()), int(background.sum())),
    )  # fmt: skip
    yield _concentration(task, counts.sum(1), near.sum(1), peak, counted.near_share)


def _concentration(
    task: str, total: NDArray[np.float64], near: NDArray[np.float64], peak: NDArray[np.bool_], flat: float
) -> Measure:
    """Return how much more of the peaks' reads is near the summit than of a flat profile."""
    reads = int(total[peak].sum())
    if not reads:
        return Measure(task, "concentration", NAN, 0)
    share = float(near[peak].sum() / total[peak].sum())
    low, high = share_interval(round(near[peak].sum()), reads)
    return Measure(task, "concentration", share / flat, reads, interval=Interval(low / flat, high / flat))


def _of_read_sets(counted: Counted, number: int, task: str, settings: SufficiencySettings) -> Iterator[Measure]:
    """Yield figures of each read set, and of pairs of them."""
    peak = counted.is_peak[:, number]
    background = counted.of_task[:, number] & ~peak
    peaks = int(peak.sum())
    chrom = counted.regions["chrom"].to_numpy(dtype=object)
    signal, control = counted.sets(task), counted.sets(task, "control")
    for i in [*signal, *control]:
        readset = counted.readsets[i]
        absent = int(np.isin(chrom[peak], np.array(sorted(readset.lacks), dtype=object)).sum())
        yield Measure(task, "peaks_on_lacking_chromosomes", absent, peaks, readset=readset.name)
        yield Measure(task, "file_reads", float(readset.total.sum()), 0, readset=readset.name)
        yield Measure(
            task, "file_reads_per_position", _over(readset.total.sum(), readset.covered.sum()), 0, readset=readset.name
        )
        yield Measure(task, "same_strands", float(counted.same_strands[i]), peaks, readset=readset.name)
        yield _complexity(counted, i, task, background, settings)
    logs = np.log1p(counted.counts.sum(2))  # (regions, read sets)
    enough = peaks >= settings.fewest_peaks
    for first, second in combinations(signal, 2):
        r = pearson(logs[peak, first], logs[peak, second]) if enough else NAN
        names = f"{counted.readsets[first].name}, {counted.readsets[second].name}"
        yield Measure(task, "replicates", r, peaks, readset=names, interval=correlation_interval(r, peaks))
    if control:
        yield from _of_control(counted, task, peak, signal, control, enough)


def _of_control(
    counted: Counted, task: str, peak: NDArray[np.bool_], signal: list[int], control: list[int], enough: bool
) -> Iterator[Measure]:
    """Yield depth of a task's control, and how like the signal it is."""
    peaks = int(peak.sum())
    depth = [sum(float(counted.readsets[i].total.sum()) for i in sets) for sets in (control, signal)]
    yield Measure(task, "control_depth", _over(*depth), 0)
    logs = [np.log1p(counted.counts[peak][:, sets].sum((1, 2))) for sets in (control, signal)]
    r = pearson(*logs) if enough else NAN
    interval = correlation_interval(r, peaks)
    yield Measure(task, "control_likeness", 1 - r, peaks, interval=Interval(1 - interval.upper, 1 - interval.lower))


def _complexity(
    counted: Counted, i: int, task: str, background: NDArray[np.bool_], settings: SufficiencySettings
) -> Measure:
    """Return occupied positions of background windows over those expected of as many independent reads.

    n reads thrown at random on the L positions of a window occupy L (1 - (1 - 1/L)^n) of them. In background, unlike in
    peaks, reads of different fragments seldom share a position.
    """
    reads = counted.counts[background, i].ravel()
    occupied = counted.occupied[background, i].ravel()
    name = counted.readsets[i].name
    if reads.sum() < settings.fewest_reads:
        return Measure(task, "complexity", NAN, int(reads.sum()), readset=name)
    length = counted.output_length
    expected = length * -np.expm1(reads * np.log1p(-1 / length))
    value, interval = _ratio_of_means(occupied.astype(np.float64), expected, paired=True)
    return Measure(task, "complexity", value, int(reads.sum()), readset=name, interval=interval)


def _over(above: float, below: float) -> float:
    return float(above / below) if np.isfinite([above, below]).all() and below > 0 else NAN


def _ratio_of_means(
    above: NDArray[np.float64], below: NDArray[np.float64], paired: bool = False
) -> tuple[float, Interval]:
    """Return the ratio of two means and its interval by the delta method on the log scale.

    Where what is below holds no read, half a read is put there. `paired`: both are of the same windows.
    """
    if not len(above) or not len(below):
        return NAN, NO_INTERVAL
    top, bottom = float(above.mean()), max(float(below.mean()), 0.5 / len(below))
    ratio = top / bottom
    if top == 0 or min(len(above), len(below)) < 3:
        return ratio, NO_INTERVAL
    if paired:
        variance = float((above - ratio * below).var(ddof=1)) / len(above) / top**2
    else:
        variance = float(above.var(ddof=1)) / len(above) / top**2 + float(below.var(ddof=1)) / len(below) / bottom**2
    half = np.exp(Z_95 * np.sqrt(variance))
    return ratio, Interval(ratio / float(half), ratio * float(half))
