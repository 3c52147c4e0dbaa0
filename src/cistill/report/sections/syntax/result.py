"""Whether motifs are arranged other than by chance, in one sentence."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import FEWEST, Result, interval_words, missing, motif_name, too_few
from cistill.report.drawing.wording import count, decimal, plural
from cistill.report.reading.hit_statistics import SIGNIFICANT
from cistill.statistics import share_interval

MOTIF_KEYS = ("motifs", "merged_motifs")


def syntax_result(summary: Mapping[str, Any]) -> Result | None:
    """Return how many pairs of motifs share regions more or less often than by chance, and the clearest of them."""
    found = summary["syntax"]
    if found is None:
        return None
    regions = found["regions"]
    if not found["hits"]:
        return missing("There are no hits, so nothing is known of their arrangement.")
    if regions < FEWEST:
        return too_few(regions, "region", " searched")
    pairs = found["pairs"]
    if pairs is None or not pairs["different"]:
        return missing("There is no pair of different motifs, so nothing is known of their arrangement.")
    more, fewer = pairs["different_more"], pairs["different_fewer"]
    where = f"n = {count(found['hits'])} hits in {count(regions)} regions"
    words = (
        f"Of {plural(pairs['different'], 'pair')} of different motifs, {_share(more)} regions more often and "
        f"{count(fewer) if fewer else 'none'} less often than by chance (false discovery rate {SIGNIFICANT:g}; {where})"
    )
    clearest = pairs["clearest"]
    if clearest is None:
        return Result(f"{words}.")
    names = {motif["motif_id"]: motif_name(motif) for key in MOTIF_KEYS for motif in summary[key] or ()}
    a, b = (names.get(clearest[key], clearest[key]) for key in ("motif_a", "motif_b"))
    lower, upper = (
        bound * clearest["regions"] / clearest["expected"]
        for bound in share_interval(clearest["n_both"], clearest["regions"])
    )
    return Result(
        f"{words}; the clearest, {a} and {b}, share {plural(clearest['n_both'], 'region')} where chance has "
        f"{decimal(clearest['expected'], 1)}: {decimal(clearest['n_both'] / clearest['expected'], 2)} times as many "
        f"({interval_words(lower, upper, 2)})."
    )


def _share(number: int) -> str:
    return f"{count(number) if number else 'none'} {'share' if number > 1 else 'shares'}"
