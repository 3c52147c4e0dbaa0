"""The distilled matrices that a page scores sequences with, each with its error."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.calibration.settings import TEMPERATURE
from cistill.affinity.comparators.scoring_matrices import ScoringMatrix, matrix_scores
from cistill.affinity.tables.units import KCAL, thermal_energy
from cistill.dna.codes import BASES
from cistill.formats.tables.analyses import ENERGIES
from cistill.report.drawing.wording import count, decimal
from cistill.report.reading.library_results import SINGLE, LibraryResults
from cistill.report.reading.long_tables import regular_rows
from cistill.report.reading.tf_results import TfResults

FEWEST = 20
"""Sequences that an error is taken from, at least."""
MOST = 1500
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PageMatrix:
    """A matrix as the page has it.

    Attributes
    ----------
    name : str
        Of its library.
    ddG : list of list of float
        (positions, 4), kcal/mol against the consensus, lower is tighter.
    rt : float
        kcal/mol.
    consensus : str
    error : float or None
        kcal/mol; None where it is not known.
    words : str
        What the energies are, and where the error is from.
    """

    name: str
    ddG: list[list[float]]
    rt: float
    consensus: str
    error: float | None
    words: str

    def to_json(self) -> dict[str, object]:
        """Return what the page's script reads."""
        return asdict(self)


def page_matrices(results: TfResults) -> list[PageMatrix]:
    """Return the distilled matrix of every library that has one, in the order of the libraries' names."""
    found = [_matrix(library) for library in results.libraries.values()]
    return [matrix for matrix in found if matrix is not None]


def matrix_energies(sequences: list[str], ddg: Floats, rt: float) -> Floats:
    """Return the energy of the best window of both strands of each sequence, kcal/mol."""
    (scores,) = matrix_scores(sequences, [ScoringMatrix("psam", "", 0, -ddg / rt)])
    return -rt * scores["max"]


def _matrix(library: LibraryResults) -> PageMatrix | None:
    """Return the matrix of psam.tsv, None if there is none or a number of it is missing."""
    table = library.tables.get("psam")
    if table is None or not len(table) or table["ddG"].isna().any():
        return None
    ddg = np.full((int(table["position"].max()), 4), np.nan)
    for row in table.to_dict("records"):
        ddg[int(row["position"]) - 1, BASES.index(str(row["base"]))] = float(row["ddG"])
    if np.isnan(ddg).any():
        return None
    settings = library.records.get("psam", {}).get("settings", {})
    rt = thermal_energy(float(settings.get("temperature_K", TEMPERATURE)))
    consensus = str(library.result("psam", "consensus") or "".join(BASES[code] for code in ddg.argmin(axis=1)))
    error, source = _error(library, ddg, rt)
    words = f"ΔΔG against {consensus}, lower binds tighter. {source}"
    return PageMatrix(library.name, ddg.tolist(), rt, consensus, error, words)


def _error(library: LibraryResults, ddg: Floats, rt: float) -> tuple[float | None, str]:
    """Return the error of the matrix' energies and the sentence that says where it is from.

    Against measured energies of sequences that no calibrator was fitted to, where there are; else against those that
    the network itself gives to sequences of two substitutions and more. ddG has no zero of its own: the mean
    difference is taken off.
    """
    points = library.points
    if points is not None and library.unit == KCAL:
        held_out = points[~points["in_sample"].fillna(True).astype(bool) & points["label"].notna()]
        held_out = held_out[held_out["sequence"].str.len() >= len(ddg)]
        sign = -1.0 if library.result("calibrate", "higher_is_tighter") else 1.0
        if len(held_out) >= FEWEST:
            error = _spread(held_out["sequence"], sign * held_out["label"].to_numpy(float), ddg, rt)
            words = f"{count(len(held_out))} held-out measured sequences, the mean difference taken off"
            return error, f"Error: {decimal(error, 2)} kcal/mol, root mean square over {words}."
    energies = _network_energies(library)
    energies = energies[energies["sequence"].str.len() >= len(ddg)]
    if len(energies) >= FEWEST:
        error = _spread(energies["sequence"], energies["ddG"].to_numpy(float), ddg, rt)
        words = f"the network's own energies of {count(len(energies))} sequences, the mean difference taken off"
        return error, f"Error: {decimal(error, 2)} kcal/mol, root mean square against {words}; nothing was measured."
    return None, "Its error is not known: the library holds too few sequences of two substitutions and more."


def _spread(sequences: "pd.Series[str]", energies: Floats, ddg: Floats, rt: float) -> float:
    """Return the standard deviation of the differences between the matrix and given energies."""
    return float((matrix_energies(sequences.tolist(), ddg, rt) - energies).std())


def _network_energies(library: LibraryResults) -> pd.DataFrame:
    """Return energies of the sequences that the matrix was not made of, from energies.tsv; at most 1,500."""
    file = library.files.get("energies")
    if file is None:
        return pd.DataFrame({"sequence": pd.Series(dtype=str), "ddG": pd.Series(dtype=float)})
    table = ENERGIES.read(file, ("sequence", "ddG"))
    if "class" in table:
        table = table[~table["class"].isin(SINGLE)]
    return regular_rows(table[table["ddG"].notna()], MOST)
