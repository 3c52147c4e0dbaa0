"""Calibrators: functions from a score to a label, fitted on a sample.

Five kinds: `ols`, a line (Affinity Distillation); `langmuir`, a logistic function for assays or models that
saturate; `isotonic`, the best monotone step function; `excess`, for log counts over a background (`excess.py`);
`distilled`, a line of ln affinities that are distilled from all scores together (`distilled.py`). Each is written as
JSON and applies to new scores.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import expit

from cistill.affinity.calibration.excess import Excess, fit_excess
from cistill.errors import InputError
from cistill.statistics import fit_monotone

Floats = NDArray[np.float64]

DISTILLED = "distilled"
# sampled sequences; a logistic has four parameters
FEWEST = {"ols": 2, "langmuir": 8, "isotonic": 2, "excess": 6, DISTILLED: 2}
KINDS = tuple(FEWEST)
OF_SCORES = tuple(kind for kind in KINDS if kind != DISTILLED)  # of each sequence's score alone
SLOPES = np.geomspace(0.3, 10, 8)  # first guesses of the steepness, per SD of the abscissa
LIMITS = (0.1, 30.0)
MIDPOINTS = np.linspace(-0.25, 1.25, 13)  # first guesses of the midpoint, in ranges from the lowest value
CORNERS = 200  # points of the function from score to label
NOISELESS = 1e-4  # of the curve's height


class Calibrator(Protocol):
    """A function from scores to labels."""

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        ...

    def apply(self, scores: Floats) -> Floats:
        """Return calibrated values, of the scores' shape, in the unit of the labels."""
        ...

    def parameters(self) -> dict[str, Any]:
        """Return what `from_parameters` makes the calibrator of."""
        ...


@dataclass(frozen=True)
class Line:
    """label = slope * score + intercept, by ordinary least squares."""

    slope: float
    intercept: float

    @property
    def kind(self) -> str:
        """Name of the kind."""
        return "ols"

    def apply(self, scores: Floats) -> Floats:
        """Return slope * scores + intercept."""
        return self.slope * scores + self.intercept

    def parameters(self) -> dict[str, Any]:
        """Return slope and intercept."""
        return {"slope": self.slope, "intercept": self.intercept}


@dataclass(frozen=True)
class DistilledLine(Line):
    """label = slope * ln affinity + intercept, by ordinary least squares; of energies the slope is about -RT."""

    @property
    def kind(self) -> str:
        """Name of the kind."""
        return DISTILLED


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
            return self.floor + self.height * expit(self.steepness * (scores - self.midpoint))
        return np.interp(scores, self.scores, self.labels)

    def parameters(self) -> dict[str, Any]:
        """Return all parameters."""
        values = asdict(self)
        return values | {name: list(values[name]) for name in ("scores", "labels")}


@dataclass(frozen=True)
class IsotonicCalibrator:
    """The monotone function of least squares, linear between its steps and constant beyond the sample's scores."""

    scores: tuple[float, ...]
    labels: tuple[float, ...]

    @property
    def kind(self) -> str:
        """Name of the kind."""
        return "isotonic"

    def apply(self, scores: Floats) -> Floats:
        """Return interpolated values."""
        return np.interp(scores, self.scores, self.labels)

    def parameters(self) -> dict[str, Any]:
        """Return the corners of the function."""
        return {"scores": list(self.scores), "labels": list(self.labels)}


def fit_line(scores: Floats, labels: Floats) -> Line:
    """Fit label = slope * score + intercept; a constant score gives the mean label."""
    centred = scores - scores.mean()
    square = float(centred @ centred)
    slope = float(centred @ (labels - labels.mean())) / square if square > 0 else 0.0
    return Line(slope, float(labels.mean() - slope * scores.mean()))


def fit_langmuir(scores: Floats, labels: Floats, energy: bool, higher_is_tighter: bool) -> Langmuir:
    """Fit a logistic function (see `Langmuir`).

    Parameters
    ----------
    scores, labels : (sequences,)
    energy : bool
        Whether labels are energies, so that it is the score that saturates.
    higher_is_tighter : bool
        Whether a larger label means stronger binding.
    """
    x = scores if not energy else labels if higher_is_tighter else -labels
    y = labels if not energy else scores
    floor, height, steepness, midpoint = logistic_fit(x, y)
    residual = y - floor - height * expit(steepness * (x - midpoint))
    curve = floor, height, steepness, midpoint, float(residual.std())
    if not energy:
        return Langmuir("label", *curve)
    corners, expected = _expected_x(x, *curve)
    sign = 1.0 if higher_is_tighter else -1.0
    return Langmuir("score", *curve, tuple(corners.tolist()), tuple((sign * expected).tolist()))


def _expected_x(
    x: Floats, floor: float, height: float, steepness: float, midpoint: float, noise: float
) -> tuple[Floats, Floats]:
    """Return scores, ascending, and the x expected at each, `(CORNERS,)` or less.

    The prior of x is the sample's distribution, smoothed by a Gaussian kernel of Silverman's width.
    """
    grid = np.linspace(x.min(), x.max(), CORNERS)
    if height == 0 or grid[0] == grid[-1]:
        return np.array([floor]), np.array([x.mean()])
    curve = floor + height * expit(steepness * (grid - midpoint))
    if noise <= NOISELESS * abs(height):
        scores, expected = curve, grid
    else:
        width = 0.9 * min(x.std(), float(np.subtract(*np.percentile(x, [75, 25]))) / 1.34 or x.std()) * len(x) ** -0.2
        prior = np.exp(-0.5 * ((grid[:, None] - x[None, :]) / width) ** 2).sum(axis=1)
        # beyond the curve's ends, too: a score far above still says that the label is near the end
        scores = np.linspace(min(curve.min(), floor) - 4 * noise, max(curve.max(), floor) + 4 * noise, CORNERS)
        exponent = -0.5 * ((scores[:, None] - curve[None, :]) / noise) ** 2  # (scores, grid)
        weight = np.exp(exponent - exponent.max(axis=1, keepdims=True)) * prior
        expected = (weight @ grid) / weight.sum(axis=1)
    order = np.argsort(scores, kind="stable")
    return scores[order], expected[order]


def logistic_fit(x: Floats, y: Floats) -> tuple[float, float, float, float]:
    """Fit y = floor + height * sigma(steepness * (x - midpoint)) by least squares.

    Floor and height follow from the other two by linear regression, so the search has two dimensions: a grid of first
    guesses, then Levenberg-Marquardt with bounds from the best of them. The steepness is bounded by 0.1 and 30 per SD
    of x, the midpoint by the range of x on either side of it.

    Returns
    -------
    floor, height, steepness, midpoint
    """
    scale, lowest, span = float(x.std()), float(x.min()), float(np.ptp(x))
    if scale == 0 or np.ptp(y) == 0:
        return float(y.mean()), 0.0, 1.0, lowest
    midpoints, slopes = (grid.ravel() for grid in np.meshgrid(lowest + MIDPOINTS * span, SLOPES / scale))
    curves = expit(slopes[:, None] * (x[None, :] - midpoints[:, None]))  # (guesses, sequences)
    curves -= curves.mean(axis=1, keepdims=True)
    centred = y - y.mean()
    explained = (curves @ centred) ** 2 / np.maximum((curves**2).sum(axis=1), 1e-300)
    best = int(explained.argmax())

    def residuals(parameters: Floats) -> Floats:
        curve = expit(np.exp(parameters[1]) * (x - parameters[0]))
        curve = curve - curve.mean()
        square = float(curve @ curve)
        return centred - curve * (float(curve @ centred) / square if square > 0 else 0.0)

    bounds = (
        [lowest - span, float(np.log(LIMITS[0] / scale))],
        [lowest + 2 * span, float(np.log(LIMITS[1] / scale))],
    )
    found = least_squares(
        residuals, [midpoints[best], np.log(slopes[best])], bounds=bounds, x_scale=[span, 1.0], max_nfev=100
    ).x
    midpoint, steepness = float(found[0]), float(np.exp(found[1]))
    line = fit_line(expit(steepness * (x - midpoint)), y)
    return line.intercept, line.slope, steepness, midpoint


def fit_isotonic(scores: Floats, labels: Floats) -> IsotonicCalibrator:
    """Fit the monotone function of least squares; it rises if score and label do so together, else it falls.

    Equal scores are pooled first. The direction is that of the fitted line.
    """
    fitted = fit_monotone(scores, labels, increasing=fit_line(scores, labels).slope >= 0)
    corners = np.zeros(len(fitted.x), dtype=bool)
    corners[fitted.blocks[:-1]] = True  # first and last score of every block
    corners[fitted.blocks[1:] - 1] = True
    return IsotonicCalibrator(tuple(fitted.x[corners].tolist()), tuple(fitted.y[corners].tolist()))


def fit(kind: str, scores: Floats, labels: Floats, energy: bool, higher_is_tighter: bool) -> Calibrator:
    """Fit a calibrator of a kind; see `fit_line`, `fit_langmuir`, `fit_isotonic`, `fit_excess`.

    The abscissa of `distilled` are ln affinities, of all others scores.
    """
    if kind == "ols":
        return fit_line(scores, labels)
    if kind == DISTILLED:
        line = fit_line(scores, labels)
        return DistilledLine(line.slope, line.intercept)
    if kind == "langmuir":
        return fit_langmuir(scores, labels, energy, higher_is_tighter)
    if kind == "excess":
        return fit_excess(scores, labels)
    return fit_isotonic(scores, labels)


def from_parameters(kind: str, parameters: Mapping[str, Any]) -> Calibrator:
    """Return the calibrator that `parameters()` described.

    Raises
    ------
    InputError
        If the kind is unknown or a parameter is missing.
    """
    makers: dict[str, Any] = {"ols": Line, "langmuir": Langmuir, "isotonic": IsotonicCalibrator, "excess": Excess}
    makers[DISTILLED] = DistilledLine
    try:
        values = {name: tuple(v) if isinstance(v, list) else v for name, v in parameters.items()}
        made: Calibrator = makers[kind](**values)
        return made
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"calibrator {kind!r}: not as `calibrate` writes it: {error}") from error
