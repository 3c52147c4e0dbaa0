"""Numbers and names as the page writes them."""

import math
from typing import NamedTuple


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
    "profile_nll": MetricWords("profile NLL", "multinomial negative log-likelihood of the reads, nats"),
    "profile_pearson": MetricWords("profile Pearson r", "correlation along the profile"),
    "profile_spearman": MetricWords("profile Spearman ρ", "rank correlation along the profile"),
}
MINUS = "−"
MISSING = "–"


def metric_words(name: str) -> MetricWords:
    """Return the words for a metric; an unknown one keeps its own name."""
    return METRICS.get(name, MetricWords(name.replace("_", " "), ""))


def decimal(value: float | None, digits: int = 3) -> str:
    """Return a number with a fixed number of decimals."""
    if value is None or not math.isfinite(value):
        return MISSING
    return f"{value:.{digits}f}".replace("-", MINUS)


def readable(value: float) -> str:
    """Return a number of any size with as many decimals as it is worth: three, or one from a hundred on."""
    return decimal(value, 1 if abs(value) >= 100 else 3)


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
    if value == 0 or value >= 0.001:
        return f"{value:.2g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}×10{superscript(int(exponent))}"


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


def plural(number: int, one: str, many: str = "") -> str:
    """Return a count with its noun in the right form."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"
