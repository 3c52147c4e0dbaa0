"""The calibrator for what saturates: a logistic function, a site's occupancy by its binding energy."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cistill.affinity.calibration.logistic import Logistics, fit_logistics

Floats = NDArray[np.float64]

CORNERS = 200  # points of the function from score to label
NOISELESS = 1e-4  # of the curve's height


@dataclass(frozen=True)
class Langmuir:
    """A logistic function: a site's occupancy as a function of its binding energy.

    With `saturating` = `label`, as for intensities: label = floor + height * sigma(steepness * (score - midpoint)).
    With `saturating` = `score`, where the label is an energy: score = floor + height * sigma(steepness * (x -
    midpoint)), x being the label or, where lower is tighter, its negative. The inverse of that curve takes noise for
    signal, most of all where the curve is flat. What is applied is therefore the label expected at a score, given the
    curve, the SD of the scores around it and the distribution of the sample's labels; without noise this is the
    inverse, within the labels of the sample.

    Attributes
    ----------
    floor, height, steepness, midpoint : float
        Of the curve.
    noise : float
        SD of the sample's scores (or labels) around the curve.
    scores, labels : tuple of float
        Of a saturating score: corners of the function from score to label, linear between and constant beyond them.
    """

    saturating: str
    floor: float
    height: float
    steepness: float
    midpoint: float
    noise: float
    scores: tuple[float, ...] = ()
    labels: tuple[float, ...] = ()

    @property
    def kind(self) -> str:
        """Name of the kind."""
        return "langmuir"

    def apply(self, scores: Floats) -> Floats:
        """Return calibrated values."""
        if self.saturating == "label":
            one = Logistics(*(np.array([v]) for v in (self.floor, self.height, self.steepness, self.midpoint)))
            return one.curves(scores[None])[0]
        return np.interp(scores, self.scores, self.labels)

    def parameters(self) -> dict[str, Any]:
        """Return all parameters."""
        values = asdict(self)
        return values | {name: list(values[name]) for name in ("scores", "labels")}


def fit_langmuir(scores: Floats, labels: Floats, energy: bool, higher_is_tighter: bool) -> list[Langmuir]:
    """Fit a logistic function (see `Langmuir`) to the scores of each method.

    Parameters
    ----------
    scores : (methods, sequences)
    labels : (sequences,)
    energy : bool
        Whether labels are energies, so that it is the score that saturates.
    higher_is_tighter : bool
        Whether a larger label means stronger binding.
    """
    sign = 1.0 if higher_is_tighter else -1.0
    x, y = (sign * labels[None], scores) if energy else (scores, labels[None])
    fitted = fit_logistics(x, y)
    noise = (y - fitted.curves(x)).std(axis=1)
    curves: list[tuple[float, float, float, float, float]] = np.stack([*fitted, noise], axis=1).tolist()
    if not energy:
        return [Langmuir("label", *curve) for curve in curves]
    prior = _Prior.of(x[0])
    made = []
    for curve in curves:
        corners, expected = prior.expected(*curve)
        made.append(Langmuir("score", *curve, tuple(corners.tolist()), tuple((sign * expected).tolist())))
    return made


@dataclass(frozen=True)
class _Prior:
    """The sample's distribution of x, smoothed by a Gaussian kernel of Silverman's width.

    Attributes
    ----------
    mean : float
    grid, weight : (corners,)
        Values of x, and how often there is one (not scaled).
    """

    mean: float
    grid: Floats
    weight: Floats

    @classmethod
    def of(cls, x: Floats) -> "_Prior":
        """Return that of the values x."""
        grid = np.linspace(x.min(), x.max(), CORNERS)
        width = 0.9 * min(x.std(), float(np.subtract(*np.percentile(x, [75, 25]))) / 1.34 or x.std()) * len(x) ** -0.2
        weight = np.exp(-0.5 * ((grid[:, None] - x) / (width or 1.0)) ** 2).sum(axis=1)
        return cls(float(x.mean()), grid, weight)

    def expected(
        self, floor: float, height: float, steepness: float, midpoint: float, noise: float
    ) -> tuple[Floats, Floats]:
        """Return scores, ascending, and the x expected at each, `(CORNERS,)` or less."""
        grid = self.grid
        if height == 0 or grid[0] == grid[-1]:
            return np.array([floor]), np.array([self.mean])
        one = Logistics(*(np.array([value]) for value in (floor, height, steepness, midpoint)))
        curve = one.curves(grid[None])[0]
        if noise <= NOISELESS * abs(height):
            order = np.argsort(curve, kind="stable")
            return curve[order], grid[order]
        # beyond the curve's ends, too: a score far above still says that the label is near the end
        scores = np.linspace(min(curve.min(), floor) - 4 * noise, max(curve.max(), floor) + 4 * noise, CORNERS)
        exponent = -0.5 * ((scores[:, None] - curve) / noise) ** 2  # (scores, grid)
        weight = np.exp(exponent - exponent.max(axis=1, keepdims=True)) * self.weight
        return scores, (weight @ grid) / weight.sum(axis=1)
