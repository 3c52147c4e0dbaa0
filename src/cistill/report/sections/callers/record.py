"""Several callers' hits in numbers, as summary.json has them."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.wording import plain
from cistill.report.reading.compared_callers import ComparedCallers
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.roles import ANY


def caller_record(page: PageContext) -> dict[str, Any]:
    """Return head to the callers' figures."""
    return {"callers": _callers(page.results.callers)}


def _callers(callers: Mapping[str, ComparedCallers]) -> dict[str, dict[str, Any]]:
    """Return head to caller to its figures, None for what was not measured."""
    names = {
        "precision": "precision_called",
        "recall": "recall_called",
        "average_precision": "average_precision",
        "mean_footprint": "mean_footprint",
    }
    return {
        head: {
            str(row["hit_set"]): {
                "hits": int(row["n_called"]),
                "sites": _known_sites(found, str(row["hit_set"])),
                **{name: plain(row.get(column)) for name, column in names.items()},
            }
            for row in found.sets.to_dict("records")
        }
        for head, found in callers.items()
    }


def _known_sites(callers: ComparedCallers, name: str) -> int | None:
    """Return the number of known sites in reach, of any class; None without known sites."""
    if callers.recall is None:
        return None
    rows = callers.recall[(callers.recall["hit_set"] == name) & (callers.recall["site_class"] == ANY)]
    return int(rows["n_sites"].iloc[0]) if len(rows) else None
