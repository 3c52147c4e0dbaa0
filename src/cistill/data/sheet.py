"""CSV sheets that users write: their columns and rows, and what is wrong with them in words."""

import csv
import difflib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cistill.errors import InputError
from cistill.files import require_file

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]*$")


@dataclass(frozen=True)
class SheetRow:
    """A row of a sheet.

    Attributes
    ----------
    number : int
        Line of the file, the header being line 1.
    cells : dict of str to str
        Every known column; empty text for what is not given.
    """

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def problem(self, column: str, text: str) -> str:
        """Word a problem of one of the row's cells."""
        return f"row {self.number}, column {column}: {text}"


@dataclass(frozen=True)
class Sheet:
    """A sheet as it was written.

    Attributes
    ----------
    header : list of str
    rows : list of SheetRow
    problems : list of str
        What is wrong with the header and with whole rows, naming each and what to do.
    """

    header: list[str]
    rows: list[SheetRow]
    problems: list[str]


def read_rows(path: str | os.PathLike[str], what: str, columns: Sequence[str], needed: Sequence[str]) -> Sheet:
    """Read a CSV sheet with a header.

    Parameters
    ----------
    path : path
    what : str
        What it is, for messages.
    columns, needed : sequence of str
        The columns that it may have, and those that it must have.

    Raises
    ------
    InputError
        If it is missing, no readable CSV file, or empty.
    """
    file = require_file(path, what)
    try:
        text = file.read_bytes().decode("utf-8-sig")
        lines = list(csv.reader(text.splitlines(), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{what} {file}: not a readable CSV file: {error}") from error
    if not lines or not any(lines[0]):
        raise InputError(f"{what} {file}: the first line must be a header such as {','.join(needed)}")
    header = [name.strip() for name in lines[0]]
    if len(header) == 1 and re.search(r"[\t;]", header[0]):
        return Sheet(header, [], ["row 1: the columns must be separated by commas, not by tabs or semicolons"])
    problems = _header_problems(header, columns, needed)
    rows: list[SheetRow] = []
    if len(header) == 1 < len(needed):
        return Sheet(header, rows, problems)
    for number, values in enumerate(lines[1:], 2):
        if not any(value.strip() for value in values):
            continue
        if len(values) != len(header):
            problems.append(f"row {number}: {len(values)} cells under a header of {len(header)} columns")
            continue
        cells = dict.fromkeys(columns, "") | {
            name: value.strip() for name, value in zip(header, values, strict=True) if name in columns
        }
        rows.append(SheetRow(number, cells))
    if not rows and not problems:
        problems.append("the sheet has a header but no rows")
    return Sheet(header, rows, problems)


def _header_problems(header: Sequence[str], columns: Sequence[str], needed: Sequence[str]) -> list[str]:
    """Say what is wrong with the column names."""
    problems = []
    for name in dict.fromkeys(header):
        if name not in columns:
            near = difflib.get_close_matches(name.lower(), columns, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"the columns are {', '.join(columns)}"
            problems.append(f"row 1: unknown column {name!r}; {hint}")
        if header.count(name) > 1:
            problems.append(f"row 1: the column {name!r} is there {header.count(name)} times")
    return problems + [f"row 1: the column {name!r} is missing" for name in needed if name not in header]


def name_problems(row: SheetRow, columns: Sequence[str]) -> list[str]:
    """Say which of a row's names cannot be part of a file's name."""
    return [
        row.problem(
            column,
            f"{row[column]!r} is unfit for file names; use letters, digits, '-' and '_', the first a letter or digit",
        )
        for column in columns
        if row[column] and not NAME.match(row[column])
    ]
