"""Known sites among the hits, as summary.json has them."""

from typing import Any

from cistill.report.drawing.wording import plain
from cistill.report.reading.facts import curve_point, default_cut, site_classes
from cistill.report.reading.head_results import Head
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.tf_results import TfResults


def site_record(page: PageContext) -> dict[str, Any]:
    """Return head to the known sites found, of the heads that were compared with known sites."""
    heads = page.results.heads.items()
    return {
        "known_sites": {name: _known_sites(page.results, head) for name, head in heads if head.site_recall is not None}
    }


def _known_sites(results: TfResults, head: Head) -> dict[str, Any]:
    point = None if head.site_curve is None else curve_point(head.site_curve, default_cut(results, head))
    return {
        "classes": site_classes(head),
        "cut": None if point is None else plain(point["cut"]),
        "n_hits": None if point is None else int(point["n_hits"]),
        "precision_any": None if point is None else plain(point["precision_any"]),
        "precision_any_in_reach": plain(
            results.stage("comparehits", head.name).get("results", {}).get("precision_any_in_reach")
        ),
    }
