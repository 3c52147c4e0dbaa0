"""Smoothed profiles as distributions, and how much alike two of them are; natural logarithms throughout.

All functions work on many profiles at once, `(profiles, 2 strands, length)`. Definitions are in docs/metrics.md; they
are those of kundajelab/neural_motif_discovery.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

SIGMA = 7.0  # of the Gaussian that smooths observed profiles, bp
WIDTH = 81  # positions that it covers
METRICS = ("js_divergence", "pearson", "spearman", "mse")
PERFECT = {"js_divergence": 0.0, "pearson": 1.0, "spearman": 1.0, "mse": 0.0}
TINY = np.finfo(np.float64).tiny  # what a logarithm is taken of in place of zero; its product with zero is zero


def smooth(profiles: np.ndarray) -> np.ndarray:
    """Smooth along the last axis: Gaussian, sigma 7 bp, 81 positions, mirrored at the ends; sums are kept."""
    return gaussian_filter1d(profiles, SIGMA, axis=-1, mode="reflect", truncate=(WIDTH - 1) / (2 * SIGMA))


@dataclass(frozen=True)
class Distributions:
    """Probabilities along each strand, with what comparing them needs.

    Attributes
    ----------
    share : array, shape=(profiles, strands, length)
        Each strand sums to one (or holds nothing).
    centred : array, shape=(profiles, strands, length)
        The same less its mean.
    plogp : array, shape=(profiles, strands)
        Sum of p ln p.
    pooled_rank, strand_rank : array, shape=(profiles, strands, length)
        Average ranks among all positions of both strands, and among those of the strand, less their means.
    """

    share: np.ndarray
    centred: np.ndarray
    plogp: np.ndarray
    pooled_rank: np.ndarray
    strand_rank: np.ndarray

    @classmethod
    def of(cls, share: np.ndarray, order: np.ndarray | None = None) -> "Distributions":
        """Prepare distributions; `order` is what to rank by, where a better one than the shares is at hand."""
        pooled, within = profile_ranks((share if order is None else order).astype(np.float32))
        logarithm = np.log(np.maximum(share, TINY))
        plogp = np.einsum("psl,psl->ps", share, logarithm)
        return cls(share, share - share.mean(-1, keepdims=True), plogp, pooled, within)

    def rows(self, index: np.ndarray) -> "Distributions":
        """Return some of them."""
        return replace(self, **{name: getattr(self, name)[index] for name in self.__dataclass_fields__})


def compare(observed: Distributions, predicted: Distributions) -> np.ndarray:
    """Return the metrics of smoothed profiles.

    Parameters
    ----------
    observed, predicted : Distributions
        Of the same shape, or of a single predicted profile.

    Returns
    -------
    array, shape=(profiles, 4, 1 + strands)
        METRICS of both strands, then of each. Jensen-Shannon divergence and squared error of both are means over
        strands, correlations those of all positions of both strands pooled; NaN where one of the two is constant (all
        values equal in single precision).
    """
    middle = (observed.share + predicted.share) / 2
    plogp = np.einsum("psl,psl->ps", middle, np.log(np.maximum(middle, TINY)))
    divergence = np.clip((observed.plogp + predicted.plogp) / 2 - plogp, 0, None)
    products = _products(observed.centred, predicted.centred)
    squared = np.clip(products[1] + products[2] - 2 * products[0], 0, None) / observed.share.shape[-1]
    pooled_ranks = _products(observed.pooled_rank, predicted.pooled_rank)
    strand_ranks = _products(observed.strand_rank, predicted.strand_rank)
    spearman = np.concatenate([_correlation(*pooled_ranks)[:, :1], _correlation(*strand_ranks)[:, 1:]], 1)
    return np.stack(
        [
            _with_mean(divergence),
            # what ranks take for constant is constant but for rounding
            np.where(np.isnan(spearman), np.nan, _correlation(*products)),
            spearman,
            _with_mean(squared),
        ],
        1,
    )


def _products(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the sums of xy, xx and yy along each strand, (profiles, strands) each."""
    xy, xx, yy = (np.einsum("psl,psl->ps", a, b) for a, b in ((x, y), (x, x), (y, y)))
    return xy, xx, np.broadcast_to(yy, xx.shape)


def _correlation(xy: np.ndarray, xx: np.ndarray, yy: np.ndarray) -> np.ndarray:
    """Return correlations of both strands pooled, then of each, (profiles, 1 + strands)."""
    sums = [np.concatenate([part.sum(1, keepdims=True), part], 1) for part in (xy, xx, yy)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(sums[0] / np.sqrt(sums[1] * sums[2]), -1, 1)


def _with_mean(strands: np.ndarray) -> np.ndarray:
    """Put the mean over strands before the strands, (profiles, strands) -> (profiles, 1 + strands)."""
    return np.concatenate([strands.mean(1, keepdims=True), strands], 1)


def profile_ranks(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return average ranks, less their means, among all positions of a profile and among those of a strand.

    One sort gives both: numbers are packed with their places into integers, which sort several times faster than an
    indirect sort; the ranks within a strand follow from counting its members along the common order.

    Parameters
    ----------
    values : float32 array, shape=(profiles, 2, length)
        Not NaN.

    Returns
    -------
    pooled, within : float64 arrays of the same shape
    """
    profiles, strands, length = values.shape
    total = strands * length
    bits = (values + np.float32(0)).reshape(profiles, total).view(np.int32)  # adding zero makes -0 equal 0
    ordered = bits ^ ((bits >> 31) & 0x7FFFFFFF)  # integers in the order of the numbers
    packed = (ordered.astype(np.int64) << 32) | np.arange(total)
    packed.sort(axis=-1)
    place = packed & 0xFFFFFFFF
    ordered = (packed >> 32).astype(np.int32)
    first, last = _ties(ordered)
    target = place + np.arange(profiles)[:, None] * total
    pooled = np.empty(profiles * total)
    pooled[target] = (first + last) / 2 - (total - 1) / 2
    shape = values.shape
    on_minus = place >= length
    minus = np.zeros((profiles, total + 1), dtype=np.int32)
    np.cumsum(on_minus, 1, out=minus[:, 1:])
    before = np.take_along_axis(minus, first, 1)
    until = np.take_along_axis(minus, last + 1, 1)
    ends = np.where(on_minus, before + until, first + last + 1 - before - until)
    within = np.empty(profiles * total)
    within[target] = ends / 2 - length / 2
    return pooled.reshape(shape), within.reshape(shape)


def _ties(ordered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the first and the last of its equals for every number of sorted rows."""
    total = ordered.shape[1]
    place = np.broadcast_to(np.arange(total, dtype=np.int32), ordered.shape)
    rises = ordered[:, 1:] != ordered[:, :-1]
    first, last = place.copy(), place.copy()
    if rises.all():
        return first, last
    first[:, 1:][~rises] = 0
    last[:, :-1][~rises] = total - 1
    return np.maximum.accumulate(first, 1), np.minimum.accumulate(last[:, ::-1], 1)[:, ::-1]
