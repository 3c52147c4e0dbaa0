"""The rows of a table as lists of cells, from a text or a workbook; rows that do not fit their header are refused."""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import require_file
from cistill.texts import text_lines
from cistill.workbooks import is_workbook, workbook_rows

SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "whitespace": " "}
NAMED_SEPARATOR = re.compile(r'"?sep=(.)"?\s*')  # first line of what Excel saves
Row = tuple[int, list[str]]


class TableCells(NamedTuple):
    """A table as text.

    Attributes
    ----------
    names : list of str
        Of the columns; their numbers from 0 without a header.
    numbers : list of int
        Line of the file of each row, from 1.
    rows : list of list of str
        As many cells as there are names, stripped.
    """

    names: list[str]
    numbers: list[int]
    rows: list[list[str]]


def table_cells(path: Path, layout: dict[str, Any], needed: Sequence[str | int]) -> TableCells:
    """Read a table as a reader's part `format` says.

    Cells that are missing at the end of a row are empty, unless a needed column is among them.

    Parameters
    ----------
    path : Path
        Text in any encoding, plain or gzipped, or a workbook (.xlsx).
    layout : dict
        `separator`, `header`, `comment`, `skip_rows`.
    needed : sequence of str or int
        Columns that every row must reach, by name or number.

    Raises
    ------
    InputError
        If the file is no table, a row has more cells than the header, or lacks a needed one, or there are no rows.
    """
    first, filled = cell_rows(path, layout, needed)
    names = first[1] if layout.get("header", True) else [str(at) for at in range(len(first[1]))]
    body = filled if layout.get("header", True) else chain([first], filled)
    table = TableCells(names, [], [])
    for number, cells in body:
        if len(cells) == 1 and len(names) > 1 and cells[0].startswith("#"):
            continue
        table.numbers.append(number)
        table.rows.append(cells)
    if not table.rows:
        raise InputError(f"table {path}: no rows below the header")
    _fit(path, table, needed, str(layout.get("separator", "tab")))
    return table


def cell_rows(path: Path, layout: dict[str, Any], needed: Sequence[str | int]) -> tuple[Row, Iterator[Row]]:
    """Return the first row of a table, which names the columns if the table has a header, and the rows after it.

    Each is the line of the file in which it ends, and its cells, stripped. Rows without any content and comments in
    front of the first row are left out. The arguments are those of `table_cells`.

    Raises
    ------
    InputError
        If the file is no table, or there are no rows.
    """
    skipped = int(layout.get("skip_rows", 0))
    rows: Iterator[Row]
    if is_workbook(require_file(path, "table")):
        found = (row for row in workbook_rows(path, "table") if row[0] > skipped)
        rows = ((number, [cell.strip() for cell in cells]) for number, cells in found)
    else:
        lines = (line for line in text_lines(path, "table") if line[0] > skipped)
        rows = _text_rows(path, lines, str(layout.get("separator", "tab")), layout.get("comment"), needed)
    filled: Iterator[Row] = ((number, cells) for number, cells in rows if any(cells))
    first, filled = _first_row(filled, needed)
    if first is None:
        raise InputError(f"table {path}: no rows")
    return first, filled


def _first_row(rows: Iterator[Row], needed: Sequence[str | int]) -> tuple[Row | None, Iterator[Row]]:
    """Return the first row that is no comment, a `#` in front of the names of columns left out, and the others."""
    before: Row | None = None
    for number, cells in rows:
        if not cells[0].startswith("#"):
            if before is not None and len(before[1]) == len(cells):
                names = [before[1][0].lstrip("# "), *before[1][1:]]
                if len(cells) > 1 or names[0] in needed:  # these are names of columns behind a mark
                    return (before[0], names), chain([(number, cells)], rows)
            return (number, cells), rows
        before = (number, cells)
    return before, rows


def _text_rows(
    path: Path, lines: Iterator[tuple[int, str]], separator: str, comment: str | None, needed: Sequence[str | int]
) -> Iterator[Row]:
    """Yield the cells of a text's rows, with the number of the line in which each ends."""
    delimiter, start = SEPARATORS[separator], []
    for number, line in lines:
        if found := NAMED_SEPARATOR.fullmatch(line):
            delimiter = found[1]
            continue
        start.append((number, line))
        if line.strip() and not line.startswith("#"):
            if separator == "comma" and _is_semicolons(line, needed):
                LOG.info("table %s: columns are separated by semicolons", path)
                delimiter = ";"
            break
    at = 0

    def texts() -> Iterator[str]:
        nonlocal at
        for number, line in chain(start, lines):
            at = number
            text = line.split(comment, 1)[0] if comment else line
            yield " ".join(text.split()) if separator == "whitespace" else text

    try:
        for cells in csv.reader(texts(), delimiter=delimiter, skipinitialspace=True, strict=True):
            yield at, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise InputError(
            f"table {path}: row {at}: not a readable table ({error}); is a quote opened and not closed?"
        ) from error


def _is_semicolons(header: str, needed: Sequence[str | int]) -> bool:
    """Say whether the header of a table said to be comma-separated has semicolons, as Excel saves in Europe."""
    by_comma, by_semicolon = ([cell.strip().strip('"') for cell in header.split(sign)] for sign in ",;")
    names = [column for column in needed if isinstance(column, str)]
    if names:
        return not any(name in by_comma for name in names) and any(name in by_semicolon for name in names)
    return len(by_comma) == 1 < len(by_semicolon)


def _fit(path: Path, table: TableCells, needed: Sequence[str | int], separator: str) -> None:
    """Make all rows as long as the header, or refuse them."""
    width = len(table.names)
    if all(len(row) == width + 1 and row[0] == str(at) for at, row in enumerate(table.rows, 1)):
        for row in table.rows:
            del row[0]  # the row names of R, which has no name for their column
    places = [table.names.index(name) if isinstance(name, str) else name - 1 for name in needed if _is_in(name, table)]
    last = max((place if place >= 0 else width + place for place in places), default=0)
    for number, row in zip(table.numbers, table.rows, strict=True):
        if len(row) > width and any(row[width:]):
            commas = (
                ". Are these decimal commas? Separate the columns by semicolons or tabs, or write decimal points"
                if separator == "comma"
                else ". Is the separator right, or does a cell hold it?"
            )
            raise InputError(
                f"table {path}: row {number} has {len(row)} cells where the first row has {width} "
                f"({' | '.join(row)[:60]}){commas}"
            )
        if len(row) <= last or (len(row) < width and separator == "whitespace"):
            raise InputError(
                f"table {path}: row {number} has {len(row)} cell(s) where the first row has {width} "
                f"({' | '.join(row)[:60]}); fill or remove it. Is the separator right?"
            )
        del row[width:]
        row.extend([""] * (width - len(row)))


def _is_in(column: str | int, table: TableCells) -> bool:
    return column in table.names if isinstance(column, str) else column != 0 and abs(column) <= len(table.names)
