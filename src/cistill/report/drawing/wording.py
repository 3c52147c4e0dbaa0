"""Numbers and names as the page and the summary write them."""

import math
from collections.abc import Callable, Iterable
from numbers import Real
from typing import Any, NamedTuple


class MetricWords(NamedTuple):
    """How a metric of metrics.tsv is called, and what it is."""

    name: str
    meaning: str


METRICS = {
    "auroc": MetricWords(
        "AUROC", "how well predicted counts rank peaks above background regions; 0.5 is chance, 1 is perfect"
    ),
    "auprc": MetricWords("AUPRC", "area under the precision-recall curve, peaks against background"),
    "count_pearson": MetricWords("log-count Pearson r", "correlation of ln(1 + 5' ends), predicted and observed"),
    "count_spearman": MetricWords("log-count Spearman ρ", "rank correlation of predicted and observed counts"),
    "count_mse": MetricWords("log-count MSE", "mean squared error of ln(1 + 5' ends)"),
    "profile_jsd": MetricWords(
        "profile JSD", "joint Jensen-Shannon distance of both strands, base e, unsmoothed; 0 is identical"
    ),
    "profile_nll": MetricWords(
        "profile NLL", "multinomial negative log-likelihood of the reads of a strand, nats; grows with their number"
    ),
    "profile_cross_entropy": MetricWords("profile cross-entropy", "cross-entropy of a strand's reads, nats per read"),
    "profile_js_divergence": MetricWords(
        "smoothed JS divergence", "Jensen-Shannon divergence from the smoothed reads of a strand, nats"
    ),
    "profile_pearson": MetricWords("profile Pearson r", "correlation with the smoothed reads along the profile"),
    "profile_spearman": MetricWords("profile Spearman ρ", "rank correlation with the smoothed reads along the profile"),
    "profile_mse": MetricWords("profile MSE", "mean squared error of probabilities, against the smoothed reads"),
}
STRANDS = {"_plus": ", plus strand", "_minus": ", minus strand", "_pooled": ", strands pooled"}
MINUS = "−"
MISSING = "–"
HEAD_TITLES = {"counts": "Counts head", "profile": "Profile head"}
"""What the heads of a network are called."""
SPLIT_WORDS = {"train": "training", "valid": "validation", "test": "test"}
"""What the parts of a split are called."""


def metric_words(name: str) -> MetricWords:
    """Return the words for a metric, those of a strand too; an unknown one keeps its own name."""
    end = next((end for end in STRANDS if name.endswith(end)), "")
    words = METRICS.get(name.removesuffix(end), MetricWords(name.removesuffix(end).replace("_", " "), ""))
    return MetricWords(words.name + STRANDS.get(end, ""), words.meaning)


def is_main(name: str) -> bool:
    """Return whether a metric is of both strands together: not of one of them, nor of both pooled."""
    return not name.endswith(tuple(STRANDS))


def decimal(value: float | None, digits: int = 3) -> str:
    """Return a number with a fixed number of decimals."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", MINUS)


def readable(value: float | None) -> str:
    """Return a number of any size with as many decimals as it is worth: three, or one from a hundred on."""
    return decimal(value, 1 if value is not None and abs(value) >= 100 else 3)


def written_alike(values: Iterable[float]) -> list[str]:
    """Return numbers that are compared with each other: as powers of ten where three decimals would tell too little."""
    known = list(values)
    largest = max((abs(value) for value in known if math.isfinite(value)), default=0.0)
    if not 0 < largest < 0.01:
        return [readable(value) for value in known]
    return [scientific(value) if math.isfinite(value) and value else decimal(value, 0) for value in known]


def scientific(value: float) -> str:
    """Return a number as two digits and a power of ten."""
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa.replace('-', MINUS)}×10{superscript(int(exponent))}"


def significant(value: float | None, digits: int = 3) -> str:
    """Return a setting with so many significant digits."""
    if value is None or not math.isfinite(value):
        return MISSING
    return count(value) if abs(value) >= 10**digits else f"{value:.{digits}g}".replace("-", MINUS)


def span(values: Iterable[float | None], write: Callable[[float], str]) -> str:
    """Return the range of the values that there are, a single one if they are written alike."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return MISSING
    low, high = write(min(known)), write(max(known))
    return low if low == high else f"{low} – {high}"


def plain(value: Any) -> float | None:
    """Return a finite number as a float of six significant digits, anything else as None: what a JSON file takes."""
    if not isinstance(value, Real) or not math.isfinite(value):
        return None
    return float(f"{float(value):.6g}")


def count(value: float | None) -> str:
    """Return a whole number with thousands apart."""
    return MISSING if value is None or not math.isfinite(value) else f"{value:,.0f}"


def percent(part: float, whole: float) -> str:
    """Return a share as per cent."""
    return f"{100 * part / whole:.1f}%" if whole else MISSING


def probability(value: float | None) -> str:
    """Return a p- or q-value: two significant digits, powers of ten written out."""
    if value is None or not math.isfinite(value):
        return MISSING
    return f"{value:.2g}" if value == 0 or value >= 0.001 else scientific(value)


def superscript(value: int) -> str:
    """Return a whole number in raised figures."""
    return str(value).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def duration(seconds: float | None) -> str:
    """Return a time as hours, minutes, seconds."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def shortened(name: str, most: int = 24) -> str:
    """Return a name that fits beside a chart."""
    return name if len(name) <= most else name[: most - 1] + "…"


def plural(number: int, one: str, many: str = "") -> str:
    """Return a count with its noun in the right form."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"
