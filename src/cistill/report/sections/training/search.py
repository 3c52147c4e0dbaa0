"""The search for learning rate and count weight: which settings were tried, and how well each did."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from cistill.report.drawing.axes import limits, log_ticks, tick_text
from cistill.report.drawing.blocks import Block, Figure, SideBySide, Table, Text, folded_if_long
from cistill.report.drawing.charts import GREY, INK, RED, Legend, Plot
from cistill.report.drawing.wording import MISSING, count, decimal, plural, readable, significant
from cistill.report.reading.stages import stage_of
from cistill.report.reading.tf_results import TfResults

BEST_COLOUR, WORST_COLOUR = (15, 76, 129), (214, 228, 241)
NUMBERED = 15
"""So many trials at most have their numbers written beside their dots."""


def search_blocks(results: TfResults, record: Mapping[str, Any]) -> list[Block]:
    """Return what the search did in a sentence, its chart and its table.

    Parameters
    ----------
    results : TfResults
        With tuning.tsv.
    record : mapping
        `tuning` of the summary.
    """
    trials = results.tuning
    assert trials is not None
    charts = [chart for chart in (_settings_chart(trials), _score_chart(trials)) if chart is not None]
    row: list[Block] = [SideBySide(tuple(charts), 2)] if charts else []
    return [Text(_words(results, record)), *row, folded_if_long(_table(trials), "Trials")]


def _words(results: TfResults, record: Mapping[str, Any]) -> str:
    outcomes = ", ".join(f"{count(number)} {name}" for name, number in record["outcomes"].items() if number)
    fold = _fold(results)
    words = f"{plural(record['trials'], 'short training')}{fold}, each with a learning rate and a weight of the count "
    words += f"loss of its own: {outcomes or MISSING}."
    chosen = record["chosen"]
    if chosen is None:
        return words + " None is marked as chosen."
    words += (
        f" Trial {chosen['trial']} was chosen, by the smallest criterion on the validation regions, which contains "
        f"neither setting: learning rate {significant(chosen['learning_rate'])}, count weight "
        f"{significant(chosen['count_weight_factor'])} times what the program takes from the data"
    )
    default = record["default_criterion"]
    if chosen["trial"] == 1:
        return words + "; these are the defaults."
    compared = f"; criterion {decimal(chosen['criterion'])}, with the defaults {decimal(default)}"
    return words + ("." if default is None else f"{compared}.")


def _fold(results: TfResults) -> str:
    """Say which fold was searched on, as the trials' provenance tells; empty where it was not given."""
    folds = {
        str(record.get("settings", {}).get("fold"))
        for name, record in results.provenance.items()
        if stage_of(results.tf, name) == "tune" and record.get("settings", {}).get("fold") is not None
    }
    return f" on fold {folds.pop()}" if len(folds) == 1 else ""


def _settings_chart(trials: pd.DataFrame) -> Figure | None:
    """Draw the settings of the trials, coloured by criterion; None without a usable trial."""
    trials = trials[(trials["learning_rate"] > 0) & (trials["count_weight_factor"] > 0)]
    if not len(trials):
        return None
    rate, factor = (np.log10(trials[name].to_numpy(float)) for name in ("learning_rate", "count_weight_factor"))
    x, y = limits(rate, pad=0.1), limits(factor, pad=0.1)
    plot = Plot(
        x,
        y,
        "Settings of the trials, coloured by the validation criterion",
        "learning rate",
        "factor on the count weight",
        width=460,
        height=300,
        x_ticks=log_ticks(*x),
        y_ticks=log_ticks(*y),
        x_text=lambda value: tick_text(10**value, 3),
        y_text=lambda value: tick_text(10**value, 3),
    )
    numbered = len(trials) <= NUMBERED
    _dots(plot, trials, rate, factor, numbered)
    return Figure(
        plot.svg(),
        "A dot for each trial, both axes logarithmic; the darker, the smaller the criterion"
        + ("; numbers are those of the trials" if numbered else "")
        + ". Trial 1 has the default settings. From tuning.tsv.",
        "Settings tried",
    )


def _score_chart(trials: pd.DataFrame) -> Figure | None:
    """Draw what the trials that finished reached in either loss, None for fewer than two."""
    numbered, trials = len(trials) <= NUMBERED, trials[_finished(trials)]
    x, y = (trials[name].to_numpy(float) for name in ("valid_profile_nll", "valid_count_mse"))
    if len(trials) < 2:
        return None
    plot = Plot(
        limits(x, pad=0.1),
        limits(y, pad=0.1),
        "Profile and count loss of the trials, coloured by the validation criterion",
        "profile loss, nats per strand",
        "count loss, squared error",
        width=460,
        height=300,
    )
    _dots(plot, trials, x, y, numbered)
    return Figure(
        plot.svg(),
        "What the trials that finished reached on the validation regions: the weight of the count loss trades one head "
        "against the other. From tuning.tsv.",
        "Losses reached",
    )


def _finished(trials: pd.DataFrame) -> np.ndarray:
    return ((trials["outcome"] == "finished") & np.isfinite(trials["criterion"])).to_numpy(bool)


def _dots(plot: Plot, trials: pd.DataFrame, x: np.ndarray, y: np.ndarray, numbered: bool) -> None:
    """Draw a dot for each trial, with its number where wanted, and the legend."""
    criterion, finished = trials["criterion"].to_numpy(float), _finished(trials)
    known = criterion[finished]
    scale = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    for place, trial in enumerate(trials.itertuples()):
        at = float(x[place]), float(y[place])
        if trial.chosen:
            plot.ring(*at, INK)
        if finished[place]:
            plot.points([at[0]], [at[1]], shade(criterion[place], *scale), 7 if trial.chosen else 11, 1)
        else:
            plot.points([at[0]], [at[1]], RED if trial.outcome == "diverged" else GREY, 7, 1)
        if numbered:
            plot.pixel_text(plot.px(at[0]) + 9, plot.py(at[1]) - 5, str(trial.trial), "start", "tick")
    plot.legend(_legend(trials, finished, scale))


def shade(value: float, low: float, high: float) -> str:
    """Return the colour of a criterion: dark for the smallest one, pale for the largest one."""
    share = (value - low) / (high - low) if high > low else 0.0
    mixed = [round(best + share * (worst - best)) for best, worst in zip(BEST_COLOUR, WORST_COLOUR, strict=True)]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _legend(trials: pd.DataFrame, finished: np.ndarray, scale: tuple[float, float]) -> list[Legend]:
    entries = []
    if finished.any():
        entries = [Legend(shade(value, *scale), decimal(value)) for value in dict.fromkeys(scale)]
    for outcome, colour in (("given up", GREY), ("diverged", RED)):
        if (trials["outcome"] == outcome).any():
            entries.append(Legend(colour, outcome))
    return [*entries, Legend(INK, "chosen", "ring")] if trials["chosen"].any() else entries


def _table(trials: pd.DataFrame) -> Table:
    rows = tuple(
        (
            str(row["trial"]),
            significant(row["learning_rate"]),
            significant(row["count_weight_factor"]),
            significant(row["count_weight"]),
            count(row["epochs"]),
            readable(row["valid_profile_nll"]),
            readable(row["valid_count_mse"]),
            decimal(row["criterion"]),
            str(row["outcome"]),
            Markup('<span class="badge good">chosen</span>') if row["chosen"] else "",
        )
        for row in trials.sort_values("criterion", kind="stable").to_dict("records")
    )
    return Table(
        "Every trial, the smallest criterion first: the shares of profile and counts that stay unexplained, summed. "
        "One that knew nothing half way was given up. From tuning.tsv.",
        (
            *("trial", "learning rate", "factor", "count weight", "epochs", "profile NLL", "count MSE", "criterion"),
            *("outcome", ""),
        ),
        rows,
        frozenset(range(8)),
        "Trials",
    )
