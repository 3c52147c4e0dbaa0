"""Calibrators: functions from a score to a label, fitted on a sample.

Five kinds: `ols`, a line (Affinity Distillation); `langmuir`, a logistic function for assays or models that
saturate; `isotonic`, the best monotone step function; `excess`, for log counts over a background (`excess.py`);
`distilled`, a line of ln affinities that are distilled from all scores together (`distilled.py`). Each is written as
JSON and applies to new scores.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cistill.affinity.calibration.excess import Excess, fit_excess
from cistill.affinity.calibration.langmuir import Langmuir, fit_langmuir
from cistill.errors import InputError
from cistill.statistics import fit_monotone

Floats = NDArray[np.float64]

DISTILLED = "distilled"
# sampled sequences; a logistic has four parameters
FEWEST = {"ols": 2, "langmuir": 8, "isotonic": 2, "excess": 6, DISTILLED: 2}
KINDS = tuple(FEWEST)
OF_SCORES = tuple(kind for kind in KINDS if kind != DISTILLED)  # of each sequence's score alone


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


def fit_isotonic(scores: Floats, labels: Floats) -> IsotonicCalibrator:
    """Fit the monotone function of least squares; it rises if score and label do so together, else it falls.

    Equal scores are pooled first. The direction is that of the fitted line.
    """
    fitted = fit_monotone(scores, labels, increasing=fit_line(scores, labels).slope >= 0)
    corners = np.zeros(len(fitted.x), dtype=bool)
    corners[fitted.blocks[:-1]] = True  # first and last score of every block
    corners[fitted.blocks[1:] - 1] = True
    return IsotonicCalibrator(tuple(fitted.x[corners].tolist()), tuple(fitted.y[corners].tolist()))


def fit(kind: str, scores: Floats, labels: Floats, energy: bool, higher_is_tighter: bool) -> list[Calibrator]:
    """Fit a calibrator of a kind for each method; see `fit_line`, `fit_langmuir`, `fit_isotonic`, `fit_excess`.

    Parameters
    ----------
    kind : str
    scores : (methods, sequences)
        Of `distilled` ln affinities.
    labels : (sequences,)
    energy, higher_is_tighter : bool
        As for `fit_langmuir`.
    """
    if kind == "langmuir":
        return [*fit_langmuir(scores, labels, energy, higher_is_tighter)]
    if kind == DISTILLED:
        return [DistilledLine(line.slope, line.intercept) for line in (fit_line(row, labels) for row in scores)]
    of_one: dict[str, Callable[[Floats, Floats], Calibrator]]
    of_one = {"ols": fit_line, "excess": fit_excess, "isotonic": fit_isotonic}
    return [of_one[kind](row, labels) for row in scores]


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
