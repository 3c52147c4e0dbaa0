"""How far apart weak and strong sites are: of measured affinities where there are some, else of predicted reads."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cistill.report.drawing.sentences import FEWEST
from cistill.report.drawing.wording import count, decimal, plain
from cistill.report.reading.library_results import LibraryResults
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.prediction_tables import best_split
from cistill.report.reading.tf_results import TfResults

ENDS = (5, 95)
"""Percentiles that the range goes between."""
LIBRARY, PREDICTED = "library", "predicted_reads"


def strength_record(page: PageContext) -> dict[str, Any]:
    """Return the range of strengths that is known best; None where nothing of them is known."""
    of_libraries = [_of_library(library) for library in page.results.libraries.values()]
    known = [found for found in of_libraries if found is not None]
    best = max(known, key=lambda found: int(found["n"]), default=None)
    return {"strength": best or _of_predictions(page.results)}


def _of_library(library: LibraryResults) -> dict[str, Any] | None:
    """Return the range of the calibrated values of a library's sequences, None if they were not calibrated."""
    points = library.points
    if points is None or library.kind not in points:
        return None
    values = points.loc[points["regular"], library.kind].to_numpy(float)
    found = _range(values, LIBRARY, library.name, library.unit, library.n_calibrated)
    tighter = library.result("calibrate", "higher_is_tighter")
    return found if found is None else found | {"higher_is_tighter": tighter}


def _of_predictions(results: TfResults) -> dict[str, Any] | None:
    """Return the range of predicted reads over the peaks of a task: held-out ones, where there are some."""
    rows = results.predictions
    if rows is None:
        return None
    split = best_split(rows)
    found: list[dict[str, Any]] = []
    for task, peaks in rows[(rows["split"] == split) & (rows["kind"] == "peak")].groupby("task", sort=False):
        reads = np.expm1(pd.to_numeric(peaks["predicted_log_count"]).to_numpy(float)).clip(min=0)
        one = _range(reads, PREDICTED, str(task), "reads", len(reads))
        found += [] if one is None else [one | {"split": split}]
    return max(found, key=lambda one: int(one["n"]), default=None)


def _range(values: np.ndarray, source: str, name: str, unit: str, n: int) -> dict[str, Any] | None:
    known = values[np.isfinite(values)]
    if len(known) < FEWEST:
        return None
    low, high = np.percentile(known, ENDS)
    return {
        "source": source, "name": name, "unit": unit, "low": plain(low), "high": plain(high), "n": n, "split": None,
        "higher_is_tighter": True,
    }  # fmt: skip


def strength_words(record: Mapping[str, Any]) -> tuple[str, str]:
    """Return the range and what it is of."""
    ends = f"5th to 95th percentile of {count(record['n'])}"
    if record["source"] == LIBRARY:
        value = f"{decimal(record['low'], 1)} to {decimal(record['high'], 1)}"
        tighter = record["higher_is_tighter"]
        which = "" if tighter is None else ", higher is tighter" if tighter else ", lower is tighter"
        return value, f"{record['unit']}{which}; predicted for the sequences of library {record['name']}, {ends}"
    low, high = float(record["low"]), float(record["high"])
    fold = f"; {decimal(high / low, 0)}-fold" if low >= 1 else ""
    kind = "held-out peaks" if record["split"] == "test" else "peaks"
    return f"{count(low)} to {count(high)}", f"predicted reads of {kind}, {record['name']}; {ends}{fold}"
