"""Position weight matrices and the p-values of their scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cistill.dna.matrices import UNIFORM, Matrix

PRECISION = 2000.0  # steps per unit of score in the distribution of scores, as MOODS has it
PSEUDOCOUNT = 0.01


def natural_log_odds(pfm: Matrix, background: Matrix = UNIFORM, pseudocount: float = PSEUDOCOUNT) -> Matrix:
    """Return ln(p / q) per position and base, with p = (f + a q) / (sum of f + a) (Korhonen et al. 2009).

    Parameters
    ----------
    pfm : (length, 4)
        Frequencies or counts f.
    background : (4,)
        Base composition q.
    pseudocount : float
        The a, shared out by the background.
    """
    padded = np.asarray(pfm, dtype=np.float64) + pseudocount * background
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(padded / padded.sum(axis=1, keepdims=True)) - np.log(background))


@dataclass(frozen=True)
class ScoreDistribution:
    """How often a random sequence scores how much.

    Attributes
    ----------
    weights : (length, 4) of int
        Log-odds in steps of 1 / `PRECISION`.
    lowest : int
        Lowest score there is, in steps.
    at_least : (scores,)
        Probability of each score from `lowest` upwards, or of a higher one.
    """

    weights: npt.NDArray[np.int64]
    lowest: int
    at_least: npt.NDArray[np.float64]

    def threshold(self, p_value: float) -> float:
        """Return the lowest score of a p-value of at most `p_value`; infinite if there is none."""
        good = np.flatnonzero(self.at_least <= p_value)
        # the last entry is beyond the highest score: its probability is zero
        return (self.lowest + int(good[0])) / PRECISION if good[0] < len(self.at_least) - 1 else float("inf")


class ScoreTails:
    """The p-values of several distributions at once.

    Parameters
    ----------
    distributions : sequence of ScoreDistribution
    """

    def __init__(self, distributions: Sequence[ScoreDistribution]) -> None:
        self.lowest = np.array([own.lowest for own in distributions], dtype=np.int64)
        self.last = np.array([len(own.at_least) - 1 for own in distributions], dtype=np.int64)
        self.first = np.concatenate([[0], np.cumsum(self.last + 1)[:-1]]).astype(np.int64)
        self.at_least = np.concatenate([np.zeros(0), *(own.at_least for own in distributions)])

    def p_values(self, which: npt.NDArray[np.int64], steps: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the p-value of each score in steps, of the distribution of the same place in `which`."""
        own = np.clip(steps - self.lowest[which], 0, self.last[which])
        return np.asarray(self.at_least[self.first[which] + own])


def score_distribution(log_odds: Matrix, background: Matrix = UNIFORM) -> ScoreDistribution:
    """Return the distribution of the scores of random sequences, position by position (Staden 1989).

    Exact for weights rounded to 1 / `PRECISION`, half away from zero.

    Parameters
    ----------
    log_odds : (length, 4)
        Weights, all finite.
    background : (4,)
        Base composition of the random sequences.
    """
    steps = (np.sign(log_odds) * np.floor(np.abs(log_odds) * PRECISION + 0.5)).astype(np.int64)
    probability = np.ones(1)
    lowest = 0
    for row in steps:
        low = int(row.min())
        longer = np.zeros(len(probability) + int(row.max()) - low)
        for step, share in zip(row, background, strict=True):
            longer[step - low : step - low + len(probability)] += share * probability
        probability, lowest = longer, lowest + low
    tail = np.cumsum(probability[::-1])[::-1]  # summed from the small end for precision
    return ScoreDistribution(steps, lowest, np.append(tail, 0.0))
