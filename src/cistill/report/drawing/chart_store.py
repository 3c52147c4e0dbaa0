"""The charts of one page: each drawn once, its specification and its table kept for the view that answers."""

import hashlib
import json
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from cistill.report.drawing.anchors import anchor_of
from cistill.report.drawing.blocks import RECORDS_STILL as STILL
from cistill.report.drawing.blocks import Chart, Records, Table
from cistill.report.drawing.interaction import interactive
from cistill.report.drawing.still import still
from cistill.report.drawing.stored_tables import columnar, records
from cistill.report.drawing.vega import TABLE, THEME
from cistill.report.page_assets import Asset, data

STORE = "charts"
"""Id of the element that holds all specifications and tables."""


class ChartStore:
    """Draws charts and remembers what the page needs to draw them again.

    Parameters
    ----------
    tf : str
        First part of the names of files that a reader saves.
    """

    def __init__(self, tf: str) -> None:
        self._tf = tf
        self._charts: dict[str, dict[str, Any]] = {}
        self._tables: dict[str, Any] = {}
        self._records: list[Asset] = []
        self._names: dict[str, int] = {}

    def markup(self, block: Chart) -> Markup:
        """Return the static form of a chart, and store the rest of it."""
        own = f"chart-{len(self._charts) + 1}"
        spec = interactive(dict(block.specification()), block.table)
        stored = columnar(block.table)
        key = hashlib.sha256(json.dumps(stored, ensure_ascii=False).encode()).hexdigest()[:12]
        self._tables[key] = stored
        self._charts[own] = {
            "spec": spec,
            "table": key,
            "file": f"{self._tf}.{self._name(block.name or block.title or 'chart')}",
        }
        datasets = {**spec.get("datasets", {}), TABLE: records(block.table)}
        drawn = still({**spec, "datasets": datasets}, THEME, f"{own}-")
        label = escape(block.label or block.caption)
        return Markup(
            f'<div class="chart" id="{own}" role="img" aria-label="{label}"><div class="still">{drawn}</div></div>'
        )

    def table_file(self, block: Table) -> str:
        """Return the name, without its ending, of the file that a reader saves a table in."""
        return f"{self._tf}.{self._name(block.title or 'table')}"

    def keep(self, block: Records) -> dict[str, Any]:
        """Keep a table of very many rows; return the ids of the page's element and data, and the rows to show still."""
        own = f"records-{len(self._records) + 1}"
        self._records.append(data(own, columnar(block.table)))
        shown = [["" if value is None else value for value in row.values()] for row in records(block.table.head(STILL))]
        numeric = [bool(pd.api.types.is_numeric_dtype(block.table[name])) for name in block.table]
        name = self._name(block.title)
        return {"id": own, "head": list(block.table), "numeric": numeric, "rows": shown, "file": f"{self._tf}.{name}"}

    def _name(self, words: str) -> str:
        """Return a name for files made of some words, different for each chart and table of the page."""
        name = anchor_of(words).lower().strip("-")
        self._names[name] = self._names.get(name, 0) + 1
        return name if self._names[name] == 1 else f"{name}-{self._names[name]}"

    def assets(self) -> list[Asset]:
        """Return the theme, all specifications and all tables, the same table of several charts once; and records."""
        return [data(STORE, {"theme": THEME, "charts": self._charts, "tables": self._tables}), *self._records]
