"""Position-specific affinity matrices (PSAM): relative affinity of every base at every position, the best base 1.

Layout of the published files: a header of positions, then one row for each of A, C, G, T (Maerkl & Quake 2007).
"""

import csv
import io
import os

import numpy as np
import pandas as pd

from cistill.dna.codes import BASES
from cistill.dna.matrices import Matrix
from cistill.errors import InputError
from cistill.files import atomic_output, require_file

SMALLEST = 1e-6  # stands for an affinity of zero, whose logarithm is not finite
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
    file = require_file(path, "PSAM")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"PSAM {file}: not a text file") from error
    lines = [line for line in text.splitlines() if line.strip()]
    rows = {}
    for line in lines:
        words = next(csv.reader(io.StringIO(line), delimiter="\t" if "\t" in line else ","))
        base = words[0].strip().upper().replace("U", "T")
        if len(base) == 1 and base in BASES:
            try:
                rows[base] = [float(word) for word in words[1:] if word.strip()]
            except ValueError as error:
                raise InputError(
                    f"PSAM {file}: the row of {base} holds text that is no number: {line.strip()}"
                ) from error
    lengths = {len(row) for row in rows.values()}
    if set(rows) != set(BASES) or len(lengths) != 1 or 0 in lengths:
        raise InputError(f"PSAM {file}: expected a header and one row of equal length for each of A, C, G, T")
    matrix = np.array([rows[base] for base in BASES]).T
    if not np.isfinite(matrix).all() or matrix.min() < 0 or matrix.max() > BEST:
        raise InputError(
            f"PSAM {file}: relative affinities lie between 0 and 1, found {matrix.min():.6g} to {matrix.max():.6g}; "
            "are these energies? The matrix must be exp(-ddG/RT)"
        )
    best = matrix.max(axis=1)
    if best.min() < 0.9:
        raise InputError(
            f"PSAM {file}: the best base of position {int(best.argmin()) + 1} is {best.min():.6g} instead of 1; divide "
            "each position by its best base (are these frequencies?)"
        )
    return np.asarray(np.minimum(matrix, 1.0))


def ln_affinity(psam: Matrix) -> Matrix:
    """Return ln of relative affinities `(length, 4)`; zeros count as 1e-6."""
    return np.asarray(np.log(np.maximum(psam, SMALLEST)))


def psam_variants(psam: Matrix, rt: float) -> pd.DataFrame:
    """Return the best sequence of a PSAM and its single substitutions with their energies, as cells of text.

    Parameters
    ----------
    psam : (length, 4)
    rt : float
        kcal/mol. ddG = -RT ln(relative affinity), 0 for the best sequence.

    Returns
    -------
    pandas.DataFrame
        Columns sequence, label (kcal/mol), class, name.
    """
    energy = -rt * ln_affinity(psam)
    best = "".join(BASES[i] for i in psam.argmax(axis=1))
    total = sum(energy[position, BASES.index(base)] for position, base in enumerate(best))
    rows = [(best, f"{total:.6g}", "consensus", "consensus")]
    for position, original in enumerate(best):
        for code, base in enumerate(BASES):
            if base != original:
                changed = total - energy[position, BASES.index(original)] + energy[position, code]
                sequence = best[:position] + base + best[position + 1 :]
                rows.append((sequence, f"{changed:.6g}", "substitution_1", f"{original}{position + 1}{base}"))
    return pd.DataFrame(rows, columns=["sequence", "label", "class", "name"])


def write_psam(path: str | os.PathLike[str], psam: Matrix) -> None:
    """Write a PSAM in the layout that `read_psam` reads."""
    with atomic_output(path) as temporary:
        lines = [",".join(["", *(str(position) for position in range(1, len(psam) + 1))])]
        lines += [",".join([base, *(f"{value:.6g}" for value in psam[:, code])]) for code, base in enumerate(BASES)]
        temporary.write_text("\n".join(lines) + "\n")
