"""Which windows are strong enough to become cores of seqlets: sums of contributions against a Laplace null."""

import numpy as np
import numpy.typing as npt

from cistill.console import LOG
from cistill.formats.attributions import AttributionWindows
from cistill.hits.density.membership import fit_isotonic
from cistill.hits.density.searched_regions import Searched, window_sums
from cistill.hits.density.settings import DensitySettings

Double = npt.NDArray[np.float64]
BINS = 1000
PERCENTS = np.arange(5, 100, 5)
MOST_WINDOWS = 1_000_000  # as many sums are compared with the null at most
MOST_REGIONS = 25_000  # as many regions give the sums at most: it bounds the memory
LEAST_SHARE_OF_CHANCE = 0.95


def find_threshold(windows: AttributionWindows, searched: Searched, sign: int, settings: DensitySettings) -> float:
    """Return the least sum of contributions, times `sign`, of a core.

    All windows of all regions searched are taken together; of more than `MOST_REGIONS` regions a random choice.

    Parameters
    ----------
    windows : AttributionWindows
    searched : Searched
        Which regions are usable.
    sign : {1, -1}
    settings : DensitySettings

    Returns
    -------
    float
        Infinite where there is nothing to find.
    """
    rows = np.flatnonzero(searched.usable)
    if len(rows) > MOST_REGIONS:
        rows = np.random.RandomState(settings.random_seed).permutation(rows)[:MOST_REGIONS]
        LOG.info("the threshold is taken from %d of %d regions, drawn at random", MOST_REGIONS, len(searched.usable))
    chosen = np.zeros(len(windows), dtype=bool)
    chosen[rows] = True
    parts = []
    for part, scores, bases in windows.blocks():
        mine = chosen[part]
        if mine.any():
            parts.append(window_sums(scores[mine], bases[mine], sign, settings.core_length).ravel())
    return fit_threshold(np.concatenate(parts), settings) if parts else float("inf")


def fit_threshold(sums: Double, settings: DensitySettings) -> float:
    """Return the least sum of a core.

    The null is a Laplace distribution around the mode, for each side with the steepest rate that any of its percentiles
    tells. Isotonic regression of sums against draws from the null gives the precision at every sum; the threshold is
    the lowest sum of precision 1 - FDR. If the share of windows beyond the thresholds of both signs leaves the bounds,
    the matching quantile of |sum| is taken (TF-MoDISco 0.5; Shrikumar et al. 2018).

    Parameters
    ----------
    sums : (windows,)
    settings : DensitySettings

    Returns
    -------
    float
        Infinite where all sums are equal.
    """
    if not len(sums) or sums.min() == sums.max():
        return float("inf")
    null = laplace_null(sums, settings.null_samples, settings.random_seed)
    if len(sums) > MOST_WINDOWS:
        sums = np.random.RandomState(settings.random_seed).choice(sums, size=MOST_WINDOWS, replace=False)
    positive, negative = sums[sums >= 0], sums[sums < 0]
    upper = _least_precise(positive, null[null >= 0], 1 - settings.target_fdr)
    lower = -_least_precise(-negative, -null[null < 0], 1 - settings.target_fdr)
    share = np.mean((sums >= upper) | (sums <= lower))
    if share < settings.min_passing:
        return float(np.percentile(np.abs(sums), 100 * (1 - settings.min_passing)))
    if share > settings.max_passing:
        return float(np.percentile(np.abs(sums), 100 * (1 - settings.max_passing)))
    return upper


def laplace_null(sums: Double, samples: int, seed: int) -> Double:
    """Return draws from the null, `(samples,)`; see `fit_threshold`."""
    mode = _mode(sums)
    above, below = sums[sums >= mode], sums[sums <= mode]
    quantiles = -np.log(1 - PERCENTS / 100)
    with np.errstate(divide="ignore"):
        rate_above = np.max(quantiles / (np.percentile(above, PERCENTS) - mode)) if len(above) else np.inf
        rate_below = np.max(quantiles / np.abs(np.percentile(below, 100 - PERCENTS) - mode)) if len(below) else np.inf
    draws = np.random.RandomState(seed).uniform(size=(samples, 2))
    size = -np.log(1 - draws[:, 1])
    is_above = draws[:, 0] < len(above) / (len(above) + len(below))
    return np.asarray(np.where(is_above, mode + size / rate_above, mode - size / rate_below))


def _mode(sums: Double) -> float:
    """Return the middle of the fullest bin of the fullest bin, of a thousand each."""
    low, high = _fullest(sums)
    inside = sums[(sums > low) & (sums < high)]
    if len(inside):
        low, high = _fullest(inside)
    return (low + high) / 2


def _fullest(values: Double) -> tuple[float, float]:
    counts, edges = np.histogram(values, bins=BINS)
    peak = int(np.argmax(counts))
    return float(edges[peak]), float(edges[peak + 1])


def _least_precise(sums: Double, null: Double, wanted: float) -> float:
    """Return the lowest of sums of one sign (as magnitudes) whose precision is as wanted, else the highest."""
    if not len(sums):
        return float("inf")
    if not len(null):
        return float(sums.min())
    sums = np.sort(sums)
    x = np.concatenate([sums, null])
    y = np.concatenate([np.ones(len(sums)), np.zeros(len(null))])
    weight = np.concatenate([np.ones(len(sums)), np.full(len(null), len(sums) / len(null))])
    fit = fit_isotonic(x, y, weight)
    least = max(float(fit.y[0]), 1e-7)
    chance = -1 / (1 - 1 / least) if least < 1 else LEAST_SHARE_OF_CHANCE
    chance = max(min(1.0, chance), LEAST_SHARE_OF_CHANCE)
    precision = np.clip(1 + chance * (1 - 1 / np.maximum(fit(sums), 1e-7)), 0, 1)
    reached = np.flatnonzero(precision >= wanted)
    return float(sums[reached[0]] if len(reached) else sums[-1])
