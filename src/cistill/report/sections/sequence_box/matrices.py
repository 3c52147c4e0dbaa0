"""The distilled matrices that a page scores sequences with, each with its error."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.calibration.settings import TEMPERATURE
from cistill.affinity.comparators.scoring_matrices import ScoringMatrix, matrix_scores
from cistill.affinity.tables.units import KCAL, thermal_energy
from cistill.dna.codes import BASES
from cistill.formats.tables.analyses import ENERGIES
from cistill.report.drawing.sentences import FEWEST
from cistill.report.drawing.wording import count, decimal
from cistill.report.reading.library_results import SINGLE, LibraryResults
from cistill.report.reading.long_tables import regular_rows
from cistill.report.reading.tf_results import TfResults
from cistill.seeds import SEED

MOST, RESAMPLES = 1500, 1000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MatrixError:
    """How far energies by a matrix are off.

    Attributes
    ----------
    error, low, high : float
        Root mean square and its 95% bootstrap interval over sequences, kcal/mol.
    n : int
        Sequences.
    against : str
        `measured`, or `network` where nothing was measured.
    """

    error: float
    low: float
    high: float
    n: int
    against: str

    @property
    def words(self) -> str:
        """What the error is against, for a sentence."""
        if self.against == "measured":
            return f"{count(self.n)} held-out measured sequences"
        return f"the network's own energies of {count(self.n)} sequences"


@dataclass(frozen=True)
class PageMatrix:
    """A matrix as the page has it.

    Attributes
    ----------
    name : str
        Of its library.
    ddg : float array, shape=(positions, 4)
        kcal/mol against the consensus, lower is tighter.
    rt : float
        kcal/mol.
    consensus : str
    error : MatrixError or None
        None where it is not known.
    """

    name: str
    ddg: Floats
    rt: float
    consensus: str
    error: MatrixError | None

    @property
    def words(self) -> str:
        """What the energies are, and where the error is from."""
        words = f"ΔΔG against {self.consensus}, lower binds tighter."
        if self.error is None:
            return f"{words} Its error is not known: the library holds too few sequences of two substitutions and more."
        against = f"{decimal(self.error.error, 2)} kcal/mol, root mean square against {self.error.words}"
        return f"{words} Error: {against}, the mean difference taken off."

    def to_json(self) -> dict[str, object]:
        """Return what the page's script reads."""
        error = None if self.error is None else self.error.error
        return {"name": self.name, "ddG": self.ddg.tolist(), "rt": self.rt, "error": error, "words": self.words}


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
    return PageMatrix(library.name, ddg, rt, consensus, _error(library, ddg, rt))


def _error(library: LibraryResults, ddg: Floats, rt: float) -> MatrixError | None:
    """Return the error of the matrix' energies.

    Against measured energies of sequences that no calibrator was fitted to, where there are; else against those that
    the network itself gives to sequences of two substitutions and more. ddG has no zero of its own: the mean
    difference is taken off.
    """
    points = library.points
    if points is not None and library.unit == KCAL:
        held_out = points[~points["in_sample"].fillna(True).astype(bool) & points["label"].notna()]
        sign = -1.0 if library.result("calibrate", "higher_is_tighter") else 1.0
        found = _spread(held_out["sequence"], sign * held_out["label"].to_numpy(float), ddg, rt, "measured")
        if found is not None:
            return found
    energies = _network_energies(library)
    return _spread(energies["sequence"], energies["ddG"].to_numpy(float), ddg, rt, "network")


def _spread(sequences: "pd.Series[str]", energies: Floats, ddg: Floats, rt: float, against: str) -> MatrixError | None:
    """Return the standard deviation of the differences between the matrix and given energies; None of too few."""
    long = (sequences.str.len() >= len(ddg)).to_numpy(bool)
    if long.sum() < FEWEST:
        return None
    differences = matrix_energies(sequences[long].tolist(), ddg, rt) - energies[long]
    draws = np.random.default_rng(SEED).integers(0, len(differences), (RESAMPLES, len(differences)))
    low, high = np.quantile(differences[draws].std(axis=1), [0.025, 0.975])
    return MatrixError(float(differences.std()), float(low), float(high), len(differences), against)


def _network_energies(library: LibraryResults) -> pd.DataFrame:
    """Return energies of the sequences that the matrix was not made of, from energies.tsv; at most 1,500."""
    file = library.files.get("energies")
    if file is None:
        return pd.DataFrame({"sequence": pd.Series(dtype=str), "ddG": pd.Series(dtype=float)})
    table = ENERGIES.read(file, ("sequence", "ddG"))
    if "class" in table:
        table = table[~table["class"].isin(SINGLE)]
    return regular_rows(table[table["ddG"].notna()], MOST)
