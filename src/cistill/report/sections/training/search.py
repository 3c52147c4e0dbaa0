"""The search for learning rate and count weight: which settings were tried, and how well each did."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from markupsafe import Markup

from cistill.report.drawing import vega
from cistill.report.drawing.blocks import Block, Chart, SideBySide, Table, Text, folded_if_long
from cistill.report.drawing.palette import BLUE, GREY, INK, MUTED, RED
from cistill.report.drawing.wording import MISSING, count, decimal, plural, readable, significant
from cistill.report.reading.stages import stage_of
from cistill.report.reading.tf_results import TfResults

OUTCOMES = {"finished": BLUE, "given up": GREY, "diverged": RED}
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


def _settings_chart(trials: pd.DataFrame) -> Chart | None:
    """Draw the settings of the trials, fuller the smaller their criterion; None without a usable trial."""
    trials = trials[(trials["learning_rate"] > 0) & (trials["count_weight_factor"] > 0)]
    if not len(trials):
        return None
    numbered = len(trials) <= NUMBERED
    log = alt.Scale(type="log", padding=20)
    x = alt.X("learning_rate:Q", title="learning rate", scale=log, axis=alt.Axis(format="~g"))
    y = alt.Y("count_weight_factor:Q", title="factor on the count weight", scale=log, axis=alt.Axis(format="~g"))
    return Chart(
        *_dots(trials, x, y, numbered),
        "A dot for each trial, both axes logarithmic; the fuller, the smaller the criterion; ring: chosen"
        + ("; numbers are those of the trials" if numbered else "")
        + ". Trial 1 has the default settings. From tuning.tsv.",
        "Settings tried",
    )


def _score_chart(trials: pd.DataFrame) -> Chart | None:
    """Draw what the trials that finished reached in either loss, None for fewer than two."""
    numbered, trials = len(trials) <= NUMBERED, trials[_finished(trials)]
    if len(trials) < 2:
        return None
    x = alt.X("valid_profile_nll:Q", title="profile loss, nats per strand", scale=alt.Scale(padding=20))
    y = alt.Y("valid_count_mse:Q", title="count loss, squared error", scale=alt.Scale(padding=20))
    return Chart(
        *_dots(trials, x, y, numbered),
        "What the trials that finished reached on the validation regions: the weight of the count loss trades one head "
        "against the other. From tuning.tsv.",
        "Losses reached",
    )


def _finished(trials: pd.DataFrame) -> np.ndarray:
    return ((trials["outcome"] == "finished") & np.isfinite(trials["criterion"])).to_numpy(bool)


def _dots(trials: pd.DataFrame, x: alt.X, y: alt.Y, numbered: bool) -> tuple[pd.DataFrame, alt.LayerChart]:
    """Return a row for each trial, and a dot of each, with its number where wanted."""
    known = trials.loc[_finished(trials), "criterion"]
    best, worst = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    columns = [
        *("trial", "learning_rate", "count_weight_factor", "valid_profile_nll", "valid_count_mse", "criterion"),
        *("outcome", "chosen"),
    ]
    outcomes = {name: colour for name, colour in OUTCOMES.items() if (trials["outcome"] == name).any()}
    base = vega.chart(vega.HALF, 300).encode(x=x, y=y)
    fullness = alt.FillOpacity("criterion:Q", legend=None, scale=alt.Scale(domain=[best, worst], range=[1.0, 0.15]))
    of_outcome = alt.condition(alt.datum.outcome == "finished", fullness, alt.value(0.5))
    dots = base.mark_point(size=130, strokeWidth=1.2).encode(
        color=vega.colours("outcome", outcomes),
        fillOpacity=of_outcome if best < worst else alt.value(1),
        tooltip=vega.tips(
            trial="d", learning_rate=".3~g", count_weight_factor=".3~g", valid_profile_nll=".4~g",
            valid_count_mse=".4~g", criterion=".4f", outcome="",
        ),
    )  # fmt: skip
    rings = base.mark_point(filled=False, size=330, stroke=INK, strokeWidth=2).transform_filter(alt.datum.chosen)
    spec = dots + rings
    if numbered:
        spec += base.mark_text(dx=14, dy=-9, color=MUTED).encode(text="trial:Q")
    return trials[columns].reset_index(drop=True), spec


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
