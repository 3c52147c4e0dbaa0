"""How far contributions are from adding up, as summary.json has it."""

from typing import Any

from cistill.report.drawing.wording import plain
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.tf_results import TfResults


def contribution_record(page: PageContext) -> dict[str, Any]:
    """Return the gaps of every head and task."""
    return {"contributions": _gaps(page.results)}


def _gaps(results: TfResults) -> list[dict[str, Any]] | None:
    """Return median and largest gap per head and task, as summary.json tells them; None without shap.tsv."""
    if results.explained is None:
        return None
    return [
        {
            "head": str(row["head"]),
            "task": str(row["task"]),
            "regions": int(row["regions"]),
            "median_gap": plain(row["gap_median"]),
            "largest_gap": plain(row["gap_max"]),
            "regions_with_large_gap": int(row["gap_over_1_percent"]),
        }
        for row in results.explained.to_dict("records")
    ]
