"""Motifs after lines with `>`: JASPAR, HOMER, Weeder2, Cluster-Buster and HOCOMOCO.

Biopython's reader of JASPAR's format leaves out a record of fewer than four rows without a word and knows no lines, so
these records are read here.
"""

import re
from collections.abc import Iterator, Sequence

from cistill.errors import InputError
from cistill.formats.meme import NamedMatrix
from cistill.formats.motif_files.numbers import (
    NumberRow,
    frequencies,
    matrix_of_rows,
    number_row,
    shortened,
    site_number,
)

WEEDER_ROW = re.compile(r"[ACGT]\t")
SEQUENCE = re.compile(r"[A-Za-z*.-]{2,}")


def records_format(lines: Sequence[str]) -> str:
    """Return `homer`, `weeder` or `jaspar`, by the lines of a file of records."""
    if any(_is_homer(line) for line in lines if line.startswith(">")):
        return "homer"
    return "weeder" if any(WEEDER_ROW.match(line) for line in lines) else "jaspar"


def record_motifs(lines: Sequence[str], where: str) -> list[tuple[NamedMatrix, int]]:
    """Return the motifs of a file of `>` records, each with the line of its header.

    Parameters
    ----------
    lines : sequence of str
    where : str
        Role and path of the file, for messages.

    Raises
    ------
    InputError
        If a record is no matrix over A, C, G, T.
    """
    homer = records_format(lines) == "homer"
    records = list(_records(lines, where))
    ways: set[bool] = set()
    squares: set[int] = set()  # lines of matrices of 4 x 4, which are read as the others of the file
    for header, number, rows in records:
        if not homer and rows and not rows[0].base and len(rows) == 4 and {len(row.values) for row in rows} == {4}:
            squares.add(number)
        elif not homer and rows and not rows[0].base:
            ways.add(matrix_of_rows(rows, _of(where, header, number))[1])
    way = True if homer else ways.pop() if len(ways) == 1 else None
    found = []
    for header, number, rows in records:
        of = _of(where, header, number)
        values, _ = matrix_of_rows(rows, of, way if homer or number in squares else None)
        name, alternative = _names(header, number)
        found.append((NamedMatrix(name, alternative, frequencies(values, of), site_number(values)), number))
    return found


def _records(lines: Sequence[str], where: str) -> Iterator[tuple[str, int, list[NumberRow]]]:
    """Yield header, line and rows of each record."""
    header, start = "", 0
    rows: list[NumberRow] = []
    for number, line in enumerate(lines, 1):
        if line.startswith(">"):
            if start:
                yield header, start, rows
            header, start, rows = line[1:].strip(), number, []
        elif line.strip() and not line.lstrip().startswith("#"):
            if SEQUENCE.fullmatch(line.strip()):
                raise InputError(f"{where}, line {number}: a sequence, not a row of a matrix: {shortened(line)}")
            if start:
                rows.append(number_row(line, number, where))
    if start:
        yield header, start, rows


def _is_homer(line: str) -> bool:
    """Say whether a header is HOMER's: consensus, name and threshold between tabs."""
    fields = line.split("\t")
    if len(fields) < 3:
        return False
    try:
        float(fields[2])
    except ValueError:
        return False
    return True


def _names(header: str, number: int) -> tuple[str, str]:
    """Return name and second name: the first word and the rest; of HOMER its name, and what it guesses it to be."""
    if _is_homer(header):
        name, _, guess = header.split("\t")[1].partition(",")
        return "_".join(name.split()) or header.split("\t")[0].strip() or f"line_{number}", " ".join(guess.split())
    words = header.split()
    return (words[0], " ".join(words[1:])) if words else (f"line_{number}", "")


def _of(where: str, header: str, number: int) -> str:
    return f"{where}, line {number}: motif {shortened(header)}"
