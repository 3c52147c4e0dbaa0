"""Motifs as plain tables of numbers: CIS-BP's, UniPROBE's, and matrices of four rows or four columns."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from cistill.dna.codes import BASES
from cistill.errors import InputError
from cistill.formats.meme import NamedMatrix
from cistill.formats.motif_files.numbers import (
    BASE_OF_ROW,
    NumberRow,
    frequencies,
    matrix_of_rows,
    number_row,
    number_words,
    shortened,
    site_number,
)

COLUMN_NAMES = re.compile(r"(?:pos(?:ition)?)?" + 4 * r"[\s,;|]*([ACGTU])(?![A-Z])" + r"\s*", re.IGNORECASE)
POSITION_NAMES = re.compile(r"[\"'\s,;|]*(?:pos(?:ition)?)?(?:[\"'\s,;|]+\d+)+[\"'\s]*", re.IGNORECASE)
KEY_LINE = re.compile(r"(TF|TF Name|Gene|Motif|Family|Species|Protein)\b[:\t ]", re.IGNORECASE)
CISBP_START = re.compile(r"pos\s+A\s+C\s+G\s+T\s*$", re.IGNORECASE)
UNIPROBE_ROW = re.compile(r"\s*[ACGT]\s*:")
BEST = 1.001  # relative affinity of the best base, rounding allowed


@dataclass
class _Table:
    """A matrix while its lines are read."""

    names: dict[str, str] = field(default_factory=dict)
    start: int = 0
    columns: str = ""
    rows: list[NumberRow] = field(default_factory=list)


def is_table(lines: Sequence[str]) -> bool:
    """Say whether a text is a table of numbers: its first line that is no header has nothing else, perhaps a base."""
    if any(UNIPROBE_ROW.match(line) for line in lines) or any(CISBP_START.match(line.strip()) for line in lines):
        return True
    counting = _position_lines(lines)
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#") or COLUMN_NAMES.fullmatch(text) or KEY_LINE.match(text):
            continue
        if number not in counting:
            return _is_row(text)
    return False


def tables_format(lines: Sequence[str]) -> str:
    """Return `cisbp`, `uniprobe` or `matrix`."""
    if any(CISBP_START.match(line.strip()) for line in lines):
        return "cisbp"
    return "uniprobe" if any(UNIPROBE_ROW.match(line) for line in lines) else "matrix"


def is_psam(lines: Sequence[str]) -> bool:
    """Say whether a table is one of relative affinities, the best base of each position 1, or claims to be.

    It has rows of bases, separated by commas or tabs; with a line of position numbers above them it is nothing else.
    """
    rows = [line for line in lines if re.match(r"\s*[ACGTU]\s*[,\t]", line, re.IGNORECASE)]
    if rows and _position_lines(lines):
        return True
    words = [number_words(row.strip()[1:].replace("[", " ").replace("]", " ")) for row in rows]
    if len(rows) != 4 or len({len(row) for row in words}) != 1 or not all(_is_row(row.strip()) for row in rows):
        return False
    best = np.array([[float(word) for word in row] for row in words]).max(axis=0)
    return bool((best >= 0.9).all() and (best <= BEST).all())


def table_motifs(lines: Sequence[str], where: str, stem: str) -> list[tuple[NamedMatrix, int]]:
    """Return the motifs of a file of plain tables, each with its first line.

    Tables are separated by blank lines or by lines that name the next one.

    Parameters
    ----------
    lines : sequence of str
    where : str
        Role and path of the file, for messages.
    stem : str
        Name of a table that is not named in the file; `STEM_2` and so on where there are several.

    Raises
    ------
    InputError
        If a table is no matrix over A, C, G, T.
    """
    tables = list(_tables(lines, where))
    found = []
    for place, table in enumerate(tables, 1):
        name, alternative = _names(table, stem if len(tables) == 1 else f"{stem}_{place}")
        of = f"{where}, line {table.start}: motif {name}"
        if table.columns and not table.rows:
            raise InputError(
                f"{of} has no position (CIS-BP leaves out the matrices of licensed motifs: remove such files)"
            )
        values, _ = matrix_of_rows(table.rows, of, True if table.columns else None)
        if table.columns:
            values = values[:, [table.columns.index(base) for base in BASES]]
        found.append((NamedMatrix(name, alternative, frequencies(values, of), site_number(values)), table.start))
    return found


def _tables(lines: Sequence[str], where: str) -> Iterator[_Table]:
    """Yield the tables of a file."""
    table = _Table()
    counting = _position_lines(lines)
    named = tables_format(lines) == "uniprobe"  # of which a table may begin with a name alone
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith("#") or number in counting:
            continue
        header = COLUMN_NAMES.fullmatch(text)
        name = bool(text) and not header and (KEY_LINE.match(text) or (named and not BASE_OF_ROW.match(text)))
        if (not text or header or name) and (table.rows or (table.columns and (header or name))):
            yield table
            table = _Table()
        if not text:
            continue
        table.start = table.start or number
        if header:
            table.columns = "".join(header.groups()).upper()
            if sorted(table.columns) != sorted(BASES):
                raise InputError(f"{where}, line {number}: the columns must be A, C, G and T: {shortened(text)}")
        elif name:
            table.names |= _key_values(text) if KEY_LINE.match(text) else {"motif": text}
        else:
            table.rows.append(_row(text, number, where, bool(table.columns)))
    if table.start:
        yield table


def _row(text: str, number: int, where: str, in_columns: bool) -> NumberRow:
    """Return a row of a table; below names of columns the position that it may begin with is left out."""
    row = number_row(text, number, where)
    if in_columns and len(row.values) == 5:
        row = NumberRow(number, row.base, row.values[1:])
    if in_columns and (len(row.values) != 4 or row.base):
        raise InputError(f"{where}, line {number}: a position needs four numbers: {shortened(text)}")
    return row


def _position_lines(lines: Sequence[str]) -> set[int]:
    """Return the lines that count positions from 0 or 1, after an empty cell, above a row that begins with a base."""
    found = set()
    for number, (line, following) in enumerate(pairwise(lines), 1):
        if POSITION_NAMES.fullmatch(line) and BASE_OF_ROW.match(following):
            counted = [int(word) if len(word) < 10 else -1 for word in re.findall(r"\d+", line)]
            if counted in (list(range(len(counted))), list(range(1, len(counted) + 1))):
                found.add(number)
    return found


def _key_values(text: str) -> dict[str, str]:
    """Return keys and values of a line: `Motif<tab>M0001_2.00`, or `Protein: X  Seed k-mer: ...`."""
    first, _, rest = text.partition("\t")
    if ":" not in first:
        parts = text.split("\t") if "\t" in text else text.split(None, 1)
        return {key.strip(" :").lower(): value.strip() for key, value in zip(parts[::2], parts[1::2], strict=False)}
    key, _, value = first.partition(":")
    return {key.strip().lower(): (value or rest.partition("\t")[0]).split("Seed")[0].strip()}


def _names(table: _Table, otherwise: str) -> tuple[str, str]:
    """Return name and second name of a table, `otherwise` where it has none."""
    given = [table.names[key] for key in ("motif", "gene", "protein", "tf name", "tf") if table.names.get(key)]
    name = "_".join(given[0].split()) if given else otherwise
    return name, next((one for one in given[1:] if one != name), "")


def _is_row(text: str) -> bool:
    """Say whether a line holds numbers alone, perhaps after a base."""
    found = BASE_OF_ROW.match(text)
    words = number_words((text[found.end() :] if found else text).replace("[", " ").replace("]", " "))
    try:
        return bool([float(word) for word in words])
    except ValueError:
        return False
