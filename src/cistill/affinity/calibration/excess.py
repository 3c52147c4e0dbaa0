"""The calibrator for log counts over a background: the label is linear in the logarithm of the excess.

The score is the change of ln(1 + counts). With B counts without an insert and S that its site recruits, it is about
ln((B + S) / B), so S / B = exp(score) - 1. Below saturation ln S follows -ddG / RT (a site's occupancy, Berg & von
Hippel 1987): the energy is linear in ln(exp(score) - 1), with a slope of about -RT, while the score levels off at
zero for weak sites. Near zero that logarithm is of noise; a floor added to the excess bounds it. An insert without a
site takes away what the background had in its place, so the zero is where the sample's lowest scores lie.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FLOORS = np.geomspace(1e-3, 10.0, 81)  # relative to the background's counts
LARGEST = 30.0  # ln counts: scores above are in another unit
LOWEST = 2.0  # percentile of the sample's scores that stands for no site, where it is below zero


@dataclass(frozen=True)
class Excess:
    """label = slope * ln(floor + excess) + intercept.

    The excess is exp(score - zero) - 1 above zero; below, the logarithm goes on with slope 1, so that the function is
    strictly monotone.

    Attributes
    ----------
    slope, intercept : float
        In units of the label.
    floor : float
        Relative to the background's counts.
    zero : float
        Score of an insert without a site.
    """

    slope: float
    intercept: float
    floor: float
    zero: float = 0.0

    @property
    def kind(self) -> str:
        """Name of the kind."""
        return "excess"

    def apply(self, scores: Floats) -> Floats:
        """Return calibrated values."""
        return self.slope * log_excess(scores - self.zero, self.floor) + self.intercept

    def parameters(self) -> dict[str, Any]:
        """Return all parameters."""
        return asdict(self)


def log_excess(scores: Floats, floor: float) -> Floats:
    """Return ln(floor + excess) of scores in ln counts; ln(floor) + score below zero."""
    above = np.expm1(np.clip(scores, 0.0, LARGEST))
    return np.where(scores > 0, np.log(floor + above), np.log(floor) + np.minimum(scores, 0.0))


def fit_excess(scores: Floats, labels: Floats) -> Excess:
    """Fit slope and intercept by least squares for each of 81 floors from 0.001 to 10, and keep the best floor."""
    zero = min(float(np.percentile(scores, LOWEST)), 0.0)
    centred = labels - labels.mean()
    best = (np.inf, Excess(0.0, float(labels.mean()), float(FLOORS[-1]), zero))
    for floor in FLOORS.tolist():
        x = log_excess(scores - zero, floor)
        spread = x - x.mean()
        square = float(spread @ spread)
        slope = float(spread @ centred) / square if square > 0 else 0.0
        error = float(((centred - slope * spread) ** 2).sum())
        if error < best[0]:
            best = (error, Excess(slope, float(labels.mean() - slope * x.mean()), floor, zero))
    return best[1]
