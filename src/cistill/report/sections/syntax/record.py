"""Prevalence and pairs of motifs, as summary.json has them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cistill.report.drawing.wording import plain
from cistill.report.reading.hit_statistics import SIGNIFICANT, Syntax
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.roles import ANY


def syntax_record(page: PageContext) -> dict[str, Any]:
    """Return what is known of the arrangement of hits; None without any of its tables."""
    merged = page.results.merged
    return {"syntax": _syntax(page.results.syntax, {} if merged is None else merged.merged_of())}


def _syntax(syntax: Syntax | None, same: Mapping[str, str]) -> dict[str, Any] | None:
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
            **_different(syntax.pairs, found["regions"], same),
        }
    return found


def _different(pairs: pd.DataFrame, regions: int | None, same: Mapping[str, str]) -> dict[str, Any]:
    """Return the pairs of different motifs, and the one of smallest q, on whichever side."""
    keep = [not is_one_motif(str(a), str(b), same) for a, b in zip(pairs["motif_a"], pairs["motif_b"], strict=True)]
    rows = pairs[np.array(keep, dtype=bool)]
    q = rows[["q_value", "q_value_depleted"]].min(axis=1)
    clear = rows.assign(q=q)[(q < SIGNIFICANT) & (rows["expected"] > 0)].sort_values("q", kind="stable")
    first = clear.to_dict("records")[0] if len(clear) and regions else None
    return {
        "different": len(rows),
        "different_more": int((rows["q_value"] < SIGNIFICANT).sum()),
        "different_fewer": int((rows["q_value_depleted"] < SIGNIFICANT).sum()),
        "clearest": None
        if first is None
        else {
            "motif_a": str(first["motif_a"]),
            "motif_b": str(first["motif_b"]),
            "n_both": int(first["n_both"]),
            "expected": plain(first["expected"]),
            "regions": regions,
            "q_value": plain(first["q"]),
        },
    }


def is_one_motif(a: str, b: str, same: Mapping[str, str]) -> bool:
    """Return whether two names are of one motif: equal, or merged into one."""
    return a == b or (a in same and same[a] == same.get(b))
