"""Errors and correlations of calibrated values, with bootstrap intervals that all methods share the resamples of."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cistill.statistics import FEWEST as FEWEST_POINTS
from cistill.statistics import average_ranks, average_ranks_by_row

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

MEASURES = ("rmse", "pearson", "spearman")
RESAMPLES = 1000
DRAWS = 100_000_000  # over all resamples; large sets have fewer of them
SEQUENCES_AT_ONCE = 8_192  # whose weights and values are multiplied in the processor's cache
WEIGHTS_AT_ONCE = 10_000_000
TERMS = 7  # sums of a prediction: its squared error; its values and ranks, their squares and products with the labels'
FEW = 400  # below this, intervals are +-1.96 SD of the resamples instead of percentiles
FEWEST = 50


class Ranked(NamedTuple):
    """Labels `(sequences,)` and their average ranks: whatever is compared with them shares both."""

    values: Floats
    ranks: Floats

    @classmethod
    def of(cls, labels: Floats) -> "Ranked":
        """Rank labels."""
        return cls(labels, average_ranks(labels))


def ranks_along(values: Floats, order: Rows) -> Floats:
    """Return average ranks of values `(n,)` that mostly rise or fall along an order, as calibrated scores do.

    What does neither is sorted, so the ranks are right for any order.
    """
    ordered = values[order]
    falls, rises = (ordered[1:] < ordered[:-1]).any(), (ordered[1:] > ordered[:-1]).any()
    known = None if (falls and rises) or np.isnan(ordered).any() else (order[::-1] if falls else order)[None]
    return average_ranks_by_row(values[None], known)[0]


def measures(labels: Floats, predicted: Floats) -> dict[str, float]:
    """Return RMSE, Pearson's and Spearman's correlation; correlations with a constant are NaN."""
    return dict(zip(MEASURES, measures_by_row(Ranked.of(labels), predicted[None])[0].tolist(), strict=True))


def measures_by_row(labels: Ranked, predicted: Floats, ranks: Floats | None = None) -> Floats:
    """Return the `MEASURES` of every row of predictions, `(predictions, 3)`.

    Parameters
    ----------
    labels : Ranked
    predicted : (predictions, sequences)
    ranks : (predictions, sequences), optional
        Average ranks of each row, where they are known already.
    """
    if not len(labels.values):
        return np.full((len(predicted), len(MEASURES)), np.nan)
    ranks = average_ranks_by_row(predicted) if ranks is None else ranks
    rmse = np.sqrt(((labels.values - predicted) ** 2).mean(axis=1))
    return np.stack([rmse, _correlations(labels.values, predicted), _correlations(labels.ranks, ranks)], axis=1)


def _correlations(y: Floats, rows: Floats) -> Floats:
    """Return Pearson's correlation of y with each row, as `statistics.pearson` does."""
    if len(y) < FEWEST_POINTS or np.ptp(y) == 0:
        return np.full(len(rows), np.nan)
    y, x = y - y.mean(), rows - rows.mean(axis=1, keepdims=True)
    square = np.einsum("ij,ij->i", x, x) * (y @ y)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.clip(x @ y / np.sqrt(square), -1, 1)
    return np.where(np.ptp(rows, axis=1) == 0, np.nan, found)


def number_of_resamples(n: int, resamples: int) -> int:
    """Return how many resamples of n sequences are drawn: as asked, fewer for large n, but at least 50 if any."""
    return 0 if resamples <= 0 else min(resamples, max(DRAWS // max(n, 1), FEWEST))


class Bootstrap:
    """Resamples of sequences that all predictions share: 95 % intervals of every measure.

    Spearman's correlation of a resample is Pearson's of the ranks that the sequences have in the whole set.

    Parameters
    ----------
    labels : Ranked
    resamples : int
        See `number_of_resamples`.
    seed : int
    """

    def __init__(self, labels: Ranked, resamples: int, seed: int) -> None:
        n = len(labels.values)
        self.labels = labels
        number = number_of_resamples(n, resamples) if n > 2 else 0
        rng = np.random.default_rng([seed, 0x626F6F74])
        # how often each sequence is drawn; no sequence is drawn 256 times in n
        self.weights = np.empty((number, n), dtype=np.uint8)
        for row in self.weights:
            row[:] = np.bincount(rng.integers(n, size=n), minlength=n)
        self._y = np.stack([_standardised(labels.values), _standardised(labels.ranks)])
        self._of_y = self._sums(lambda part: np.concatenate([self._y[:, part], self._y[:, part] ** 2]), 4)

    @property
    def size(self) -> int:
        """Numbers that are kept at once for a prediction."""
        return max(self.weights.shape[1], TERMS * len(self.weights))

    def intervals(self, predicted: Floats, ranks: Floats | None = None) -> list[dict[str, tuple[float, float]]]:
        """Return measure to (low, high) for every prediction, `(predictions, sequences)`; NaN where there are none."""
        number = len(predicted)
        if not len(self.weights):
            return [dict.fromkeys(MEASURES, (float("nan"), float("nan"))) for _ in predicted]
        ranks = average_ranks_by_row(predicted) if ranks is None else ranks
        scales = [_centre_and_scale(values) for values in (predicted, ranks)]

        def terms(part: slice) -> Floats:
            errors = (self.labels.values[part] - predicted[:, part]) ** 2
            found = [errors]
            for values, (centre, scale), y in zip((predicted, ranks), scales, self._y, strict=True):
                z = (values[:, part] - centre) / scale
                found += [z, z**2, z * y[part]]
            return np.concatenate(found)

        sums = self._sums(terms, TERMS * number).reshape(len(self.weights), TERMS, number)
        values = np.empty((len(MEASURES), len(self.weights), number))
        values[0] = np.sqrt(sums[:, 0])
        for measure, first in ((1, 1), (2, 4)):
            mean, square, product = (sums[:, place] for place in (first, first + 1, first + 2))
            of_mean, of_square = (self._of_y[:, place, None] for place in (measure - 1, measure + 1))
            spread = (square - mean**2) * (of_square - of_mean**2)
            with np.errstate(divide="ignore", invalid="ignore"):
                r_value = (product - mean * of_mean) / np.sqrt(spread)
            values[measure] = np.where(spread > 1e-12, np.clip(r_value, -1, 1), np.nan)
        return [{name: _interval(values[i, :, j]) for i, name in enumerate(MEASURES)} for j in range(number)]

    def _sums(self, terms: Callable[[slice], Floats], number: int) -> Floats:
        """Return the weighted means of terms, `(resamples, terms)`, block by block of sequences."""
        total = np.zeros((len(self.weights), number))
        n = self.weights.shape[1]
        at_once = max(min(SEQUENCES_AT_ONCE, WEIGHTS_AT_ONCE // max(len(self.weights), 1)), 1)
        for first in range(0, n, at_once):
            part = slice(first, first + at_once)
            total += self.weights[:, part].astype(np.float64) @ terms(part).T
        return total / n


def _standardised(values: Floats) -> Floats:
    """Centre and scale, so that sums of squares lose no digits."""
    centre, scale = _centre_and_scale(values[None])
    return np.asarray((values - centre[0]) / scale[0])


def _centre_and_scale(values: Floats) -> tuple[Floats, Floats]:
    """Return mean and SD of every row, `(rows, 1)`; 1 instead of an SD of 0."""
    spread = values.std(axis=1, keepdims=True)
    return values.mean(axis=1, keepdims=True), np.where(spread > 0, spread, 1.0)


def _interval(values: Floats) -> tuple[float, float]:
    defined = values[np.isfinite(values)]
    if len(defined) < FEWEST:
        return float("nan"), float("nan")
    if len(defined) < FEW:
        middle, half = float(defined.mean()), 1.96 * float(defined.std(ddof=1))
        return middle - half, middle + half
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)
