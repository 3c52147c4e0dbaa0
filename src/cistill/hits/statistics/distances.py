"""Distances between the hits of two motifs in the same region."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.hits.statistics.region_hits import RegionHits

ORIENTATIONS = ("same_strand_a_first", "same_strand_b_first", "convergent", "divergent")
SAME = "same_strand"
"""For two hits of one motif there is no first: its couples on one strand are of this orientation."""
PAIRS_AT_ONCE = 1 << 20
QUARTILES = {0.25: "q25", 0.5: "median", 0.75: "q75"}


class Couples(NamedTuple):
    """Couples of neighbouring hits.

    Attributes
    ----------
    a, b : int64 array, (couples,)
        Index of the hit of the first and of the second motif (motifs in the order of their names; of two hits of one
        motif, `a` is the left one).
    doubled : int64 array, (couples,)
        Twice the distance of the centres in bp.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    doubled: NDArray[np.int64]


def nearest_couples(hits: RegionHits) -> Couples:
    """Find for every hit the nearest hit of each motif that does not overlap it, in its region.

    Distances are between centres; of two hits equally near the left one is taken. A couple that is found from both
    sides is one couple.

    Returns
    -------
    Couples
    """
    a, b, doubled = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    edges = np.searchsorted(hits.region, np.arange(hits.n_regions + 1))
    size = np.diff(edges)
    several = np.flatnonzero(size >= 2)
    if len(several):
        ends = np.cumsum(size[several] ** 2) // PAIRS_AT_ONCE
        for block in np.split(several, np.flatnonzero(np.diff(ends)) + 1):
            found = _couples_of(hits, edges, block)
            a.append(found.a)
            b.append(found.b)
            doubled.append(found.doubled)
    return Couples(np.concatenate(a), np.concatenate(b), np.concatenate(doubled))


def _couples_of(hits: RegionHits, edges: NDArray[np.int64], regions: NDArray[np.int64]) -> Couples:
    """Find the couples of some regions: all ordered pairs are listed, and the nearest of each motif kept."""
    size = edges[regions + 1] - edges[regions]
    hit = np.concatenate([np.arange(edges[r], edges[r + 1]) for r in regions])
    times = np.repeat(size, size)  # each hit is paired with all of its region
    one = np.repeat(hit, times)
    first = np.repeat(edges[regions], size)  # of each hit, the first hit of its region
    other = np.arange(len(one)) - np.repeat(np.cumsum(times) - times, times) + np.repeat(first, times)
    apart = (hits.start[other] >= hits.end[one]) | (hits.end[other] <= hits.start[one])
    one, other = one[apart], other[apart]
    centre = hits.start + hits.end
    distance = np.abs(centre[one] - centre[other])
    # hits are in the order of their start within a region, so of equally near ones the left one comes first
    order = np.lexsort((other, distance, hits.motif[other], one))
    one, other, distance = one[order], other[order], distance[order]
    nearest = np.ones(len(one), dtype=bool)
    nearest[1:] = (one[1:] != one[:-1]) | (hits.motif[other[1:]] != hits.motif[other[:-1]])
    one, other, distance = one[nearest], other[nearest], distance[nearest]
    swapped = (hits.motif[one] > hits.motif[other]) | ((hits.motif[one] == hits.motif[other]) & (one > other))
    a, b = np.where(swapped, other, one), np.where(swapped, one, other)
    _, kept = np.unique(a * len(hits) + b, return_index=True)
    return Couples(a[kept], b[kept], distance[kept])


def orientations(hits: RegionHits, couples: Couples) -> NDArray[np.object_]:
    """Name the orientation of each couple.

    `same_strand_a_first`: both on one strand and, read along it, the first motif's hit comes first;
    `same_strand_b_first`: the second motif's (for one motif both are `same_strand`); `convergent`: the left hit on the
    plus and the right one on the minus strand; `divergent`: the other way round.
    """
    a, b = couples.a, couples.b
    a_left = hits.start[a] + hits.end[a] < hits.start[b] + hits.end[b]
    left_reverse = np.where(a_left, hits.reverse[a], hits.reverse[b])
    same = hits.reverse[a] == hits.reverse[b]
    a_first = a_left != hits.reverse[a]
    names = np.where(left_reverse, ORIENTATIONS[3], ORIENTATIONS[2]).astype(object)
    names[same & a_first] = ORIENTATIONS[0]
    names[same & ~a_first] = ORIENTATIONS[1]
    names[same & (hits.motif[a] == hits.motif[b])] = SAME
    return names


def distance_tables(hits: RegionHits) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the distances of all pairs of motifs.

    Returns
    -------
    histogram : pandas.DataFrame
        `motif_a, motif_b, orientation, distance` (centre to centre, bp), `n` (couples).
    summary : pandas.DataFrame
        `motif_a, motif_b, orientation, n, min, q25, median, q75, max`; an orientation `all` for each pair first.
    """
    couples = nearest_couples(hits)
    names = np.array(hits.motifs, dtype=object)
    table = pd.DataFrame(
        {
            "motif_a": names[hits.motif[couples.a]],
            "motif_b": names[hits.motif[couples.b]],
            "orientation": orientations(hits, couples),
            "distance": couples.doubled / 2,
        }
    )
    histogram = table.groupby(["motif_a", "motif_b", "orientation", "distance"]).size().reset_index(name="n")
    columns = ["motif_a", "motif_b", "orientation", "n", "min", "q25", "median", "q75", "max"]
    if not len(table):
        return histogram, pd.DataFrame(columns=columns)
    both = pd.concat([table.assign(orientation="all"), table], ignore_index=True)
    grouped = both.groupby(["motif_a", "motif_b", "orientation"])["distance"]
    quartiles = grouped.quantile(np.array(list(QUARTILES))).unstack().rename(columns=QUARTILES)
    summary = grouped.agg(n="size", min="min", max="max").join(quartiles).reset_index()
    return histogram, summary[columns]
