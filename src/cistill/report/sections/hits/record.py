"""Motif instances in numbers, as summary.json has them."""

from typing import Any

import pandas as pd

from cistill.report.drawing.wording import plain
from cistill.report.reading.facts import calling, default_cut, scored_regions
from cistill.report.reading.head_results import Head
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.provenance_files import find_setting
from cistill.report.reading.tf_results import TfResults


def hit_record(page: PageContext) -> dict[str, Any]:
    """Return head to its hits in numbers, of the heads that hits were given of."""
    heads = page.results.heads.items()
    return {"hits": {name: _hits(page.results, head, head.hits) for name, head in heads if head.hits is not None}}


def _hits(results: TfResults, head: Head, hits: pd.DataFrame) -> dict[str, Any]:
    scored = scored_regions(results, head)
    per_region = hits["region_id"].value_counts()
    with_hit = int(scored["region_id"].isin(per_region.index).sum())
    by_motif = hits["motif_id"].value_counts()
    return {
        "n": len(hits),
        "regions_scored": len(scored),
        "regions_with_hit": with_hit,
        "fraction_with_hit": plain(with_hit / len(scored)) if len(scored) else None,
        "mean_per_region": plain(len(hits) / len(scored)) if len(scored) else None,
        "median_confidence": plain(hits["confidence"].median()),
        "cut": default_cut(results, head),
        "fdr": plain(find_setting(calling(results, head), "fdr")),
        "by_motif": {str(name): int(by_motif[name]) for name in sorted(by_motif.index)},
    }
