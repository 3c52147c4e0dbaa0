"""Counting, judging and reporting whether a TF's data are enough, before its dataset is written."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from cistill.console import LOG
from cistill.data.backgrounds import WindowShape
from cistill.data.signals import Signals
from cistill.data.splits import PARTS, Split
from cistill.data.sufficiency.counting import Counted, count_reads
from cistill.data.sufficiency.settings import ENOUGH, SufficiencySettings
from cistill.data.sufficiency.verdicts import Sufficiency, judge
from cistill.errors import InputError
from cistill.formats.tables.regions import SUFFICIENCY

PART_WORDS = {"train": "training", "valid": "validation", "test": "test"}
NAMES_SHOWN = 5


def assess_data(
    regions: pd.DataFrame,
    signals: Signals,
    sizes: Mapping[str, int],
    folds: Mapping[str, Split],
    shape: WindowShape,
    allow_fractional: bool,
    settings: SufficiencySettings | None = None,
) -> Sufficiency:
    """Count the reads of peaks and backgrounds, judge them, and say in the log what is not enough.

    Parameters
    ----------
    regions : pandas.DataFrame
        Region table in genome order, backgrounds too.
    signals : Signals
    sizes : mapping
        Chromosome lengths of the genome in bp.
    folds : mapping
        Name to Split.
    shape : WindowShape
    allow_fractional : bool
        Accept values that are not whole numbers.
    settings : SufficiencySettings, optional
        The thresholds.

    Raises
    ------
    InputError
        If a task has peaks in a part of a fold, and none of them holds a read.
    """
    settings = settings or SufficiencySettings()
    counted = count_reads(regions, signals, sizes, folds, shape, settings.centre, allow_fractional)
    refuse_empty_parts(counted, folds)
    found = judge(counted, folds, settings)
    for task, verdict in found.of_task.items():
        reasons = found.reasons(task)
        if verdict == ENOUGH:
            LOG.info("task %s: the data are enough to train on", task)
        else:
            LOG.warning("task %s: the data are %s to train on", task, verdict)
        for reason in reasons:
            LOG.warning("task %s: %s", task, reason)
    return found


def refuse_empty_parts(counted: Counted, folds: Mapping[str, Split]) -> None:
    """Refuse a task without a single read in the peaks that a fold trains on, validates on or tests."""
    problems = []
    chrom = counted.regions["chrom"].to_numpy(dtype=object)
    for number, task in enumerate(counted.tasks):
        peak = counted.is_peak[:, number]
        sets = counted.sets(task)
        reads = counted.counts[:, sets].sum((1, 2))
        empty = {}
        for column, fold in enumerate(folds):
            for use, part in enumerate(PARTS):
                own = peak & (counted.uses[:, column] == use)
                if own.any() and not reads[own].any():
                    where = f"fold {fold!r}: " if len(folds) > 1 else ""
                    empty[fold, part] = f"{where}all {own.sum()} peaks of {PART_WORDS[part]}"
        if empty:
            without = int((peak & (reads == 0)).sum())
            problems.append(
                f"task {task!r}: {without} of {peak.sum()} peaks hold no read, among them {', '.join(empty.values())}; "
                f"{_why(counted, sets, chrom[peak])}"
            )
    if problems:
        raise InputError("\n".join(problems))


def _why(counted: Counted, sets: list[int], chrom: np.ndarray) -> str:
    """Say whether the bigWigs lack the chromosomes of peaks, and what to do."""
    lacking = [counted.readsets[i] for i in sets if np.isin(chrom, list(counted.readsets[i].lacks)).any()]
    if not lacking:
        return (
            "check that peaks and bigWigs are of one experiment and one genome, or choose other chromosomes "
            "(--valid_chroms, --test_chroms)"
        )
    names = sorted(set(chrom) & set().union(*(readset.lacks for readset in lacking)))
    number = int(np.isin(chrom, names).sum())
    some = ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
    return (
        f"{number} peaks are on chromosomes that the bigWigs of {', '.join(readset.name for readset in lacking)} lack "
        f"({some}): give bigWigs of the whole genome, or peaks of the chromosomes that they cover and a split of these"
    )


def write_sufficiency(path: Path, found: Sufficiency) -> None:
    """Write `{tf}.sufficiency.tsv`: a row for each figure, and one for the verdict on each task."""
    rows: list[tuple[object, ...]] = []
    for task, verdict in found.of_task.items():
        reasons = found.reasons(task)
        rows.append((task, None, None, "all", "both", "overall", np.nan, np.nan, np.nan, len(reasons), verdict, None))
        for judged in found.judged:
            of = judged.measure
            if of.task == task:
                rows.append(
                    (
                        task, of.readset or None, of.fold or None, of.split, of.strand, of.name, of.value,
                        *of.interval, of.n, judged.verdict, judged.words or None,
                    )
                )  # fmt: skip
    SUFFICIENCY.write(path, SUFFICIENCY.frame(rows))
