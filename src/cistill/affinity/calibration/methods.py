"""Methods: what gives every sequence a score, be it a network, a matrix or a regression on k-mers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.calibration.calibrators import DISTILLED
from cistill.affinity.calibration.distilled import DistilledEnergies, distil_energies
from cistill.affinity.calibration.excess import LARGEST
from cistill.affinity.calibration.sampling import alphabetical
from cistill.affinity.comparators.additive import additive_model
from cistill.affinity.comparators.coded_sequences import CodedSequences
from cistill.affinity.comparators.kmers import KmerRidge
from cistill.affinity.comparators.matrix_files import split_spec
from cistill.affinity.comparators.scoring_matrices import STATISTICS, ScoringMatrix, matrix_scores
from cistill.errors import InputError
from cistill.tables import read_table

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

MODEL = "model"
KMERS = "kmers"
ADDITIVE = "additive"
NO_ROWS = np.empty(0, dtype=np.int64)


class Scores(Protocol):
    """Gives scores of any rows, after a sample is known."""

    def __call__(self, sample: Rows, rows: Rows) -> Floats:
        """Return scores of `rows`; `sample` may be used with its labels, the labels of others may not."""
        ...


@dataclass(frozen=True)
class Method:
    """What gives scores.

    Attributes
    ----------
    name : str
        Unique; a column's name in tables.
    family : str
        `model`, `cwm`, `pwm`, `streme`, `weeder`, `psam`, `additive`, `kmers`, ... or the name of a table of scores.
    statistic : str
        `max`, `sum`, `occupancy` of a matrix; empty otherwise.
    motif : str
        Of a matrix.
    rank : int
        Of a matrix within its file, from 0; 0 otherwise.
    scores : callable
        See `Scores`.
    standard_error : array or None
        Of the scores, `(sequences,)`.
    log_counts : bool
        Whether scores are changes of log counts, as those of `marginalize`.
    energies : DistilledEnergies or None
        What ln affinities are made with, if they are.
    log_affinity : array or None
        ln affinities distilled from the scores, `(sequences,)`.
    """

    name: str
    family: str
    scores: Scores
    statistic: str = ""
    motif: str = ""
    rank: int = 0
    standard_error: Floats | None = None
    log_counts: bool = False
    energies: DistilledEnergies | None = None
    log_affinity: Floats | None = None

    def abscissa(self, kind: str, scores: Floats, rows: Rows) -> Floats:
        """Return what a calibrator of a kind is applied to: scores, or for `distilled` ln affinities of the rows."""
        if kind != DISTILLED:
            return scores
        assert self.log_affinity is not None
        return self.log_affinity[rows]


def fixed(values: Floats) -> Scores:
    """Return scores that need no sample."""

    def scores(sample: Rows, rows: Rows) -> Floats:
        return values[rows]

    return scores


@dataclass(frozen=True)
class ScoreTable:
    """A table of scores.

    Attributes
    ----------
    name : str
        How the method is called.
    path : Path
    scores : pandas.DataFrame
        Index: sequence; one column per task.
    errors : pandas.DataFrame
        The same for standard errors; NaN where the table has none.
    """

    name: str
    path: Path
    scores: pd.DataFrame
    errors: pd.DataFrame


def read_scores(spec: str, default: str) -> ScoreTable:
    """Read a table of scores, as `marginalize` writes it or with the columns sequence and score alone.

    Parameters
    ----------
    spec : str
        `[NAME=]PATH`.
    default : str
        Name where none is given.

    Raises
    ------
    InputError
        If a column is missing, a score is no number, or a sequence has two scores for one task.
    """
    name, path, _ = split_spec(spec)
    file = Path(path)
    table = read_table(file, ("sequence", "score"), dtype={"sequence": str, "task": str})
    if "task" not in table.columns:
        table["task"] = name or default
    for column in ("score", "standard_error"):
        if column in table.columns:
            table[column] = pd.to_numeric(table[column], errors="coerce")
    wrong = table["score"].isna()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(f"scores {file}, row {row + 2}, column score: {int(wrong.sum())} value(s) are no numbers")
    twice = table.duplicated(["sequence", "task"])
    if twice.any():
        raise InputError(
            f"scores {file}: {int(twice.sum())} sequence(s) have more than one score of a task, such as "
            f"{table['sequence'][twice].iloc[0]}"
        )
    wide = _by_task(table, "score")
    errors = _by_task(table, "standard_error") if "standard_error" in table.columns else wide * np.nan
    return ScoreTable(name or default, file, wide, errors)


def _by_task(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a column by sequence, alphabetically, and task, as they come."""
    tasks = list(dict.fromkeys(table["task"]))
    if len(tasks) > 1 or table["sequence"].isna().any() or not "".join(table["sequence"]).isascii():
        return table.pivot(index="sequence", columns="task", values=column)[tasks]
    order = alphabetical(table["sequence"].tolist())
    index = pd.Index(table["sequence"].iloc[order], name="sequence")
    return pd.DataFrame({tasks[0]: table[column].to_numpy()[order]}, index=index).rename_axis(columns="task")


def read_score_tables(specs: Sequence[str]) -> list[ScoreTable]:
    """Read several tables of scores, `[NAME=]PATH`; the first is the model's and named `model` by default.

    Raises
    ------
    InputError
        If two have the same name, and as `read_scores`.
    """
    tables = [
        read_scores(spec, MODEL if not place else Path(spec).name.split(".")[0]) for place, spec in enumerate(specs)
    ]
    names = [table.name for table in tables]
    if len(set(names)) < len(names):
        raise InputError(f"score tables of the same name ({', '.join(names)}); name them, as in --scores other=PATH")
    return tables


def table_methods(table: ScoreTable, sequences: Sequence[str], task: str | None) -> list[Method]:
    """Return the methods of a score table: a task or the mean over tasks, and, of several, each task.

    Raises
    ------
    InputError
        If there is no such task.
    """
    names = list(table.scores.columns)
    if task is not None and task not in names and len(names) > 1:
        raise InputError(f"scores {table.path}: no task {task!r}; the tasks are {', '.join(names)}")
    scores = table.scores.reindex(pd.Index(sequences))
    errors = table.errors.reindex(pd.Index(sequences))
    chosen = [task] if task in names else names
    in_ln = bool((np.abs(table.scores.to_numpy(np.float64)) < LARGEST).all())
    # errors of tasks share their backgrounds, so the mean of them bounds the error of the mean
    methods = [
        Method(
            table.name,
            table.name,
            fixed(scores[chosen].mean(axis=1, skipna=False).to_numpy(np.float64)),
            standard_error=errors[chosen].mean(axis=1, skipna=False).to_numpy(np.float64),
            log_counts=in_ln,
        )
    ]
    if len(names) > 1:
        for name in names:
            values, spread = scores[name].to_numpy(np.float64), errors[name].to_numpy(np.float64)
            of_task = f"{table.name}.{name}"
            methods.append(
                Method(of_task, f"{table.name}_tasks", fixed(values), standard_error=spread, log_counts=in_ln)
            )
    return methods


def distilled_method(method: Method, sequences: Sequence[str], seed: int) -> Method | str:
    """Return a method with ln affinities distilled from its own scores, or why there are none."""
    if not method.log_counts:
        return "is for changes of log counts"
    scores = method.scores(NO_ROWS, np.arange(len(sequences)))
    found = distil_energies(sequences, scores, seed)
    if isinstance(found, str):
        return found
    return replace(method, energies=found, log_affinity=found.log_affinities(sequences, scores)[0])


def matrix_methods(matrices: Sequence[ScoringMatrix], sequences: Sequence[str] | CodedSequences) -> list[Method]:
    """Return three methods for every matrix: `max`, `sum`, `occupancy`, named `{family}.{statistic}.{motif}`."""
    return [
        Method(
            f"{matrix.family}.{statistic}.{matrix.name}",
            matrix.family,
            fixed(scores[statistic]),
            statistic,
            matrix.name,
            matrix.rank,
        )
        for matrix, scores in zip(matrices, matrix_scores(sequences, matrices), strict=True)
        for statistic in STATISTICS
    ]


def additive_method(sequences: Sequence[str], scores: Floats, consensus: str | None) -> Method | str:
    """Return the additive model distilled from scores, or why there is none."""
    model = additive_model(sequences, scores, consensus)
    if isinstance(model, str):
        return model
    return Method(ADDITIVE, ADDITIVE, fixed(model.scores(sequences)), model.how)


def kmer_method(sequences: Sequence[str] | CodedSequences, labels: Floats, longest: int) -> Method:
    """Return ridge regression on k-mer counts, fitted anew on every sample."""
    coded = CodedSequences.of(sequences)

    def scores(sample: Rows, rows: Rows) -> Floats:
        model = KmerRidge(coded.take(sample), labels[sample], longest)
        place = np.full(len(coded), -1)
        place[sample] = np.arange(len(sample))
        inside = place[rows] >= 0
        found = np.empty(len(rows))
        found[inside] = model.left_out[place[rows[inside]]]
        found[~inside] = model.scores(coded.take(rows[~inside]))
        return found

    return Method(KMERS, KMERS, scores)
