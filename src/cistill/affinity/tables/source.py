"""Reading the file of a table as text: separators, compression, columns by name or number, FASTA, PSAM files."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from cistill.affinity.comparators.psam import psam_variants
from cistill.affinity.tables.cells import table_cells
from cistill.affinity.tables.reader import Column, Reader
from cistill.affinity.tables.units import thermal_energy
from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.psam import read_psam
from cistill.texts import is_compressed, read_text

LARGEST_FASTA = 1 << 30  # characters
UNIT_BEHIND = re.compile(r"\s*(\(.*\)|\[.*\])$")


def read_source(path: str | os.PathLike[str], reader: Reader) -> pd.DataFrame:
    """Read a file as its reader says.

    Parameters
    ----------
    path : path
    reader : Reader

    Returns
    -------
    pandas.DataFrame
        All cells as text, stripped; the index is the line of the file (from 1, the header included).

    Raises
    ------
    InputError
        If the file is missing, empty, compressed otherwise than said, or no such table.
    """
    file = require_file(path, "table")
    layout = reader.part("format")
    kind = layout.get("kind", "table")
    if kind == "psam":
        temperature = float(reader.part("label").get("temperature_K", 298.15))
        return psam_variants(read_psam(file), thermal_energy(temperature))
    if layout.get("compression") == "gzip" and not is_compressed(file):
        raise InputError(f"table {file}: the reader says that the file is gzipped, but it is not")
    return _fasta(file) if kind == "fasta" else _table(file, reader)


def _table(path: Path, reader: Reader) -> pd.DataFrame:
    needed = [reader.part(part)["column"] for part in ("sequence", "label") if "column" in reader.part(part)]
    cells = table_cells(path, reader.part("format"), needed)
    return pd.DataFrame(cells.rows, index=cells.numbers, columns=pd.Index(cells.names), dtype=object)


def _fasta(path: Path) -> pd.DataFrame:
    text = read_text(path, "table", LARGEST_FASTA)
    if not text.lstrip().startswith(">"):
        raise InputError(f"table {path}: the first character is not '>', so this is no FASTA file")
    records = [part.split("\n", 1) for part in text.lstrip()[1:].split("\n>")]
    names = [head.split()[0] if head.split() else f"record_{number}" for number, (head, *_) in enumerate(records, 1)]
    sequences = ["".join(rest[0].split()) if rest else "" for _, *rest in records]
    return pd.DataFrame({"sequence": sequences, "name": names}, index=pd.RangeIndex(1, len(names) + 1))


def column_of(table: pd.DataFrame, column: Column, path: Path, role: str) -> "pd.Series[str]":
    """Return a column by its name or its number from 1 (from the end if negative).

    A name that is there in another case, with other spaces or with a unit in brackets behind it is taken as well.

    Raises
    ------
    InputError
        If there is no such column, or there are several; those that are there are named.
    """
    if isinstance(column, int):
        number = column - 1 if column > 0 else len(table.columns) + column
        if column == 0 or not 0 <= number < len(table.columns):
            raise InputError(
                f"table {path}: no column {column} for the {role}: the table has {len(table.columns)} column(s); "
                "numbers start at 1. Is the separator right?"
            )
        return table.iloc[:, number]
    return table.iloc[:, column_place(list(table.columns), column, path, role)]


def column_place(names: Sequence[str], column: str, path: Path, role: str) -> int:
    """Return which of the columns' names, from 0, is meant by a name.

    Raises
    ------
    InputError
        As for `column_of`.
    """
    alike = [at for at, name in enumerate(names) if name == column]
    alike = alike or [at for at, name in enumerate(names) if _plain(column) in (_plain(name), _bare(name))]
    if len(alike) > 1:
        shown = ", ".join(repr(names[at]) for at in alike)
        raise InputError(
            f"table {path}: the column {column!r} is there {len(alike)} times ({shown}); rename all but one"
        )
    if not alike:
        shown = ", ".join(map(repr, names[:20])) + (", ..." if len(names) > 20 else "")
        alone = " Is the separator right?" if len(names) == 1 else ""
        raise InputError(f"table {path}: no column {column!r} for the {role}; the columns are {shown}.{alone}")
    return alike[0]


def _plain(name: str) -> str:
    """Return a column's name without what people write in different ways."""
    return re.sub(r"[\s_.-]+", "", name).casefold()


def _bare(name: str) -> str:
    """Return a column's plain name without a unit in brackets behind it."""
    return _plain(UNIT_BEHIND.sub("", name))
