"""What the run cost, in one sentence."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import Result, missing
from cistill.report.drawing.wording import duration, plural


def run_result(summary: Mapping[str, Any]) -> Result:
    """Return the time of all stages and the one that took longest: measured, without an interval."""
    stages: Mapping[str, float] = summary["timings"]["stages"]
    if not stages:
        return missing("No provenance files were given, so settings, versions and times are not known.")
    longest = max(stages, key=lambda name: stages[name])
    device = summary["training"]["device"] if summary["training"] is not None else None
    on = f" (training on {device})" if device else ""
    return Result(
        f"{plural(len(stages), 'stage')} took {duration(summary['timings']['total'])} of computing in all{on}; the "
        f"longest, {longest}, took {duration(stages[longest])}."
    )
