"""Average profiles of both strands: one upwards, the other mirrored downwards."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.report.drawing import vega
from cistill.report.drawing.palette import GREY

Floats = NDArray[np.float64]
DRAWN = "datum.up ? datum.value : -datum.value"
"""What is drawn of a row: the value, turned over for the strand below."""


def mirrored_table(
    profiles: Mapping[str, Floats], strands: tuple[str, str], positions: NDArray[np.integer]
) -> pd.DataFrame:
    """Return a row for each profile, strand and position.

    Parameters
    ----------
    profiles : mapping
        Name to values (2, positions), strands [up, down].
    strands : (str, str)
        What the strands are called.
    positions : (positions,)
    """
    return pd.concat(
        [
            pd.DataFrame(
                {"of": name, "strand": strand, "up": place == 0, "position": positions, "value": values[place]}
            )
            for name, values in profiles.items()
            for place, strand in enumerate(strands)
        ],
        ignore_index=True,
    )


def mirrored(
    table: pd.DataFrame,
    by: str,
    colours: Mapping[str, str],
    titles: tuple[str, str],
    filled: str = "",
    size: tuple[int, int] = (vega.HALF, 290),
) -> alt.TopLevelMixin:
    """Return the chart of such a table.

    Parameters
    ----------
    table : DataFrame
        As `mirrored_table` returns it.
    by : str
        `of` or `strand`: what the colour tells.
    colours : mapping
        Values of that column to colours.
    titles : (x, y)
        Titles of the axes.
    filled : str
        The profile that is drawn as filled steps; all others are lines.
    """
    magnitude = alt.Axis(labelExpr="format(abs(datum.value), '~g')")
    base = (
        vega.chart(*size)
        .transform_calculate(drawn=DRAWN)
        .encode(
            x=alt.X("position:Q", title=titles[0]),
            y=alt.Y("drawn:Q", title=titles[1], stack=None, axis=magnitude),
            color=vega.colours(by, dict(colours)),
            detail=["of:N", "strand:N"],
            tooltip=vega.tips(of="", strand="", position="d", value=".3~g"),
        )
    )
    layers: list[alt.Chart] = []
    if filled:
        layers.append(base.mark_area(interpolate="step", fillOpacity=0.4).transform_filter(alt.datum.of == filled))
    layers.append(base.mark_line(strokeWidth=1.8).transform_filter(alt.datum.of != filled))
    return alt.layer(*layers, vega.rule(y=0.0, colour=GREY, dashed=False))
