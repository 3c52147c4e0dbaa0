"""Metrics as tables: each between its bounds, tasks side by side, fold by fold."""

import numpy as np
import pandas as pd
from markupsafe import Markup

from cistill.report.drawing.bars import position_bar
from cistill.report.drawing.blocks import Block, Fold, Table, folded_if_long, folded_if_many
from cistill.report.drawing.wording import (
    METRICS,
    MISSING,
    SPLIT_WORDS,
    count,
    decimal,
    is_main,
    metric_words,
    readable,
    written_alike,
)
from cistill.report.reading.prediction_tables import SEEN
from cistill.report.reading.tf_results import TfResults
from cistill.report.sections.performance.fold_scores import fold_scores
from cistill.report.sections.performance.record import metric_key

REGION_WORDS = {**SPLIT_WORDS, "test": "held-out", SEEN: "test regions that networks saw"}
SIDE_BY_SIDE = (
    "auroc",
    "count_pearson_all",
    "count_pearson_peaks",
    "count_spearman_peaks",
    "profile_jsd",
    "profile_pearson",
    "profile_nll",
)
SHORT = {
    "auroc": "AUROC",
    "count_pearson_all": "r, all",
    "count_pearson_peaks": "r, peaks",
    "count_spearman_peaks": "ρ, peaks",
    "profile_jsd": "JSD",
    "profile_pearson": "profile r",
    "profile_nll": "NLL",
}


def split_words(split: str) -> str:
    """Return what regions of a part of metrics.tsv are called."""
    words = REGION_WORDS.get(split, split)
    return words if words.endswith("saw") else f"{words} regions"


def place_between(value: float, lower: float, upper: float) -> float | None:
    """Return where a value lies between knowing nothing (0) and being perfect (1), None if a bound is missing."""
    if not np.all(np.isfinite([value, lower, upper])) or upper == lower:
        return None
    return (value - lower) / (upper - lower)


def metric_blocks(metrics: pd.DataFrame, tasks: tuple[str, ...], split: str) -> list[Block]:
    """Return the metrics of a part: tasks side by side if there are several, and each task's between their bounds."""
    rows = metrics[metrics["split"] == split]
    main = rows[[is_main(str(name)) for name in rows["metric"]]]
    by_strand = rows.drop(main.index)
    if len(tasks) < 2:
        blocks: list[Block] = [bounds_table(main, f"Metrics on {split_words(split)}")]
        if len(by_strand):
            blocks.append(Fold("The same by strand", (bounds_table(by_strand, ""),)))
        return blocks
    blocks = [_side_by_side(main, tasks, split)]
    tables = [(task, rows[rows["task"] == task]) for task in tasks if (rows["task"] == task).any()]
    each = [
        Fold(f"Task {task}: every metric between its bounds, by strand too", (bounds_table(found, ""),))
        for task, found in tables
    ]
    return [*blocks, *folded_if_many(each, "Every metric of each task")]


def bounds_table(rows: pd.DataFrame, title: str) -> Table:
    """Return a row for each metric: its value, where that lies between its bounds, and these."""
    cells: list[tuple[str | Markup, ...]] = []
    order = {name: place for place, name in enumerate(METRICS)}
    places = [order.get(_without_strand(str(name)), len(order)) for name in rows["metric"]]
    rows = rows.assign(main=[not is_main(str(name)) for name in rows["metric"]], order=places)
    ascending = [True, True, False]
    for row in rows.sort_values(["main", "order", "regions"], ascending=ascending, kind="stable").to_dict("records"):
        words = metric_words(str(row["metric"]))
        bounds = {name: float(row[name]) for name in ("value", "lower", "average", "upper", "normalised")}
        place = bounds["normalised"] if np.isfinite(bounds["normalised"]) else None
        mean = place_between(bounds["average"], bounds["lower"], bounds["upper"])
        own, lower, average, upper = written_alike(bounds[name] for name in ("value", "lower", "average", "upper"))
        bar: str | Markup = MISSING
        if place is not None:
            label = f"{words.name}: {100 * place:.0f}% of the way from knowing nothing to perfect"
            bar = position_bar(place, mean, label)
        name = Markup('<abbr title="{}">{}</abbr>').format(words.meaning, words.name) if words.meaning else words.name
        cells.append(
            (
                name,
                "all" if row["regions"] == "peaks+background" else str(row["regions"]),
                Markup("<strong>{}</strong>").format(own),
                decimal(place),
                lower,
                bar,
                upper,
                average,
                count(row["n"]),
            )
        )
    return Table(
        "Regions: all are peaks and background. Dot and normalised value: the model, between a guess that knows "
        "nothing (0: chance, shuffled labels, a uniform profile) and the observation itself (1); dashed mark: the mean "
        "of the training regions. Scatter of few reads keeps every model of profiles well short of perfect. Point at a "
        "name for its definition. From metrics.tsv.",
        ("metric", "regions", "model", "normalised", "knows nothing", "", "perfect", "training mean", "n"),
        tuple(cells),
        frozenset({2, 3, 4, 6, 7, 8}),
        title,
    )


def _without_strand(name: str) -> str:
    return next((known for known in sorted(METRICS, key=len, reverse=True) if name.startswith(known)), name)


def _side_by_side(rows: pd.DataFrame, tasks: tuple[str, ...], split: str) -> Table:
    """Return tasks by metrics, normalised values below the raw ones, and their means."""
    keys = [metric_key(str(row["regions"]), str(row["metric"])) for row in rows.to_dict("records")]
    rows = rows.assign(key=keys)
    value, share, number = (
        rows.pivot_table(index="task", columns="key", values=name) for name in ("value", "normalised", "n")
    )
    shown = [key for key in SIDE_BY_SIDE if key in value]
    share = share.reindex(columns=value.columns)
    cells: list[tuple[str | Markup, ...]] = []
    for task in [task for task in tasks if task in value.index]:
        peaks = number["profile_jsd"].get(task) if "profile_jsd" in number else None
        each = (_value(float(value[key].loc[task]), float(share[key].loc[task])) for key in shown)
        cells.append((task, count(peaks), *each))
    if len(cells) > 1:
        cells.append(("mean", "", *(_value(float(value[key].mean()), float(share[key].mean())) for key in shown)))
    return Table(
        "Large: the value; small: where it lies between a guess that knows nothing (0) and the observation itself (1). "
        "r and ρ: Pearson's and Spearman's correlation of ln(1 + 5' ends), over peaks and background (all) or peaks; "
        "JSD: Jensen-Shannon distance of profiles; profile r: correlation with the smoothed profile; NLL in nats, "
        "which grows with the number of reads. From metrics.tsv.",
        ("task", "peaks", *(SHORT[key] for key in shown)),
        tuple(cells),
        frozenset(range(1, 2 + len(shown))),
        f"Metrics on {split_words(split)}, by task",
    )


def _value(value: float, share: float) -> str | Markup:
    """Return a value with its normalised one below it."""
    words = readable(value)
    return Markup("{}<small>{}</small>").format(words, decimal(share, 2)) if np.isfinite(share) else words


def fold_block(results: TfResults) -> Block | None:
    """Return the main metrics of the regions that each fold tests, means over tasks; None for a single fold."""
    scores = pd.DataFrame(fold_scores(results))
    if not len(scores) or scores["fold"].nunique() < 2:
        return None
    rows = []
    for fold, found in scores.groupby("fold", sort=False):
        chromosomes = results.folds[str(fold)].get("test", ())
        rows.append(
            (
                str(fold),
                ", ".join(chromosomes) or MISSING,
                count(found["peaks"].sum()),
                *(decimal(float(found[name].mean())) for name in ("auroc", "count_pearson_all", "count_pearson_peaks")),
                decimal(float(found["profile_jsd"].mean())),
                decimal(float(found["profile_jsd_mean"].mean())),
            )
        )
    mean, peaks = ("", "peaks") if len(results.tasks) < 2 else (", means over tasks", "peaks, summed over tasks")
    table = Table(
        f"The regions that each fold tests, predicted by networks of the folds that test them{mean}. Folds test "
        "different chromosomes, whose regions differ in strength and number: scatter between folds is no measure of "
        "their networks. The metrics above pool the regions of all folds, so that networks which differ in level cost "
        "something there. Computed from region_predictions.tsv.",
        ("fold", "tests", peaks, "AUROC", "r, all", "r, peaks", "JSD", "JSD of training mean"),
        tuple(rows),
        frozenset(range(2, 8)),
        "Held-out regions by fold",
    )
    return folded_if_long(table, "Held-out regions by fold")
