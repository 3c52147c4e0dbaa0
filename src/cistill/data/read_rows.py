"""Reads and fragments as rows of text: fragment files, tagAlign and BED, in any order of rows."""

import os
import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cistill.data.bed import ALIGNMENT_HEADER, NOT_DATA, BedRow, RowProblems, bed_rows
from cistill.data.interval_layouts import is_bedpe, is_header, whole_number
from cistill.data.read_filter import Mate
from cistill.errors import InputError
from cistill.files import require_file
from cistill.texts import text_lines

WHAT = "reads"
ROWS = 1 << 18  # read at once
LINES_LOOKED_AT = 1000  # comments and headers before the first row
STRAND = 5  # column from 0
PAIR_STRANDS = slice(8, 10)  # columns of BEDPE
NUMBER = re.compile(r"-?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?")
CIGAR = re.compile(r"\*|([0-9]+[MIDNSHP=X])+")


class Ends(NamedTuple):
    """5' ends of some rows on one chromosome, 0-based.

    Attributes
    ----------
    plus, minus : int64 array, (rows,)
    """

    plus: NDArray[np.int64]
    minus: NDArray[np.int64]


def holds_rows(path: str | os.PathLike[str]) -> bool:
    """Say whether a file is text whose first row has a chromosome, a start and an end; SAM has not."""
    file = require_file(path, "BAM")
    try:
        for _, line in islice(text_lines(file, WHAT), LINES_LOOKED_AT):
            cells = line.split("\t") if "\t" in line else line.split()
            if ALIGNMENT_HEADER.match(line):
                return False
            if cells and not NOT_DATA.match(line) and not is_header(cells):
                sam = len(cells) > STRAND and CIGAR.fullmatch(cells[STRAND])
                return len(cells) > 2 and all(cell.strip().isdecimal() for cell in cells[1:3]) and not sam
    except InputError:  # no text
        return False
    return False


def read_ends(path: str | os.PathLike[str], mate: Mate = "1") -> Iterator[Mapping[str, Ends]]:
    """Read the 5' ends of rows, some hundred thousand at a time.

    A row of three to five columns is a fragment: a 5' end on the plus strand at its start, one on the minus strand at
    its last base. Its barcode and the number of its duplicates (columns 4 and 5) are not used: a row counts once. A
    row with a strand in column 6 (BED, tagAlign) is a read with one 5' end. A row of BEDPE is two reads, with strands
    in columns 9 and 10, of which `mate` says which are counted; without strands it is a fragment.

    Parameters
    ----------
    path : path
        The file, plain or gzipped, its rows in any order.
    mate : {"1", "2", "both", "first", "second"}
        Of BEDPE.

    Yields
    ------
    dict of str to Ends
        5' ends on each chromosome of these rows.

    Raises
    ------
    InputError
        If rows are malformed (up to five are named), or something else than reads and fragments.
    """
    problems = RowProblems()
    rows = bed_rows(path, WHAT, problems, pairs=True)
    fragments: bool | None = None
    first = next(rows, None)
    if first is not None:
        rows = chain([first], rows)
        if is_bedpe(first.fields):
            rows = (read for row in rows for read in _of_pair(row, mate, problems))
    while some := list(islice(rows, ROWS)):
        if fragments is None:
            fragments = _are_fragments(some[0], Path(path))
        ends: dict[str, tuple[list[int], list[int]]] = {}
        for row in some:
            plus, minus = ends.setdefault(row.chrom, ([], []))
            strand = _strand(row, fragments, problems)
            if strand != "-":
                plus.append(row.start)
            if strand != "+":
                minus.append(row.end - 1)
        if problems.number:
            break
        yield {chrom: Ends(*(np.array(list_, dtype=np.int64) for list_ in both)) for chrom, both in ends.items()}
    if problems.number:
        raise InputError("\n".join(f"{path}: {text}" for text in problems.lines()))


def _of_pair(row: BedRow, mate: Mate, problems: RowProblems) -> Iterator[BedRow]:
    """Yield the reads of a row of BEDPE that are counted, or its fragment where no strands are given."""
    try:
        start, end = (whole_number(row.fields[column], column + 1) for column in (4, 5))
    except (ValueError, IndexError) as error:
        problems.add(row.number, f"{error}; each row before is a pair of intervals (BEDPE)")
        return
    if len(row.fields) < PAIR_STRANDS.stop:
        if row.fields[3] == row.chrom:
            yield BedRow(row.number, row.chrom, min(row.start, start), max(row.end, end), row.fields[:3])
        return
    strands = row.fields[PAIR_STRANDS]
    ends = ((row.chrom, row.start, row.end, strands[0]), (row.fields[3], start, end, strands[1]))
    chosen = {"1": ends[:1], "first": ends[:1], "2": ends[1:], "second": ends[1:]}.get(mate, ends)
    for chrom, first, last, strand in chosen:
        yield BedRow(row.number, chrom, first, last, [chrom, str(first), str(last), ".", "0", strand])


def _strand(row: BedRow, fragments: bool, problems: RowProblems) -> str:
    """Return the strand of a row, empty for a fragment; note rows that are not as the first one."""
    if len(row.fields) <= STRAND:
        if not fragments:
            problems.add(row.number, "the strand (column 6) is missing, which the rows before have")
        return ""
    strand = row.fields[STRAND]
    if fragments or strand not in ("+", "-"):
        wanted = "fragments, as the rows before, have three to five columns" if fragments else "reads have + or -"
        problems.add(row.number, f"column 6 (strand) is {strand!r}; {wanted}")
    return strand


def _are_fragments(first: BedRow, path: Path) -> bool:
    """Say whether rows are fragments or reads; refuse peaks, pairs and coverage.

    Raises
    ------
    InputError
        It says what the file seems to be, and what to give.
    """
    fields = first.fields
    if len(fields) == 4 and NUMBER.fullmatch(fields[3]):
        raise InputError(
            f"{path}: row {first.number}: column 4 is a number, as in bedGraph (coverage); give reads, fragments "
            "(chromosome, start, end, barcode), or bigWigs of 5' ends"
        )
    if len(fields) <= STRAND:
        return True
    if len(fields) == STRAND + 1 and all(field.isdecimal() for field in fields):
        raise InputError(f"{path}: row {first.number}: this is an index of a CRAM file; give the CRAM file itself")
    if fields[STRAND] not in ("+", "-"):
        raise InputError(
            f"{path}: row {first.number}: column 6 (strand) is {fields[STRAND]!r}, as in peaks; reads have + or "
            "- there, and fragments have three to five columns"
        )
    return False
