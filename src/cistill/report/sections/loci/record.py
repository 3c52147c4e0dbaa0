"""The example loci, as summary.json lists them."""

from typing import Any

import numpy as np

from cistill.report.reading.page_context import PageContext
from cistill.report.sections.loci.choice import Locus, read_loci


def loci_record(page: PageContext) -> dict[str, Any]:
    """Return the example loci and the rules that chose each."""
    return {"loci": locus_records(page.once(read_loci))}


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
