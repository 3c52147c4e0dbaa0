"""Calibrating every method on one sample, and what each reaches on the other sequences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from cistill.affinity.calibration.calibrators import DISTILLED, FEWEST, KINDS, Calibrator, fit
from cistill.affinity.calibration.methods import Floats, Method, Rows
from cistill.affinity.calibration.sampling import draw_sample, rows_outside
from cistill.affinity.calibration.scoring import MEASURES, Bootstrap, Ranked, measures_by_row, ranks_along
from cistill.affinity.calibration.study import Study
from cistill.console import progress

SETS = ("held_out", "all")
REPEAT_ROWS = 5000  # held-out sequences that a repeated sample is scored on
VALUES_AT_ONCE = 8_000_000


@dataclass(frozen=True)
class Evaluation:
    """A method, its scores and its calibrators.

    Attributes
    ----------
    method : Method
    scores : (sequences,)
    calibrators : dict
        Kind to calibrator; those that the sample is too small for are missing.
    values : dict
        Kind to calibrated values `(sequences,)`, of those that are kept.
    """

    method: Method
    scores: Floats
    calibrators: dict[str, Calibrator] = field(default_factory=dict)
    values: Mapping[str, Floats] = field(default_factory=dict)

    def predicted(self, kind: str) -> Floats:
        """Return calibrated values `(sequences,)`."""
        return self.values[kind] if kind in self.values else self.calibrators[kind].apply(self.abscissa(kind))

    def abscissa(self, kind: str) -> Floats:
        """Return what a calibrator of a kind is applied to, `(sequences,)`."""
        return self.method.abscissa(kind, self.scores, np.arange(len(self.scores)))

    def kept(self) -> "Evaluation":
        """Return the same with all calibrated values in memory."""
        return replace(self, values={kind: self.predicted(kind) for kind in self.calibrators})


def usable_kinds(method: Method, study: Study, kinds: Sequence[str] = KINDS) -> list[str]:
    """Return the calibrators that a method has and a sample is large enough for.

    `excess` is for log counts and energies alone, `distilled` for methods with ln affinities.
    """
    possible = {"excess": method.log_counts and study.energy, DISTILLED: method.log_affinity is not None}
    return [kind for kind in kinds if len(study.sample) >= FEWEST[kind] and possible.get(kind, True)]


def evaluate(method: Method, study: Study, kinds: Sequence[str] = KINDS) -> Evaluation:
    """Score all sequences and fit the calibrators on the sample."""
    scores = method.scores(study.sample, np.arange(len(study.sequences)))
    y = study.labels[study.sample]
    fitted = {}
    for kind in usable_kinds(method, study, kinds):
        x = method.abscissa(kind, scores[study.sample], study.sample)
        (fitted[kind],) = fit(kind, x[None], y, study.energy, study.higher_is_tighter)
    return Evaluation(method, scores, fitted)


def calibration_table(
    evaluations: Sequence[Evaluation], study: Study, resamples: int, repeats: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return one row per method, calibrator and set; columns are described in docs/calibration.md.

    Parameters
    ----------
    evaluations : sequence of Evaluation
    study : Study
    resamples : int
        Of the bootstrap.
    repeats : pandas.DataFrame, optional
        What `repeated_samples` returns; its means and SDs over repeats are added.
    """
    rows = []
    for name in SETS:
        chosen = study.rows(name)
        labels = Ranked.of(study.labels[chosen])
        bootstrap = Bootstrap(labels, resamples, study.seed)
        for part in _in_parts(evaluations, max(VALUES_AT_ONCE // max(bootstrap.size, 1), 1)):
            pairs = [(evaluation.method, kind) for evaluation in part for kind in evaluation.calibrators]
            predicted, ranks = _predicted_and_ranks(part, chosen)
            found = measures_by_row(labels, predicted, ranks)
            intervals = bootstrap.intervals(predicted, ranks)
            for (method, kind), values, interval in zip(pairs, found.tolist(), intervals, strict=True):
                own = dict(zip(MEASURES, values, strict=True))
                rows.append(_row(method, kind, name, study.unit, own, interval, labels.values))
    table = pd.DataFrame(rows)
    if repeats is not None and len(repeats):
        grouped = repeats.groupby(["method", "calibrator"], sort=False)[list(MEASURES)]
        spread = grouped.agg(["mean", "std"]).rename(columns={"std": "sd"})
        spread.columns = pd.Index([f"{column[0]}_repeats_{column[1]}" for column in spread.columns.tolist()])
        spread = spread.assign(repeats=grouped.size(), scored_on="held_out").reset_index()
        table = table.merge(spread, how="left", on=["method", "calibrator", "scored_on"])
    return table


def _in_parts(evaluations: Sequence[Evaluation], most: int) -> Iterator[list[Evaluation]]:
    """Yield evaluations in parts of at most so many calibrators, or of one evaluation."""
    part: list[Evaluation] = []
    for evaluation in evaluations:
        if part and sum(len(one.calibrators) for one in [*part, evaluation]) > most:
            yield part
            part = []
        part.append(evaluation)
    if part:
        yield part


def _predicted_and_ranks(evaluations: Sequence[Evaluation], chosen: Rows) -> tuple[Floats, Floats]:
    """Return calibrated values of rows and their ranks, both `(calibrators, rows)`.

    Calibrators are monotone, or nearly so: the sequences are sorted once for all that are applied to the same scores.
    """
    predicted, ranks = [], []
    for evaluation in evaluations:
        orders: dict[bool, Rows] = {}
        for kind in evaluation.calibrators:
            values = evaluation.predicted(kind)[chosen]
            own = kind == DISTILLED
            if own not in orders:
                orders[own] = np.argsort(evaluation.abscissa(kind)[chosen])
            predicted.append(values)
            ranks.append(ranks_along(values, orders[own]))
    return np.stack(predicted), np.stack(ranks)


def _row(
    method: Method,
    kind: str,
    scored_on: str,
    unit: str,
    values: dict[str, float],
    interval: dict[str, tuple[float, float]],
    labels: Floats,
) -> dict[str, object]:
    row: dict[str, object] = {"method": method.name, "calibrator": kind, "scored_on": scored_on, "n": len(labels)}
    for measure in MEASURES:
        low, high = interval[measure]
        row |= {measure: values[measure], f"{measure}_low": low, f"{measure}_high": high}
    description = {"family": method.family, "statistic": method.statistic or None, "motif": method.motif or None}
    return row | {"unit": unit} | description | {"rank": method.rank}


def repeated_samples(
    methods: Sequence[Method], study: Study, repeats: int, kinds: Sequence[str] = KINDS
) -> pd.DataFrame:
    """Calibrate on samples drawn anew, each the same for all methods, and score what each leaves out.

    At most 5,000 of the held-out sequences are scored, the same for all methods.

    Parameters
    ----------
    methods, study, kinds
        As for `evaluate`; the samples have the size of the study's.
    repeats : int

    Returns
    -------
    pandas.DataFrame
        Columns repeat (from 1), method, calibrator, n, rmse, pearson, spearman.
    """
    parts = []
    n = len(study.sequences)
    pairs = [(method, kind) for method in methods for kind in usable_kinds(method, study, kinds)]
    names = {"method": [method.name for method, _ in pairs], "calibrator": [kind for _, kind in pairs]}
    for repeat in progress(range(1, repeats + 1), "repeated calibration", repeats, unit="samples"):
        sample = draw_sample(study.sequences, len(study.sample), study.seed, repeat, study.order)
        others = rows_outside(n, sample)
        if len(others) > REPEAT_ROWS:
            others = np.sort(np.random.default_rng([study.seed, repeat, 1]).choice(others, REPEAT_ROWS, replace=False))
        predicted = _calibrated(pairs, study, sample, others)
        found = measures_by_row(Ranked.of(study.labels[others]), predicted)
        parts.append(
            pd.DataFrame({"repeat": repeat, **names, "n": len(others), **dict(zip(MEASURES, found.T, strict=True))})
        )
    columns = ["repeat", "method", "calibrator", "n", *MEASURES]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _calibrated(pairs: Sequence[tuple[Method, str]], study: Study, sample: Rows, others: Rows) -> Floats:
    """Return values of other rows, `(pairs, others)`, each method calibrated on a sample by each of its calibrators."""
    both, size = np.concatenate([sample, others]), len(sample)
    methods = {method.name: method for method, _ in pairs}
    scores = {name: method.scores(sample, both) for name, method in methods.items()}
    predicted = np.empty((len(pairs), len(others)))
    for kind in dict.fromkeys(kind for _, kind in pairs):
        places = [place for place, pair in enumerate(pairs) if pair[1] == kind]
        x = np.stack([pairs[place][0].abscissa(kind, scores[pairs[place][0].name], both) for place in places])
        made = fit(kind, x[:, :size], study.labels[sample], study.energy, study.higher_is_tighter)
        for place, values, calibrator in zip(places, x[:, size:], made, strict=True):
            predicted[place] = calibrator.apply(values)
    return predicted
