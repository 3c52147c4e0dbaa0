"""Charts of the further analyses: number of backgrounds, sequences in the genome, classes of variation."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from cistill.report.drawing import vega
from cistill.report.drawing.palette import BLUE, GOLD, GREY, INK
from cistill.report.drawing.scatter import scatter

SPLIT_COLOURS = {"train": GREY, "test": BLUE, "valid": GOLD}
Drawn = tuple[pd.DataFrame, alt.TopLevelMixin]


def background_chart(rows: pd.DataFrame, column: str, words: str, colour: str) -> Drawn:
    """Draw a figure against the number of backgrounds, on a logarithmic scale."""
    table = rows[["n_backgrounds", column]].dropna().reset_index(drop=True)
    base = vega.chart(height=260).encode(
        x=alt.X(
            "n_backgrounds:Q",
            title="backgrounds",
            scale=alt.Scale(type="log", padding=12),
            axis=alt.Axis(values=table["n_backgrounds"].tolist(), format="d"),
        ),
        y=alt.Y(f"{column}:Q", title=words, scale=alt.Scale(zero=True)),
        tooltip=vega.tips(**{"n_backgrounds": ",d", column: ".3f"}),
    )
    return table, base.mark_line(color=colour) + base.mark_circle(color=colour, size=60, opacity=1)


def matched_chart(table: pd.DataFrame, x: str, y: str, x_label: str, words: Mapping[str, str]) -> Drawn:
    """Draw reads around sequences of the genome against what was measured of them, by part of the genome."""
    named = {split: f"{words.get(split, split)} chromosomes" for split in table["split"].astype(str)}
    shown = table.assign(chromosomes=table["split"].astype(str).map(named))
    order = sorted(named, key=lambda name: (name != "train", name))
    return scatter(
        shown,
        (x, x_label),
        (y, "ln(1 + 5' ends)"),
        "chromosomes",
        {named[split]: SPLIT_COLOURS.get(split, INK) for split in order},
        ("sequence",),
        (vega.HALF, 300),
        equality=False,
    )


def variation_chart(table: pd.DataFrame) -> Drawn:
    """Draw the spread of the scores of each class, one row a class."""
    shown = table.assign(
        **{"class": table["class"].astype(str).str.replace("_", " ")},
        low=(table["mean"] - table["sd"]).clip(lower=table["min"]),
        high=(table["mean"] + table["sd"]).clip(upper=table["max"]),
    ).rename(columns={"n": "sequences"})
    shown = shown[["class", "sequences", "min", "low", "median", "mean", "high", "max"]].reset_index(drop=True)
    base = vega.chart(height=vega.rows_height(len(shown), 26)).encode(
        y=alt.Y("class:N", title=None, sort=list(shown["class"]), axis=alt.Axis(labelLimit=180)),
        tooltip=vega.tips(
            **{"class": "", "sequences": ",d", "min": ".3f", "median": ".3f", "mean": ".3f", "max": ".3f"}
        ),
    )
    x = alt.X("min:Q", title="score, change of ln counts", scale=alt.Scale(zero=True))
    layers = [
        base.mark_rule(color=BLUE, strokeOpacity=0.4, strokeWidth=1.4).encode(x=x, x2="max:Q"),
        base.mark_rule(color=BLUE, strokeWidth=5).encode(x="low:Q", x2="high:Q"),
        base.mark_tick(color=INK, thickness=2, size=14).encode(x="median:Q"),
    ]
    consensus = table.loc[table["class"] == "consensus", "mean"]
    if len(consensus):
        layers.append(vega.rule(x=float(consensus.iloc[0])))
    return shown, alt.layer(*layers)
