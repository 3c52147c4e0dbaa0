"""The main metrics of each fold's test regions, from the table of predicted regions."""

from typing import Any

import numpy as np
import pandas as pd

from cistill.report.reading.region_table import tested_by
from cistill.report.reading.tf_results import TfResults
from cistill.statistics import auroc, pearson

METRICS = ("auroc", "count_pearson_all", "count_pearson_peaks", "profile_jsd", "profile_jsd_mean")


def fold_scores(results: TfResults) -> list[dict[str, Any]]:
    """Return metrics by fold and task of the test regions that only networks predicted which never saw them.

    Parameters
    ----------
    results : TfResults
        Needs region_predictions.tsv.

    Returns
    -------
    list of dict
        `fold`, `task`, `regions`, `peaks`, `METRICS`. Folds without such regions, or whose networks for the task are
        not in the model (if that is known), are not in the list; nor is anything where there is a single fold.
    """
    rows = results.predictions
    if rows is None or len(results.folds) < 2:
        return []
    rows = rows[rows["split"] == "test"]
    found = []
    for fold in results.folds:
        tested = results.regions.loc[tested_by(results.regions, fold), "region_id"]
        of_fold = rows[rows["region_id"].isin(tested)]
        for task in results.tasks:
            of_task = of_fold[of_fold["task"] == task]
            if len(of_task) and _votes(results, fold, task):
                found.append({"fold": fold, "task": task, **_scores(of_task)})
    return found


def _votes(results: TfResults, fold: str, task: str) -> bool:
    """Return whether a network of the fold predicts the task in the model, as far as is known."""
    table = results.candidates
    return table is None or bool((table["chosen"] & (table["fold"] == fold) & (table["task"] == task)).any())


def _scores(rows: pd.DataFrame) -> dict[str, Any]:
    is_peak = (rows["kind"] == "peak").to_numpy()
    observed = rows["observed_log_count"].to_numpy(float)
    predicted = rows["predicted_log_count"].to_numpy(float)
    mean = rows["profile_jsd_mean"] if "profile_jsd_mean" in rows else pd.Series(np.nan, rows.index)
    values = (
        auroc(predicted[is_peak], predicted[~is_peak]),
        pearson(observed, predicted),
        pearson(observed[is_peak], predicted[is_peak]),
        float(rows.loc[is_peak, "profile_jsd"].mean()),
        float(mean[is_peak].mean()),
    )
    return {"regions": len(rows), "peaks": int(is_peak.sum()), **dict(zip(METRICS, values, strict=True))}
