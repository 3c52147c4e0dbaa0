"""Reading the file of a table as text: separators, compression, columns by name or number, FASTA, PSAM files."""

import csv
import gzip
import io
import os
import zlib
from pathlib import Path
from typing import Any

import pandas as pd

from cistill.affinity.comparators.psam import psam_variants
from cistill.affinity.tables.reader import Column, Reader
from cistill.affinity.tables.units import thermal_energy
from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.psam import read_psam

SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "whitespace": r"\s+"}
SPREADSHEETS = (".xlsx", ".xls", ".ods")
GZIP = b"\x1f\x8b"
ZIP = b"PK"


def read_source(path: str | os.PathLike[str], reader: Reader) -> pd.DataFrame:
    """Read a file as its reader says.

    Parameters
    ----------
    path : path
    reader : Reader

    Returns
    -------
    pandas.DataFrame
        All cells as text, stripped; the index is the line of the file (from 1, the header included) where that is
        known.

    Raises
    ------
    InputError
        If the file is missing, empty, compressed otherwise than said, a spreadsheet, or no such table.
    """
    file = require_file(path, "table")
    layout = reader.part("format")
    kind = layout.get("kind", "table")
    if kind == "psam":
        temperature = float(reader.part("label").get("temperature_K", 298.15))
        return psam_variants(read_psam(file), thermal_energy(temperature))
    text = read_text(file, layout.get("compression", "infer"))
    return _fasta(file, text) if kind == "fasta" else _table(file, text, layout)


def read_text(path: Path, compression: str = "infer") -> str:
    """Return a file's text, unpacked if it is gzipped; a byte-order mark is left out."""
    data = path.read_bytes()
    if path.suffix.lower() in SPREADSHEETS or data.startswith(ZIP):
        raise InputError(
            f"table {path}: this is a spreadsheet or a zip file; save the sheet as tab-separated text first"
        )
    packed = data.startswith(GZIP)
    if compression == "gzip" and not packed:
        raise InputError(f"table {path}: the reader says that the file is gzipped, but it is not")
    try:
        if packed and compression != "none":
            data = gzip.decompress(data)
        return data.decode("utf-8-sig")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"table {path}: the compressed file is broken or cut short ({error}); copy it again"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"table {path}: not a text file ({error})") from error


def _table(path: Path, text: str, layout: dict[str, Any]) -> pd.DataFrame:
    header = layout.get("header", True)
    skipped = int(layout.get("skip_rows", 0))
    separator = SEPARATORS[layout.get("separator", "tab")]
    plain = len(separator) == 1
    try:
        table = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=0 if header else None,
            skiprows=skipped,
            comment=layout.get("comment"),
            dtype=str,
            keep_default_na=False,
            skipinitialspace=True,
            index_col=False,
            quoting=csv.QUOTE_MINIMAL,
            skip_blank_lines=True,
            engine="c" if plain or separator == r"\s+" else "python",
        )
    except (ValueError, pd.errors.ParserError) as error:
        raise InputError(f"table {path}: not a readable table: {error}") from error
    if table.empty:
        raise InputError(f"table {path}: no rows below the header" if header else f"table {path}: no rows")
    table.columns = [str(name).strip() for name in table.columns]
    if layout.get("comment") is None and "\n\n" not in text:  # otherwise rows are not lines
        table.index = pd.RangeIndex(1 + skipped + int(header), 1 + skipped + int(header) + len(table))
    return table.fillna("").apply(lambda column: column.str.strip())


def _fasta(path: Path, text: str) -> pd.DataFrame:
    if not text.lstrip().startswith(">"):
        raise InputError(f"table {path}: the first character is not '>', so this is no FASTA file")
    records = [part.split("\n", 1) for part in text.replace("\r", "").lstrip()[1:].split("\n>")]
    names = [head.split()[0] if head.split() else f"record_{number}" for number, (head, *_) in enumerate(records, 1)]
    sequences = ["".join(rest[0].split()) if rest else "" for _, *rest in records]
    return pd.DataFrame({"sequence": sequences, "name": names}, index=pd.RangeIndex(1, len(names) + 1))


def column_of(table: pd.DataFrame, column: Column, path: Path, role: str) -> "pd.Series[str]":
    """Return a column by its name or its number from 1 (from the end if negative).

    Raises
    ------
    InputError
        If there is no such column; those that are there are named.
    """
    if isinstance(column, int):
        number = column - 1 if column > 0 else len(table.columns) + column
        if column == 0 or not 0 <= number < len(table.columns):
            raise InputError(
                f"table {path}: no column {column} for the {role}: the table has {len(table.columns)} column(s); "
                "numbers start at 1. Is the separator right?"
            )
        return table.iloc[:, number]
    if column not in table.columns:
        names = ", ".join(map(repr, table.columns[:20])) + (", ..." if len(table.columns) > 20 else "")
        alone = " Is the separator right?" if len(table.columns) == 1 else ""
        raise InputError(f"table {path}: no column {column!r} for the {role}; the columns are {names}.{alone}")
    found = table[column]
    if isinstance(found, pd.DataFrame):
        raise InputError(f"table {path}: the column {column!r} is there {found.shape[1]} times; rename all but one")
    return found
