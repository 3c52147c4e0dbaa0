"""Curves of trainings: the criterion of all runs fold by fold, and the losses behind it."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from cistill.report.drawing import vega
from cistill.report.drawing.axes import limits
from cistill.report.drawing.blocks import Chart
from cistill.report.drawing.palette import BLUE, GOLD
from cistill.report.reading.long_tables import every
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
NETWORKS = {"all tasks": BLUE, "one task": GOLD}
MOST_ROWS = 2000
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


def fold_charts(results: TfResults, runs: Sequence[TrainingRun]) -> tuple[Chart, ...]:
    """Draw the criterion by epoch, a chart for each fold: every run a line, those in the model emphasised.

    Parameters
    ----------
    results : TfResults
        Knows the folds and the choice.
    runs : sequence of TrainingRun
        With histories.
    """
    chosen = chosen_runs(results)
    folds = [name for name in results.folds if any(run.fold == name for run in runs)]
    words = (
        "What the epoch kept (ring) is chosen by: shares of profile and counts that stay unexplained on the validation "
        "regions, summed; 2 knows nothing, 0 is perfect. Early epochs may lie above the chart."
        if len(runs) == 1
        else "Validation criterion of every training of the fold"
        + (", bold: in the model, ring: the epoch kept." if chosen else ".")
    )
    charts = []
    for fold in folds:
        own = [run for run in runs if run.fold == fold]
        title = f"Fold {fold}" if len(folds) > 1 else "Criterion"
        label = f"Validation criterion per epoch, fold {fold}. {words}"
        charts.append(Chart(*_fold_chart(own, chosen), f"{words} From history.tsv.", title, f"criterion {fold}", label))
    return tuple(charts)


def _fold_chart(runs: Sequence[TrainingRun], chosen: frozenset[str]) -> tuple[pd.DataFrame, alt.LayerChart]:
    """Return a row for each run and epoch, and a line of each run; those in the model are emphasised."""
    alone = len(runs) == 1
    tables = []
    for run in runs:
        epochs, criterion = _epochs(run), _history(run)["criterion"].to_numpy(float)
        names = {"run": run.name, "network_of": _network_of(run), "in_the_model": run.name in chosen or alone}
        tables.append(
            pd.DataFrame({"epoch": epochs, "criterion": criterion, "kept": epochs == run.best_epoch, **names})
        )
    table = pd.concat(tables, ignore_index=True)
    domain = criterion_range([_history(run)["criterion"].to_numpy(float) for run in runs])
    strong = alt.datum.in_the_model
    any_strong = bool(table["in_the_model"].any())
    base = vega.chart(vega.THIRD, 260).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, format="d")),
        y=alt.Y("criterion:Q", title="unexplained share", scale=alt.Scale(domain=domain)),
        color=_network_colour(runs),
        tooltip=vega.tips(run="", epoch="d", criterion=".4f"),
    )
    lines = base.mark_line(clip=True).encode(
        detail="run:N",
        strokeWidth=alt.condition(strong, alt.value(2.2), alt.value(1.1)),
        strokeOpacity=alt.value(1) if not any_strong else alt.condition(strong, alt.value(1), alt.value(0.5)),
    )
    rings = base.mark_point(clip=True, filled=False, size=70).transform_filter(strong & alt.datum.kept)
    return _drawn(table, ["criterion"]), lines + rings


def _network_colour(runs: Sequence[TrainingRun]) -> alt.Color | alt.ColorValue:
    """Return the colour of networks of all tasks and of one, with a legend where there are both."""
    names = {_network_of(run) for run in runs}
    if len(names) == 1:
        return alt.ColorValue(NETWORKS[names.pop()])
    return vega.colours("network_of", NETWORKS)


def _network_of(run: TrainingRun) -> str:
    return next(iter(NETWORKS)) if run.kind == ALL_TASKS else list(NETWORKS)[1]


def _drawn(table: pd.DataFrame, values: list[str]) -> pd.DataFrame:
    """Return the rows that have values, and of very many epochs a regular share with all that were kept."""
    table = table.dropna(subset=values)
    step = every(len(table), MOST_ROWS)
    return table[(table["epoch"] % step == 0) | table["kept"]].reset_index(drop=True)


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


def loss_charts(runs: Sequence[TrainingRun]) -> tuple[Chart, ...]:
    """Draw profile and count loss by epoch, on training and validation regions, every run a line of each."""
    return tuple(_loss_chart(runs, *loss) for loss in LOSSES)


def _loss_chart(runs: Sequence[TrainingRun], name: str, unit: str, train: str, valid: str, caption: str) -> Chart:
    tables = []
    for run in runs:
        epochs = _epochs(run)
        for regions, column in (("training", train), ("validation", valid)):
            values = {"run": run.name, "regions": regions, "epoch": epochs, "loss": _column(run, column)}
            tables.append(pd.DataFrame(values | {"kept": (epochs == run.best_epoch) & (regions == "validation")}))
    table = _drawn(pd.concat(tables, ignore_index=True), ["loss"])
    few = len(runs) <= RUNS_WITH_MARKS
    base = vega.chart(vega.THIRD if len(runs) == 1 else vega.HALF, 260).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, format="d")),
        y=alt.Y("loss:Q", title=unit),
        color=vega.colours("regions", {"training": BLUE, "validation": GOLD}),
        tooltip=vega.tips(run="", regions="", epoch="d", loss=".4~g"),
    )
    lines = base.mark_line(strokeWidth=1.8 if len(runs) == 1 else 1.1, strokeOpacity=1 if few else 0.5)
    spec = lines.encode(detail="run:N")
    if few:
        spec += base.mark_point(filled=False, size=70).transform_filter(alt.datum.kept)
        caption = caption.replace(" From ", " Ring: the epoch kept. From ")
    return Chart(table, spec, caption, name, label=f"{name} per epoch. {caption}")


def _history(run: TrainingRun) -> pd.DataFrame:
    assert run.history is not None
    return run.history


def _epochs(run: TrainingRun) -> np.ndarray:
    return _history(run)["epoch"].to_numpy(float)


def _column(run: TrainingRun, name: str) -> np.ndarray:
    """Return a column of the history; not a number where it lacks it."""
    history = _history(run)
    return history[name].to_numpy(float) if name in history else np.full(len(history), np.nan)
