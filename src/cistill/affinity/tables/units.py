"""Units of measured affinities: what values they can have, and what can be turned into kcal/mol."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cistill.errors import InputError

GAS_CONSTANT = 1.9872036e-3  # kcal / (mol K)
KCAL = "kcal/mol"
KCAL_PER_KJ = 1 / 4.184
ROUNDING = 1e-6  # printed values may exceed a bound by their last digit


@dataclass(frozen=True)
class Unit:
    """What is known of the values of a unit.

    Attributes
    ----------
    low, high : float
        Values that can be; what lies outside is in another unit.
    energy : bool
        Whether it is a free energy, of which a site's occupancy is a logistic function.
    advice : str
        What to do about values that lie outside.
    """

    low: float
    high: float
    energy: bool
    advice: str


UNITS = {
    KCAL: Unit(-60, 60, True, "are these J/mol, or intensities?"),
    "kJ/mol": Unit(-250, 250, True, "are these J/mol, or intensities?"),
    "RT": Unit(-100, 100, True, "are these J/mol, or intensities?"),
    "ln intensity": Unit(-30, 30, False, "are these intensities as measured? Then set the label's transform to ln"),
    "log-normalised intensity": Unit(-30, 30, False, "are these intensities as measured? Then set its transform to ln"),
    "relative affinity": Unit(0, 1, False, "relative affinities lie between 0 and 1, the best being 1"),
    "ln relative affinity": Unit(-100, 0, False, "logarithms of relative affinities are at most 0"),
    "E-score": Unit(-0.5, 0.5, False, "E-scores lie between -0.5 and 0.5"),
    "Z-score": Unit(
        -1000, 1000, False, "are these intensities? Then set the unit to ln intensity, the transform to ln"
    ),
    "arbitrary": Unit(-np.inf, np.inf, False, ""),
}


def check_values(values: NDArray[np.float64], unit: str, where: str) -> None:
    """Refuse values that the unit cannot have.

    Parameters
    ----------
    values : (n,)
        Without missing ones.
    unit : str
        One of `UNITS`.
    where : str
        File and column, for the message.

    Raises
    ------
    InputError
        If the unit is unknown, or a value lies outside of its range.
    """
    if unit not in UNITS:
        raise InputError(f"{where}: unknown unit {unit!r}; the units are {', '.join(UNITS)}")
    known = UNITS[unit]
    outside = (values < known.low - ROUNDING) | (values > known.high + ROUNDING)
    if outside.any():
        raise InputError(
            f"{where}: {int(outside.sum())} of {len(values)} values cannot be in the unit {unit!r} (the range is "
            f"{values.min():.6g} to {values.max():.6g}): {known.advice}"
        )


def thermal_energy(temperature: float) -> float:
    """Return RT in kcal/mol at a temperature in K."""
    return GAS_CONSTANT * temperature


def kcal_per_unit(unit: str, temperature: float | None) -> float | None:
    """Return how many kcal/mol one unit is, or None where it is no energy or its temperature is not known.

    Parameters
    ----------
    unit : str
    temperature : float or None
        K; needed for the unit `RT` alone.
    """
    if unit == KCAL:
        return 1.0
    if unit == "kJ/mol":
        return KCAL_PER_KJ
    if unit == "RT" and temperature:
        return thermal_energy(temperature)
    return None
