"""Comparing what was found with what the simulator planted: motifs, spacing, recall, footprint."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.formats.truth import read_truth
from cistill.report.drawing.alignment import Alignment, align
from cistill.report.reading.average_profiles import HitPlace
from cistill.report.reading.head_results import Head
from cistill.report.reading.motif_rows import ReportMotif
from cistill.report.reading.tf_results import TfResults

RECOVERED = 0.75
"""Least correlation of frequencies at which a found motif counts as the planted one."""

ABOUT_ALIKE = 0.05
"""Correlations that differ by less than this say nothing about which of two patterns is the planted one."""
LARGEST_DISTANCE = 45
FOOTPRINT = "planted"
"""Name under which the average around the main motif's hits is asked for."""


class FoundMotif(NamedTuple):
    """The found motif that resembles a planted one best."""

    head: str
    motif: ReportMotif
    alignment: Alignment


class Spacing(NamedTuple):
    """Distances from each main hit's first base to the partner hits' first bases, along the main motif.

    Attributes
    ----------
    head : str
        Whose hits.
    same, opposite : array (2 * LARGEST_DISTANCE + 1,)
        Pairs by distance, partner on the same and on the other strand; index 0 is -LARGEST_DISTANCE.
    """

    head: str
    same: NDArray[np.int64]
    opposite: NDArray[np.int64]


class Comparison(NamedTuple):
    """Everything that the page and the summary say about planted against found."""

    truth: Mapping[str, Any]
    found: dict[str, FoundMotif | None]
    per_head: dict[str, dict[str, FoundMotif]]
    spacing: dict[str, Spacing]


def read_comparison(results: TfResults) -> Comparison | None:
    """Compare with the simulator's truth; None where the data are not simulated."""
    return None if results.inputs.truth is None else compare(results, read_truth(results.inputs.truth))


def compare(results: TfResults, truth: Mapping[str, Any]) -> Comparison:
    """Find each planted motif among those found, per head and over all, and the spacing of their hits."""
    per_head: dict[str, dict[str, FoundMotif]] = {}
    spacing = {}
    for head in results.heads.values():
        if not head.motifs:
            continue
        ranked = {name: _by_likeness(head, np.array(planted["pfm"])) for name, planted in truth["motifs"].items()}
        per_head[head.name] = {name: found[0] for name, found in ranked.items() if found}
        pairs = spacing_of(head, ranked, truth)
        if pairs is not None:
            spacing[head.name] = pairs
    best: dict[str, FoundMotif | None] = {}
    for name in truth["motifs"]:
        candidates = [found[name] for found in per_head.values() if name in found]
        best[name] = max(candidates, key=lambda found: found.alignment.correlation, default=None)
    return Comparison(truth, best, per_head, spacing)


def _by_likeness(head: Head, planted: NDArray[np.float64]) -> list[FoundMotif]:
    """Return the head's motifs with the planted one laid over them, the most alike first.

    A pattern that holds two motifs may resemble one of them as much as that one's own pattern does: of those about as
    alike as the best, the one of most seqlets comes first.
    """
    aligned = [
        FoundMotif(head.name, motif, align(motif.matrices.pfm, planted))
        for motif in head.motifs or ()
        if motif.matrices is not None
    ]
    best = max((found.alignment.correlation for found in aligned), default=0.0)

    def rank(found: FoundMotif) -> tuple[bool, float]:
        correlation = found.alignment.correlation
        alike = correlation >= best - ABOUT_ALIKE
        return not alike, -float(found.motif.row["n_seqlets"]) if alike else -correlation

    return sorted(aligned, key=rank)


def hit_place(found: FoundMotif, hits: pd.DataFrame, width: int) -> HitPlace:
    """Return where a planted motif's first base lies in the hits of the found one.

    Parameters
    ----------
    found : FoundMotif
        The found motif and how the planted one lies on it.
    hits : DataFrame
        Hits of the head; their length tells whether they span the whole motif or its core.
    width : int
        Length of the planted motif.
    """
    matrices = found.motif.matrices
    assert matrices is not None
    own = hits[hits["motif_id"] == found.motif.motif_id]
    length = int((own["end"] - own["start"]).mode().iloc[0]) if len(own) else matrices.length
    first = matrices.core[0] if length == matrices.core[1] - matrices.core[0] else 0
    index = found.alignment.offset - first + (width - 1 if found.alignment.reverse else 0)
    return HitPlace(found.head, found.motif.motif_id, index, found.alignment.reverse)


def footprint_place(results: TfResults, comparison: Comparison) -> dict[str, HitPlace]:
    """Return where to average profiles: the main motif's first base in the hits of the motif found for it."""
    name = str(comparison.truth["main_motif"])
    found = comparison.found.get(name)
    hits = results.heads[found.head].hits if found is not None else None
    if found is None or hits is None or found.alignment.correlation < RECOVERED:
        return {}
    return {FOOTPRINT: hit_place(found, hits, len(comparison.truth["motifs"][name]["pfm"]))}


def spacing_of(head: Head, ranked: Mapping[str, list[FoundMotif]], truth: Mapping[str, Any]) -> Spacing | None:
    """Count pairs of main and partner sites among the hits of a region by distance; None unless both were found.

    Every found motif that holds a planted one marks its sites, so that a pattern of both at once counts as a pair.
    """
    names = (str(truth["main_motif"]), str(truth["spacing_rule"]["partner"]))
    sides = [_sites(head, ranked.get(name, []), len(truth["motifs"][name]["pfm"])) for name in names]
    if not len(sides[0]) or not len(sides[1]):
        return None
    pairs = sides[0].merge(sides[1], on="region_id", suffixes=("", "_partner"))
    distance = ((pairs["base_partner"] - pairs["base"]) * np.where(pairs["reverse"], -1, 1)).to_numpy(np.int64)
    near = np.abs(distance) <= LARGEST_DISTANCE
    same = (pairs["reverse"] == pairs["reverse_partner"]).to_numpy()
    size = 2 * LARGEST_DISTANCE + 1
    return Spacing(
        head.name,
        np.bincount(distance[near & same] + LARGEST_DISTANCE, minlength=size),
        np.bincount(distance[near & ~same] + LARGEST_DISTANCE, minlength=size),
    )


def _sites(head: Head, found: list[FoundMotif], width: int) -> pd.DataFrame:
    """Return `region_id, base, reverse`: where a planted motif's first base lies in the hits of motifs that hold it."""
    parts = [pd.DataFrame({"region_id": [], "base": [], "reverse": []}).astype({"region_id": str, "base": int})]
    for one in found if head.hits is not None else ():
        assert head.hits is not None
        if one.alignment.correlation < RECOVERED:
            continue
        hits = head.hits[head.hits["motif_id"] == one.motif.motif_id]
        base, reverse = hit_place(one, head.hits, width).bases(hits)
        parts.append(pd.DataFrame({"region_id": hits["region_id"].to_numpy(), "base": base, "reverse": reverse}))
    return pd.concat(parts if len(parts) == 1 else parts[1:]).drop_duplicates()


def planted_footprint(truth: Mapping[str, Any], reach: int) -> NDArray[np.float64] | None:
    """Return the main motif's planted footprint, (2, 2 * reach + 1) around its first base, strands [same, opposite]."""
    shape = truth["motifs"][truth["main_motif"]].get("footprint")
    if shape is None:
        return None
    tracks = np.array([shape["same_strand"], shape["opposite_strand"]], dtype=np.float64)
    first = -int(shape["first_offset"]) - reach
    if first < 0 or first + 2 * reach + 1 > tracks.shape[1]:
        return None
    return tracks[:, first : first + 2 * reach + 1]
