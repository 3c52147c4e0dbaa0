"""How many of a kind there are: the bars that the sections of hits and of their arrangement share."""

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.report.drawing import vega

MOST = 15
"""Hits of a region from which on regions are counted together."""


def hits_per_region(regions: NDArray[np.integer]) -> pd.DataFrame:
    """Return the table of a chart from the number of regions with 0, 1, 2, ... hits; those of many hits together."""
    shown = np.append(regions[:MOST], regions[MOST:].sum()) if len(regions) > MOST else regions
    names = [f"{hits}+" if hits == MOST and len(regions) > MOST + 1 else str(hits) for hits in range(len(shown))]
    return pd.DataFrame({"hits": names, "regions": shown})


def per_region_bars() -> alt.LayerChart:
    """Return bars with their numbers written on top."""
    base = vega.chart(height=280).encode(
        x=alt.X("hits:N", title="hits in a region", sort=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("regions:Q", title="regions", scale=alt.Scale(zero=True)),
        tooltip=vega.tips(hits="", regions=",d"),
    )
    return base.mark_bar() + base.mark_text(dy=-6).encode(text=alt.Text("regions:Q", format=",d"))
