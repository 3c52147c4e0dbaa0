"""Exact distributions of counts of regions when hits fall on regions at random."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
SMALLEST = 1e-300
"""Probabilities below this one are given as this one."""
TAIL_SD, TAIL_COUNTS = 40, 200
"""How far from the mean probabilities are computed: beyond, they are below SMALLEST."""
TERMS = 24  # of the power series of the exponential, for arguments up to 1
CELLS = 1 << 21  # complex numbers in memory at once


class CountDistribution(NamedTuple):
    """The distribution of a count.

    Attributes
    ----------
    first : int
        The smallest count that `probability` covers.
    probability : float64 array, (counts,)
        Of first, first + 1, ...; what lies beyond is below SMALLEST.
    mean, sd : float
    """

    first: int
    probability: Floats
    mean: float
    sd: float

    def at(self, count: int) -> float:
        """Return P(X = count)."""
        index = count - self.first
        return float(self.probability[index]) if 0 <= index < len(self.probability) else 0.0

    def above(self, count: int) -> float:
        """Return P(X > count)."""
        return float(self.probability[max(count + 1 - self.first, 0) :].sum())

    def below(self, count: int) -> float:
        """Return P(X < count)."""
        return float(self.probability[: max(count - self.first, 0)].sum())


def shared_boxes(boxes: int, first: int, second: int) -> CountDistribution:
    """Return the distribution of the boxes that two random subsets of all boxes share (hypergeometric).

    Parameters
    ----------
    boxes : int
    first, second : int
        Sizes of the two subsets.
    """
    from scipy import stats

    low, high = max(0, first + second - boxes), min(first, second)
    mean = first * second / boxes if boxes else 0.0
    rest = (1 - first / boxes) * (boxes - second) / (boxes - 1) if boxes > 1 else 0.0
    sd = float(np.sqrt(max(mean * rest, 0.0)))
    low, high = _range(low, high, mean, sd)
    count = np.arange(low, high + 1)
    return CountDistribution(low, np.exp(stats.hypergeom.logpmf(count, boxes, first, second)), mean, sd)


def crowded_boxes(boxes: int, balls: int, at_least: int = 2) -> CountDistribution:
    """Return the distribution of the boxes that hold `at_least` balls, each ball in a box chosen at random.

    With h(z) and g(z) the parts of the exponential series below and from z^k on (k = at_least), the number of ways in
    which d of N boxes hold k or more of n balls is n! C(N, d) [z^n] h(z)^(N-d) g(z)^d. The coefficient is a contour
    integral over a circle; its radius is chosen for every d so that the sum over the circle has no cancellation (the
    saddle point), and the trapezoidal sum is then exact to rounding.

    Parameters
    ----------
    boxes, balls : int
    at_least : int
        1 or more.
    """
    n, k = balls, at_least
    if boxes == 0 or n < k:
        return CountDistribution(0, np.ones(1), 0.0, 0.0)
    mean, sd = _crowded_moments(boxes, n, k)
    low, high = _range(0 if n <= boxes * (k - 1) else 1, min(boxes, n // k), mean, sd)
    count = np.arange(low, high + 1)
    log_ways = np.empty(len(count))
    # at the ends of the range there is one way to share out the balls, and no saddle point
    lowest = (count == 0) & (n == boxes * (k - 1))
    highest = count * k == n
    log_ways[lowest] = -boxes * special.gammaln(k)
    log_ways[highest] = -count[highest] * special.gammaln(k + 1)
    inner = ~(lowest | highest)
    log_ways[inner] = _log_coefficient(boxes, n, k, count[inner])
    log_choice = special.gammaln(boxes + 1) - special.gammaln(count + 1) - special.gammaln(boxes - count + 1)
    log_probability = special.gammaln(n + 1) - n * np.log(boxes) + log_choice + log_ways
    return CountDistribution(low, np.exp(log_probability), mean, sd)


def sum_of(parts: Sequence[CountDistribution]) -> CountDistribution:
    """Return the distribution of the sum of independent counts."""
    total = CountDistribution(0, np.ones(1), 0.0, 0.0)
    for part in parts:
        probability = np.convolve(total.probability, part.probability)
        kept = np.flatnonzero(probability >= SMALLEST)
        probability = probability[kept[0] : kept[-1] + 1]
        sd = float(np.hypot(total.sd, part.sd))
        total = CountDistribution(total.first + part.first + int(kept[0]), probability, total.mean + part.mean, sd)
    return total


def _range(low: int, high: int, mean: float, sd: float) -> tuple[int, int]:
    """Return the part of [low, high] where probabilities are above SMALLEST."""
    reach = TAIL_SD * sd + TAIL_COUNTS
    return max(low, int(np.floor(mean - reach))), min(high, int(np.ceil(mean + reach)))


def _crowded_moments(boxes: int, n: int, k: int) -> tuple[float, float]:
    """Return mean and standard deviation of the number of boxes with k or more of n balls."""
    from scipy import stats

    share = 1 / boxes
    crowded = float(stats.binom.sf(k - 1, n, share))
    mean = boxes * crowded
    if boxes == 1:
        return mean, 0.0
    i, j = np.meshgrid(np.arange(k), np.arange(k))  # balls in two boxes, neither crowded
    i, j = i[i + j <= n], j[i + j <= n]
    with np.errstate(divide="ignore", invalid="ignore"):
        log_rest = special.xlogy(n - i - j, 1 - 2 * share)
        log_ways = special.gammaln(n + 1) - special.gammaln([i + 1, j + 1]).sum(0) - special.gammaln(n - i - j + 1)
        neither = float(np.exp(log_ways + (i + j) * np.log(share) + log_rest).sum())
    both = 1 - 2 * (1 - crowded) + neither
    variance = mean + boxes * (boxes - 1) * both - mean**2
    return mean, float(np.sqrt(max(variance, 0.0)))


def _log_coefficient(boxes: int, n: int, k: int, count: NDArray[np.int64]) -> Floats:
    """Return ln [z^n] h(z)^(boxes - count) g(z)^count for every count."""
    if not len(count):
        return np.zeros(0)
    radius = _saddle_points(boxes, n, k, count)
    low, high = special.gammaincc(k, radius), special.gammainc(k, radius)  # h and g times e^-radius
    spread = np.sqrt(_tilted_variance(boxes, k, count, radius).max())
    points = int(np.ceil(10 * spread)) + 64
    angle = 2 * np.pi * np.arange(points // 2 + 1) / points
    weight = np.full(len(angle), 2.0)
    weight[0] = 1
    if points % 2 == 0:
        weight[-1] = 1
    mean = np.empty(len(count))
    rows = max(1, CELLS // len(angle))
    for first in range(0, len(count), rows):
        part = slice(first, first + rows)
        h, g = _parts_of_exponential(radius[part, None] * np.exp(1j * angle), radius[part, None], k)
        with np.errstate(divide="ignore", invalid="ignore"):
            powers = _power(h / low[part, None], (boxes - count[part])[:, None])
            powers = powers * _power(g / high[part, None], count[part][:, None])
        mean[part] = (powers * np.exp(-1j * angle * n)).real @ weight / points
    scale = special.xlogy(boxes - count, low) + special.xlogy(count, high) + boxes * radius - n * np.log(radius)
    return np.asarray(scale + np.log(np.maximum(np.nan_to_num(mean), SMALLEST)))


def _power(base: NDArray[np.complex128], exponent: NDArray[np.int64]) -> NDArray[np.complex128]:
    """Return base^exponent, 1 for an exponent of 0 whatever the base."""
    return np.asarray(np.where(exponent == 0, 1, np.exp(exponent * np.log(base))))


def _parts_of_exponential(
    z: NDArray[np.complex128], radius: Floats, k: int
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Return h(z) and g(z), the terms of e^z below and from z^k on, both times e^-radius with radius = |z|."""
    scale = np.exp(-radius)
    term, h = np.ones_like(z), np.zeros_like(z)
    for power in range(k):
        h += term
        term = term * z / (power + 1)
    g = np.exp(z - radius) - h * scale
    small = np.flatnonzero(radius[:, 0] < 1)
    if len(small):  # the difference above would cancel
        series = np.zeros_like(z[small])
        for power in range(TERMS + k, k, -1):
            series = (series + 1) * z[small] / power
        g[small] = term[small] * (1 + series) * scale[small]
    return h * scale, g


def _saddle_points(boxes: int, n: int, k: int, count: NDArray[np.int64]) -> Floats:
    """Return the rates at which boxes, `count` of them with k or more and the others with fewer, hold n on average."""
    low, high = np.full(len(count), -60.0), np.full(len(count), np.log(float(boxes) * n * k) + 5)
    for _ in range(70):
        middle = (low + high) / 2
        rate = np.exp(middle)
        sparse, crowded = _tilted_means(k, rate)
        more = (boxes - count) * sparse + count * crowded < n
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return np.asarray(np.exp((low + high) / 2))


def _tilted_means(k: int, rate: Floats) -> tuple[Floats, Floats]:
    """Return the means of a Poisson count that is below k, and of one that is not."""
    below, above = special.gammaincc(k, rate), special.gammainc(k, rate)
    fewer = special.gammaincc(k - 1, rate) if k > 1 else np.zeros_like(rate)
    more = special.gammainc(k - 1, rate) if k > 1 else np.ones_like(rate)
    with np.errstate(divide="ignore", invalid="ignore"):
        sparse = np.where(below > 0, rate * fewer / below, k - 1)
        crowded = np.where(above > 0, rate * more / above, k)
    return sparse, crowded


def _tilted_variance(boxes: int, k: int, count: NDArray[np.int64], rate: Floats) -> Floats:
    """Return the variance of the number of balls at the saddle point, by differences of its mean."""
    step = 1e-4
    up, down = _tilted_means(k, rate * (1 + step)), _tilted_means(k, rate * (1 - step))
    slope = (boxes - count) * (up[0] - down[0]) + count * (up[1] - down[1])
    return np.maximum(slope / (2 * step), 1e-6)
