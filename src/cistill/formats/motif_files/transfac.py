"""Motifs in TRANSFAC's format, of TRANSFAC, JASPAR and HOCOMOCO; each record is read by Biopython."""

import io
import re
from collections.abc import Iterator, Sequence

import numpy as np

from cistill.dna.codes import BASES
from cistill.errors import InputError
from cistill.formats.meme import NamedMatrix
from cistill.formats.motif_files.numbers import frequencies, number_row, site_number

MATRIX_LINE = re.compile(r"P[0O]\s+A\s+C\s+G\s+T\b")
POSITION_LINE = re.compile(r"\d+\s")
NAMES = ("AC", "ID", "NA", "DE")


def transfac_motifs(lines: Sequence[str], where: str) -> list[tuple[NamedMatrix, int]]:
    """Return the motifs of a TRANSFAC file, each with the line that its record begins at.

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
    return [(_motif(record, where), record[0][0]) for record in _records(lines)]


def _records(lines: Sequence[str]) -> Iterator[list[tuple[int, str]]]:
    """Yield the numbered lines of each record that has more than comments; `//` ends one, the last may lack it."""
    record: list[tuple[int, str]] = []
    for number, line in enumerate([*lines, "//"], 1):
        text = line.strip()
        if text.startswith("//"):
            if any(not one.startswith(("VV", "XX", "CC")) for _, one in record):
                yield record
            record = []
        elif text:
            record.append((number, text))


def _motif(record: Sequence[tuple[int, str]], where: str) -> NamedMatrix:
    """Read one record; Biopython is given its names and its matrix, and what it reads is checked against the lines."""
    from Bio.motifs import transfac

    start = next((place for place, (_, line) in enumerate(record) if MATRIX_LINE.match(line)), None)
    about = {line[:2]: line[2:].strip() for _, line in record[:start] if line[:2] in NAMES}
    name, alternative = _names(about, record[0][0])
    of = f"{where}, line {record[0][0]}: motif {name}"
    if start is None:
        raise InputError(f"{of} has no matrix: there is no line 'P0 A C G T'")
    rows: list[str] = []
    for number, line in record[start + 1 :]:
        if not POSITION_LINE.match(f"{line} "):
            break
        words = line.split()[1:5]  # after the four numbers may come a letter of the consensus
        if len(number_row(" ".join(words), number, where).values) != 4:
            raise InputError(f"{where}, line {number}: a position needs four numbers, for A, C, G and T: {line}")
        rows.append(f"{len(rows) + 1:02d}  {' '.join(words)}")
    if not rows:
        raise InputError(f"{of} has no position")
    text = "\n".join(["ID  motif", "XX", "P0      A      C      G      T", *rows, "XX", "//", ""])
    try:
        (read,) = transfac.read(io.StringIO(text))  # type: ignore[no-untyped-call]
        values = np.array([read.counts[base] for base in BASES], dtype=np.float64).T
    except ValueError as error:
        raise InputError(f"{of}: {error}") from error
    return NamedMatrix(name, alternative, frequencies(values, of), site_number(values))


def _names(about: dict[str, str], number: int) -> tuple[str, str]:
    """Return name and second name: the accession, or the identifier where there is none, and another of its names."""
    given = [about[key] for key in ("AC", "NA", "ID", "DE") if about.get(key)]
    if not about.get("AC") and about.get("ID"):
        given = [about["ID"], *(one for one in given if one != about["ID"])]
    name = "_".join(given[0].split()) if given else f"line_{number}"
    return name, next((" ".join(one.split()) for one in given[1:] if one != name), "")
