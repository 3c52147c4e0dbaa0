"""Tables as the page stores them: column by column, numbers of six digits, names that repeat once."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from cistill.report.drawing.wording import plain


def columnar(table: pd.DataFrame) -> dict[str, Any]:
    """Return `{"names": [...], "columns": [...]}`, as JSON takes it; `rows` in charts.js turns it back into rows.

    A column is a list of its values, or `{"levels": [...], "codes": [...]}` where names repeat. Values that are
    missing or not finite are None.
    """
    return {"names": [str(name) for name in table], "columns": [_column(table[name]) for name in table]}


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as mappings, with the values that `columnar` stores."""
    values = [_values(table[name]) for name in table]
    names = [str(name) for name in table]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _column(column: "pd.Series[Any]") -> Any:
    values = list(_values(column))
    if not any(isinstance(value, str) for value in values):
        return values
    levels = list(dict.fromkeys(values))
    if 2 * len(levels) > len(values):
        return values
    place = {level: code for code, level in enumerate(levels)}
    return {"levels": levels, "codes": [place[value] for value in values]}


def _values(column: "pd.Series[Any]") -> Iterator[str | float | int | bool | None]:
    for value in column.tolist():
        if isinstance(value, bool | np.bool_):
            yield bool(value)
        elif isinstance(value, int | np.integer):
            yield int(value)
        elif isinstance(value, float):
            number = plain(value) if math.isfinite(value) else None
            yield int(number) if number is not None and number.is_integer() and abs(number) < 1e15 else number
        else:
            yield None if value is None or value is pd.NA else str(value)
