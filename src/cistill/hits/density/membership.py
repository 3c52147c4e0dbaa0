"""Isotonic precision: how likely something is what it scores as, from examples."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cistill.statistics import fit_monotone

Double = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Isotonic:
    """A monotone function: linear between its points `(points,)`, constant beyond them; `x` increases."""

    x: Double
    y: Double

    def __call__(self, values: Double) -> Double:
        """Return the function at the values."""
        return np.asarray(np.interp(values, self.x, self.y))


def fit_isotonic(x: Double, y: Double, weight: Double, increasing: bool = True) -> Isotonic:
    """Return the least-squares monotone fit (pool adjacent violators); equal x are averaged first.

    Parameters
    ----------
    x, y, weight : (points,)
    increasing : bool
    """
    fit = fit_monotone(x, y, weight, increasing)
    return Isotonic(fit.x, fit.y)


@dataclass(frozen=True)
class Membership:
    """What the score of a motif says, learned from seqlets of all motifs.

    Attributes
    ----------
    precision : Isotonic
        Score to the probability of belonging to the motif.
    own : (seqlets,)
        Scores of the motif's own seqlets, ascending.
    """

    precision: Isotonic
    own: Double

    def percentile(self, score: Double) -> Double:
        """Return the share of the motif's own seqlets that score below."""
        return np.asarray(np.searchsorted(self.own, score, side="left") / len(self.own))

    def cut(self, precision: float) -> float:
        """Return the least score of at least this precision; infinite if there is none."""
        x, y = self.precision.x, self.precision.y
        reached = np.flatnonzero(y >= precision)
        if not len(reached):
            return float("inf")
        first = int(reached[0])
        if first == 0:
            return float("-inf")
        share = (precision - y[first - 1]) / (y[first] - y[first - 1])
        return float(x[first - 1] + share * (x[first] - x[first - 1]))


def fit_membership(score: Double, belongs: npt.NDArray[np.bool_]) -> Membership:
    """Learn what a motif's score says.

    Parameters
    ----------
    score, belongs : (seqlets,)
        Of the seqlets of all motifs: the score of this motif, and whether they are its own.
    """
    fit = fit_isotonic(score, belongs.astype(np.float64), np.ones(len(score)))
    return Membership(fit, np.sort(score[belongs]))
