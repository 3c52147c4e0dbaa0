"""Dynamic range and error as a function of the number of backgrounds (Affinity Distillation)."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.analyses.analysis_files import write_analysis
from cistill.affinity.calibration.calibrators import FEWEST, OF_SCORES, fit
from cistill.affinity.calibration.methods import MODEL, ScoreTable
from cistill.affinity.calibration.scoring import measures
from cistill.affinity.calibration.settings import SampleSettings
from cistill.affinity.calibration.study import Study, make_study
from cistill.affinity.marginalization.background_statistics import background_means
from cistill.errors import InputError
from cistill.formats.deltas import open_deltas
from cistill.formats.library import read_library
from cistill.statistics import pearson

Floats = NDArray[np.float64]

NUMBERS = (1, 2, 5, 10, 20, 50, 100)
BINS = 50
SEQUENCES_AT_ONCE = 16_384


@dataclass(frozen=True)
class PartialScores:
    """Scores of the first backgrounds of a panel.

    Attributes
    ----------
    sequences : list of str
    numbers : list of int
        Of backgrounds, ascending; the last is all of them.
    scores, errors : (sequences, numbers)
        Mean change over the first so many backgrounds, mean over tasks (or of one), and its standard error.
    """

    sequences: list[str]
    numbers: list[int]
    scores: Floats
    errors: Floats


def read_partial_scores(
    path: str | os.PathLike[str], task: str | None = None, numbers: Sequence[int] = NUMBERS
) -> PartialScores:
    """Read `deltas.h5` of `marginalize`, block by block.

    Parameters
    ----------
    path : path
    task : str, optional
        The mean over tasks by default.
    numbers : sequence of int
        Numbers of backgrounds; those above the panel's are left out, and the panel's is added.

    Raises
    ------
    InputError
        If the file is none that `marginalize` wrote, or lacks the task.
    """
    with open_deltas(path) as h5:
        tasks = h5.text("task").tolist()
        if task is not None and task not in tasks:
            raise InputError(f"{path}: no task {task!r}; the tasks are {', '.join(tasks)}")
        chosen = list(range(len(tasks))) if task is None else [tasks.index(task)]
        sequences = [text.decode() for text in h5["sequence"][:].tolist()]
        delta, source = h5["delta"], h5["source"][:]
        used = sorted({n for n in numbers if 0 < n <= delta.shape[2]} | {int(delta.shape[2])})
        scores, errors = np.empty((len(sequences), len(used))), np.empty((len(sequences), len(used)))
        for first in range(0, len(sequences), SEQUENCES_AT_ONCE):
            part = slice(first, first + SEQUENCES_AT_ONCE)
            block = delta[part][:, chosen].astype(np.float64).mean(axis=1, keepdims=True)  # (sequences, 1, backgrounds)
            for place, n in enumerate(used):
                mean, spread, _ = background_means(block[:, :, :n], source[:n])
                scores[part, place], errors[part, place] = mean[:, 0], spread[:, 0]
    return PartialScores(sequences, used, scores, errors)


def background_tables(partial: PartialScores, study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Calibrate the scores of each number of backgrounds on one sample and compare them on the other sequences.

    Parameters
    ----------
    partial : PartialScores
        Must hold every sequence of the study.
    study : Study

    Returns
    -------
    table : pandas.DataFrame
        One row per number and calibrator: `n_backgrounds, calibrator, n, observed_sd, predicted_sd, sd_of_observed`
        (the ratio), `rmse, pearson, spearman, standard_error` (mean over sequences, in units of the score),
        `pearson_with_all` (of the scores, with those of all backgrounds).
    histograms : pandas.DataFrame
        `source` (`observed`, or the number of backgrounds), `low, high, count`: of labels and of OLS values of held-out
        sequences, 50 bins over the labels' range; what lies beyond counts in the outermost ones.
    """
    row_of = {sequence: row for row, sequence in enumerate(partial.sequences)}
    rows = np.array([row_of[sequence] for sequence in study.sequences])
    held_out, sample = study.held_out, study.sample
    labels = study.labels[held_out]
    edges = np.linspace(labels.min(), labels.max(), BINS + 1)
    parts = [_histogram("observed", labels, edges)]
    found = []
    everything = partial.scores[rows, -1]
    for place, n in enumerate(partial.numbers):
        scores = partial.scores[rows, place]
        for kind in OF_SCORES:
            if len(sample) < FEWEST[kind] or (kind == "excess" and not study.energy):
                continue
            (made,) = fit(kind, scores[None, sample], study.labels[sample], study.energy, study.higher_is_tighter)
            predicted = made.apply(scores[held_out])
            if kind == "ols":
                parts.append(_histogram(str(n), predicted, edges))
            found.append(
                {
                    "n_backgrounds": n,
                    "calibrator": kind,
                    "n": len(held_out),
                    "observed_sd": labels.std(),
                    "predicted_sd": predicted.std(),
                    "sd_of_observed": predicted.std() / labels.std() if labels.std() > 0 else np.nan,
                    **measures(labels, predicted),
                    "standard_error": partial.errors[rows, place].mean(),
                    "pearson_with_all": pearson(scores, everything),
                }
            )
    return pd.DataFrame(found), pd.concat(parts, ignore_index=True)


def _histogram(source: str, values: Floats, edges: Floats) -> pd.DataFrame:
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    return pd.DataFrame({"source": source, "low": edges[:-1], "high": edges[1:], "count": counts})


def score_table_of(partial: PartialScores, path: Path) -> pd.DataFrame:
    """Return the scores over all backgrounds by sequence, as `ScoreTable.scores`.

    Raises
    ------
    InputError
        If a sequence is there twice.
    """
    table = pd.DataFrame({"all": partial.scores[:, -1]}, index=pd.Index(partial.sequences, name="sequence"))
    if table.index.has_duplicates:
        raise InputError(f"{path}: the same sequence is there more than once")
    return table


def analyse_backgrounds(
    stem: Path, deltas: Path, library_file: Path, task: str | None, numbers: Sequence[int], sample: SampleSettings
) -> None:
    """Write `background_numbers.tsv` and `background_histograms.tsv`."""
    partial = read_partial_scores(deltas, task, numbers or NUMBERS)
    scores = score_table_of(partial, deltas)
    table = ScoreTable(MODEL, deltas, scores, scores * np.nan)
    study, notes = make_study(read_library(library_file), [table], sample)
    by_number, histograms = background_tables(partial, study)
    write_analysis(
        stem,
        "background_numbers",
        {"background_numbers": by_number, "background_histograms": histograms},
        {"task": task, "numbers": list(numbers or NUMBERS), "sample": asdict(sample)},
        {"deltas": deltas, "library": library_file},
        {"unit": study.unit, "treated": notes},
        sample.seed,
    )


def numbers_of(text: str) -> list[int]:
    """Return the whole numbers of a comma-separated text.

    Raises
    ------
    InputError
        If one is no whole number above zero.
    """
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(f"{text!r}: give whole numbers, separated by commas") from error
    if min(numbers) < 1:
        raise InputError(f"{text!r}: numbers of backgrounds start at 1")
    return numbers
