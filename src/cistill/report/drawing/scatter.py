"""Two values against each other, one mark for each pair while they are few, else counted in cells."""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from cistill.report.drawing import vega

MOST_POINTS = 2000
"""Pairs from which on they are counted in cells."""
CELLS = 60
"""Cells along either axis."""
FORMAT = ".3~f"


def counted(table: pd.DataFrame, x: str, y: str, kind: str) -> pd.DataFrame:
    """Return the number of rows of each kind in cells of equal size: both ranges of each cell, its kind, its number."""
    table = table.dropna(subset=[x, y])
    edges = [np.linspace(float(table[name].min()), float(table[name].max()), CELLS + 1) for name in (x, y)]
    found = []
    for name, rows in table.groupby(kind, sort=False):
        number, *_ = np.histogram2d(rows[x], rows[y], bins=edges)
        at = np.nonzero(number)
        cells = {f"{column}_{end}": edge[place + step]
                 for column, edge, place in zip((x, y), edges, at, strict=True)
                 for end, step in (("from", 0), ("to", 1))}  # fmt: skip
        found.append(pd.DataFrame({kind: str(name), **cells, "number": number[at].astype(int)}))
    return pd.concat(found, ignore_index=True)


def scatter(
    table: pd.DataFrame,
    x: tuple[str, str],
    y: tuple[str, str],
    kind: str,
    by_kind: Mapping[str, str],
    named: Sequence[str] = (),
    size: tuple[int, int] = (vega.THIRD, 330),
    equality: bool = True,
) -> tuple[pd.DataFrame, alt.LayerChart]:
    """Return the table and the chart of one value against another.

    Parameters
    ----------
    table : DataFrame
    x, y : (column, title of the axis)
    kind : str
        Column of what the marks are coloured by.
    by_kind : mapping
        Kinds in order, to their colours.
    named : sequence of str
        Further columns that pointing at a mark tells.
    size : (width, height)
    equality : bool
        Whether both axes have one range, with the line of equality.
    """
    table = table.dropna(subset=[x[0], y[0]])
    ends = table[[x[0], y[0]]].to_numpy(float)
    low, high = (float(ends.min()), float(ends.max())) if len(ends) else (0.0, 1.0)
    scale = alt.Scale(domain=[low, high]) if equality else alt.Scale()
    base = vega.chart(*size).encode(color=vega.colours(kind, dict(by_kind), legend=len(by_kind) > 1))
    if len(table) <= MOST_POINTS:
        order = {name: place for place, name in enumerate(by_kind)}
        table = table.sort_values(kind, key=lambda names: names.map(order), kind="stable")[[*named, kind, x[0], y[0]]]
        spec = base.mark_circle().encode(
            x=alt.X(f"{x[0]}:Q", title=x[1], scale=scale),
            y=alt.Y(f"{y[0]}:Q", title=y[1], scale=scale),
            tooltip=vega.tips(**dict.fromkeys((*named, kind), ""), **{x[0]: FORMAT, y[0]: FORMAT}),
        )
    else:
        table = counted(table, x[0], y[0], kind)
        spec = base.mark_rect().encode(
            x=alt.X(f"{x[0]}_from:Q", title=x[1], scale=scale),
            y=alt.Y(f"{y[0]}_from:Q", title=y[1], scale=scale),
            x2=f"{x[0]}_to:Q",
            y2=f"{y[0]}_to:Q",
            fillOpacity=alt.FillOpacity("number:Q", legend=None, scale=alt.Scale(type="log", range=[0.25, 1])),
            tooltip=vega.tips(**{str(name): "" if name == kind else ",.3~f" for name in table}),
        )
    lines = [vega.diagonal(low, high)] if equality else []
    layers = alt.LayerChart(layer=[spec, *lines])
    return table.reset_index(drop=True), layers
