"""Position-specific affinity matrices (PSAM): relative affinity of every base at every position, the best base 1.

Layout of the published files: a header of positions, then one row for each of A, C, G, T (Maerkl & Quake 2007).
"""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cistill.dna.codes import BASES
from cistill.dna.matrices import Matrix
from cistill.errors import InputError
from cistill.files import atomic_output
from cistill.texts import text_lines

BEST = 1.001  # largest relative affinity, rounding allowed


def read_psam(path: str | os.PathLike[str]) -> Matrix:
    """Read a PSAM file.

    Parameters
    ----------
    path : path
        Comma- or tab-separated: a header of positions, then four rows that start with A, C, G, T (or U).

    Returns
    -------
    (length, 4) of float
        Relative affinities, 0..1, the best base of each position 1.

    Raises
    ------
    InputError
        If the file has no such layout, or values lie outside 0..1 (a matrix of energies or of frequencies, perhaps).
    """
    file = Path(path)
    return psam_of_lines([line for _, line in text_lines(file, "PSAM")], f"PSAM {file}")


def psam_of_lines(lines: Sequence[str], where: str) -> Matrix:
    """Read a PSAM from the lines of its file, as `read_psam`; `where` is its role and path, for messages."""
    rows: dict[str, list[float]] = {}
    for number, line in enumerate(lines, 1):
        try:
            words = next(csv.reader([line], delimiter="\t" if "\t" in line else ","), [""]) or [""]
        except csv.Error as error:
            raise InputError(f"{where}, line {number}: no row of a table ({error})") from error
        base = words[0].strip().upper().replace("U", "T")
        if len(base) == 1 and base in BASES:
            if base in rows:
                raise InputError(f"{where}, line {number}: a second row of {base}; give one matrix a file")
            try:
                rows[base] = [float(word) for word in words[1:] if word.strip()]
            except ValueError as error:
                raise InputError(f"{where}: the row of {base} holds text that is no number: {line.strip()}") from error
    lengths = {len(row) for row in rows.values()}
    if set(rows) != set(BASES) or len(lengths) != 1 or 0 in lengths:
        raise InputError(f"{where}: expected a header and one row of equal length for each of A, C, G, T")
    matrix = np.array([rows[base] for base in BASES]).T
    if not np.isfinite(matrix).all() or matrix.min() < 0 or matrix.max() > BEST:
        raise InputError(
            f"{where}: relative affinities lie between 0 and 1, found {matrix.min():.6g} to {matrix.max():.6g}; "
            "are these energies? The matrix must be exp(-ddG/RT)"
        )
    best = matrix.max(axis=1)
    if best.min() < 0.9:
        raise InputError(
            f"{where}: the best base of position {int(best.argmin()) + 1} is {best.min():.6g} instead of 1; divide "
            "each position by its best base (are these frequencies?)"
        )
    return np.asarray(np.minimum(matrix, 1.0))


def write_psam(path: str | os.PathLike[str], psam: Matrix) -> None:
    """Write a PSAM in the layout that `read_psam` reads."""
    with atomic_output(path) as temporary:
        lines = [",".join(["", *(str(position) for position in range(1, len(psam) + 1))])]
        lines += [",".join([base, *(f"{value:.6g}" for value in psam[:, code])]) for code, base in enumerate(BASES)]
        temporary.write_text("\n".join(lines) + "\n")
