"""The rows of a table as lists of cells, from a text or a workbook; rows that do not fit their header are refused."""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import require_file
from cistill.texts import text_lines
from cistill.workbooks import is_workbook, workbook_rows

SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "whitespace": " "}
SIGNS = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "bars"}
TITLE_ROWS = 20  # above the header, at most
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
    return _below_title(path, first, filled, needed) if layout.get("header", True) else (first, filled)


def _below_title(path: Path, first: Row, rows: Iterator[Row], needed: Sequence[str | int]) -> tuple[Row, Iterator[Row]]:
    """Return the header and the rows below it, without rows of a title above the one that has the needed names."""
    names = {column.casefold() for column in needed if isinstance(column, str)}
    above = [first, *islice(rows, TITLE_ROWS)] if names and not names & {cell.casefold() for cell in first[1]} else []
    for at, (number, cells) in enumerate(above):
        if names <= {cell.casefold() for cell in cells}:
            LOG.info("table %s: the header is row %d", path, number)
            return above[at], chain(above[at + 1 :], rows)
    return first, chain(above[1:], rows)


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
    delimiter, start, looked_at = SEPARATORS[separator], [], 0
    for number, line in lines:
        if found := NAMED_SEPARATOR.fullmatch(line):
            delimiter = found[1]
            continue
        start.append((number, line))
        if line.strip() and not line.startswith("#"):
            looked_at += 1
            if (other := _other_separator(line, delimiter, needed)) is not None:
                LOG.info("table %s: columns are separated by %s", path, SIGNS[other])
                delimiter, separator = other, SIGNS[other]
            if other is not None or looked_at > TITLE_ROWS or _has_names(line, delimiter, needed):
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


def _has_names(line: str, sign: str, needed: Sequence[str | int]) -> bool:
    """Say whether a line, split, has a needed name, or there are no names to look for."""
    names = {column for column in needed if isinstance(column, str)}
    return not names or bool(names & {cell.strip().strip('"') for cell in line.split(sign)})


def _other_separator(header: str, delimiter: str, needed: Sequence[str | int]) -> str | None:
    """Return the separator of a header that does not have the one said, as Excel saves semicolons in Europe."""
    names = {column for column in needed if isinstance(column, str)}
    if not names:
        return ";" if delimiter == "," and "," not in header and ";" in header else None
    if _has_names(header, delimiter, needed):
        return None
    return next((sign for sign in SIGNS if names <= {cell.strip().strip('"') for cell in header.split(sign)}), None)


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
