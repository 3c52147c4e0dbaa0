"""Errors and correlations of calibrated values, with bootstrap intervals that all methods share the resamples of."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cistill.statistics import average_ranks, pearson

Floats = NDArray[np.float64]

MEASURES = ("rmse", "pearson", "spearman")
RESAMPLES = 1000
DRAWS = 100_000_000  # over all resamples; large sets have fewer of them
AT_ONCE = 4_000_000
FEW = 400  # below this, intervals are +-1.96 SD of the resamples instead of percentiles
FEWEST = 50


def measures(labels: Floats, predicted: Floats) -> dict[str, float]:
    """Return RMSE, Pearson's and Spearman's correlation; correlations with a constant are NaN."""
    if not len(labels):
        return dict.fromkeys(MEASURES, float("nan"))
    return {
        "rmse": float(np.sqrt(np.mean((labels - predicted) ** 2))),
        "pearson": pearson(labels, predicted),
        "spearman": pearson(average_ranks(labels), average_ranks(predicted)),
    }


def number_of_resamples(n: int, resamples: int) -> int:
    """Return how many resamples of n sequences are drawn: as asked, fewer for large n, but at least 50 if any."""
    return 0 if resamples <= 0 else min(resamples, max(DRAWS // max(n, 1), FEWEST))


def _weights(n: int, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield how often each sequence is drawn, `(some resamples, n)`, block by block."""
    rng = np.random.default_rng([seed, 0x626F6F74])
    at_once = max(AT_ONCE // n, 1)
    for first in range(0, resamples, at_once):
        number = min(at_once, resamples - first)
        yield np.stack([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(number)]).astype(np.float64)


def _standardised(values: Floats) -> Floats:
    """Centre and scale, so that sums of squares lose no digits."""
    spread = values.std()
    return (values - values.mean()) / (spread if spread > 0 else 1.0)


def bootstrap_intervals(
    labels: Floats, predictions: list[Floats], resamples: int, seed: int
) -> list[dict[str, tuple[float, float]]]:
    """Return 95 % intervals of every measure for every prediction; resamples of sequences, shared by all.

    Spearman's correlation of a resample is Pearson's of the ranks that the sequences have in the whole set.

    Parameters
    ----------
    labels : (n,)
    predictions : list of (n,)
    resamples : int
        See `number_of_resamples`.
    seed : int

    Returns
    -------
    list of dict
        Measure to (low, high), in the order of the predictions; NaN where there are none.
    """
    n = len(labels)
    number = number_of_resamples(n, resamples) if n > 2 else 0
    if not number:
        return [dict.fromkeys(MEASURES, (float("nan"), float("nan"))) for _ in predictions]
    y, rank_y = _standardised(labels), _standardised(average_ranks(labels))
    columns = [
        (p, r, (labels - prediction) ** 2)
        for prediction in predictions
        for p, r in [(_standardised(prediction), _standardised(average_ranks(prediction)))]
    ]
    values = np.empty((len(predictions), len(MEASURES), number))
    done = 0
    for weights in _weights(n, number, seed):  # (some resamples, n)
        part = slice(done, done + len(weights))
        done += len(weights)
        of_y, of_rank = (weights @ np.stack([v, v**2], axis=1) / n for v in (y, rank_y))
        for i, (p, r, error) in enumerate(columns):
            sums = weights @ np.stack([error, p, p**2, p * y, r, r**2, r * rank_y], axis=1) / n
            values[i, 0, part] = np.sqrt(sums[:, 0])
            for measure, first, of in ((1, 1, of_y), (2, 4, of_rank)):
                mean, square, product = sums[:, first], sums[:, first + 1], sums[:, first + 2]
                spread = (square - mean**2) * (of[:, 1] - of[:, 0] ** 2)
                with np.errstate(divide="ignore", invalid="ignore"):
                    r_value = (product - mean * of[:, 0]) / np.sqrt(spread)
                values[i, measure, part] = np.where(spread > 1e-12, np.clip(r_value, -1, 1), np.nan)
    return [{name: _interval(values[i, j]) for j, name in enumerate(MEASURES)} for i in range(len(predictions))]


def _interval(values: Floats) -> tuple[float, float]:
    defined = values[np.isfinite(values)]
    if len(defined) < FEWEST:
        return float("nan"), float("nan")
    if len(defined) < FEW:
        middle, half = float(defined.mean()), 1.96 * float(defined.std(ddof=1))
        return middle - half, middle + half
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)
