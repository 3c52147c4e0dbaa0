"""How well affinities are predicted, in one sentence."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import FEWEST, Result, interval_words, missing, too_few
from cistill.report.drawing.wording import count, decimal, plural

Library = Mapping[str, Any]


def affinity_result(summary: Mapping[str, Any]) -> Result | None:
    """Return the held-out error of the library with most held-out sequences, compared with its best motif."""
    libraries: Mapping[str, Library] = summary["affinity"]
    if not libraries:
        return None
    measured = {name: of for name, of in libraries.items() if of["calibrator"] in of["calibrators"] and of["held_out"]}
    if not measured:
        scored = sum(of["sequences"] or 0 for of in libraries.values())
        of = f"{plural(scored, 'sequence')} of {plural(len(libraries), 'library', 'libraries')}"
        return missing(f"Scored: {of}. None of them was measured and calibrated, so no error is known.")
    name = max(measured, key=lambda library: measured[library]["held_out"])
    library = measured[name]
    if library["held_out"] < FEWEST:
        return too_few(library["held_out"], "held-out sequence", f" in library {name}")
    own, unit = library["calibrators"][library["calibrator"]], library["unit"]
    words = (
        f"The model predicts {count(library['held_out'])} held-out sequences of library {name} with an error (RMSE) of "
        f"{_error(own, unit)}"
    )
    best = library["best_motif"]
    if best is not None:
        difference = float(best["rmse"]) - float(own["rmse"])
        than = "less than" if difference > 0 else "more than" if difference < 0 else "equal to that of"
        words += f", {than} the best motif with {_error(best, unit)}"
    further = f"; {plural(len(libraries) - 1, 'further library', 'further libraries')}" if len(libraries) > 1 else ""
    return Result(f"{words}{further}.")


def _error(figures: Mapping[str, Any], unit: str) -> str:
    interval = interval_words(figures["rmse_low"], figures["rmse_high"], 2)
    return f"{decimal(figures['rmse'], 2)} {unit}" + (f" ({interval})" if interval else "")
