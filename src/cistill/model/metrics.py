"""Metrics of predictions, each with its definition; natural logarithms throughout.

Published systems use the same names for different numbers, so every definition is written down here and tested against
scipy. A metric is reported beside its bounds: what no knowledge, and what the mean training profile, would reach.
"""

import numpy as np
from scipy import stats


def auroc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Return the probability that a positive scores above a negative, ties counting one half; NaN if one is empty."""
    if not len(positive) or not len(negative):
        return float("nan")
    ranks = stats.rankdata(np.concatenate([positive, negative]))
    excess = ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return float(excess / (len(positive) * len(negative)))


def pearson(x: np.ndarray, y: np.ndarray) -> float:
    """Return Pearson's correlation; NaN for fewer than three points or a constant."""
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(stats.pearsonr(x, y).statistic)


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Return Spearman's correlation with average ranks; NaN for fewer than three points or a constant."""
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(stats.spearmanr(x, y).statistic)


def joint_profile(log_profile: np.ndarray, log_counts: np.ndarray) -> np.ndarray:
    """Return one distribution over both strands: each strand's profile weighted by its share of predicted log counts.

    Parameters
    ----------
    log_profile : array, shape=(..., 2, length)
        Log-probabilities of each strand.
    log_counts : array, shape=(..., 2)
        Predicted ln(1 + count) of each strand.

    Returns
    -------
    array, shape=(..., 2, length)
        Sums to one over its last two axes.
    """
    total = np.logaddexp(log_counts[..., 0], log_counts[..., 1])[..., None]
    return np.exp(log_profile.astype(np.float64) + (log_counts - total)[..., None])


def jensen_shannon_distance(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Return the Jensen-Shannon distance (square root of the divergence, base e) of distributions over the last axis.

    Both are normalised first, as `scipy.spatial.distance.jensenshannon` does. NaN where one of them is empty.

    Parameters
    ----------
    p, q : array, shape=(..., length)
        Not negative.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        p = p / p.sum(-1, keepdims=True)
        q = q / q.sum(-1, keepdims=True)
        middle = (p + q) / 2
        left = np.where(p > 0, p * np.log(p / middle), 0.0).sum(-1)
        right = np.where(q > 0, q * np.log(q / middle), 0.0).sum(-1)
    undefined = np.isnan(p).any(-1) | np.isnan(q).any(-1)
    return np.where(undefined, np.nan, np.sqrt(np.clip((left + right) / 2, 0, None)))


def total_log_count(log_counts: np.ndarray) -> np.ndarray:
    """Return ln(1 + c+ + c-) from predicted ln(1 + c) of the two strands, shape (..., 2) -> (...).

    Predictions below ln 1 = 0 stand for less than no read; the sum is taken on 1 + c so that it stays defined and
    monotone: ln(e^a + e^b - 1), floored where the argument would fall below e^max(a, b) - 1.
    """
    a, b = log_counts[..., 0], log_counts[..., 1]
    high, low = np.maximum(a, b), np.minimum(a, b)
    return high + np.log1p(np.exp(-high) * np.expm1(np.clip(low, 0, None)))


def shuffled(values: np.ndarray, seed: int) -> np.ndarray:
    """Return the values in a random order: the labels of a baseline that knows the distribution and nothing else."""
    return np.random.default_rng(seed).permutation(values)
