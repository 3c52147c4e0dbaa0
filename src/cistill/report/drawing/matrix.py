"""Matrices of few names: cells coloured by what lies above and below a middle, with their values written in them."""

import altair as alt
import pandas as pd

from cistill.report.drawing import vega
from cistill.report.drawing.axes import text_width
from cistill.report.drawing.palette import AXIS, BLUE, INK, RED, RULE

WIDE, HIGH, LONGEST = 78, 42, 150
"""Pixels of a cell, where there is room, and of the longest name."""
CLOSE = alt.Scale(paddingInner=0.03)
DARK = 0.62
"""Strength of a colour from which on what is written on it is white."""


def matrix(table: pd.DataFrame, row: str, column: str, tips: list[alt.Tooltip], diverging: bool) -> alt.TopLevelMixin:
    """Return the chart of a matrix.

    Parameters
    ----------
    table : DataFrame
        A row for each cell: the two names, `shade` (-1 to 1: below and above the middle, or 0 to 1; missing for none)
        and `written` (lines of text, parted by `\\n`).
    row, column : str
        The columns of names.
    tips : list
        What pointing at a cell tells.
    diverging : bool
        Whether the middle is 0; else the colour begins at 0.
    """
    rows, columns = list(dict.fromkeys(table[row])), list(dict.fromkeys(table[column]))
    names = min(max((text_width(str(name)) for name in (*rows, *columns)), default=0.0), LONGEST)
    width = min(vega.WHOLE, int(1.7 * names) + 30 + WIDE * len(columns))
    above = alt.Axis(orient="top", labelAngle=-40, labelLimit=LONGEST)
    base = (
        vega.chart(width, int(0.7 * names) + 40 + HIGH * len(rows))
        .transform_calculate(strength="datum.shade === null ? 0 : abs(datum.shade)")
        .encode(
            x=alt.X(f"{column}:N", title=None, sort=columns, axis=above, scale=CLOSE),
            y=alt.Y(f"{row}:N", title=None, sort=rows, scale=CLOSE),
            tooltip=tips,
        )
    )
    high = RED if diverging else BLUE
    cells = base.mark_rect(stroke=RULE).encode(
        color=alt.condition("datum.shade < 0", alt.value(BLUE), alt.value(high)),
        fillOpacity=alt.FillOpacity("strength:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0, 1])),
    )
    words = base.mark_text(lineBreak="\n", baseline="middle", fontSize=11, dy=-4).encode(
        text="written:N",
        color=alt.condition(f"datum.strength > {DARK}", alt.value("#ffffff"), alt.value(INK)),
    )
    return (cells + words).properties(view=alt.ViewBackground(stroke=AXIS))
