"""What a reader can do with every chart, added to its specification: zoom, switch series, mark a motif.

Three parameters carry it: `zoom_x` and `zoom_y` (the ranges to show, null for all), which charts.js sets from a dragged
rectangle, and `chosen` (the motif marked in the section, null for none), which it sets from a click on any mark. A
legend of colours switches series with Vega-Lite's own selection, `series`.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from cistill.report.drawing.axes import text_width
from cistill.report.drawing.vega import TABLE, THEME

MOTIF, PARTNER = "motif", "partner"
"""Columns whose marks are those of a motif, or of a pair of motifs."""
FAINT = 0.12
"""Opacity of what is switched off or not chosen."""
LEGEND_SYMBOL, LEFT = 24, 40
"""Pixels of a legend's entry besides its words, and beside the legend."""
Spec = dict[str, Any]


def interactive(spec: Spec, table: pd.DataFrame) -> Spec:
    """Return a specification with what the page adds to every chart.

    Parameters
    ----------
    spec : dict
        Vega-Lite, a single view or layers, changed in place.
    table : DataFrame
        The chart's table: says which columns there are, and how wide the words of a legend.
    """
    spec.pop("$schema", None)
    spec.pop("config", None)
    spec["autosize"] = {"type": "fit", "contains": "padding"}
    views = list(_views(spec))
    switched = next((field for view in views if (field := _switched(view))), None)
    spec.setdefault("params", []).extend(
        {"name": name, "value": None} for name in ("zoom_x", "zoom_y", *(("chosen",) if MOTIF in table else ()))
    )
    if switched is not None:
        owner = next(view for view in views if _switched(view) == switched)
        selection = {"name": "series", "select": {"type": "point", "fields": [switched]}, "bind": "legend"}
        owner["params"] = [*owner.get("params", []), selection]
    for view in views:
        _zoomed(view)
        _faded(view, switched, table)
        _fitted_legend(view, table, spec.get("width", 0))
    return spec


def _views(spec: Spec) -> Iterator[Spec]:
    """Yield the views that draw marks."""
    if "layer" in spec:
        for layer in spec["layer"]:
            yield from _views(layer)
    else:
        yield spec


def _channels(view: Spec) -> dict[str, Any]:
    return view.get("encoding", {})


def _switched(view: Spec) -> str | None:
    """Return the column of names that the view's legend shows, if there is one."""
    colour = _channels(view).get("color", {})
    named = colour.get("type") == "nominal" and "field" in colour and colour.get("legend", {}) is not None
    return colour["field"] if named and not _own_data(view) else None


def _own_data(view: Spec) -> bool:
    return view.get("data", {}).get("name", TABLE) != TABLE


def _zoomed(view: Spec) -> None:
    """Let the ranges of the quantitative axes follow the parameters, with marks cut off at the frame while they do."""
    for axis in ("x", "y"):
        channel = _channels(view).get(axis)
        if channel is None or channel.get("type") not in ("quantitative", None) or "value" in channel:
            continue
        if channel.get("scale", {}) is not None and ("field" in channel or "aggregate" in channel):
            channel.setdefault("scale", {})["domainRaw"] = {"expr": f"zoom_{axis}"}
    if not isinstance(view.get("mark"), dict):
        view["mark"] = {"type": view["mark"]}
    view["mark"].setdefault("clip", {"expr": "zoom_x !== null || zoom_y !== null"})


def _faded(view: Spec, switched: str | None, table: pd.DataFrame) -> None:
    """Fade the marks of series that are switched off and of motifs that are not chosen."""
    if _own_data(view) or "opacity" in _channels(view):
        return
    tests: list[Any] = []
    if switched is not None:
        tests.append({"param": "series"})
    if MOTIF in table:
        partner = f" || datum.{PARTNER} === chosen" if PARTNER in table else ""
        tests.append(f"chosen === null || datum.{MOTIF} === chosen{partner}")
    if tests:
        kind = view["mark"]["type"]
        full = view["mark"].pop("opacity", THEME.get(kind, {}).get("opacity", 1))
        condition = {"test": {"and": tests}, "value": full}
        view.setdefault("encoding", {})["opacity"] = {"condition": condition, "value": FAINT * full}


def _fitted_legend(view: Spec, table: pd.DataFrame, width: int) -> None:
    """Give a legend as many columns as fit side by side."""
    colour = _channels(view).get("color", {})
    legend = colour.get("legend", {})
    if colour.get("type") != "nominal" or legend is None or "columns" in legend:
        return
    names = colour.get("scale", {}).get("domain") or (
        table[colour["field"]].unique() if colour.get("field") in table else []
    )
    widest = max((text_width(str(name)) for name in names), default=0.0) + LEGEND_SYMBOL
    colour["legend"] = {**legend, "columns": max(1, min(len(names) or 1, int((width - LEFT) // widest)))}
