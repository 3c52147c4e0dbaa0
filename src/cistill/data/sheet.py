"""Sheets that users write: their columns and rows, and what is wrong with them in words.

They come from spreadsheet programs, from R and from editors: any encoding that `cistill.texts` reads, cells between
quotes or not, any separator, comment lines, lines of a title, empty columns, a column of row numbers.
"""

import csv
import difflib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cistill.data.sheet_cells import AROUND, cell_text
from cistill.errors import InputError
from cistill.files import require_file
from cistill.texts import read_text
from cistill.workbooks import is_workbook, workbook_rows

SEPARATORS = (",", ";", "\t", "|", " ")
BLANK_NAME = re.compile(r"Unnamed: [0-9]+|\.\.\.[0-9]+|X(\.[0-9]+)?")
"""Names that pandas and R give to columns without one."""
UNKNOWN = "unknown column"
TITLE_LINES = 20
"""Rows above the header that may be its title."""
LARGEST = 1 << 24
"""Characters of the largest sheet."""


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


def read_rows(
    path: str | os.PathLike[str], what: str, columns: Sequence[str], needed: Sequence[str], others: bool = False
) -> Sheet:
    """Read a sheet with a header.

    Parameters
    ----------
    path : path
        Text of columns separated as its header is: by commas, semicolons, tabs, bars or blanks. Or a workbook of Excel.
    what : str
        What it is, for messages.
    columns, needed : sequence of str
        The columns that it may have, and those that it must have. Their names may have any case.
    others : bool
        Leave out columns of other names, which are problems else.

    Raises
    ------
    InputError
        If it is missing, no readable table, or empty.
    """
    if is_workbook(require_file(path, what)):
        lines = _of_workbook(path, what, columns)
    else:
        try:
            lines = list(_lines(read_text(path, what, LARGEST), columns))
        except csv.Error as error:
            raise InputError(f"{what} {path}: not a readable CSV file: {error}") from error
    if not lines:
        raise InputError(f"{what} {path}: the first line must be a header such as {','.join(needed)}")
    lines = lines[_title(lines, columns) :]
    first, names = lines[0]
    rows_below = [cells for _, cells in lines[1:]]
    if rows_below and all(len(row) == len(names) + 1 and row[0] == str(at) for at, row in enumerate(rows_below, 1)):
        names = ["", *names]  # the row names of R, which has no name for their column
    if not any(_known(name, columns) for name in names):
        shown = ", ".join(map(repr, names[:5]))[:120] + (", ..." if len(names) > 5 else "")
        problem = (
            f"row {first}: no column has a known name ({shown}); the first row must be a header such as "
            f"{','.join(needed)}; the columns are {', '.join(columns)}"
        )
        return Sheet([], [], [problem])
    header, places, problems = _header(first, names, rows_below, columns)
    if others:
        problems = [problem for problem in problems if UNKNOWN not in problem]
    problems += [f"row {first}: the column {name!r} is missing" for name in needed if name not in header]
    rows: list[SheetRow] = []
    if len(header) == 1 < len(needed):
        return Sheet(header, rows, problems)
    for number, cells in lines[1:]:
        beyond = [cell for cell in cells[len(names) :] if cell]
        lacking = [header[rank] for rank, place in enumerate(places) if place >= len(cells)]
        if beyond or set(lacking) & set(needed):
            hint = "; separate the columns of all rows as those of the header" if len(cells) == 1 else ""
            problems.append(f"row {number}: {len(cells)} cells under a header of {len(names)} columns{hint}")
            continue
        given = {name: cells[place] for name, place in zip(header, places, strict=True) if place < len(cells)}
        rows.append(SheetRow(number, {name: given.get(name, "") for name in columns}))
    if not rows and not problems:
        problems.append("the sheet has a header but no rows")
    return Sheet(header, rows, problems)


def _lines(text: str, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of the header and of every row that is not blank."""
    numbered = _without_comments(text, columns)
    separator = ""
    if numbered and (chosen := re.fullmatch(r'"?sep=(.)"?', numbered[0][1].strip(AROUND), re.IGNORECASE)):
        separator = chosen[1]
        del numbered[0]
    while numbered and not numbered[0][1].strip(AROUND + ",;"):
        del numbered[0]
    if not numbered:
        return
    split = [
        (number, _cells([line], separator or _separator(line, columns))[0]) for number, line in numbered[:TITLE_LINES]
    ]
    del numbered[: _title(split, columns)]
    if len(_cells([numbered[0][1]], ",")[0]) == 1:
        numbered = [(number, _unwrapped(line)) for number, line in numbered]
    separator = separator or _separator(numbered[0][1], columns)
    reader = csv.reader((f"{line}\n" for _, line in numbered), delimiter=separator, skipinitialspace=True)
    before = 0
    for values in reader:
        record, before = numbered[before : reader.line_num], reader.line_num
        if sum(line.count('"') for _, line in record) % 2 and any("\n" in value for value in values):
            raise csv.Error(f"row {record[0][0]}: a quote is opened and not closed")
        cells = [cell_text(value) for value in values]
        if any(cells):
            yield record[0][0], cells


def _title(lines: Sequence[tuple[int, Sequence[str]]], columns: Sequence[str]) -> int:
    """Return how many lines stand above the header: none where no line names two columns."""
    for at, (_, cells) in enumerate(lines[:TITLE_LINES]):
        if sum(_known(cell, columns) is not None for cell in cells) > 1:
            return at
    return 0


def _of_workbook(path: str | os.PathLike[str], what: str, columns: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Return number and cells of the header and of every row of a workbook that is not blank, as `_lines` does."""
    kept: list[tuple[int, list[str]]] = []
    try:
        for number, values in workbook_rows(path, what):
            cells = [cell_text(value) for value in values]
            if cells and cells[0].startswith("#"):
                cells[0] = cells[0].lstrip(AROUND + "#")
                if kept or sum(_known(cell, columns) is not None for cell in cells) < 2:
                    continue
            if any(cells):
                kept.append((number, cells))
    except InputError as error:
        raise InputError(f"{error} (and it is not a readable CSV file)") from error
    return kept


def _without_comments(text: str, columns: Sequence[str]) -> list[tuple[int, str]]:
    """Return lines with their numbers, without those that start with `#` outside a quoted cell.

    A header that starts with `#` loses it.
    """
    kept: list[tuple[int, str]] = []
    quoted = False
    for number, line in enumerate(text.split("\n"), 1):
        if not quoted and line.lstrip(AROUND).startswith("#"):
            bare = line.lstrip(AROUND + "#")
            known = {_known(cell, columns) for cell in _cells([bare], _separator(bare, columns))[0]} - {None}
            if kept or len(known) < 2:
                continue
            kept.append((number, bare))
            continue
        quoted ^= line.count('"') % 2 == 1
        kept.append((number, line))
    return kept


def _unwrapped(line: str) -> str:
    """Return the text of a line that is one quoted cell, as spreadsheets write a row that they did not split."""
    bare = line.strip(AROUND)
    whole = len(bare) > 1 and bare[0] == bare[-1] == '"' and not re.search(r'(?<!")"(?!")', bare[1:-1])
    return bare[1:-1].replace('""', '"') if whole else line


def _separator(header: str, columns: Sequence[str]) -> str:
    """Return the separator that makes the most known columns of a header; of equally good ones the first.

    Blanks are one if they make nothing else: names of files hold blanks.
    """

    def known(separator: str) -> tuple[int, int]:
        names = _cells([header], separator)[0]
        found = sum(_known(name, columns) is not None for name in names)
        return (0, 0) if separator == " " and found < len([name for name in names if name]) else (found, len(names))

    return max(SEPARATORS, key=known)


def _cells(lines: Sequence[str], separator: str) -> list[list[str]]:
    """Split lines into cells; what is no CSV is one cell a line."""
    try:
        rows = list(csv.reader(lines, delimiter=separator, skipinitialspace=True))
    except csv.Error:
        return [[line] for line in lines]
    return rows if rows and rows[0] else [[""]]


def _known(name: str, columns: Sequence[str]) -> str | None:
    """Return the column that a name of any case, with spaces or hyphens for underscores, stands for."""
    plain = re.sub(r"[\s_-]+", "_", name.strip(AROUND)).lower()
    return plain if plain in columns else None


def _header(
    line: int, names: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[str]
) -> tuple[list[str], list[int], list[str]]:
    """Return the columns, the place of each in a row, and what is wrong with their names.

    A column without a name is left out if it holds nothing, or numbers its rows as R and pandas do.
    """
    header, places, problems = [], [], []
    for place, name in enumerate(names):
        below = [row[place] if place < len(row) else "" for row in rows]
        start = int(below[0]) if place == 0 and below and below[0] in ("0", "1") else None
        idle = not any(below) or (start is not None and below == [str(start + rank) for rank in range(len(below))])
        if name and not (idle and BLANK_NAME.fullmatch(name)):
            header.append(_known(name, columns) or name)
            places.append(place)
            continue
        if not idle:
            held = next(cell for cell in below if cell)
            problems.append(f"row {line}: column {place + 1} has no name but holds {held!r}; name it, or empty it")
    for name in dict.fromkeys(header):
        if name not in columns:
            near = difflib.get_close_matches(name.lower(), columns, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"the columns are {', '.join(columns)}"
            problems.append(f"row {line}: {UNKNOWN} {name!r}; {hint}")
        if header.count(name) > 1:
            problems.append(f"row {line}: the column {name!r} is there {header.count(name)} times")
    return header, places, problems
