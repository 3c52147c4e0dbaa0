"""With what the results were made, in one sentence."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import Result, listed, missing

NAMED = ("torch", "modisco-lite", "numpy")


def method_result(summary: Mapping[str, Any]) -> Result:
    """Return the program and the packages that decide results, with versions."""
    versions: Mapping[str, str] = summary["versions"]
    if "cistill" not in versions:
        return missing("No provenance files were given, so versions and settings are not known.")
    others = [f"{name} {versions[name]}" for name in NAMED if name in versions]
    using = f", using {listed(others)}" if others else ""
    return Result(f"These results were made by cistill {versions['cistill']}{using}.")
