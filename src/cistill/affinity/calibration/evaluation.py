"""Calibrating every method on one sample, and what each reaches on the other sequences."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cistill.affinity.calibration.calibrators import DISTILLED, FEWEST, KINDS, Calibrator, fit
from cistill.affinity.calibration.methods import Floats, Method
from cistill.affinity.calibration.sampling import draw_sample
from cistill.affinity.calibration.scoring import MEASURES, bootstrap_intervals, measures
from cistill.affinity.calibration.study import Study
from cistill.console import progress

SETS = ("held_out", "all")
REPEAT_ROWS = 5000  # held-out sequences that a repeated sample is scored on
VALUES_AT_ONCE = 20_000_000


@dataclass(frozen=True)
class Evaluation:
    """A method, its scores and its calibrators.

    Attributes
    ----------
    method : Method
    scores : (sequences,)
    calibrators : dict
        Kind to calibrator; those that the sample is too small for are missing.
    """

    method: Method
    scores: Floats
    calibrators: dict[str, Calibrator] = field(default_factory=dict)

    def predicted(self, kind: str) -> Floats:
        """Return calibrated values `(sequences,)`."""
        return self.calibrators[kind].apply(self.method.abscissa(kind, self.scores, np.arange(len(self.scores))))


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
        fitted[kind] = fit(kind, x, y, study.energy, study.higher_is_tighter)
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
    pairs = [(evaluation, kind) for evaluation in evaluations for kind in evaluation.calibrators]
    rows = []
    for name in SETS:
        chosen = study.rows(name)
        labels = study.labels[chosen]
        at_once = max(VALUES_AT_ONCE // max(len(chosen), 1), 1)
        for first in range(0, len(pairs), at_once):
            part = pairs[first : first + at_once]
            predictions = [evaluation.predicted(kind)[chosen] for evaluation, kind in part]
            intervals = bootstrap_intervals(labels, predictions, resamples, study.seed)
            for (evaluation, kind), predicted, interval in zip(part, predictions, intervals, strict=True):
                rows.append(
                    _row(evaluation.method, kind, name, study.unit, measures(labels, predicted), interval, labels)
                )
    table = pd.DataFrame(rows)
    if repeats is not None and len(repeats):
        grouped = repeats.groupby(["method", "calibrator"], sort=False)[list(MEASURES)]
        spread = grouped.agg(["mean", "std"]).rename(columns={"std": "sd"})
        spread.columns = pd.Index([f"{column[0]}_repeats_{column[1]}" for column in spread.columns.tolist()])
        spread = spread.assign(repeats=grouped.size(), scored_on="held_out").reset_index()
        table = table.merge(spread, how="left", on=["method", "calibrator", "scored_on"])
    return table


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
    rows = []
    n = len(study.sequences)
    for repeat in progress(range(1, repeats + 1), "repeated calibration", repeats, unit="samples"):
        sample = draw_sample(study.sequences, len(study.sample), study.seed, repeat)
        others = np.setdiff1d(np.arange(n), sample)
        if len(others) > REPEAT_ROWS:
            others = np.sort(np.random.default_rng([study.seed, repeat, 1]).choice(others, REPEAT_ROWS, replace=False))
        both = np.concatenate([sample, others])
        y, labels = study.labels[sample], study.labels[others]
        for method in methods:
            scores = method.scores(sample, both)
            for kind in usable_kinds(method, study, kinds):
                x = method.abscissa(kind, scores, both)
                fitted = fit(kind, x[: len(sample)], y, study.energy, study.higher_is_tighter)
                predicted = fitted.apply(x[len(sample) :])
                found = measures(labels, predicted)
                rows.append({"repeat": repeat, "method": method.name, "calibrator": kind, "n": len(others), **found})
    return pd.DataFrame(rows, columns=["repeat", "method", "calibrator", "n", *MEASURES])
