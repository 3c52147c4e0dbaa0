"""Axes of charts: ranges, round ticks, and numbers as short text."""

import math

import numpy as np
from numpy.typing import ArrayLike


def number(value: float, digits: int = 1) -> str:
    """Return a coordinate as short text: at most `digits` decimals, no trailing zeros."""
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def text_width(words: str) -> float:
    """Return about how many pixels words take in the charts' 12-pixel type, rather more than less."""
    return sum(10.6 if letter in "mwMW—" else 4.4 if letter in "iljtfr.,:;'|()[] " else 7.6 for letter in words)


def nice_step(span: float, count: int) -> float:
    """Return 1, 2, 2.5 or 5 times a power of ten, so that about `count` steps cover `span`."""
    if not (span > 0 and math.isfinite(span)):
        return 1.0
    raw = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    return next((factor * power for factor in (1, 2, 2.5, 5) if raw <= factor * power * 1.0001), 10 * power)


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return round values within [low, high], about `count` of them."""
    step = nice_step(high - low, count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def tick_text(value: float, digits: int = 6) -> str:
    """Return an axis value as a reader writes it: thousands apart, no needless zeros, at most `digits` that count."""
    if abs(value) >= 10000:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}".replace("-", "−")


def limits(*values: ArrayLike, pad: float = 0.04, zero: bool = False) -> tuple[float, float]:
    """Return the range of all finite values, a little widened; (0, 1) without any."""
    flat = np.concatenate([np.asarray(item, dtype=np.float64).ravel() for item in values] or [np.zeros(0)])
    flat = flat[np.isfinite(flat)]
    if not flat.size:
        return 0.0, 1.0
    low, high = float(flat.min()), float(flat.max())
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high <= low:
        return low - 0.5, high + 0.5
    extra = pad * (high - low)
    return low - (0 if zero and low == 0 else extra), high + extra
