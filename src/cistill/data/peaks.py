"""Reading peaks with their summits from narrowPeak or BED files."""

import os

import pandas as pd

from cistill.console import LOG
from cistill.data.bed import PROBLEMS_SHOWN, RowProblems, bed_rows, summit_offset
from cistill.data.contigs import Remark
from cistill.errors import InputError

FEWEST_JUDGED = 20  # intervals
MOST_TOUCHING = 0.5  # of all: peaks of callers are apart, intervals of bedGraph are not


def read_peaks(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read peaks from narrowPeak, IDR's output or a BED file of three or more columns, as `cistill.data.bed` does.

    The summit is start + column 10 in narrowPeak and IDR's output, the middle, (start + end) // 2, in all others.

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
    table, problems, middles = _parsed(path)
    if problems:
        raise InputError("\n".join(f"peaks {path}: {problem}" for problem in problems))
    if middles:
        LOG.info("peaks %s: %s", path, _without_summits(middles, len(table)))
    return table


def parse_peaks(path: str | os.PathLike[str]) -> tuple[pd.DataFrame, list[str]]:
    """Read peaks as `read_peaks` does, but return the well-formed ones and the problems of the others.

    Returns
    -------
    table : pandas.DataFrame
        As in `read_peaks`.
    problems : list of str
        What is wrong, with row and column, without the file's name; a `Remark` if only some rows have a summit.
    """
    table, problems, middles = _parsed(path)
    if 0 < middles < len(table):
        problems.append(Remark(_without_summits(middles, len(table))))
    if twice := int(table.duplicated(["chrom", "start", "end", "summit"]).sum()):
        problems.append(Remark(f"{twice} of {len(table)} peaks are there twice; each row counts as a peak"))
    return table, problems


def _without_summits(number: int, peaks: int) -> str:
    return f"{number} of {peaks} peaks have no summit (column 10 of narrowPeak); their middles are used"


def _touching(table: pd.DataFrame) -> float:
    """Return the share of intervals that begin where the row before ends."""
    same = table["chrom"].eq(table["chrom"].shift()) & table["start"].eq(table["end"].shift())
    return float(same.sum()) / (len(table) - 1)


def _parsed(path: str | os.PathLike[str]) -> tuple[pd.DataFrame, list[str], int]:
    """Return the well-formed peaks, the problems of the others, and how many have their middle as summit."""
    peaks: list[tuple[str, int, int, int, int]] = []
    malformed = RowProblems()
    no_summit: list[int] = []
    middles = 0
    unreadable: list[str] = []
    try:
        for row in bed_rows(path, "peaks", malformed):
            try:
                offset = summit_offset(row)
            except ValueError as error:
                malformed.add(row.number, error)
                continue
            if offset == -1:
                no_summit.append(row.number)
                continue
            middles += offset is None
            summit = (row.start + row.end) // 2 if offset is None else row.start + offset
            peaks.append((row.chrom, row.start, row.end, summit, row.number))
    except InputError as error:
        unreadable.append(str(error).removeprefix("peaks: ").removeprefix(f"peaks {path}: "))
    table = pd.DataFrame(peaks, columns=["chrom", "start", "end", "summit", "row"])
    problems = [*unreadable, *malformed.lines()]
    if no_summit:
        rows = ", ".join(str(number) for number in no_summit[:PROBLEMS_SHOWN])
        problems.append(
            f"column 10 (summit) is -1, not called, in {len(no_summit)} row(s) (first: {rows}); windows are centred "
            "on summits: call peaks with summits (macs3 --call-summits), or give a BED file of fewer than ten "
            "columns, whose middles are then used"
        )
    if len(table) >= FEWEST_JUDGED and (touching := _touching(table)) > MOST_TOUCHING:
        problems.append(
            f"{touching:.0%} of the intervals begin where the one before ends, as in bedGraph (coverage); give the "
            "peaks that a peak caller made of it"
        )
    if not problems and not peaks:
        problems.append("there is no peak in the file; check the peak caller's thresholds")
    return table, problems, middles
