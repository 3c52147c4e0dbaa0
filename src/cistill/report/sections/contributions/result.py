"""Whether contributions add up, in one sentence."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import FEWEST, Result, missing, share_words, too_few
from cistill.report.drawing.wording import count, plural, probability


def contribution_result(summary: Mapping[str, Any]) -> Result | None:
    """Return in how many regions contributions add up to within 1% of what the model predicts."""
    rows = summary["contributions"]
    if rows is None:
        return None
    regions = max((row["regions"] for row in rows), default=0)
    if not rows or regions < FEWEST:
        return too_few(regions, "region", " explained") if rows else missing("No region was explained.")
    every = sum(row["regions"] for row in rows)
    sound = every - sum(row["regions_with_large_gap"] for row in rows)
    largest = max((row["largest_gap"] or 0.0 for row in rows), default=0.0)
    of = f"; {count(regions)} regions, {plural(len(rows), 'output')} of the model" if len(rows) > 1 else ""
    return Result(
        f"Contributions add up to the predicted change of output, to within 1%, in {count(sound)} of "
        f"{plural(every, 'explanation')} ({share_words(sound, every)}{of}); the largest gap is {probability(largest)}."
    )
