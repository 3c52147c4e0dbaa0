"""The affinity matrix distilled from a network: energies of all single substitutions, and the data of their logo.

ddG of a substitution is the difference of energies to the consensus, calibrated or distilled from scores alone. Without
energies it is -RT times the difference of scores: the log count that a lone site adds follows ln of its occupancy, and
far above the background that is -ddG/RT; energies of weak sites come out too close together.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.comparators.additive import substitution_matrix
from cistill.affinity.tables.units import KCAL, thermal_energy
from cistill.dna.codes import BASES
from cistill.dna.matrices import Matrix
from cistill.errors import InputError

Floats = NDArray[np.float64]
SHOWN = 5


@dataclass(frozen=True)
class DistilledPsam:
    """An affinity matrix and what it was made from.

    Attributes
    ----------
    consensus : str
        The varied part of it.
    start : int
        Where this part begins in the sequences.
    scores : (length, 4)
        Change of the score, ln counts.
    energy : (length, 4)
        ddG against the consensus, kcal/mol.
    affinity : (length, 4)
        exp(-(ddG - smallest of the position) / RT).
    """

    consensus: str
    start: int
    scores: Matrix
    energy: Matrix
    affinity: Matrix


def distilled_psam(
    sequences: list[str],
    scores: Floats,
    consensus: str,
    temperature: float,
    energies: Floats | None = None,
) -> DistilledPsam:
    """Make an affinity matrix of the scores of a consensus and all its single substitutions.

    Constant flanks, where no substitution was scored, are left out.

    Parameters
    ----------
    sequences, scores : (sequences,)
    consensus : str
    temperature : float
        K.
    energies : (sequences,), optional
        kcal/mol, lower is tighter.

    Raises
    ------
    InputError
        If the consensus or one of the substitutions of a varied position has no score.
    """
    rt = thermal_energy(temperature)
    found = substitution_matrix(sequences, scores, consensus)
    if found is None:
        raise InputError(f"the consensus {consensus} has no score")
    known = ~np.isnan(found[0])
    varied = np.flatnonzero(known.sum(axis=1) > 1)
    if not len(varied):
        raise InputError(
            f"no single substitution of {consensus} has a score; score them with `marginalize --generate "
            f"substitutions:{consensus}:1`"
        )
    span = slice(int(varied[0]), int(varied[-1]) + 1)
    missing = [
        f"{consensus[position]}{position + 1}{BASES[code]}"
        for position, code in np.add(np.argwhere(~known[span]), (span.start, 0))
    ]
    if missing:
        raise InputError(
            f"{len(missing)} single substitution(s) of {consensus} have no score: {', '.join(missing[:SHOWN])}"
        )
    change = found[0][span]
    if energies is None:
        energy = -rt * change
    else:
        against_consensus = substitution_matrix(sequences, energies, consensus)
        assert against_consensus is not None
        energy = against_consensus[0][span]
    affinity = np.exp(-(energy - energy.min(axis=1, keepdims=True)) / rt)
    return DistilledPsam(consensus[span], span.start, change, energy, affinity)


def psam_table(psam: DistilledPsam) -> pd.DataFrame:
    """Return one row per position and base, with the letter's height in a ddG logo.

    Columns: `position` (from 1), `base, consensus` (bool), `score_change, ddG` (kcal/mol), `relative_affinity, logo`
    (mean ddG of the position minus ddG, kcal/mol).
    """
    length = len(psam.consensus)
    return pd.DataFrame(
        {
            "position": np.repeat(np.arange(1, length + 1), 4),
            "base": list(BASES) * length,
            "consensus": [base == original for original in psam.consensus for base in BASES],
            "score_change": psam.scores.ravel(),
            "ddG": psam.energy.ravel(),
            "relative_affinity": psam.affinity.ravel(),
            "logo": (psam.energy.mean(axis=1, keepdims=True) - psam.energy).ravel(),
        }
    )


def energy_calibrator(record: dict[str, Any], kind: str, method: str) -> tuple[dict[str, Any], bool]:
    """Return the parameters of one calibrator of `calibrator.json` and whether higher energies are tighter.

    Raises
    ------
    InputError
        If it is not there, or its labels are no energies.
    """
    if record.get("unit") != KCAL:
        raise InputError(
            f"the calibrator gives {record.get('unit')}, not {KCAL}: leave it out to take energies from the scores"
        )
    of_method = record.get("methods", {}).get(method, {})
    if kind not in of_method:
        raise InputError(f"the calibrator file has no {kind} of {method!r}; it has {', '.join(of_method) or 'none'}")
    return of_method[kind], bool(record.get("higher_is_tighter"))
