"""The metrics of predictions, as summary.json tells them."""

from typing import Any

import pandas as pd

from cistill.report.drawing.wording import is_main, plain
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.prediction_tables import SEEN
from cistill.report.reading.tf_results import TfResults
from cistill.report.sections.performance.fold_scores import fold_scores
from cistill.report.sections.performance.intervals import certainty

REGIONS_SUFFIX = {"peaks": "_peaks", "peaks+background": "_all"}


def metric_key(regions: str, metric: str) -> str:
    """Return the name of a metric in `metrics.test`: count metrics say which regions they are of."""
    return metric + REGIONS_SUFFIX.get(regions, f"_{regions}") if metric.startswith("count_") else metric


def performance_record(page: PageContext) -> dict[str, Any]:
    """Return the metrics; None without metrics.tsv."""
    metrics = page.results.metrics
    return {"metrics": None if metrics is None else _metrics(page.results, metrics)}


def _metrics(results: TfResults, metrics: pd.DataFrame) -> dict[str, Any]:
    """Return the main metrics of the test split by short name (mean over tasks), and all rows by task and split."""
    tasks: dict[str, Any] = {}
    for row in metrics.to_dict("records"):
        place = tasks.setdefault(str(row["task"]), {}).setdefault(str(row["split"]), {})
        place.setdefault(str(row["regions"]), {})[str(row["metric"])] = {
            **{name: plain(row[name]) for name in ("value", "lower", "average", "upper", "normalised")},
            "n": None if pd.isna(row["n"]) else int(row["n"]),
        }
    test = metrics[metrics["split"] == "test"]
    found: dict[str, Any] = {
        "test": _headline_metrics(test, "value"),
        "normalised": _headline_metrics(test, "normalised"),
        "held_out": held_out(results),
        "certainty": certainty(results, test),
        "folds": [
            {name: plain(value) if isinstance(value, float) else value for name, value in scores.items()}
            for scores in fold_scores(results)
        ],
        "tasks": tasks,
    }
    bounds = test[(test["metric"] == "profile_jsd") & (test["regions"] == "peaks")]
    if len(bounds):
        found["test"]["profile_jsd_mean"] = plain(bounds["average"].mean())
        found["test"]["profile_jsd_uniform"] = plain(bounds["lower"].mean())
    return found


def _headline_metrics(test: pd.DataFrame, column: str) -> dict[str, float | None]:
    """Return short name to value on the test split, the mean over tasks; of both strands together."""
    found: dict[str, float | None] = {}
    for (regions, metric), rows in test.groupby(["regions", "metric"], sort=False):
        if is_main(str(metric)) and (regions == "peaks" or not str(metric).startswith("profile_")):
            found[metric_key(str(regions), str(metric))] = plain(rows[column].mean())
    return found


def held_out(results: TfResults) -> dict[str, int] | None:
    """Return how many scored test regions only networks predicted that never saw their chromosome, and how many not.

    None without region_predictions.tsv.
    """
    rows = results.predictions
    if rows is None:
        return None
    regions = rows.drop_duplicates("region_id")
    unseen = regions[regions["split"] == "test"]
    return {
        "regions": len(unseen),
        "peaks": int((unseen["kind"] == "peak").sum()),
        "seen_regions": int((regions["split"] == SEEN).sum()),
    }
