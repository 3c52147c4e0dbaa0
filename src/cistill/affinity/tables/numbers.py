"""Numbers as people and spreadsheets write them: what is a number, what is none, and what could be read in two ways."""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.errors import InputError

NO_VALUE = frozenset(
    (
        *("", "na", "nan", "n/a", "n.a.", "n.a", "<na>", "null", "none", ".", "-", "–", "—", "?", "missing"),
        *("nd", "n.d.", "n.d", "n/d", "not determined", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"),
        *("#n/a", "#na", "#value!", "#div/0!", "#num!", "#ref!", "#null!", "#name?"),
    )
)
"""Texts, in lower case, that mean no value."""
EXPONENT = r"([eE][+-]?[0-9]+)?"
NUMBER = re.compile(rf"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+){EXPONENT}")
DECIMAL_COMMA = re.compile(rf"[+-]?([0-9]*|[1-9][0-9]{{0,2}}(\.[0-9]{{3}})+),[0-9]+{EXPONENT}")
THOUSANDS = re.compile(rf"[+-]?[1-9][0-9]{{0,2}}(,[0-9]{{3}})+(\.[0-9]*)?{EXPONENT}")
BOUND = re.compile(r"[<>≤≥]=?\s*[+-]?[0-9.,]+([eE][+-]?[0-9]+)?")
SHOWN = 3


class Numbers(NamedTuple):
    """Values of a column.

    Attributes
    ----------
    values : float array, (rows,)
        NaN where there is none.
    bounds : int
        Cells that hold a bound in place of a value (`<0.1`), whose value is NaN.
    """

    values: NDArray[np.float64]
    bounds: int


def numbers_of(cells: "pd.Series[str]", where: str, missing: frozenset[str] = NO_VALUE) -> Numbers:
    """Return a column of cells as numbers.

    Decimal commas and separators of thousands are read where all the cells of the column together leave no doubt.

    Parameters
    ----------
    cells : Series of str
        The index is the line of the file.
    where : str
        File and column, for messages.
    missing : set of str
        In lower case, what means no value.

    Raises
    ------
    InputError
        If a cell is no number, or commas could mean decimals as well as thousands.
    """
    empty = cells.str.lower().isin(missing)
    bound = cells.str.fullmatch(BOUND) & ~empty
    text = cells[~empty & ~bound].str.replace("−", "-", regex=False)
    if text.str.contains(",", regex=False).any():
        text = _with_points(text, where)
    wrong = ~text.str.fullmatch(NUMBER)
    values = pd.to_numeric(text.where(~wrong), errors="coerce").astype(float)
    wrong |= np.isinf(values)
    if wrong.any():
        found = cells[wrong.index[wrong]]
        raise InputError(f"{where}: {len(found)} value(s) are no numbers ({_shown(found)})")
    result = np.full(len(cells), np.nan)
    result[(~empty & ~bound).to_numpy()] = values
    return Numbers(result, int(bound.sum()))


def _with_points(text: "pd.Series[str]", where: str) -> "pd.Series[str]":
    """Return cells of which some have commas with decimal points alone."""
    with_comma = text[text.str.contains(",", regex=False)]
    decimal, thousands = with_comma.str.fullmatch(DECIMAL_COMMA), with_comma.str.fullmatch(THOUSANDS)
    surely_decimal, surely_thousands = with_comma[decimal & ~thousands], with_comma[thousands & ~decimal]
    points = text[text.str.fullmatch(NUMBER) & text.str.contains(".", regex=False)]
    if len(surely_decimal) and not len(surely_thousands) and not len(points):
        changed = with_comma.where(~decimal, with_comma.str.replace(".", "", regex=False).str.replace(",", "."))
    elif len(surely_thousands) and not len(surely_decimal):
        changed = with_comma.where(~thousands, with_comma.str.replace(",", "", regex=False))
    elif not decimal.any() and not thousands.any():
        return text
    else:
        examples = _shown(pd.concat([surely_decimal[:1], surely_thousands[:1], points[:1], with_comma[:1]]))
        raise InputError(
            f"{where}: commas may mean decimals or thousands ({examples}); write decimal points and no separators of "
            "thousands"
        )
    return changed.reindex(text.index).fillna(text)


def _shown(cells: "pd.Series[str]") -> str:
    return ", ".join(f"row {row}: {cell[:40]!r}" for row, cell in cells.head(SHOWN).items())
