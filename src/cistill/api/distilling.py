"""Binding energies, from scores to arrays."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cistill.affinity.calibration import distilled
from cistill.affinity.calibration.settings import TEMPERATURE
from cistill.affinity.tables.units import thermal_energy
from cistill.errors import InputError
from cistill.seeds import SEED


class Energies(NamedTuple):
    """Binding energies distilled from scores.

    Attributes
    ----------
    energies : float64 array, shape=(sequences,)
        kcal/mol; lower is tighter. 0: a site that recruits as many counts as the background has.
    standard_errors : float64 array, shape=(sequences,)
        kcal/mol.
    effects : float64 array, shape=(length, 4)
        What each base adds to the energy at its position, kcal/mol; 0 at positions that do not vary.
    """

    energies: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    effects: NDArray[np.float64]


def distil_energies(
    sequences: Sequence[str], scores: NDArray[np.float64], temperature: float = TEMPERATURE, seed: int = SEED
) -> Energies:
    """Distil binding energies from the scores of a whole library; nothing measured is needed.

    Parameters
    ----------
    sequences : sequence of str
        Of one length, several for every base that varies.
    scores : float array, shape=(sequences,)
        A task's scores of `marginalize`.
    temperature : float
        K.
    seed : int
        Of the draw of 20,000 sequences from larger libraries.

    Returns
    -------
    Energies

    Raises
    ------
    InputError
        If sequences or scores allow no energies; the message says why.
    """
    texts, numbers = [text.upper() for text in sequences], np.asarray(scores, dtype=np.float64)
    found = distilled.distil_energies(texts, numbers, seed)
    if isinstance(found, str):
        raise InputError(f"no energies: {found}")
    log_affinities, errors = found.log_affinities(texts, numbers)
    kcal = thermal_energy(temperature)
    return Energies(-kcal * log_affinities, kcal * errors, -kcal * found.effects)
