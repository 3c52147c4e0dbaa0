"""The one reader of BED-like files: peaks, known sites, excluded intervals, regions to predict or explain.

What `check` takes, every command reads with the same result, for all of them read here.
"""

import csv
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from cistill.console import LOG
from cistill.data.interval_layouts import (
    BED,
    REGION_NAME,
    IntervalLayout,
    is_header,
    layout_of,
    refuse_other_format,
    whole_number,
)
from cistill.errors import InputError
from cistill.files import require_file
from cistill.texts import text_lines
from cistill.workbooks import is_workbook, workbook_rows

NOT_DATA = re.compile(r"#|(track|browser)(\s|$)")
ALIGNMENT_HEADER = re.compile(r"@(HD|SQ|RG|PG|CO)(\s|$)")
QUOTED_OR_NOT = re.compile(r'"[^"]*"|[^\s"]+')
LARGEST_SIGNAL = 5  # column from 0, of SEACR
SUMMIT_COLUMN = 9  # from 0, of narrowPeak and of what IDR writes
FIRST_LINES = 50  # in which another format's mark is sought
PROBLEMS_SHOWN = 5


class BedRow(NamedTuple):
    """A row of a BED-like file.

    Attributes
    ----------
    number : int
        Line of the file, from 1.
    chrom : str
    start, end : int
        0-based, half open.
    fields : list of str
        All cells, as BED has them.
    """

    number: int
    chrom: str
    start: int
    end: int
    fields: list[str]


class RowProblems:
    """What is wrong with rows of a file: the first few in words, the others counted."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.number = 0

    def add(self, number: int, problem: object) -> None:
        """Note a problem of a row."""
        self.number += 1
        if len(self.shown) < PROBLEMS_SHOWN:
            self.shown.append(f"row {number}: {problem}")

    def lines(self) -> list[str]:
        """Return the problems, one line each."""
        more = self.number - len(self.shown)
        return [*self.shown, f"... and {more} more malformed rows"] if more else list(self.shown)


def bed_rows(path: str | os.PathLike[str], what: str, problems: RowProblems, pairs: bool = False) -> Iterator[BedRow]:
    """Yield the well-formed rows of a file of intervals; note what is wrong with the others.

    The file is BED of three or more columns (narrowPeak, broadPeak, gappedPeak, summits of MACS, output of IDR), with
    or without a header line, plain or gzipped, its cells separated by tabs, or in a line without tabs by white space,
    commas or semicolons, quoted or not; or an Excel workbook with such rows. GFF, HOMER's and SAF tables, interval
    lists and tables of GRanges are read as the BED that they stand for.

    Parameters
    ----------
    path : path
        The file.
    what : str
        Its role, for messages.
    problems : RowProblems
        Problems of rows are added to it.
    pairs : bool
        Take BEDPE, of whose rows the first interval is the row's.

    Raises
    ------
    InputError
        If it cannot be read as text or workbook, or is in another format, which is named.
    """
    file = require_file(path, what)
    where = f"{what} {file}"
    layout: IntervalLayout | None = None
    header: list[str] | None = None
    marks: list[str] = []
    for number, cells in _rows(file, what, marks):
        if layout is None:
            if header is None and is_header(cells):
                header = cells
                continue
            row = _without_row_name(cells, header)
            try:
                layout = layout_of(row, header[1:] if header and not header[0] else header, marks, pairs)
            except ValueError as error:
                raise InputError(f"{where}: {error}") from error
            if layout is not BED:
                LOG.info("%s: read as %s", where, layout.name)
        try:
            yield _bed_row(number, layout.as_bed(_without_row_name(cells, header)))
        except ValueError as error:
            problems.add(number, error)


def _without_row_name(cells: list[str], header: list[str] | None) -> list[str]:
    """Leave out the name that R puts in front of each row, but of the header not, and the row numbers of pandas."""
    if header is None:
        return cells
    return cells[1:] if len(cells) == len(header) + 1 or (header[0] == "" and len(cells) == len(header)) else cells


def _bed_row(number: int, fields: list[str]) -> BedRow:
    if len(fields) < 3:
        raise ValueError(f"{len(fields)} tab-separated column(s) where chrom, start, end are needed")
    start, end = (whole_number(fields[column - 1], column) for column in (2, 3))
    if start >= end:
        raise ValueError(f"start {start} is not below end {end} (columns 2 and 3)")
    if not fields[0]:
        raise ValueError("column 1 (chromosome) is empty")
    return BedRow(number, fields[0], start, end, fields)


def _rows(file: Path, what: str, marks: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of rows that are neither empty nor comments; add lines of an alignment's header to `marks`."""
    if is_workbook(file):
        for number, cells in workbook_rows(file, what):
            if any(cells) and not NOT_DATA.match(cells[0]):
                yield number, [cell.strip() for cell in cells]
        return
    for number, line in text_lines(file, what):
        if number <= FIRST_LINES:
            refuse_other_format(line, file, f"{what} {file}")
        if ALIGNMENT_HEADER.match(line):
            marks.append(line[:3])
        elif not NOT_DATA.match(line) and (cells := _cells(line)):
            yield number, cells


def _cells(line: str) -> list[str]:
    """Return the cells of a line, empty ones at its end left out."""
    if "\t" in line:
        cells: Iterable[str] = line.split("\t")
    else:
        cells = QUOTED_OR_NOT.findall(line) if '"' in line else line.split()
        if not (len(cells) > 2 and cells[1].isdecimal()) and (found := re.search("[,;]", line)):
            cells = next(csv.reader([line], delimiter=found[0]))
    stripped = [cell.strip().strip('"').strip() for cell in cells] if '"' in line else [cell.strip() for cell in cells]
    while stripped and not stripped[-1]:
        stripped.pop()
    return stripped


def summit_offset(row: BedRow) -> int | None:
    """Return a peak's summit, counted from its start; -1 where it was not called, None without a column of summits.

    narrowPeak has it in its tenth and last column, and so has what follows narrowPeak by more columns (IDR). Of SEACR's
    rows it is the middle of the interval of largest signal, in their sixth and last column.

    Raises
    ------
    ValueError
        If column 10 of narrowPeak is no whole number, or outside the peak.
    """
    if len(row.fields) == LARGEST_SIGNAL + 1 and (largest := REGION_NAME.fullmatch(row.fields[LARGEST_SIGNAL])):
        middle = (int(largest[2].replace(",", "")) + int(largest[3].replace(",", ""))) // 2
        if largest[1] == row.chrom and row.start <= middle < row.end:
            return middle - row.start
    if len(row.fields) <= SUMMIT_COLUMN or (len(row.fields) > SUMMIT_COLUMN + 1 and not _is_narrow_peak(row.fields)):
        return None
    text = row.fields[SUMMIT_COLUMN]
    if text in ("-1", "-1.0"):
        return -1
    try:
        offset = whole_number(text, 10)
    except ValueError:
        raise ValueError(f"column 10 (summit) is {text!r}, not a whole number") from None
    if offset >= row.end - row.start:
        position = ", as a position on the chromosome would be" if row.start <= offset < row.end else ""
        raise ValueError(
            f"column 10 (summit) is {offset}, outside the peak of {row.end - row.start} bp{position}; it counts from "
            "the start"
        )
    return offset


def _is_narrow_peak(fields: list[str]) -> bool:
    """Say whether a row of more than ten columns starts with those of narrowPeak; BED12 and gappedPeak do not."""
    try:
        [float(text) for text in fields[6:9]]
        count = int(fields[SUMMIT_COLUMN])
    except ValueError:
        return False
    if fields[5] not in (".", "+", "-"):
        return False
    sizes, starts = (text.rstrip(",").split(",") for text in (*fields[10:12], "", "")[:2])
    blocks = count > 0 and all(len(list_) == count and all(map(str.isdecimal, list_)) for list_ in (sizes, starts))
    return not blocks
