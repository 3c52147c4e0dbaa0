"""From scores to a confidence, by competition with decoys."""

from collections.abc import Sequence
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
    scores, hits, wrong = _counts_above(hit_scores, decoy_scores)
    estimate = (wrong + 1) / decoys_per_motif / hits
    good = np.flatnonzero((estimate <= fdr) & (scores >= floor))
    if not len(good):
        return Calibration(float("inf"), 0, 0, float("nan"))
    lowest = good[0]
    return Calibration(float(scores[lowest]), int(hits[lowest]), int(wrong[lowest]), float(estimate[lowest]))


def q_values(
    scores: npt.NDArray[np.float64],
    hit_scores: npt.NDArray[np.float64],
    decoy_scores: npt.NDArray[np.float64],
    decoys_per_motif: int,
) -> npt.NDArray[np.float64]:
    """Return the q-value of every score: the lowest false discovery rate at which it is still a hit.

    That is the least estimate of `calibrate` at this score or a lower one, and at most one.

    Parameters
    ----------
    scores : (scores,)
        What to tell the q-values of.
    hit_scores, decoy_scores, decoys_per_motif
        As for `calibrate`.
    """
    if not len(hit_scores) or decoys_per_motif < 1:
        return np.ones(len(scores))
    known, hits, wrong = _counts_above(hit_scores, decoy_scores)
    estimate = np.minimum((wrong + 1) / decoys_per_motif / hits, 1.0)
    least = np.minimum.accumulate(estimate)
    return np.asarray(least[np.clip(np.searchsorted(known, scores, side="right") - 1, 0, None)])


def _counts_above(
    hit_scores: npt.NDArray[np.float64], decoy_scores: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the different scores of hits, ascending, and how many hits and decoys have at least each of them."""
    scores = np.unique(hit_scores)
    hits = len(hit_scores) - np.searchsorted(np.sort(hit_scores), scores, side="left")
    wrong = len(decoy_scores) - np.searchsorted(np.sort(decoy_scores), scores, side="left")
    return scores, hits, wrong


def confidence(score: npt.NDArray[np.float64], cut: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return score / (score + cut): one half at the cut, growing to one; zero for a motif without a cut."""
    finite = np.isfinite(cut)
    total = score + np.where(finite, cut, 1.0)
    return np.where(finite, np.divide(score, total, out=np.zeros(len(score)), where=total > 0), 0.0)


def confidence_by_importance(
    score: npt.NDArray[np.float64],
    cut: npt.NDArray[np.float64],
    importance: npt.NDArray[np.float64],
    typical: float,
) -> npt.NDArray[np.float64]:
    """Return confidences: the score decides what is a hit, the importance orders the hits.

    From the cut on 1/2 + 1/2 t / (t + T), with t the summed magnitude of the contributions and T the typical one; below
    it `confidence`, less than one half. Contributions add up to the change of the output, so t is what a site does, in
    one unit for all motifs; the score punishes weak sites, whose shape is never quite that of the motif, once more.
    A probability from the decoys would be one for most hits and order them no further.

    Parameters
    ----------
    score, cut : (hits,)
        Score, and that of its motif's cut; infinite for a motif without.
    importance : (hits,)
        t of each hit.
    typical : float
        T, see `typical_importance`.
    """
    order = np.divide(importance, importance + typical, out=np.zeros(len(score)), where=importance + typical > 0)
    return np.where(score >= cut, 0.5 + 0.5 * order, np.minimum(confidence(score, cut), np.nextafter(0.5, 0)))


def typical_importance(cores: Sequence[npt.NDArray[np.float64]]) -> float:
    """Return the largest summed magnitude of a motif's mean contributions, of cores `(length, 4)`."""
    return max((float(np.abs(core).sum()) for core in cores), default=0.0)


def least_score(cut: npt.NDArray[np.float64], least_confidence: float) -> npt.NDArray[np.float64]:
    """Return a score that every hit of a confidence has; infinite for a motif without a cut."""
    below = min(least_confidence, 0.5)
    return cut * below / (1 - below)
