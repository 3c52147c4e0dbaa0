"""Rows of numbers of a motif file, and a matrix of base probabilities made of them.

Counts and frequencies are divided by their sum over the four bases; no pseudocount is added here, since every use of a
matrix (scan, comparison, logo) adds its own.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cistill.dna.codes import BASES
from cistill.dna.matrices import Matrix
from cistill.errors import InputError

DECIMAL_COMMA = re.compile(r"[01]?,\d+")
SEPARATORS = re.compile(r"[\s;|]+")
BASE_OF_ROW = re.compile(r"\s*([ACGTUacgtu])(?=[\s:;,|\[=])[\s:;,|=]*")


@dataclass(frozen=True)
class NumberRow:
    """A line of numbers.

    Attributes
    ----------
    line : int
        Its number in the file, from 1.
    base : str
        The base that it begins with, in upper case; empty without one.
    values : tuple of float
        Finite, none negative.
    """

    line: int
    base: str
    values: tuple[float, ...]


def number_row(text: str, line: int, where: str) -> NumberRow:
    """Return the numbers of a line: `A [ 1 2 3 ]`, `A: 0.1 0.2`, `A|1 2`, `1,2,3` or plain.

    Parameters
    ----------
    text : str
        The line.
    line : int
        Its number, from 1.
    where : str
        Role and path of the file, for messages.

    Raises
    ------
    InputError
        If a word is no number, or one that is negative or not finite.
    """
    found = BASE_OF_ROW.match(text)
    base = found[1].upper() if found else ""
    rest = text[found.end() :] if found else text
    values = []
    for word in number_words(rest.replace("[", " ").replace("]", " ")):
        try:
            value = float(word) if "_" not in word else math.nan
        except ValueError as error:
            raise InputError(f"{where}, line {line}: not a row of numbers: {shortened(text)}") from error
        if not math.isfinite(value):
            raise InputError(f"{where}, line {line}: {word} is not a finite number: {shortened(text)}")
        if value < 0:
            raise InputError(
                f"{where}, line {line}: negative numbers: {shortened(text)}; "
                "this looks like log-odds weights: give the counts or probabilities that they were made from"
            )
        values.append(value)
    return NumberRow(line, base, tuple(values))


def number_words(text: str) -> list[str]:
    """Split a line into the words of its numbers, at white space, semicolons, bars, or commas."""
    if not any(mark in text for mark in ",;|"):
        return text.split()
    words = [word for word in SEPARATORS.split(text.strip()) if word]
    if all("," not in word.strip(",") for word in words):
        return [word.strip(",") for word in words if word.strip(",")]
    if len(words) > 1 and all(DECIMAL_COMMA.fullmatch(word) for word in words if "," in word):
        return [word.replace(",", ".") for word in words]
    return [part for word in words for part in word.split(",") if part]


def shortened(text: str, most: int = 80) -> str:
    """Return a line as it is shown in a message."""
    plain = " ".join(text.split())
    return plain if len(plain) <= most else f"{plain[:most]}..."


def matrix_of_rows(rows: Sequence[NumberRow], of: str, positions_in_rows: bool | None = None) -> tuple[Matrix, bool]:
    """Return the numbers of a motif as they stand in its file, one row per position, and which way the file has them.

    Parameters
    ----------
    rows : sequence of NumberRow
        All with a base or all without.
    of : str
        File, line and name of the motif, for messages.
    positions_in_rows : bool, optional
        Which way the rows are to be taken; None: by their number and length, or by the base that each begins with.

    Returns
    -------
    values : (length, 4)
        Columns A, C, G, T.
    positions_in_rows : bool
        Whether the file has a row for each position instead of one for each base.

    Raises
    ------
    InputError
        If the rows are no matrix, or one that can be read both ways.
    """
    bases = [row.base for row in rows]
    widths = {len(row.values) for row in rows}
    needed = (
        f"{of} needs one row of equal length for each of {', '.join(BASES)}, or four numbers for each position; found "
        f"{len(rows)} row(s) of {', '.join(map(str, sorted(widths))) or 'no'} number(s)"
    )
    if any(bases):
        if "U" in bases:
            raise InputError(f"{of} is over RNA (U); give motifs of DNA, with T in place of U")
        if sorted(bases) != sorted(BASES) or len(widths) != 1:
            raise InputError(needed)
        rows = sorted(rows, key=lambda row: BASES.index(row.base))
        positions_in_rows = False
    elif len(widths) != 1 or (len(rows) != 4 and widths != {4}):
        raise InputError(needed)
    if widths == {0}:
        raise InputError(f"{of} has no position")
    values = np.array([row.values for row in rows], dtype=np.float64)
    if positions_in_rows is None:
        positions_in_rows = values.shape[1] == 4 and (len(rows) != 4 or _sums_are_of_rows(values, of))
    if positions_in_rows and values.shape[1] != 4:
        raise InputError(needed)
    return (values if positions_in_rows else values.T), positions_in_rows


def _sums_are_of_rows(values: Matrix, of: str) -> bool:
    """Say which way a 4 x 4 matrix is to be read: its positions have equal sums."""
    across, down = (
        bool(np.ptp(sums) <= 0.02 * max(float(sums.max()), 1e-300)) for sums in (values.sum(1), values.sum(0))
    )
    if across == down:
        raise InputError(
            f"{of} has four rows of four numbers, which can be read both ways; begin the rows with A, C, G and T"
        )
    return across


def frequencies(values: Matrix, of: str) -> Matrix:
    """Return base probabilities `(length, 4)`: counts or frequencies divided by their sum, without a pseudocount.

    Raises
    ------
    InputError
        If a position has no count, or counts so large that their sum is not finite.
    """
    with np.errstate(over="ignore"):
        total = values.sum(axis=1, keepdims=True)
    if not np.isfinite(total).all():
        raise InputError(f"{of}: the counts of position {int(np.argmin(np.isfinite(total))) + 1} are too large")
    if total.min() <= 0:
        raise InputError(f"{of}: position {int(total.argmin()) + 1} holds zeros alone, so it has no base")
    return np.asarray(values / total)


def site_number(values: Matrix) -> int:
    """Return the number of sites that counts were made from; 0 for probabilities."""
    total = float(values.sum(axis=1).max())
    return round(total) if total > 1.5 and bool((values == np.rint(values)).all()) and total < 2**53 else 0
