"""Tables of any length, read block by block: what a figure needs of them has a bounded size."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cistill.errors import InputError
from cistill.files import require_file

ROWS_AT_ONCE = 200_000
BYTES_AT_ONCE = 1 << 22


def column_names(file: Path) -> list[str]:
    """Return the names of a table's columns."""
    with require_file(file, "table").open() as handle:
        return handle.readline().rstrip("\n").split("\t")


def count_rows(file: Path) -> int:
    """Return the number of rows below the header."""
    lines = 0
    with require_file(file, "table").open("rb") as handle:
        while block := handle.read(BYTES_AT_ONCE):
            lines += block.count(b"\n")
    return max(lines - 1, 0)


def table_blocks(file: Path, columns: Sequence[str], dtype: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    """Yield some columns of a table, block by block, an empty one for a table without rows; the index counts rows.

    Raises
    ------
    InputError
        If a column is missing or the file is no such table.
    """
    missing = [name for name in columns if name not in column_names(file)]
    if missing:
        raise InputError(f"{file}: the table lacks the column(s) {', '.join(missing)}")
    options: dict[str, Any] = {"sep": "\t", "usecols": list(columns), "dtype": dict(dtype), "na_values": ["NA"]}
    rows = 0
    try:
        for block in pd.read_csv(file, keep_default_na=False, chunksize=ROWS_AT_ONCE, **options):
            rows += len(block)
            yield block
        if not rows:
            yield pd.read_csv(file, keep_default_na=False, **options)
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: not a readable tab-separated table: {error}") from error


def every(rows: int, most: int) -> int:
    """Return the step at which at most `most` of so many rows are taken."""
    return max(1, -(-rows // max(most, 1)))


def regular_rows(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return every n-th row of a table, so that at most `most` are left."""
    return table.iloc[:: every(len(table), most)]


def is_regular(index: pd.Index, step: int) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Return which rows of a block are taken at a step over the whole table."""
    return np.asarray(index.to_numpy() % step == 0)
