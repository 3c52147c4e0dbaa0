"""Facts of one TF that several sections need: what was scored, where hits were cut, which motif is the top one."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cistill.report.drawing.wording import plain
from cistill.report.reading.head_results import Head
from cistill.report.reading.provenance_files import find_setting
from cistill.report.reading.tf_results import TfResults


def top_motif_id(head: Head) -> str | None:
    """Return the head's motif with most seqlets that is positive and not weak; else simply with most seqlets."""
    ranked = sorted(
        head.motifs or (),
        key=lambda motif: (motif.row["sign"] not in ("pos", "+", "positive"), motif.weak, -int(motif.row["n_seqlets"])),
    )
    return ranked[0].motif_id if ranked else None


def scored_regions(results: TfResults, head: Head) -> pd.DataFrame:
    """Return the regions that could hold hits: those that the attributions explain, else the kept peaks."""
    regions = results.regions[results.regions["kept"]]
    if head.explained is None:
        return regions[regions["kind"] == "peak"]
    return regions[regions["region_id"].isin(head.explained)]


def calling(results: TfResults, head: Head) -> Mapping[str, Any]:
    """Return the record of the hit caller, whose hits may have been filtered afterwards."""
    return results.stage("callhits", head.name) or results.stage("unfiltered.callhits", head.name)


def default_cut(results: TfResults, head: Head) -> float | None:
    """Return the confidence that the hit caller cut at, from its provenance."""
    return plain(find_setting(calling(results, head), "min_confidence"))


def curve_point(curve: pd.DataFrame, cut: float | None) -> Mapping[Any, Any] | None:
    """Return the row of a site curve that counts the hits kept at a cut: the lowest listed cut not below it."""
    above = curve[curve["cut"] >= (cut if cut is not None else -np.inf) - 1e-9].sort_values("cut")
    return above.to_dict("records")[0] if len(above) else None


def site_classes(head: Head) -> dict[str, dict[str, Any]]:
    """Return class of known sites to how many there are in reach, how many a hit finds, and their share."""
    return {
        str(row["site_class"]): {
            "n_sites": int(row["n_sites"]),
            "n_found": int(row["n_found"]),
            "recall": plain(row["recall"]),
        }
        for row in (head.site_recall.to_dict("records") if head.site_recall is not None else [])
    }
