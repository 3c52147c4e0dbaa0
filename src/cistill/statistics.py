"""Statistics that several packages need, each written once.

Parts of scipy take a fifth to half a second to import, which most commands need not spend: imported where used.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
FEWEST = 3  # points that a correlation needs: two always lie on a line
Z_95 = 1.959964  # of a two-sided 95 % interval


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


def average_ranks(values: npt.NDArray[np.generic]) -> Floats:
    """Return ranks from 1 among all values, equal ones sharing the mean of theirs, in the shape of the values.

    All are NaN where one of the values is.
    """
    return average_ranks_by_row(values.reshape(1, -1)).reshape(values.shape)


def average_ranks_by_row(values: npt.NDArray[np.generic], order: npt.NDArray[np.integer] | None = None) -> Floats:
    """Return ranks from 1 within each row, equal values sharing the mean of theirs; NaN in rows with a NaN.

    Parameters
    ----------
    values : (rows, columns)
    order : (rows, columns) of int, optional
        Columns by ascending value, where it is known already.
    """
    ranks = np.empty(values.shape)
    if not values.size:
        return ranks
    order = np.argsort(values, axis=1) if order is None else order
    ordered = np.take_along_axis(values, order, axis=1)
    first = np.ones(values.shape, dtype=bool)  # of equal values
    np.not_equal(ordered[:, 1:], ordered[:, :-1], out=first[:, 1:])
    begin = np.flatnonzero(first)
    number = np.diff(begin, append=values.size)
    means = begin % values.shape[1] + (number + 1) / 2
    np.put_along_axis(ranks, order, np.repeat(means, number).reshape(values.shape), axis=1)
    ranks[ordered[:, -1] != ordered[:, -1]] = np.nan  # NaN is sorted last
    return ranks


def auroc(positive: npt.NDArray[np.generic], negative: npt.NDArray[np.generic]) -> float:
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


class Interval(NamedTuple):
    """A confidence interval of 95 %; NaN where it is not defined."""

    lower: float
    upper: float


NO_INTERVAL = Interval(float("nan"), float("nan"))


def share_interval(found: int, of: int) -> Interval:
    """Return Wilson's interval of a share (Wilson 1927); none of nothing."""
    if of <= 0:
        return NO_INTERVAL
    share, z = found / of, Z_95
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return Interval(max(0.0, float(middle - half)), min(1.0, float(middle + half)))


def auroc_interval(area: float, positives: int, negatives: int) -> Interval:
    """Return the interval of an AUROC by Newcombe's method 5 (Statistics in Medicine 2006, 25:559).

    The variance is that of Hanley & McNeil, with both group sizes replaced by their mean, at the bound itself: an area
    of 1 has an interval too, unlike by DeLong's method or a bootstrap.
    """
    if not np.isfinite(area) or min(positives, negatives) < 1:
        return NO_INTERVAL
    from scipy.optimize import brentq

    mean = (positives + negatives) / 2 - 1

    def excess(bound: float) -> float:
        spread = 1 + mean * (1 - bound) / (2 - bound) + mean * bound / (1 + bound)
        return (area - bound) ** 2 - Z_95**2 * bound * (1 - bound) * spread / (positives * negatives)

    inner = min(max(area, 1e-9), 1 - 1e-9)  # the bound itself is a root where the area is 0 or 1
    lower = 0.0 if area <= 0 else float(brentq(excess, 0.0, inner))
    upper = 1.0 if area >= 1 else float(brentq(excess, inner, 1.0))
    return Interval(lower, upper)


def correlation_interval(r: float, points: int) -> Interval:
    """Return the interval of Pearson's correlation by Fisher's transformation; none of fewer than four points."""
    if not np.isfinite(r) or points < 4:
        return NO_INTERVAL
    middle = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    half = Z_95 / np.sqrt(points - 3)
    return Interval(float(np.tanh(middle - half)), float(np.tanh(middle + half)))


def mean_interval(values: Floats) -> Interval:
    """Return the interval of the mean of independent values, by Student's t; none of fewer than three."""
    from scipy.special import stdtrit

    known = values[np.isfinite(values)]
    if len(known) < FEWEST:
        return NO_INTERVAL
    half = float(stdtrit(len(known) - 1, 0.975) * known.std(ddof=1) / np.sqrt(len(known)))
    return Interval(float(known.mean()) - half, float(known.mean()) + half)


class MonotoneFit(NamedTuple):
    """A monotone function of least squares.

    Attributes
    ----------
    x : (levels,)
        The different values that it was fitted at, ascending.
    y : (levels,)
        Its values there.
    blocks : (blocks + 1,) of int
        Where each run of equal `y` begins, and the number of levels.
    """

    x: Floats
    y: Floats
    blocks: npt.NDArray[np.intp]


def fit_monotone(x: Floats, y: Floats, weight: Floats | None = None, increasing: bool = True) -> MonotoneFit:
    """Fit the monotone function of least squares (pool adjacent violators); points of equal x are averaged first.

    Parameters
    ----------
    x, y : (points,)
    weight : (points,), optional
        All alike by default.
    increasing : bool
        Whether the function rises, or falls.
    """
    from scipy.optimize import isotonic_regression

    weight = np.ones(len(x)) if weight is None else weight
    levels, place = np.unique(x, return_inverse=True)
    weights = np.bincount(place, weights=weight)
    means = np.bincount(place, weights=weight * y) / weights
    fitted = isotonic_regression(means, weights=weights, increasing=increasing)
    return MonotoneFit(levels, np.asarray(fitted.x), np.asarray(fitted.blocks))
