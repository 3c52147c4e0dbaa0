"""Distributions side by side: one as bars, the others as lines over them."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.report.drawing import vega

BINS = 30


def distributions(
    values: Mapping[str, NDArray[np.float64]], by_name: Mapping[str, str], x_title: str, y_title: str
) -> tuple[pd.DataFrame, alt.TopLevelMixin]:
    """Return the histograms of several sets of values in the same bins: the first as bars, the others as lines.

    Parameters
    ----------
    values : mapping
        Name to values, all finite.
    by_name : mapping
        Name to colour.
    x_title, y_title : str
        What the values are, and what is counted.
    """
    both = np.concatenate(list(values.values()))
    low, high = float(both.min()), float(both.max())
    edges = np.linspace(low, high if high > low else low + 1e-6, BINS + 1)
    tables = [
        pd.DataFrame(
            {"of": name, "from": edges[:-1], "to": edges[1:], "number": np.histogram(found, edges)[0].astype(int)}
        )
        for name, found in values.items()
    ]
    return histogram_chart(pd.concat(tables, ignore_index=True), by_name, x_title, y_title)


def histogram_chart(
    table: pd.DataFrame,
    by_name: Mapping[str, str],
    x_title: str,
    y_title: str,
    width: int = vega.THIRD,
    height: int = 330,
) -> tuple[pd.DataFrame, alt.TopLevelMixin]:
    """Return the chart of bins (`of`, `from`, `to`, `number`): the first name as bars, the others as lines."""
    names = list(dict.fromkeys(table["of"]))
    shown = {name: by_name[name] for name in names}
    first = alt.datum.of == names[0]
    base = vega.chart(width, height).encode(
        y=alt.Y("number:Q", title=y_title, scale=alt.Scale(zero=True)),
        color=vega.colours("of", shown, legend=len(names) > 1),
        tooltip=vega.tips(**{"of": "", "from": ".3~f", "to": ".3~f", "number": ",d"}),
    )
    x = alt.X("from:Q", title=x_title, bin=alt.BinParams(binned=True), axis=alt.Axis(format="~g"))
    bars = base.mark_bar().encode(x=x, x2="to:Q").transform_filter(first)
    lines = (
        base.mark_line(interpolate="step-after", strokeWidth=2)
        .encode(x=alt.X("from:Q", title=x_title))
        .transform_filter(~first)
    )
    return table, (bars + lines.transform_filter(~first)) if len(names) > 1 else alt.layer(bars)
