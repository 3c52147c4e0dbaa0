"""Tables about calibrated values: RMSE bars, residuals, classes of variation, dynamic range."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cistill.affinity.calibration.evaluation import SETS, Evaluation
from cistill.affinity.calibration.methods import Floats, Rows
from cistill.affinity.calibration.scoring import MEASURES, Ranked, measures_by_row
from cistill.affinity.calibration.study import Study
from cistill.tables import ROWS_AT_ONCE

BINS = 50
RESIDUAL_BINS = 10
LARGEST = 20


def bar_table(calibration: pd.DataFrame) -> pd.DataFrame:
    """Summarise motifs of a family: the top one, the mean and population SD over the first ten, and the best.

    Parameters
    ----------
    calibration : pandas.DataFrame
        As `calibration_table` returns it.

    Returns
    -------
    pandas.DataFrame
        One row per family, statistic, calibrator, set and measure: `n_motifs, top, mean, sd, best, best_motif`.
        `best` is chosen by the measure itself, in favour of the motifs.
    """
    rows = []
    keys = ["family", "statistic", "calibrator", "scored_on"]
    for key, group in calibration.groupby(keys, sort=False, dropna=False):
        ordered = group.sort_values("rank", kind="stable")
        for measure in MEASURES:
            values = ordered[measure].to_numpy(dtype=np.float64)
            defined = values[np.isfinite(values)]
            place = None
            if len(defined):
                place = int(np.nanargmin(values) if measure == "rmse" else np.nanargmax(values))
            rows.append(
                dict(zip(keys, key, strict=True))
                | {
                    "measure": measure,
                    "n_motifs": len(values),
                    "top": values[0],
                    "mean": float(defined.mean()) if len(defined) else np.nan,
                    "sd": float(defined.std()) if len(defined) else np.nan,
                    "best": np.nan if place is None else values[place],
                    "best_motif": None if place is None else ordered["motif"].iloc[place],
                }
            )
    return pd.DataFrame(rows)


def shown_methods(calibration: pd.DataFrame) -> list[str]:
    """Return the methods that are shown sequence by sequence: of every family the one of least held-out RMSE (OLS)."""
    rows = calibration[(calibration["scored_on"] == "held_out") & (calibration["calibrator"] == "ols")]
    names: list[str] = []
    for _, group in rows.groupby("family", sort=False):
        methods = group["method"].tolist()
        # methods without a statistic are tasks or tables of their own; NaN (a constant) is never the best
        best = int(group["rmse"].fillna(np.inf).to_numpy().argmin())
        names += methods if group["motif"].isna().all() else [methods[best]]
    return names


def calibrated_parts(evaluations: Sequence[Evaluation], study: Study) -> Iterator[pd.DataFrame]:
    """Yield `sequence, label, in_sample, class` and for each method `{method}.score` and `{method}.{calibrator}`.

    Some rows at a time.
    """
    inside = np.zeros(len(study.sequences), dtype=bool)
    inside[study.sample] = True
    columns: dict[str, Any] = {"sequence": study.sequences, "label": study.labels, "in_sample": inside}
    columns["class"] = study.classes
    for evaluation in evaluations:
        columns[f"{evaluation.method.name}.score"] = evaluation.scores
        for kind in evaluation.calibrators:
            columns[f"{evaluation.method.name}.{kind}"] = evaluation.predicted(kind)
    for first in range(0, len(inside), ROWS_AT_ONCE):
        part = slice(first, first + ROWS_AT_ONCE)
        yield pd.DataFrame({name: values[part] for name, values in columns.items()})


def residual_table(evaluations: Sequence[Evaluation], study: Study) -> pd.DataFrame:
    """Return label minus calibrated value by tenths of the calibrated values, of held-out sequences.

    Columns: `method, calibrator, bin` (from 1), `n, predicted_low, predicted_high, predicted, residual, residual_sd,
    rmse`.
    """
    rows = []
    chosen = study.held_out
    labels = study.labels[chosen]
    for evaluation in evaluations:
        for kind in evaluation.calibrators:
            predicted = evaluation.predicted(kind)[chosen]
            order = np.argsort(predicted, kind="stable")
            for number, part in enumerate(np.array_split(order, min(RESIDUAL_BINS, len(order))), 1):
                p, residual = predicted[part], labels[part] - predicted[part]
                rows.append(
                    {
                        "method": evaluation.method.name,
                        "calibrator": kind,
                        "bin": number,
                        "n": len(part),
                        "predicted_low": p.min(),
                        "predicted_high": p.max(),
                        "predicted": p.mean(),
                        "residual": residual.mean(),
                        "residual_sd": residual.std(),
                        "rmse": np.sqrt((residual**2).mean()),
                    }
                )
    return pd.DataFrame(rows)


def class_table(evaluations: Sequence[Evaluation], study: Study) -> pd.DataFrame:
    """Return errors by class of variation: `method, calibrator, scored_on, class, n, bias, rmse, pearson, spearman`.

    `bias` is the mean of the calibrated value minus the label. Sequences without a class are left out.
    """
    rows = []
    names = list(dict.fromkeys(name for name in study.classes if isinstance(name, str)))
    inside = {name: study.classes == name for name in names}
    for scored_on in SETS:
        chosen = study.rows(scored_on)
        parts = {name: chosen[inside[name][chosen]] for name in names}
        labels = {name: Ranked.of(study.labels[part]) for name, part in parts.items() if len(part)}
        for evaluation in evaluations:
            for kind in evaluation.calibrators:
                predicted = evaluation.predicted(kind)
                for name, of_class in labels.items():
                    values = predicted[parts[name]]
                    found = measures_by_row(of_class, values[None])[0].tolist()
                    rows.append(
                        {
                            "method": evaluation.method.name,
                            "calibrator": kind,
                            "scored_on": scored_on,
                            "class": name,
                            "n": len(values),
                            "bias": float((values - of_class.values).mean()),
                            **dict(zip(MEASURES, found, strict=True)),
                        }
                    )
    columns = ["method", "calibrator", "scored_on", "class", "n", "bias", *MEASURES]
    return pd.DataFrame(rows, columns=columns)


def range_table(evaluations: Sequence[Evaluation], study: Study) -> pd.DataFrame:
    """Return the spread of calibrated values beside that of the labels, of held-out sequences.

    Columns: `source` (`observed` or a method), `calibrator, n, mean, sd, sd_of_observed` (the ratio), `p5, p50, p95,
    rmse`.
    """
    chosen = study.held_out
    labels = study.labels[chosen]
    rows = [_spread("observed", None, labels, labels)]
    for evaluation in evaluations:
        for kind in evaluation.calibrators:
            rows.append(_spread(evaluation.method.name, kind, evaluation.predicted(kind)[chosen], labels))
    return pd.DataFrame(rows)


def _spread(source: str, kind: str | None, values: Floats, labels: Floats) -> dict[str, object]:
    low, middle, high = np.percentile(values, [5, 50, 95])
    return {
        "source": source,
        "calibrator": kind,
        "n": len(values),
        "mean": values.mean(),
        "sd": values.std(),
        "sd_of_observed": values.std() / labels.std() if labels.std() > 0 else np.nan,
        "p5": low,
        "p50": middle,
        "p95": high,
        "rmse": np.sqrt(((values - labels) ** 2).mean()),
    }


def histogram_table(evaluations: Sequence[Evaluation], study: Study) -> pd.DataFrame:
    """Return histograms of labels and calibrated values of held-out sequences over 50 shared bins.

    Columns: `source, calibrator, low, high, count`; what lies beyond the labels' range counts in the outermost bins.
    """
    chosen = study.held_out
    labels = study.labels[chosen]
    edges = np.linspace(labels.min(), labels.max(), BINS + 1)
    sources: list[tuple[str, str | None, Floats]] = [("observed", None, labels)]
    sources += [(e.method.name, kind, e.predicted(kind)[chosen]) for e in evaluations for kind in e.calibrators]
    parts = []
    for source, kind, values in sources:
        counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
        parts.append(
            pd.DataFrame({"source": source, "calibrator": kind, "low": edges[:-1], "high": edges[1:], "count": counts})
        )
    return pd.concat(parts, ignore_index=True)


def largest_residuals(evaluations: Sequence[Evaluation], study: Study) -> pd.DataFrame:
    """Return the 20 held-out sequences of largest residual of each method and calibrator, largest first."""
    chosen = study.held_out
    parts = []
    for evaluation in evaluations:
        for kind in evaluation.calibrators:
            predicted = evaluation.predicted(kind)[chosen]
            residual = study.labels[chosen] - predicted
            worst = _largest(np.abs(residual), LARGEST)
            parts.append(
                pd.DataFrame(
                    {
                        "method": evaluation.method.name,
                        "calibrator": kind,
                        "sequence": [study.sequences[row] for row in chosen[worst]],
                        "class": study.classes[chosen[worst]],
                        "label": study.labels[chosen[worst]],
                        "predicted": predicted[worst],
                        "residual": residual[worst],
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _largest(values: Floats, number: int) -> Rows:
    """Return the places of the largest values, largest first, the first of equal ones first."""
    if len(values) > number:
        least = np.partition(values, len(values) - number)[len(values) - number]
        places = np.flatnonzero(~(values < least))
    else:
        places = np.arange(len(values))
    return places[np.argsort(-values[places], kind="stable")[:number]]
