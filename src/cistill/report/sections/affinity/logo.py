"""The logo of energies that the model gives to single substitutions of a consensus."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.dna.codes import BASES
from cistill.report.drawing.blocks import Block, Figure
from cistill.report.drawing.logos import motif_logo
from cistill.report.reading.library_results import KINDS, LINE, LibraryResults

ENERGY = "kcal/mol"
WIDTH, HEIGHT = 430, 190


def energy_logo(library: LibraryResults) -> Block | None:
    """Return the logo of psam.tsv; without it, of the calibrated single substitutions, if all are among the library."""
    table = library.tables.get("psam")
    if table is not None and len(table):
        heights = np.zeros((int(table["position"].max()), 4))
        for row in table.to_dict("records"):
            heights[int(row["position"]) - 1, BASES.index(str(row["base"]))] = float(row["logo"])
        how = library.result("psam", "energies")
        words = f" Energies: {how}." if how else ""
        return _figure(heights, "ΔΔG, kcal/mol", f"{words} From psam.tsv.")
    found = substitution_values(library)
    if found is None:
        return None
    energies = library.unit == ENERGY
    tighter = library.result("calibrate", "higher_is_tighter")
    sign = 1.0 if tighter or tighter is None else -1.0
    heights = sign * (found - found.mean(axis=1, keepdims=True))
    name = "ΔΔG, kcal/mol" if energies else library.unit
    return _figure(heights, name, " From calibrated.tsv.")


def _figure(heights: NDArray[np.float64], axis: str, source: str) -> Figure:
    return Figure(
        motif_logo(heights, "Logo of the energies of single substitutions", axis, width=WIDTH, height=HEIGHT),
        "Mean over the bases of a position less the base's own value, from the consensus and its single substitutions: "
        f"letters above the line bind better than the position's mean, letters below it worse.{source}",
        "Distilled energies",
    )


def substitution_values(library: LibraryResults) -> NDArray[np.float64] | None:
    """Return the calibrated values of a consensus and all its single substitutions, (length, 4); None if any lacks."""
    points = library.points
    if points is None:
        return None
    named = points.loc[points["class"] == "consensus", "sequence"]
    kind = next((kind for kind in KINDS if kind in points), None)
    if len(named) != 1 or kind != LINE:
        return None
    consensus = str(named.iloc[0])
    values = pd.Series(points[LINE].to_numpy(float), index=points["sequence"])
    matrix = np.full((len(consensus), 4), np.nan)
    for position in range(len(consensus)):
        for code, base in enumerate(BASES):
            changed = consensus[:position] + base + consensus[position + 1 :]
            if changed in values.index:
                matrix[position, code] = float(values[changed])
    varied = ~np.isnan(matrix).any(axis=1)
    return matrix[varied] if varied.sum() >= 2 else None
