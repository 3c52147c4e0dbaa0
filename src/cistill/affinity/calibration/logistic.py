"""Logistic curves of least squares, many at once: y = floor + height * sigma(steepness * (x - midpoint)).

Floor and height follow from the other two by linear regression (variable projection, Golub & Pereyra 1973), so that the
search has two dimensions: the best of a grid of guesses, and from there Newton's method with damping and bounds, to the
point where rounding hides any further gain. Every curve has the figures that it would have alone.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SLOPES = np.geomspace(0.3, 10, 8)  # first guesses of the steepness, per SD of x
LIMITS = (0.1, 30.0)
MIDPOINTS = np.linspace(-0.25, 1.25, 13)  # first guesses of the midpoint, in ranges of x from the lowest
VALUES_AT_ONCE = 2_000_000
STEPS = 100
FLAT, SHORT, NOISE = 1e-13, 1e-11, 1e-15  # of slopes, of steps, and of the share of squares that is not explained
FIRST_DAMPING, LEAST_DAMPING, MOST_DAMPING = 1e-4, 1e-9, 1e9


class Logistics(NamedTuple):
    """Curves, an entry each; those of a constant x or y are flat, at the mean of y."""

    floor: Floats
    height: Floats
    steepness: Floats
    midpoint: Floats

    def curves(self, x: Floats) -> Floats:
        """Return the curves at x, `(curves or 1, points)`, as `(curves, points)`."""
        floor, height, steepness, midpoint = (values[:, None] for values in self)
        return floor + height * _sigma(steepness * (x - midpoint))


class _Fit(NamedTuple):
    """What of the squares of y a curve leaves, as a share, and its derivatives by midpoint and log steepness.

    `share` is `(curves,)`, `slope` `(curves, 2)`, `bend` `(curves, 3)`: by the midpoint twice, by both, by the
    steepness twice. Midpoints count in ranges of x.
    """

    share: Floats
    slope: Floats
    bend: Floats


def fit_logistics(x: Floats, y: Floats) -> Logistics:
    """Fit a curve to every row.

    The steepness is bounded by 0.1 and 30 per SD of x, the midpoint by the range of x on either side of it.

    Parameters
    ----------
    x, y : (curves or 1, points)
        One row stands for all curves.
    """
    curves = max(len(x), len(y))
    centred = y - y.mean(axis=1, keepdims=True)
    scale, lowest, span = x.std(axis=1), x.min(axis=1), np.ptp(x, axis=1)
    usable = np.broadcast_to((scale > 0) & (np.ptp(y, axis=1) > 0), curves)
    mean = np.broadcast_to(y.mean(axis=1), curves)
    found = Logistics(mean.copy(), np.zeros(curves), np.ones(curves), np.broadcast_to(lowest, curves).copy())
    at_once = max(VALUES_AT_ONCE // (len(SLOPES) * len(MIDPOINTS) * x.shape[1]), 1)
    everything = np.flatnonzero(usable)
    for first in range(0, len(everything), at_once):
        rows = everything[first : first + at_once]
        own, of = (values if len(values) == 1 else values[rows] for values in (x, centred))
        base, width, unit = (np.broadcast_to(values, curves)[rows] for values in (lowest, span, scale))
        relative = (own - base[: len(own), None]) / width[: len(own), None]
        point = _search(relative, of, _first_guesses(relative, of, width / unit), width / unit)
        steepness, midpoint = np.exp(point[:, 1]) / width, base + point[:, 0] * width
        curve = _sigma(steepness[:, None] * (own - midpoint[:, None]))
        spread = curve - curve.mean(axis=1, keepdims=True)
        square = (spread**2).sum(axis=1)
        height = np.divide((spread * of).sum(axis=1), square, out=np.zeros(len(rows)), where=square > 0)
        values = mean[rows] - height * curve.mean(axis=1), height, steepness, midpoint
        for all_of, value in zip(found, values, strict=True):
            all_of[rows] = value
    return found


def _sigma(z: Floats) -> Floats:
    """Return the logistic function."""
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-z)))


def _first_guesses(x: Floats, centred: Floats, per_scale: Floats) -> Floats:
    """Return midpoint and log steepness `(curves, 2)` of the guess that explains most; x and both in ranges of x."""
    slopes = SLOPES[:, None] * per_scale[: len(x)]  # (slopes, x's)
    slope, midpoint = np.repeat(slopes, len(MIDPOINTS), axis=0).T, np.tile(MIDPOINTS, len(SLOPES))
    curves = _sigma(slope[:, :, None] * (x[:, None, :] - midpoint[:, None]))  # (x's, guesses, points)
    curves -= curves.mean(axis=2, keepdims=True)
    product = (curves @ centred[:, :, None])[:, :, 0]  # (curves, guesses)
    best = (product**2 / np.maximum((curves**2).sum(axis=2), 1e-300)).argmax(axis=1)
    chosen = np.broadcast_to(slope, product.shape)[np.arange(len(best)), best]
    return np.stack([midpoint[best], np.log(chosen)], axis=1)


def _search(x: Floats, centred: Floats, start: Floats, per_scale: Floats) -> Floats:
    """Return midpoint and log steepness `(curves, 2)` of least squares, in ranges of x."""
    point = start.copy()
    curves = len(point)
    low = np.stack([np.full(curves, -1.0), np.log(LIMITS[0] * per_scale)], axis=1)
    high = np.stack([np.full(curves, 2.0), np.log(LIMITS[1] * per_scale)], axis=1)
    damping = np.full(curves, FIRST_DAMPING)
    active = np.arange(curves)

    def measured(rows: NDArray[np.int64], at: Floats) -> _Fit:
        return _fit(x if len(x) == 1 else x[rows], centred if len(centred) == 1 else centred[rows], at)

    fit = measured(active, point)
    for _ in range(STEPS):
        step, flat = _step(fit, point[active], low[active], high[active], damping[active])
        trial = np.clip(point[active] + step, low[active], high[active])
        found = measured(active, trial)
        better = found.share <= fit.share + NOISE
        done = flat | (np.abs(trial - point[active]).max(axis=1) < SHORT)
        point[active[better]] = trial[better]
        damping[active] = np.where(better, damping[active] / 10, np.maximum(damping[active] * 10, FIRST_DAMPING))
        done |= damping[active] > MOST_DAMPING
        fit = _Fit(*(np.where(better.reshape(-1, *[1] * (a.ndim - 1)), b, a) for a, b in zip(fit, found, strict=True)))
        active, fit = active[~done], _Fit(*(values[~done] for values in fit))
        if not len(active):
            break
    return point


def _step(fit: _Fit, point: Floats, low: Floats, high: Floats, damping: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return Newton's step `(curves, 2)`, damped and downhill, and where there is none to make."""
    held = ((point <= low) & (fit.slope > 0)) | ((point >= high) & (fit.slope < 0))
    slope = np.where(held, 0.0, fit.slope)
    first, both, second = fit.bend.T
    first, second = np.where(held[:, 0], 1.0, first), np.where(held[:, 1], 1.0, second)
    both = np.where(held.any(axis=1), 0.0, both)
    least = (first + second) / 2 - np.hypot((first - second) / 2, both)  # the smaller eigenvalue
    shift = np.where(damping > LEAST_DAMPING, damping, 0.0) + np.maximum(-2 * least, 0.0) + 1e-300
    first, second = first + shift, second + shift
    determinant = np.maximum(first * second - both**2, 1e-300)
    step = -np.stack([second * slope[:, 0] - both * slope[:, 1], first * slope[:, 1] - both * slope[:, 0]], axis=1)
    return step / determinant[:, None], np.abs(slope).max(axis=1) < FLAT


def _fit(x: Floats, centred: Floats, point: Floats) -> _Fit:
    """Return what curves leave unexplained, and its derivatives."""
    steepness = np.exp(point[:, 1:])
    z = steepness * (x - point[:, :1])  # (curves, points)
    curve = _sigma(z)
    rise = curve * (1 - curve)
    bend = rise * (1 - 2 * curve)
    by = np.stack([-steepness * rise, z * rise])  # of the curve by midpoint and log steepness
    twice = np.stack([steepness**2 * bend, -steepness * (rise + z * bend), z * rise + z**2 * bend])
    curve = curve - curve.mean(axis=1, keepdims=True)
    by -= by.mean(axis=2, keepdims=True)
    # P: product with y, S: square of the curve; what is explained is P**2 / S
    total = (centred**2).sum(axis=1)
    product, square = (curve * centred).sum(axis=1), np.maximum((curve**2).sum(axis=1), 1e-300)
    product_1, square_1 = (by * centred).sum(axis=2), 2 * (by * curve).sum(axis=2)
    product_2 = (twice * centred).sum(axis=2)
    pairs = ((0, 0), (0, 1), (1, 1))
    square_2 = 2 * (np.stack([(by[i] * by[j]).sum(axis=1) for i, j in pairs]) + (twice * curve).sum(axis=2))
    height = product / square
    slope = height * (2 * product_1 - height * square_1)
    second = [
        2 * (product_1[i] - height * square_1[i]) * (product_1[j] - height * square_1[j]) / square
        + height * (2 * product_2[place] - height * square_2[place])
        for place, (i, j) in enumerate(pairs)
    ]
    share = 1 - height * product / total
    return _Fit(share, -(slope / total).T, -(np.stack(second) / total).T)
