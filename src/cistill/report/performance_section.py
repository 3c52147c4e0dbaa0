"""How well the model predicts held-out regions: metrics beside their bounds, counts, ranking of peaks."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from cistill.report.blocks import Block, Figure, Fold, Note, Row, Section, Table
from cistill.report.charts import BLUE, GREY, INK, Legend, Plot, limits, position_bar
from cistill.report.results import Results
from cistill.report.wording import METRICS, MISSING, count, decimal, metric_words, readable

MOST_POINTS = 6000
SPLITS = ("test", "valid", "train")
SPLIT_WORDS = {"test": "test", "valid": "validation", "train": "training"}


def performance_section(results: Results, summary: Mapping[str, Any]) -> Section:
    """Return metrics with bounds, observed against predicted counts, and the ROC curve."""
    blocks: list[Block] = []
    metrics, predictions = results.metrics, results.predictions
    if metrics is None:
        blocks.append(Note("No metrics.tsv was given."))
    else:
        splits = [split for split in SPLITS if (metrics["split"] == split).any()]
        if "test" not in splits:
            blocks.append(Note("There are no test regions: what follows is not held out from training.", "warn"))
        for place, split in enumerate(splits):
            table = _metric_table(metrics[metrics["split"] == split], split, len(results.tasks) > 1)
            blocks.append(table if place == 0 else Fold(f"The same on {SPLIT_WORDS[split]} regions", (table,)))
    if predictions is None:
        blocks.append(Note("No region_predictions.tsv was given: no figures of counts."))
    else:
        split = best_split(predictions)
        for task in results.tasks:
            rows = predictions[(predictions["split"] == split) & (predictions["task"] == task)]
            rows = rows.assign(is_peak=rows["region_id"].isin(results.peaks_of(task)))
            rows = rows[rows["is_peak"] | (rows["kind"] == "background")]  # peaks of other tasks are neither
            blocks.append(Row(_task_figures(rows, task, split, metrics, len(results.tasks) > 1)))
    return Section(
        "performance",
        "Performance on held-out regions",
        "Regions on chromosomes that training never saw, each number beside what bounds it.",
        tuple(blocks),
    )


def best_split(predictions: pd.DataFrame) -> str:
    """Return the split that figures show: test regions, or the next best where there are none."""
    return next((split for split in SPLITS if (predictions["split"] == split).any()), "train")


def place_between(value: float, lower: float, upper: float) -> float | None:
    """Return where a value lies between knowing nothing (0) and being perfect (1), None if a bound is missing."""
    if not np.all(np.isfinite([value, lower, upper])) or upper == lower:
        return None
    return (value - lower) / (upper - lower)


def _metric_table(rows: pd.DataFrame, split: str, several_tasks: bool) -> Table:
    cells: list[tuple[str | Markup, ...]] = []
    order = {name: place for place, name in enumerate(METRICS)}
    rows = rows.assign(order=[order.get(name, len(order)) for name in rows["metric"]])
    for row in rows.sort_values(["task", "order", "regions"], ascending=[True, True, False], kind="stable").to_dict(
        "records"
    ):
        words = metric_words(str(row["metric"]))
        bounds = {name: float(row[name]) for name in ("value", "lower", "average", "upper")}
        place = place_between(bounds["value"], bounds["lower"], bounds["upper"])
        mean = place_between(bounds["average"], bounds["lower"], bounds["upper"])
        bar: str | Markup = MISSING
        if place is not None:
            bar = position_bar(
                place, mean, f"{words.name}: {100 * place:.0f}% of the way from knowing nothing to perfect"
            )
        name = Markup('<abbr title="{}">{}</abbr>').format(words.meaning, words.name) if words.meaning else words.name
        cells.append(
            (
                *((str(row["task"]),) if several_tasks else ()),
                name,
                str(row["regions"]).replace("+", " + "),
                Markup("<strong>{}</strong>").format(readable(bounds["value"])),
                readable(bounds["lower"]),
                bar,
                readable(bounds["upper"]),
                readable(bounds["average"]),
                count(row["n"]),
            )
        )
    first = 1 if several_tasks else 0
    return Table(
        "Dot: the model, between a guess that knows nothing (chance, shuffled labels, the mean count, a "
        "uniform profile) and "
        "the observation itself; dashed mark: the mean training profile. Scatter of few reads keeps every "
        "model of profiles "
        "well short of perfect. Point at a name for its definition. From metrics.tsv.",
        (
            *(("task",) if several_tasks else ()),
            "metric",
            "regions",
            "model",
            "knows nothing",
            "",
            "perfect",
            "mean profile",
            "n",
        ),
        tuple(cells),
        frozenset(first + column for column in (2, 3, 5, 6, 7)),
        f"Metrics on {SPLIT_WORDS.get(split, split)} regions",
    )


def _task_figures(
    rows: pd.DataFrame, task: str, split: str, metrics: pd.DataFrame | None, several_tasks: bool
) -> tuple[Block, ...]:
    where = f"{SPLIT_WORDS.get(split, split)} regions" + (f", task {task}" if several_tasks else "")
    if not len(rows):
        return (Note(f"No predictions for {where}."),)
    figures: list[Block] = [_scatter(rows, where)]
    is_peak = rows["is_peak"].to_numpy(bool)
    if is_peak.any() and not is_peak.all():
        area = None if metrics is None else _metric_value(metrics, task, split, "auroc")
        figures.append(_roc(rows["predicted_log_count"].to_numpy(float), is_peak, area, where))
    figures.append(_distances(rows[is_peak], where))
    return tuple(figures)


def _metric_value(metrics: pd.DataFrame, task: str, split: str, metric: str) -> float | None:
    found = metrics[(metrics["task"] == task) & (metrics["split"] == split) & (metrics["metric"] == metric)]
    return float(found["value"].iloc[0]) if len(found) else None


def _scatter(rows: pd.DataFrame, where: str) -> Figure:
    """Draw predicted against observed log counts; a regular share of the dots where there are too many."""
    total, every = len(rows), -(-len(rows) // MOST_POINTS)
    rows = rows.iloc[::every]
    low, high = limits(rows["observed_log_count"], rows["predicted_log_count"])
    plot = Plot(
        (low, high),
        (low, high),
        f"Predicted against observed log counts, {where}",
        "observed ln(1 + 5' ends)",
        "predicted ln(1 + 5' ends)",
        width=330,
        height=330,
    )
    plot.line([low, high], [low, high], INK, 1, "4 3")
    entries = []
    for peaks, colour, words in ((False, GREY, "background"), (True, BLUE, "peaks")):
        chosen = rows[rows["is_peak"] == peaks]
        if len(chosen):
            plot.points(chosen["observed_log_count"], chosen["predicted_log_count"], colour)
            entries.append(Legend(colour, words))
    plot.legend(entries)
    share = f" {count(len(rows))} of {count(total)} are drawn." if every > 1 else ""
    return Figure(
        plot.svg(),
        f"One dot a region ({where}): 5' ends in the output window, both strands, natural log; dashed: "
        f"equality.{share} "
        "From region_predictions.tsv.",
        "Counts",
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


def _roc(score: NDArray[np.float64], positive: NDArray[np.bool_], area: float | None, where: str) -> Figure:
    false, true = roc_curve(score, positive)
    if area is None:
        area = float(np.trapezoid(true, false))
    bends = np.r_[True, np.diff(np.sign(np.diff(true)) - np.sign(np.diff(false))) != 0, True]
    keep = np.flatnonzero(bends) if len(false) > 2 else np.arange(len(false))
    keep = keep[:: -(-len(keep) // 1500)]
    keep = np.union1d(keep, [len(false) - 1])
    plot = Plot(
        (0, 1), (0, 1), f"ROC curve, {where}", "background called peak", "peaks called peak", width=330, height=330
    )
    plot.line([0, 1], [0, 1], INK, 1, "4 3")
    plot.line(false[keep], true[keep], BLUE, 2.2)
    plot.text(0.96, 0.08, f"AUROC {decimal(area)}", "end")
    return Figure(
        plot.svg(),
        f"Share of peaks against share of background regions above every cut on the predicted count ({where}); "
        "dashed: "
        "chance. From region_predictions.tsv.",
        "Peaks against background",
    )


def _distances(rows: pd.DataFrame, where: str) -> Block:
    """Draw the distribution of the profile's distance over peaks, model beside mean profile."""
    values = rows["profile_jsd"].to_numpy(float)
    mean = rows["profile_jsd_mean"].to_numpy(float) if "profile_jsd_mean" in rows else np.full(len(rows), np.nan)
    both = np.concatenate([values, mean])
    if not np.isfinite(values).any():
        return Note(f"No profile distances for {where}.")
    low, high = limits(both, pad=0.0)
    edges = np.linspace(low, high, 31)
    bars, _ = np.histogram(values[np.isfinite(values)], edges)
    line, _ = np.histogram(mean[np.isfinite(mean)], edges)
    plot = Plot(
        (low, high),
        (0, max(bars.max(), line.max()) * 1.08),
        f"Distance of predicted from observed profiles, {where}",
        "Jensen-Shannon distance",
        "peaks",
        width=330,
        height=330,
    )
    plot.bars(edges[:-1], edges[1:] - 0.12 * (edges[1] - edges[0]), bars, BLUE)
    entries = [Legend(BLUE, "model")]
    if line.any():
        plot.line(np.repeat(edges, 2)[1:-1], np.repeat(line, 2), INK, 1.4, "4 3")
        entries.append(Legend(INK, "mean profile", "dash"))
    plot.legend(entries)
    return Figure(
        plot.svg(),
        "Joint Jensen-Shannon distance (base e, unsmoothed) between observed and predicted profile of each "
        f"peak ({where}); "
        "0 is identical, 0.83 is the largest possible. From region_predictions.tsv.",
        "Profiles",
    )
