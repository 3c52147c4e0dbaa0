"""The one reader and the one writer of tab-separated tables."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import pandas as pd

from cistill.errors import InputError
from cistill.files import atomic_output, require_file
from cistill.table_text import FLOAT_FORMAT, MISSING, lines_of

ROWS_AT_ONCE = 65_536


def write_table(path: str | os.PathLike[str], table: pd.DataFrame, *, bed: bool = False) -> None:
    """Write a table as TSV with a header: six significant digits, `NA` for missing values.

    Parameters
    ----------
    path : path
        The file to write. It appears whole or not at all.
    table : pandas.DataFrame
        Its index is not written.
    bed : bool
        Start the header line with `#`, so that tools for BED files take it as a comment.
    """
    with table_writer(path, bed=bed) as write:
        write(table)


@contextmanager
def table_writer(path: str | os.PathLike[str], *, bed: bool = False) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Write a table piece by piece, as `write_table` would write the whole.

    Parameters
    ----------
    path, bed
        As for `write_table`. The file appears when the block ends without an error.

    Yields
    ------
    callable
        Takes the next rows; the first piece, which may be empty, gives the columns.
    """
    with atomic_output(path) as temporary, temporary.open("w", newline="") as handle:
        header = True

        def write(table: pd.DataFrame) -> None:
            nonlocal header
            if header and bed:
                handle.write("#")
            if header:
                _to_csv(table.iloc[:0], handle, header=True)
            for first in range(0, len(table), ROWS_AT_ONCE):
                part = table.iloc[first : first + ROWS_AT_ONCE]
                text = lines_of(part)
                if text is None:
                    _to_csv(part, handle, header=False)
                else:
                    handle.write(text)
            header = False

        yield write


def _to_csv(table: pd.DataFrame, handle: IO[str], header: bool) -> None:
    """Write a table as pandas does."""
    table.to_csv(
        handle, sep="\t", index=False, header=header, float_format=FLOAT_FORMAT, na_rep=MISSING, lineterminator="\n"
    )


def read_table(
    path: str | os.PathLike[str],
    columns: Sequence[str] = (),
    dtype: dict[str, Any] | None = None,
    what: str = "table",
) -> pd.DataFrame:
    """Read a table that `write_table` wrote.

    Parameters
    ----------
    path : path
        The file.
    columns : sequence of str
        Columns that must be there.
    dtype : dict
        Column types for pandas; text columns that may look like numbers should be named here.
    what : str
        Role of the file in messages.

    Raises
    ------
    InputError
        If the file is missing or empty, is no such table or lacks a column.
    """
    file = require_file(path, what)
    try:
        kinds = {**(dtype or {}), **{f"#{name}": kind for name, kind in (dtype or {}).items()}}
        table = pd.read_csv(file, sep="\t", dtype=kinds, na_values=["NA"], keep_default_na=False)
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: not a readable tab-separated table: {error}") from error
    table.columns = [name.removeprefix("#") for name in table.columns]
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise InputError(f"{file}: the table lacks the column(s) {', '.join(missing)}")
    return table
