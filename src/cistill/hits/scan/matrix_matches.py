"""Matches of position weight matrices: their q-values and confidences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cistill.hits.cwm.confidence import confidence
from cistill.hits.measure import Placed
from cistill.statistics import benjamini_hochberg


@dataclass(frozen=True)
class MatrixMatches:
    """Places where matrices match; `score` and `p_value` are `(hits,)`."""

    placed: Placed
    score: npt.NDArray[np.float64]
    p_value: npt.NDArray[np.float64]


def joined(parts: Sequence[MatrixMatches]) -> MatrixMatches:
    """Return matches as one, in their order."""
    nothing = np.zeros(0, dtype=np.int64)
    placed = [Placed(nothing, nothing, nothing, nothing.astype(bool)), *(part.placed for part in parts)]
    return MatrixMatches(
        Placed(
            np.concatenate([part.row for part in placed]),
            np.concatenate([part.position for part in placed]),
            np.concatenate([part.motif for part in placed]),
            np.concatenate([part.reverse for part in placed]),
        ),
        np.concatenate([np.zeros(0), *(part.score for part in parts)]),
        np.concatenate([np.zeros(0), *(part.p_value for part in parts)]),
    )


def q_values(found: MatrixMatches, tests: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return q-values of matches, for each motif (Benjamini & Hochberg 1995).

    Parameters
    ----------
    found : MatrixMatches
        Those of the smallest p-values.
    tests : (motifs,)
        Number of places that were looked at, on both strands.
    """
    q = np.ones(len(found.score))
    for index in np.unique(found.placed.motif):
        own = np.flatnonzero(found.placed.motif == index)
        q[own] = benjamini_hochberg(found.p_value[own], int(tests[index]))
    return q


def match_confidence(p_value: npt.NDArray[np.float64], threshold: float) -> npt.NDArray[np.float64]:
    """Return s / (s + t) with s = -log10 p of the match and t of the threshold."""
    strength = -np.log10(np.maximum(p_value, 1e-300))
    return confidence(strength, np.full(len(p_value), -np.log10(min(threshold, 0.99))))
