"""Hits that several seqlets or several regions tell of the same site."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.int64]
FAR = 1 << 40  # farther than any chromosome is long


@dataclass(frozen=True)
class HitSites:
    """Hits as places in the genome; all arrays `(hits,)`.

    Attributes
    ----------
    chrom, motif, region : int
        Chromosome, motif and region as numbers.
    start, end : int
        Half-open interval.
    reverse : bool
        Strand.
    score : float
        Which one to keep: higher is better.
    """

    chrom: Index
    start: Index
    end: Index
    reverse: npt.NDArray[np.bool_]
    motif: Index
    region: Index
    score: npt.NDArray[np.float64]


def one_of_each(sites: HitSites) -> npt.NDArray[np.bool_]:
    """Return which hits are kept.

    Of hits with the same motif, interval and strand the best is kept, of equals the first. Of a motif's hits in
    different regions that share more than half of their bases, too, the best is kept: the regions overlap and show the
    same site. Hits of one region are left alone otherwise, as the published caller does.
    """
    keep = np.zeros(len(sites.score), dtype=bool)
    ranked = np.argsort(-sites.score, kind="stable")
    place = np.stack([sites.motif, sites.chrom, sites.start, sites.end, sites.reverse])[:, ranked]
    keep[ranked[np.unique(place, axis=1, return_index=True)[1]]] = True
    first, second = _shared_between_regions(sites, np.flatnonzero(keep))
    rank = np.empty(len(ranked), dtype=np.int64)
    rank[ranked] = np.arange(len(ranked))
    worse = np.where(rank[first] < rank[second], second, first)
    better = np.where(rank[first] < rank[second], first, second)
    # the best hits settle theirs first, so that what a discarded hit overlaps stays
    for pair in np.argsort(rank[better], kind="stable"):
        if keep[better[pair]]:
            keep[worse[pair]] = False
    return keep


def _shared_between_regions(sites: HitSites, kept: Index) -> tuple[Index, Index]:
    """Return pairs of kept hits of one motif, in different regions, that share more than half of their bases."""
    place = (sites.motif[kept] * (int(sites.chrom.max(initial=0)) + 1) + sites.chrom[kept]) * FAR + sites.start[kept]
    order = kept[np.argsort(place, kind="stable")]
    place = np.sort(place)
    firsts, seconds = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for step in range(1, len(order)):
        first, second = order[:-step], order[step:]
        half = (sites.end[first] - sites.start[first]) / 2
        near = place[step:] - place[:-step] < half
        if not near.any():
            break
        apart = near & (sites.region[first] != sites.region[second])
        firsts.append(first[apart])
        seconds.append(second[apart])
    return np.concatenate(firsts), np.concatenate(seconds)
