"""Whole tables in pandas, every declared column of exactly the type that is declared."""

import os
from typing import Any

import pandas as pd

from cistill.errors import InputError
from cistill.formats.published import Column, ResultTable

DTYPES = {"text": "str", "int": "int64", "float": "float64", "bool": "bool"}
DTYPES_WITH_MISSING = DTYPES | {"int": "Int64", "bool": "boolean"}


def dtype_of(column: Column) -> Any:
    """Return the type of a column in pandas."""
    return (DTYPES_WITH_MISSING if column.missing else DTYPES)[column.kind]


def read_typed(table: ResultTable, path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a whole table.

    Raises
    ------
    InputError
        As for `ResultTable.read`, or if a value is missing where none may be, or a whole number is none.
    """
    frame = table.read(path)
    for name in frame.columns:
        column = table.column(name)
        if column is not None:
            frame[name] = _typed(frame[name], column, path)
    return frame


def _typed(values: "pd.Series[Any]", column: Column, path: str | os.PathLike[str]) -> "pd.Series[Any]":
    if column.kind in ("int", "bool") and not column.missing and values.isna().any():
        raise InputError(f"{path}: row {_first(values.isna())}: the column {values.name} has no value")
    if column.kind == "int" and (values.dropna() % 1 != 0).any():
        row = _first(values % 1 != 0)
        raise InputError(
            f"{path}: row {row}: the column {values.name} holds {values.iloc[row - 1]}, which is no whole number"
        )
    return values.astype(dtype_of(column))


def _first(wrong: "pd.Series[bool]") -> int:
    """Return the number of the first row that is wrong, from 1."""
    return int(wrong.to_numpy().argmax()) + 1
