"""How sure the energies of the sequence box are, in one sentence."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import Result, interval_words, missing
from cistill.report.drawing.wording import count, decimal


def sequence_box_result(summary: Mapping[str, Any]) -> Result | None:
    """Return the error of the matrix that was compared with most sequences."""
    box = summary["sequence_box"]
    known = {name: matrix["error"] for name, matrix in box["matrices"].items() if matrix["error"] is not None}
    if known:
        name = max(known, key=lambda library: (known[library]["against"] == "measured", known[library]["n"]))
        error = known[name]
        interval = interval_words(error["rmse_low"], error["rmse_high"], 2)
        figure = f"{decimal(error['rmse'], 2)} kcal/mol ({interval})"
        if error["against"] == "measured":
            of = f"{count(error['n'])} held-out measured sequences of library {name}"
            return Result(f"Energies by the distilled matrix have an error (RMSE) of {figure} on {of}.")
        of = f"{count(error['n'])} sequences of library {name}, of which none was measured"
        return Result(f"Energies by the distilled matrix differ from the network's own by {figure} (RMSE) on {of}.")
    if box["matrices"]:
        return missing("The error of energies by the distilled matrix is not known: too few sequences to compare with.")
    if box["network"] is not None:
        return missing("This run has no distilled matrix: the box predicts counts and profiles, but gives no energies.")
    return None
