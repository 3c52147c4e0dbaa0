"""Reading peaks with their summits from narrowPeak or BED files."""

import os

import pandas as pd

from cistill.data.intervals import BrokenGzip, bed_rows
from cistill.errors import InputError
from cistill.files import require_file

NARROWPEAK_COLUMNS = 10
PROBLEMS_SHOWN = 5  # of one kind and file


def read_peaks(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read peaks from a narrowPeak file (ten columns) or a BED file (three or more), plain or gzipped.

    The summit is start + column 10 in narrowPeak, the middle, (start + end) // 2, in BED.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    pandas.DataFrame
        Columns `chrom, start, end, summit, row` (row: line number in the file, from 1), in the file's order.

    Raises
    ------
    InputError
        If a row is malformed, a summit is not known, or there is no peak: one line per kind of problem.
    """
    table, problems = parse_peaks(path)
    if problems:
        raise InputError("\n".join(f"peaks {path}: {problem}" for problem in problems))
    return table


def parse_peaks(path: str | os.PathLike[str]) -> tuple[pd.DataFrame, list[str]]:
    """Read peaks as `read_peaks` does, but return the well-formed ones and the problems of the others.

    Returns
    -------
    table : pandas.DataFrame
        As in `read_peaks`.
    problems : list of str
        What is wrong, with row and column, without the file's name.
    """
    file = require_file(path, "peaks")
    peaks: list[tuple[str, int, int, int, int]] = []
    malformed: list[str] = []
    no_summit: list[int] = []
    try:
        for number, fields in bed_rows(file):
            try:
                chrom, start, end = _interval(fields)
                summit = _summit(fields, start, end)
            except ValueError as error:
                malformed.append(f"row {number}: {error}")
                continue
            if summit is None:
                no_summit.append(number)
            else:
                peaks.append((chrom, start, end, summit, number))
    except BrokenGzip as error:
        malformed.append(str(error))
    table = pd.DataFrame(peaks, columns=["chrom", "start", "end", "summit", "row"])
    problems = _shorten(malformed)
    if no_summit:
        rows = ", ".join(str(number) for number in no_summit[:PROBLEMS_SHOWN])
        problems.append(
            f"column 10 (summit) is -1, not called, in {len(no_summit)} row(s) (first: {rows}); windows are centred "
            "on summits: call peaks with summits (macs3 --call-summits), or give a BED file of fewer than ten "
            "columns, whose middles are then used"
        )
    if not problems and not peaks:
        problems.append("there is no peak in the file; check the peak caller's thresholds")
    return table, problems


def _interval(fields: list[str]) -> tuple[str, int, int]:
    """Return (chrom, start, end) of a row."""
    if len(fields) < 3:
        raise ValueError(f"{len(fields)} tab-separated column(s) where chrom, start, end are needed")
    for column, value in ((2, fields[1]), (3, fields[2])):
        if not value.strip().isdecimal():
            raise ValueError(f"column {column} is {value!r}, not a whole number")
    start, end = int(fields[1]), int(fields[2])
    if start >= end:
        raise ValueError(f"start {start} is not below end {end} (columns 2 and 3)")
    if not fields[0]:
        raise ValueError("column 1 (chromosome) is empty")
    return fields[0], start, end


def _summit(fields: list[str], start: int, end: int) -> int | None:
    """Return a peak's summit, or None for a narrowPeak row whose summit was not called."""
    if len(fields) != NARROWPEAK_COLUMNS:
        return (start + end) // 2
    try:
        offset = int(fields[9])
    except ValueError:
        raise ValueError(f"column 10 (summit) is {fields[9]!r}, not a whole number") from None
    if offset == -1:
        return None
    if not 0 <= offset < end - start:
        raise ValueError(
            f"column 10 (summit) is {offset}, outside the peak of {end - start} bp; it counts from the start"
        )
    return start + offset


def _shorten(problems: list[str]) -> list[str]:
    """Keep the first few problems and say how many more there are."""
    if len(problems) <= PROBLEMS_SHOWN:
        return problems
    return [*problems[:PROBLEMS_SHOWN], f"... and {len(problems) - PROBLEMS_SHOWN} more malformed rows"]
