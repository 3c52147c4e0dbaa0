"""How certain the held-out scores are: 95 % intervals, and whether the regions are too few to put them up front."""

from typing import Any

import numpy as np
import pandas as pd

from cistill.report.drawing.blocks import Block, Note, Table
from cistill.report.drawing.wording import MISSING, count, decimal, metric_words, plain, plural
from cistill.report.reading.tf_results import TfResults
from cistill.statistics import NO_INTERVAL, Interval, auroc_interval, correlation_interval, mean_interval

FEWEST_PEAKS = 20
"""Held-out peaks of a task from which on its scores are headlined: the interval of an AUROC of 0.9 is then 0.2 wide."""
COUNTS = {"count_pearson_all": "peaks+background", "count_pearson_peaks": "peaks"}
WORDS = {"count_pearson_all": "count_pearson", "count_pearson_peaks": "count_pearson"}


def certainty(results: TfResults, test: pd.DataFrame) -> dict[str, Any]:
    """Return the intervals of the main scores of each task, how many peaks they are of, and whether these are few.

    Parameters
    ----------
    results : TfResults
    test : pandas.DataFrame
        The rows of metrics.tsv of held-out regions.
    """
    tasks = {str(task): _of_task(results, str(task), rows) for task, rows in test.groupby("task", sort=False)}
    fewest = min((found["peaks"] for found in tasks.values()), default=0)
    return {"tasks": tasks, "fewest_peaks": fewest, "too_few": bool(tasks) and fewest < FEWEST_PEAKS}


def _of_task(results: TfResults, task: str, rows: pd.DataFrame) -> dict[str, Any]:
    """Return the peaks, the backgrounds and the intervals of one task."""
    both = rows[rows["strand"] == "both"].set_index(["regions", "metric"])
    peaks = _number(both, "peaks", "profile_jsd")
    peaks = max(peaks, _number(both, "peaks", "count_pearson"))
    everything = _number(both, "peaks+background", "auroc")
    found: dict[str, dict[str, float | int | None]] = {}
    area = _value(both, "peaks+background", "auroc")
    if np.isfinite(area):
        found["auroc"] = _entry(area, auroc_interval(area, peaks, everything - peaks), everything)
    for name, regions in COUNTS.items():
        r, number = _value(both, regions, "count_pearson"), _number(both, regions, "count_pearson")
        if np.isfinite(r):
            found[name] = _entry(r, correlation_interval(r, number), number)
    distance = _value(both, "peaks", "profile_jsd")
    if np.isfinite(distance):
        found["profile_jsd"] = _entry(distance, _of_distances(results, task), _number(both, "peaks", "profile_jsd"))
    return {"peaks": peaks, "backgrounds": max(0, everything - peaks), "intervals": found}


def _number(rows: pd.DataFrame, regions: str, metric: str) -> int:
    return int(_cell(rows, regions, metric, "n", 0))


def _value(rows: pd.DataFrame, regions: str, metric: str) -> float:
    return _cell(rows, regions, metric, "value", float("nan"))


def _cell(rows: pd.DataFrame, regions: str, metric: str, column: str, missing: float) -> float:
    """Return a number of the row of a metric, `missing` without that row."""
    values = rows.loc[rows.index == (regions, metric), column].to_numpy(float)
    return float(values[0]) if len(values) else missing


def _entry(value: float, interval: Interval, n: int) -> dict[str, float | int | None]:
    return {"value": plain(value), "lower": plain(interval.lower), "upper": plain(interval.upper), "n": n}


def _of_distances(results: TfResults, task: str) -> Interval:
    """Return the interval of the mean profile distance over held-out peaks; none without region_predictions.tsv."""
    rows = results.predictions
    if rows is None:
        return NO_INTERVAL
    own = rows[(rows["task"] == task) & (rows["split"] == "test") & (rows["kind"] == "peak")]
    return mean_interval(own["profile_jsd"].to_numpy(float))


def certainty_blocks(found: dict[str, Any]) -> list[Block]:
    """Return a warning where held-out peaks are few, and the intervals of all tasks."""
    blocks: list[Block] = []
    if not found["tasks"]:
        return blocks
    if found["too_few"]:
        few = [
            f"{plural(of['peaks'], 'peak')}" + (f" of {task}" if len(found["tasks"]) > 1 else "")
            for task, of in found["tasks"].items()
            if of["peaks"] < FEWEST_PEAKS
        ]
        blocks.append(
            Note(
                f"Only {', '.join(few)} held out: too few to judge the model by. Read each score with its interval; a "
                "model of every fold is scored on all peaks.",
                "warn",
            )
        )
    rows = tuple(
        (
            task,
            metric_words(WORDS.get(name, name)).name + {"_all": ", all", "_peaks": ", peaks"}.get(_end(name), ""),
            decimal(entry["value"]),
            MISSING if entry["lower"] is None else f"{decimal(entry['lower'])} – {decimal(entry['upper'])}",
            count(entry["n"]),
        )
        for task, of in found["tasks"].items()
        for name, entry in of["intervals"].items()
    )
    if rows:
        blocks.append(
            Table(
                "95% intervals of scores on held-out regions, from their number: AUROC by Newcombe's method 5, "
                "correlations by Fisher's transformation, profile distance by Student's t over peaks. They take the "
                "networks as given: another training differs too. From metrics.tsv and region_predictions.tsv.",
                ("task", "score", "value", "95% interval", "n"),
                rows,
                frozenset({2, 3, 4}),
                "How certain the scores are",
            )
        )
    return blocks


def _end(name: str) -> str:
    return next((end for end in ("_all", "_peaks") if name in COUNTS and name.endswith(end)), "")
