"""How many peaks were used, in one sentence."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import Result, missing
from cistill.report.drawing.wording import count, percent, plural


def data_result(summary: Mapping[str, Any]) -> Result:
    """Return the peaks used of those given, and how many of them are held out: counts of all, without an interval."""
    regions = summary["regions"]
    given, used = regions["peaks_given"], regions["peaks_kept"]
    if not given:
        return missing("No peaks were given.")
    held_out = regions["by_split"].get("test", {"peaks": 0})["peaks"]
    folds = len(summary["folds"])
    by = f", in {plural(folds, 'fold')}" if folds > 1 else ""
    return Result(
        f"{count(used)} of {plural(given, 'peak')} given ({percent(used, given)}) train or test the model, next to "
        f"{plural(regions['backgrounds'], 'background region')}; {count(held_out)} of them are held out for tests{by}."
    )
