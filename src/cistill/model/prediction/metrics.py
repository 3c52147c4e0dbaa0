"""Metrics of predicted counts over regions, each with its definition; natural logarithms throughout.

Published systems use the same names for different numbers, so every definition is written down (docs/metrics.md) and
tested against scipy. Metrics of profiles are in `profile_metrics`.
"""

import numpy as np

from cistill.statistics import average_ranks, pearson, spearman

SHUFFLES = (20, 200)  # fewest and most permutations of labels: a large set scatters less
SHUFFLED_REGIONS = 200_000  # in all permutations together, between these


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
