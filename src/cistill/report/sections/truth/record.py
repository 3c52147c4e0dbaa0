"""Planted against found, as summary.json has it."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cistill.report.drawing.wording import plain
from cistill.report.reading.average_profiles import AverageProfile, HitPlace
from cistill.report.reading.facts import site_classes
from cistill.report.reading.head_results import Head
from cistill.report.reading.page_context import PageContext
from cistill.report.sections.truth.comparison import (
    FOOTPRINT,
    LARGEST_DISTANCE,
    RECOVERED,
    Comparison,
    footprint_place,
    planted_footprint,
    read_comparison,
)


def truth_places(page: PageContext) -> dict[str, HitPlace]:
    """Return where the planted footprint is looked for; nowhere where the data are not simulated."""
    comparison = page.once(read_comparison)
    return {} if comparison is None else footprint_place(page.results, comparison)


def truth_record(page: PageContext) -> dict[str, Any]:
    """Return what was planted next to what was found; None where the data are not simulated."""
    comparison = page.once(read_comparison)
    if comparison is None:
        return {"truth": None}
    footprint = page.average_profiles.get(FOOTPRINT)
    return {"truth": _planted(comparison, page.results.heads.values(), footprint)}


def _planted(comparison: Comparison, heads: Collection[Head], footprint: AverageProfile | None) -> dict[str, Any]:
    truth = comparison.truth
    distance = int(truth["spacing_rule"]["distance"])
    spacing = {}
    for head, pairs in comparison.spacing.items():
        total = int(pairs.same.sum() + pairs.opposite.sum())
        spacing[head] = {
            "pairs": total,
            "pairs_at_planted_distance": int(pairs.same[distance + LARGEST_DISTANCE]),
            "most_frequent_distance": int(pairs.same.argmax()) - LARGEST_DISTANCE if pairs.same.any() else None,
        }
    return {
        "motifs": {
            name: {
                "consensus": str(truth["motifs"][name].get("consensus", "")),
                "motif_id": None if found is None else found.motif.motif_id,
                "correlation": None if found is None else plain(found.alignment.correlation),
                "recovered": bool(found is not None and found.alignment.correlation >= RECOVERED),
                "by_head": {
                    head: {
                        "motif_id": motifs[name].motif.motif_id,
                        "correlation": plain(motifs[name].alignment.correlation),
                    }
                    for head, motifs in comparison.per_head.items()
                    if name in motifs
                },
            }
            for name, found in comparison.found.items()
        },
        "planted_distance": distance,
        "spacing": spacing,
        "site_recall": {
            head.name: {name: numbers["recall"] for name, numbers in site_classes(head).items()}
            for head in heads
            if head.site_recall is not None
        },
        "footprint": footprint_record(truth, footprint),
    }


def footprint_record(truth: Mapping[str, Any], footprint: AverageProfile | None) -> dict[str, Any] | None:
    """Return how observed and predicted averages agree with the planted footprint: correlations and borders."""
    planted = None if footprint is None else planted_footprint(truth, footprint.reach)
    if footprint is None or planted is None:
        return None

    def border(tracks: NDArray[np.float64], strand: int) -> int:
        return int(tracks[strand].argmax()) - footprint.reach

    return {
        "n_hits": footprint.n,
        "observed_correlation": plain(np.corrcoef(planted.ravel(), footprint.observed.ravel())[0, 1]),
        "predicted_correlation": plain(np.corrcoef(planted.ravel(), footprint.predicted.ravel())[0, 1]),
        "planted_borders": [border(planted, 0), border(planted, 1)],
        "predicted_borders": [border(footprint.predicted, 0), border(footprint.predicted, 1)],
    }
