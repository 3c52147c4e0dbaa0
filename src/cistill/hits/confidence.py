"""From scores to a confidence, by competition with decoys."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Calibration:
    """How the scores of one motif become confidences.

    Attributes
    ----------
    cut : float
        Lowest score at which the false discovery rate is low enough; infinite if it never is.
    n_hits : int
        Motif instances of at least that score.
    n_decoys : int
        Decoy instances of at least that score.
    fdr : float
        The estimate at the cut; NaN without one.
    """

    cut: float
    n_hits: int
    n_decoys: int
    fdr: float


def calibrate(
    hit_scores: npt.NDArray[np.float64],
    decoy_scores: npt.NDArray[np.float64],
    decoys_per_motif: int,
    fdr: float,
    floor: float = 0.0,
) -> Calibration:
    """Find the lowest score, not below `floor`, at which the false discovery rate stays within `fdr`.

    Where a motif is absent, it and each of its decoys are as likely to win a place, so of the motif's instances of at
    least score s about D(s) / decoys_per_motif are chance, D being the decoys' number. The estimate is
    (D(s) + 1) / decoys_per_motif / H(s); the added one keeps it honest for small numbers (Levitsky et al. 2017).

    Parameters
    ----------
    hit_scores, decoy_scores : arrays
        Scores of what the motif and all of its decoys won.
    decoys_per_motif : int
        Number of decoys that competed with the motif.
    fdr : float
        Accepted false discovery rate.
    floor : float
        The cut is not lower, however rare decoys are: where there is little noise, instances that contribute next to
        nothing stand out from it, too.

    Returns
    -------
    Calibration
    """
    if not len(hit_scores) or decoys_per_motif < 1:
        return Calibration(float("inf"), 0, 0, float("nan"))
    scores = np.unique(hit_scores)  # ascending
    hits = len(hit_scores) - np.searchsorted(np.sort(hit_scores), scores, side="left")
    wrong = len(decoy_scores) - np.searchsorted(np.sort(decoy_scores), scores, side="left")
    estimate = (wrong + 1) / decoys_per_motif / hits
    good = np.flatnonzero((estimate <= fdr) & (scores >= floor))
    if not len(good):
        return Calibration(float("inf"), 0, 0, float("nan"))
    lowest = good[0]
    return Calibration(float(scores[lowest]), int(hits[lowest]), int(wrong[lowest]), float(estimate[lowest]))


def confidence(score: npt.NDArray[np.float64], cut: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return score / (score + cut): one half at the cut, growing to one; zero for a motif without a cut.

    A probability from the decoys would be one for most hits and order them no further; this keeps the order of the
    scores, and its half is where the false discovery rate is the accepted one.
    """
    finite = np.isfinite(cut)
    return np.where(finite, score / (score + np.where(finite, cut, 1.0)), 0.0)


def least_score(cut: npt.NDArray[np.float64], least_confidence: float) -> npt.NDArray[np.float64]:
    """Return the score of a confidence: the inverse of `confidence`; infinite for a motif without a cut."""
    return cut * least_confidence / (1 - least_confidence)
