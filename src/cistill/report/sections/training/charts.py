"""Curves of trainings: the criterion of all runs fold by fold, and the losses behind it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup

from cistill.report.drawing.axes import limits, whole_ticks
from cistill.report.drawing.blocks import Figure
from cistill.report.drawing.charts import BLUE, GOLD, INK, Legend, Plot
from cistill.report.reading.tf_results import TfResults
from cistill.report.reading.training_runs import ALL_TASKS, TrainingRun
from cistill.report.sections.training.choice import chosen_runs

KNOWS_NOTHING = 2.0
"""Criterion of a network that knows the mean of the data only."""
LOSSES = (
    (
        "Profile loss",
        "nats per strand",
        "train_profile_nll",
        "valid_profile_nll",
        "Multinomial negative log-likelihood of where reads start, mean over regions, tasks and strands: training over "
        "peaks and backgrounds, validation over peaks, so that their levels differ. From history.tsv.",
    ),
    (
        "Count loss",
        "squared error",
        "train_count_mse",
        "valid_count_mse",
        "Mean squared error of the natural log of 1 + reads per strand; lower is better. From history.tsv.",
    ),
)
RUNS_WITH_MARKS = 10
"""So many runs at most have the epoch kept marked on their losses."""


def criterion_words(runs: Sequence[TrainingRun]) -> str:
    """Return what the charts of many runs show."""
    words = (
        "The criterion by epoch sums the shares of profile and counts that stay unexplained on the validation regions "
        "of the fold: 2 knows nothing, 0 is perfect. "
    )
    if len({run.fold for run in runs}) > 1:
        words += "Folds validate on different regions, so each has its own scale. "
    kinds = {run.kind for run in runs}
    if len(kinds) > 1:
        of_all = ", one for all tasks by the mean over them" if ALL_TASKS in kinds else ""
        words += f"A network for one task is scored on that task{of_all}. "
    return words + "Early epochs may lie above the charts."


def fold_charts(results: TfResults, runs: Sequence[TrainingRun]) -> tuple[Figure, ...]:
    """Draw the criterion by epoch, a chart for each fold: every run a line, those in the model emphasised.

    Parameters
    ----------
    results : TfResults
        Knows the folds and the choice.
    runs : sequence of TrainingRun
        With histories.
    """
    chosen = chosen_runs(results)
    last = max(_epochs(run)[-1] for run in runs)
    folds = [name for name in results.folds if any(run.fold == name for run in runs)]
    if len(runs) == 1:
        words = (
            "What the epoch kept is chosen by: shares of profile and counts that stay unexplained on the validation "
            "regions, summed; 2 knows nothing, 0 is perfect. Early epochs may lie above the chart."
        )
        return (Figure(_fold_chart(runs, chosen, last), words + " From history.tsv.", "Criterion"),)
    words = "Validation criterion of every training of the fold"
    return tuple(
        Figure(
            _fold_chart([run for run in runs if run.fold == fold], chosen, last),
            words + (", bold: in the model" if chosen else "") + ". From history.tsv.",
            f"Fold {fold}" if len(folds) > 1 else "Criterion",
        )
        for fold in folds
    )


def _fold_chart(runs: Sequence[TrainingRun], chosen: frozenset[str], last: float) -> Markup:
    values = {run.name: _history(run)["criterion"].to_numpy(float) for run in runs}
    low, high = criterion_range(list(values.values()))
    x = 1 - 0.02 * last, max(last, 1.5) * 1.02
    plot = Plot(
        x,
        (low, high),
        f"Validation criterion per epoch, fold {runs[0].fold}",
        "epoch",
        "unexplained share",
        width=330,
        height=260,
        x_ticks=whole_ticks(*x),
    )
    marked = [run for run in runs if run.name in chosen]
    others = [run for run in runs if run.name not in chosen]
    alone = len(runs) == 1
    for run in [*others, *marked]:
        strong = run in marked or alone
        shown = np.where(values[run.name] <= high, values[run.name], np.nan)
        plot.line(_epochs(run), shown, _colour(run), 2.4 if strong else 1.1, opacity=1 if strong or not marked else 0.5)
    for run in marked or (runs if alone else []):
        at = run.best_epoch
        value = values[run.name][_epochs(run) == at]
        if len(value) and np.isfinite(value[0]):
            plot.ring(float(at or 0), float(value[0]), _colour(run))
    plot.legend(_legend(runs, marked))
    return plot.svg()


def criterion_range(curves: Sequence[np.ndarray]) -> tuple[float, float]:
    """Return a range that shows where the curves end: what lies above it are epochs before a fifth of a training.

    Every curve's smallest value is within it, and nothing much above what a network that knows nothing reaches.
    """
    late = np.concatenate([curve[min(len(curve) // 5, len(curve) - 1) :] for curve in curves])
    best = [float(np.nanmin(curve)) for curve in curves if np.isfinite(curve).any()]
    if not best:
        return 0.0, KNOWS_NOTHING
    top = max(min(float(np.nanmax(late)), 1.05 * KNOWS_NOTHING), 1.02 * max(best))
    return limits([min(best), top], pad=0.06)


def _legend(runs: Sequence[TrainingRun], marked: Sequence[TrainingRun]) -> list[Legend]:
    kinds = {run.kind == ALL_TASKS for run in runs}
    entries = []
    if len(kinds) > 1:
        entries = [Legend(BLUE, "all tasks", "line"), Legend(GOLD, "one task", "line")]
    if len(runs) == 1:
        return [Legend(_colour(runs[0]), "validation", "line"), Legend(_colour(runs[0]), "kept", "ring")]
    return [*entries, Legend(INK, "chosen", "ring")] if marked else entries


def loss_charts(runs: Sequence[TrainingRun]) -> tuple[Figure, ...]:
    """Draw profile and count loss by epoch, on training and validation regions, every run a line of each."""
    figures = []
    epochs = [_epochs(run) for run in runs]
    for name, unit, train, valid, caption in LOSSES:
        columns = [_column(run, column) for run in runs for column in (train, valid)]
        wide = 330 if len(runs) == 1 else 430
        x, y = limits(*epochs, pad=0.02), limits(*columns, pad=0.08)
        plot = Plot(x, y, f"{name} per epoch", "epoch", unit, wide, 260, whole_ticks(*x))
        few = len(runs) <= RUNS_WITH_MARKS
        width = 1.8 if len(runs) == 1 else 1.1
        for run, epoch in zip(runs, epochs, strict=True):
            if len(runs) == 1 and run.best_epoch is not None:
                plot.rule(INK, x=run.best_epoch)
            for column, colour in ((train, BLUE), (valid, GOLD)):
                plot.line(epoch, _column(run, column), colour, width, opacity=1 if few else 0.5)
        for run, epoch in zip(runs, epochs, strict=True):
            value = _column(run, valid)[epoch == run.best_epoch]
            if few and len(value) and np.isfinite(value[0]):
                plot.ring(float(run.best_epoch or 0), float(value[0]), GOLD)
        entries = [Legend(BLUE, "training", "line"), Legend(GOLD, "validation", "line")]
        plot.legend([*entries, Legend(GOLD, "kept", "ring")] if few else entries)
        figures.append(Figure(plot.svg(), caption, name))
    return tuple(figures)


def _history(run: TrainingRun) -> pd.DataFrame:
    assert run.history is not None
    return run.history


def _epochs(run: TrainingRun) -> np.ndarray:
    return _history(run)["epoch"].to_numpy(float)


def _column(run: TrainingRun, name: str) -> np.ndarray:
    """Return a column of the history; not a number where it lacks it."""
    history = _history(run)
    return history[name].to_numpy(float) if name in history else np.full(len(history), np.nan)


def _colour(run: TrainingRun) -> str:
    return BLUE if run.kind == ALL_TASKS else GOLD
