"""The calibrated affinities of a library in a few figures: the model's, and those of the best motif."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cistill.report.drawing.wording import decimal, plain
from cistill.report.reading.library_results import DISTILLED, EXCESS, LINE, LibraryResults
from cistill.report.reading.page_context import PageContext

HELD_OUT = "held_out"
MEASURES = ("rmse", "rmse_low", "rmse_high", "pearson", "spearman", "spearman_low", "spearman_high")


CALIBRATOR_PHRASES = {
    LINE: "a straight line",
    EXCESS: "the excess over the background",
    DISTILLED: "a straight line of the energies distilled from its scores",
}


def held_out_rows(library: LibraryResults, kind: str | None = None) -> pd.DataFrame:
    """Return the rows of calibration.tsv about held-out sequences, of one calibrator or of all; empty without them."""
    table = library.tables.get("calibration")
    if table is None:
        return pd.DataFrame(columns=["method", "calibrator", "rmse", "motif", "family", "statistic"])
    rows = table[table["scored_on"] == HELD_OUT]
    return rows if kind is None else rows[rows["calibrator"] == kind]


def best_motif_row(library: LibraryResults) -> Mapping[Any, Any] | None:
    """Return the row of the motif of least held-out RMSE after OLS, in favour of the motifs; None without motifs."""
    rows = held_out_rows(library, LINE)
    motifs = rows[rows["motif"].notna() & rows["rmse"].notna()]
    return None if not len(motifs) else motifs.sort_values("rmse", kind="stable").to_dict("records")[0]


def model_row(library: LibraryResults, kind: str | None = None) -> Mapping[Any, Any] | None:
    """Return the model's row of held-out sequences after a calibrator, by default that of headlines."""
    rows = held_out_rows(library, kind or library.kind)
    own = rows[rows["method"] == library.model].to_dict("records")
    return own[0] if own else None


def method_words(row: Mapping[Any, Any]) -> str:
    """Return what a comparator is: family, statistic, motif."""
    parts = [row.get("family"), row.get("motif"), row.get("statistic")]
    known = [str(part) for part in parts if part is not None and not pd.isna(part)]
    return ", ".join(known) or str(row["method"])


def affinity_record(page: PageContext) -> dict[str, Any]:
    """Return library to its figures."""
    return {"affinity": {name: library_record(library) for name, library in page.results.libraries.items()}}


def library_record(library: LibraryResults) -> dict[str, Any]:
    """Return what summary.json tells of a library; None for what is not known."""
    calibrators = {}
    for row in held_out_rows(library).to_dict("records"):
        if row["method"] == library.model:
            calibrators[str(row["calibrator"])] = {name: plain(row.get(name)) for name in MEASURES}
    best = best_motif_row(library)
    own = model_row(library)
    scores = library.scores
    return {
        "sequences": None if scores is None else scores.n,
        "backgrounds": None if scores is None else scores.backgrounds,
        "unit": library.unit if calibrators else None,
        "calibrator": library.kind if calibrators else None,
        "held_out": None if own is None else int(own["n"]),
        "calibrators": calibrators,
        "best_motif": None
        if best is None
        else {"method": str(best["method"]), **{name: plain(best.get(name)) for name in MEASURES}},
    }


def interval(low: float | None, high: float | None, digits: int = 2) -> str:
    """Return a 95% interval in brackets, empty if it is not known."""
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return ""
    return f" (95% interval {decimal(low, digits)} to {decimal(high, digits)})"


def headline_sentence(library: LibraryResults) -> str:
    """Say how well the calibrated model predicts what it was not calibrated on, beside the best motif."""
    row = model_row(library)
    if row is None:
        return ""
    words = (
        f"On {int(row['n']):,} sequences that the calibration did not see, the model's error (RMSE) is "
        f"{decimal(row['rmse'], 2)} {library.unit}{interval(row.get('rmse_low'), row.get('rmse_high'))} after "
        f"calibration by {CALIBRATOR_PHRASES[library.kind]}; Spearman's rank correlation of measured and predicted "
        f"values is {decimal(row['spearman'], 2)}{interval(row.get('spearman_low'), row.get('spearman_high'))}."
    )
    best = best_motif_row(library)
    if best is None:
        return words + " No motifs were given to compare with."
    difference = float(best["rmse"]) - float(row["rmse"])
    verdict = "more" if difference > 0 else "less"
    words += (
        f" The best motif ({method_words(best)}), chosen by this very measure after a straight line, has "
        f"{decimal(best['rmse'], 2)} {library.unit}{interval(best.get('rmse_low'), best.get('rmse_high'))} and "
        f"{decimal(best['spearman'], 2)}: {decimal(abs(difference), 2)} {library.unit} {verdict} than the model."
    )
    return words
