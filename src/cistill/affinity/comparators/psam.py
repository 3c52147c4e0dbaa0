"""Relative affinities as energies, and as a library of a site's single substitutions."""

import numpy as np
import pandas as pd

from cistill.dna.codes import BASES
from cistill.dna.matrices import Matrix

SMALLEST = 1e-6  # stands for an affinity of zero, whose logarithm is not finite


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
