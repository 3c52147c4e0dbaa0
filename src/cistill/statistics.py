"""Statistics that several packages need, each written once."""

import numpy as np
import numpy.typing as npt

FEWEST = 3  # points that a correlation needs: two always lie on a line


def benjamini_hochberg(p_values: npt.ArrayLike, tests: int | None = None) -> npt.NDArray[np.float64]:
    """Return q-values: for each p-value the smallest false discovery rate at which it is called.

    min over j >= i of p_(j) n / j, at most 1 (Benjamini & Hochberg 1995). `scipy.stats.false_discovery_control` gives
    the same but for the last bit, knows no missing values, and needs the p-values of all tests.

    Parameters
    ----------
    p_values : (n,)
        NaN where a test has no p-value; such tests do not count.
    tests : int, optional
        Number of tests, if `p_values` are the smallest of more; by default the number of those that are known.

    Returns
    -------
    array, shape=(n,)
        NaN where the p-value is.
    """
    p = np.asarray(p_values, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    scaled = p[order] * (len(order) if tests is None else tests) / np.arange(1, len(order) + 1)
    q = np.full(len(p), np.nan)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q


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
