"""Charts as Vega-Lite: the theme of the page, and the parts that several charts share.

A section hands over a table and a chart of it (`blocks.Chart`). The chart begins with `chart`, which stands for that
table; its columns are named in the chart by name and type (`"share:Q"`). What a reader can do with every chart follows
from its specification (`interaction`): zoom, series switched in the legend, a motif marked in all charts of a section.
"""

from typing import Any

import altair as alt

from cistill.report.drawing.palette import AXIS, BLUE, GREY, INK, MUTED, RULE, SERIES

TABLE = "table"
"""Name of the block's table within its chart."""
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
THIRD, HALF, WHOLE = 320, 440, 900
"""Pixels that a chart is wide, its axes included, where three, two or one stand side by side."""
THEME: dict[str, Any] = {
    "background": None,
    "font": FONT,
    "aria": False,
    "padding": 4,
    "view": {"stroke": None},
    "range": {"category": list(SERIES)},
    "axis": {
        "labelColor": MUTED, "labelFontSize": 11, "titleColor": INK, "titleFontSize": 12, "titleFontWeight": "normal",
        "titlePadding": 6, "gridColor": RULE, "domainColor": AXIS, "tickColor": AXIS, "tickSize": 4, "tickCount": 6,
        "labelLimit": 200,
    },
    "axisX": {"grid": False},
    "axisY": {"domain": False, "ticks": False},
    "axisBand": {"ticks": False},
    "scale": {"zero": False, "bandPaddingInner": 0.25, "minOpacity": 0},
    "legend": {
        "orient": "top", "direction": "horizontal", "title": None, "labelColor": INK, "labelFontSize": 12,
        "labelLimit": 240, "symbolSize": 90, "symbolStrokeWidth": 2, "offset": 8, "padding": 0,
    },
    "line": {"strokeWidth": 2, "strokeJoin": "round"},
    "circle": {"size": 26, "opacity": 0.6},
    "point": {"size": 46, "filled": True, "opacity": 1},
    "bar": {"color": BLUE},
    "rule": {"color": GREY, "strokeWidth": 1.2},
    "text": {"color": INK, "fontSize": 11},
    "mark": {"color": BLUE, "tooltip": None},
}  # fmt: skip
"""Configuration of all charts."""


def chart(width: int = HALF, height: int = 290) -> alt.Chart:
    """Return the chart that every layer of a specification begins with: the block's table, its size in pixels."""
    return alt.Chart(alt.NamedData(TABLE), width=width, height=height)


def tips(**formats: str) -> list[alt.Tooltip]:
    """Return what pointing at a mark tells: columns in order, numbers by their format, names with an empty one.

    Formats are those of d3: `.2f`, `,d`, `.3~g`, `.1%`.
    """
    return [
        alt.Tooltip(f"{name}:Q", title=name.replace("_", " "), format=how)
        if how
        else alt.Tooltip(f"{name}:N", title=name.replace("_", " "))
        for name, how in formats.items()
    ]


def colours(column: str, by_name: dict[str, str], legend: bool = True) -> alt.Color:
    """Return the colour of a column of names, in the order and with the colours given."""
    scale = alt.Scale(domain=list(by_name), range=list(by_name.values()))
    return alt.Color(f"{column}:N", scale=scale, legend=alt.Legend() if legend else None)


def rule(x: float | None = None, y: float | None = None, colour: str = GREY, dashed: bool = True) -> alt.Chart:
    """Return a line through the whole chart at one x or one y."""
    line = alt.Chart(alt.InlineData([{}])).mark_rule(color=colour, strokeDash=[4, 3] if dashed else [1, 0])
    return line.encode(x=alt.XDatum(x)) if x is not None else line.encode(y=alt.YDatum(0.0 if y is None else y))


def diagonal(low: float, high: float) -> alt.Chart:
    """Return the dashed line of equality between two values."""
    line = alt.Chart(alt.InlineData([{}])).mark_rule(color=INK, strokeDash=[4, 3], strokeWidth=1)
    return line.encode(x=alt.XDatum(low), y=alt.YDatum(low), x2=alt.X2Datum(high), y2=alt.Y2Datum(high))


def rows_height(rows: int, each: int = 22, further: int = 70) -> int:
    """Return how high a chart with a row for each name is, in pixels."""
    return further + each * max(rows, 3)
