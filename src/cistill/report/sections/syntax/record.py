"""Prevalence and pairs of motifs, as summary.json has them."""

from typing import Any

from cistill.report.drawing.wording import plain
from cistill.report.reading.hit_statistics import SIGNIFICANT, Syntax
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.roles import ANY


def syntax_record(page: PageContext) -> dict[str, Any]:
    """Return what is known of the arrangement of hits; None without any of its tables."""
    return {"syntax": _syntax(page.results.syntax)}


def _syntax(syntax: Syntax | None) -> dict[str, Any] | None:
    """Return hits, prevalence and pairs that chance does not explain."""
    if syntax is None:
        return None
    found: dict[str, Any] = {"hits": None, "regions": None, "regions_with_hit": None, "prevalence": {}, "pairs": None}
    if syntax.prevalence is not None:
        for row in syntax.prevalence.to_dict("records"):
            if row["motif_id"] == ANY:
                found |= {
                    "hits": int(row["n_hits"]),
                    "regions": int(row["n_regions"]),
                    "regions_with_hit": int(row["n_regions_with_hit"]),
                }
            else:
                found["prevalence"][str(row["motif_id"])] = plain(row["share_of_regions"])
    if syntax.pairs is not None:
        found["pairs"] = {
            "n": len(syntax.pairs),
            "more_than_chance": int((syntax.pairs["q_value"] < SIGNIFICANT).sum()),
            "fewer_than_chance": int((syntax.pairs["q_value_depleted"] < SIGNIFICANT).sum()),
        }
    return found
