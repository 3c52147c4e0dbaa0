"""How well the model predicts held-out regions: metrics beside their bounds, counts, ranking of peaks."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.report.drawing import vega
from cistill.report.drawing.blocks import Block, Chart, Fold, Note, Section, SideBySide, folded_if_many
from cistill.report.drawing.histograms import distributions
from cistill.report.drawing.palette import BLUE, GOLD, GREY
from cistill.report.drawing.scatter import MOST_POINTS, scatter
from cistill.report.drawing.wording import count, decimal
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.prediction_tables import SPLITS, best_split
from cistill.report.reading.tf_results import TfResults
from cistill.report.sections.performance.intervals import certainty_blocks
from cistill.report.sections.performance.tables import fold_block, metric_blocks, split_words

ROC_POINTS = 800
KINDS = {"background": GREY, "peaks": BLUE}
TASKS_OPEN = 2
"""Tasks whose figures are open; those of further ones are folded away."""


def performance_section(page: PageContext, summary: Mapping[str, Any]) -> Section:
    """Return metrics with bounds, by task and fold, observed against predicted counts, and the ROC curve."""
    results = page.results
    blocks: list[Block] = []
    metrics, predictions = results.metrics, results.predictions
    if metrics is None:
        blocks.append(Note("No metrics.tsv was given."))
    else:
        splits = [split for split in SPLITS if (metrics["split"] == split).any()]
        if "test" not in splits:
            blocks.append(Note("There are no held-out test regions: what follows was seen in training.", "warn"))
        elif summary["metrics"]["held_out"] is not None:
            blocks.append(_held_out(results, summary["metrics"]["held_out"]))
        blocks += certainty_blocks(summary["metrics"]["certainty"])
        for place, split in enumerate(splits):
            found = metric_blocks(metrics, results.tasks, split)
            blocks += found if place == 0 else [Fold(f"The same on {split_words(split)}", tuple(found))]
        by_fold = fold_block(results)
        if by_fold is not None:
            blocks.append(by_fold)
    if predictions is None:
        blocks.append(Note("No region_predictions.tsv was given: no figures of counts."))
    else:
        split = best_split(predictions)
        rows = [
            SideBySide(_task_figures(predictions[predictions["task"] == task], task, split, results), 3)
            for task in results.tasks
        ]
        further = [
            Fold(f"Counts and profiles of task {task}", (row,))
            for task, row in zip(results.tasks[TASKS_OPEN:], rows[TASKS_OPEN:], strict=True)
        ]
        blocks += [*rows[:TASKS_OPEN], *folded_if_many(further, "Counts and profiles of further tasks")]
    return Section(
        "performance",
        "Performance on held-out regions",
        "Regions that the networks which predict them never saw, neither in training nor when epochs and networks were "
        "chosen. Each score is shown between its bounds.",
        tuple(blocks),
    )


def _held_out(results: TfResults, numbers: Mapping[str, int]) -> Note:
    """Say how many regions the metrics are of, and which networks predicted them."""
    words = (
        f"Metrics are of {count(numbers['regions'])} regions ({count(numbers['peaks'])} of them peaks) predicted by "
        "networks that never saw their chromosome"
    )
    if len(results.folds) > 1:
        words += ": each region by those of the folds that test it"
    words += "."
    if numbers["seen_regions"]:
        words += (
            f" A further {count(numbers['seen_regions'])} test regions lie on chromosomes that every network of the "
            "model saw (their folds were not trained, or not chosen); they are told apart below."
        )
    return Note(words)


def _task_figures(rows: pd.DataFrame, task: str, split: str, results: TfResults) -> tuple[Block, ...]:
    where = split_words(split) + (f", task {task}" if len(results.tasks) > 1 else "")
    rows = rows[rows["split"] == split]
    rows = rows.assign(is_peak=rows["kind"] == "peak")
    if not len(rows):
        return (Note(f"No predictions for {where}."),)
    figures: list[Block] = [_scatter(rows, where)]
    is_peak = rows["is_peak"].to_numpy(bool)
    if is_peak.any() and not is_peak.all():
        area = None if results.metrics is None else _metric_value(results.metrics, task, split, "auroc")
        figures.append(_roc(rows["predicted_log_count"].to_numpy(float), is_peak, area, where))
    figures.append(_distances(rows[is_peak], where))
    return tuple(figures)


def _metric_value(metrics: pd.DataFrame, task: str, split: str, metric: str) -> float | None:
    found = metrics[(metrics["task"] == task) & (metrics["split"] == split) & (metrics["metric"] == metric)]
    return float(found["value"].iloc[0]) if len(found) else None


def _scatter(rows: pd.DataFrame, where: str) -> Chart:
    """Draw predicted against observed log counts; of very many regions their number in cells."""
    table = rows.assign(kind=np.where(rows["is_peak"], "peaks", "background")).rename(
        columns={"observed_log_count": "observed", "predicted_log_count": "predicted", "region_id": "region"}
    )
    words = "One dot a region" if len(rows) <= MOST_POINTS else "The fuller a cell, the more regions"
    return Chart(
        *scatter(
            table,
            ("observed", "observed ln(1 + 5' ends)"),
            ("predicted", "predicted ln(1 + 5' ends)"),
            "kind",
            {name: colour for name, colour in KINDS.items() if (table["kind"] == name).any()},
            ("region",),
        ),
        f"{words} ({where}): 5' ends in the output window, both strands, natural log; dashed: equality. "
        "From region_predictions.tsv.",
        "Counts",
        f"counts {where}",
        f"Predicted against observed log counts, {where}",
    )


def roc_curve(
    score: NDArray[np.float64], positive: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return false and true positive rates at every distinct score, from (0, 0) to (1, 1)."""
    order = np.argsort(-score, kind="stable")
    ranked, found = score[order], positive[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    true, false = np.cumsum(found)[last], np.cumsum(~found)[last]
    return np.append(0.0, false / max(false[-1], 1)), np.append(0.0, true / max(true[-1], 1))


def _roc(score: NDArray[np.float64], positive: NDArray[np.bool_], area: float | None, where: str) -> Chart:
    false, true = roc_curve(score, positive)
    if area is None:
        area = float(np.trapezoid(true, false))
    bends = np.r_[True, np.diff(np.sign(np.diff(true)) - np.sign(np.diff(false))) != 0, True]
    keep = np.flatnonzero(bends) if len(false) > 2 else np.arange(len(false))
    keep = np.union1d(keep[:: -(-len(keep) // ROC_POINTS)], [len(false) - 1])
    table = pd.DataFrame({"background_called": false[keep], "peaks_called": true[keep]})
    unit = alt.Scale(domain=[0, 1])
    line = (
        vega.chart(vega.THIRD, 330)
        .mark_line(strokeWidth=2.2)
        .encode(
            x=alt.X("background_called:Q", title="background called peak", scale=unit),
            y=alt.Y("peaks_called:Q", title="peaks called peak", scale=unit),
            tooltip=vega.tips(background_called=".3f", peaks_called=".3f"),
        )
    )
    words = alt.Chart(alt.InlineData([{}])).mark_text(text=f"AUROC {decimal(area)}", align="right", fontSize=12)
    return Chart(
        table,
        line + vega.diagonal(0, 1) + words.encode(x=alt.XDatum(0.98), y=alt.YDatum(0.06)),
        f"Share of peaks against share of background regions above every cut on the predicted count ({where}): "
        f"AUROC {decimal(area)}; dashed: chance. From region_predictions.tsv.",
        "Peaks against background",
        f"roc {where}",
        f"ROC curve, {where}: area {decimal(area)}",
    )


def _distances(rows: pd.DataFrame, where: str) -> Block:
    """Draw the distribution of the profile's distance over peaks, model beside mean profile."""
    found = {"model": rows["profile_jsd"].to_numpy(float)}
    if "profile_jsd_mean" in rows:
        found["mean profile"] = rows["profile_jsd_mean"].to_numpy(float)
    finite = {name: values[np.isfinite(values)] for name, values in found.items()}
    if not len(finite["model"]):
        return Note(f"No profile distances for {where}.")
    finite = {name: values for name, values in finite.items() if len(values)}
    return Chart(
        *distributions(finite, {"model": BLUE, "mean profile": GOLD}, "Jensen-Shannon distance", "peaks"),
        "Joint Jensen-Shannon distance (base e, unsmoothed) between observed and predicted profile of each peak "
        f"({where}); 0 is identical, 0.83 is the largest possible. From region_predictions.tsv.",
        "Profiles",
        f"profile distances {where}",
        f"Distance of predicted from observed profiles, {where}",
    )
