"""The example loci, as summary.json lists them."""

from typing import Any

import numpy as np
import pandas as pd

from cistill.report.reading.page_context import PageContext
from cistill.report.reading.prediction_tables import best_split
from cistill.report.sections.loci.choice import Locus, read_loci


def loci_record(page: PageContext) -> dict[str, Any]:
    """Return the example loci and the rules that chose each, and how close predicted counts of all peaks are."""
    return {"loci": locus_records(page.once(read_loci)), "predicted_counts": predicted_counts(page.results.predictions)}


def predicted_counts(predictions: pd.DataFrame | None) -> dict[str, dict[str, Any]]:
    """Return task to the peaks of the part that figures show, and how many are predicted within a factor of two."""
    if predictions is None:
        return {}
    split = best_split(predictions)
    peaks = predictions[(predictions["split"] == split) & (predictions["kind"] == "peak")]
    error = (peaks["predicted_log_count"] - peaks["observed_log_count"]).abs()
    known = peaks.assign(within=error <= np.log(2.0))[error.notna()]
    return {
        str(task): {"split": split, "peaks": len(rows), "within_twofold": int(rows["within"].sum())}
        for task, rows in known.groupby("task", sort=False)
    }


def locus_records(loci: list[Locus]) -> list[dict[str, Any]]:
    """Return the loci as summary.json lists them."""
    return [
        {
            "region_id": locus.region_id,
            "rules": list(locus.rules),
            "split": locus.split,
            "task": locus.task,
            "observed_log_count": round(locus.observed_log_count, 6),
            "predicted_log_count": round(locus.predicted_log_count, 6),
            "profile_jsd": None if np.isnan(locus.profile_jsd) else round(locus.profile_jsd, 6),
        }
        for locus in loci
    ]
