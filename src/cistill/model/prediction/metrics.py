"""Metrics of predicted counts over regions, each with its definition; natural logarithms throughout.

Published systems use the same names for different numbers, so every definition is written down (docs/metrics.md) and
tested against scipy. Metrics of profiles are in `profile_metrics`.
"""

import numpy as np

FEWEST = 3  # points that a correlation needs: two always lie on a line
SHUFFLES = (20, 200)  # fewest and most permutations of labels: a large set scatters less
SHUFFLED_REGIONS = 200_000  # in all permutations together, between these


def average_ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks from 1 among all values, equal ones sharing the mean of theirs, in the shape of the values."""
    _, inverse, number = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(number) - (number - 1) / 2)[inverse].reshape(values.shape)


def auroc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Return the probability that a positive scores above a negative, ties counting one half; NaN if one is empty."""
    if not len(positive) or not len(negative):
        return float("nan")
    ranks = average_ranks(np.concatenate([positive, negative]))
    excess = ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return float(excess / (len(positive) * len(negative)))


def pearson(x: np.ndarray, y: np.ndarray) -> float:
    """Return Pearson's correlation; NaN for fewer than three points or a constant."""
    if len(x) < FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip(x @ y / np.sqrt((x @ x) * (y @ y)), -1, 1))


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Return Spearman's correlation with average ranks; NaN for fewer than three points or a constant."""
    return pearson(average_ranks(x), average_ranks(y))


def mean_squared_error(x: np.ndarray, y: np.ndarray) -> float:
    """Return the mean of (x - y)^2; NaN without points."""
    return float(((x - y) ** 2).mean()) if len(x) else float("nan")


COUNT_METRICS = {"pearson": pearson, "spearman": spearman, "mse": mean_squared_error}


def shuffled_baseline(observed: np.ndarray, seed: int) -> dict[str, float]:
    """Return what predictions reach that are the observations of other regions, drawn without replacement.

    Such a prediction knows the distribution of counts and nothing about a region. kundajelab/neural_motif_discovery
    takes one unseeded permutation; this is the mean of 20 to 200 seeded ones, the more the smaller the set.

    Parameters
    ----------
    observed : array, shape=(regions,) or (regions, strands)
        Log counts. Strands are permuted together and then pooled.
    seed : int
        Seed of the permutations; sets of the same size get the same ones.

    Returns
    -------
    dict
        A value for each of COUNT_METRICS, NaN where these are undefined.
    """
    values = observed.reshape(len(observed), -1)
    ranks = average_ranks(values)
    random = np.random.default_rng(seed)
    found: dict[str, list[float]] = {name: [] for name in COUNT_METRICS}
    for _ in range(int(np.clip(SHUFFLED_REGIONS // max(1, len(values)), *SHUFFLES))):
        order = random.permutation(len(values))
        for name, of in COUNT_METRICS.items():
            # ranks of a permutation are the permuted ranks: no need to rank again
            basis, metric = (ranks, pearson) if name == "spearman" else (values, of)
            found[name].append(metric(basis.ravel(), basis[order].ravel()))
    return {name: float(np.mean(each)) for name, each in found.items()}


def total_log_count(log_counts: np.ndarray) -> np.ndarray:
    """Return ln(1 + c+ + c-) from ln(1 + c) of the strands, shape (..., 2) -> (...).

    Predictions below ln 1 = 0 stand for less than no read; the sum is taken on 1 + c so that it stays defined and
    monotone: ln(e^a + e^b - 1), floored where the argument would fall below e^max(a, b) - 1.
    """
    a, b = log_counts[..., 0], log_counts[..., 1]
    high, low = np.maximum(a, b), np.minimum(a, b)
    return high + np.log1p(np.exp(-high) * np.expm1(np.clip(low, 0, None)))
