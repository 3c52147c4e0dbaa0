"""How well hits find known sites: recall per class, precision, and both along the confidence."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.hits.comparison.settings import ANY

MOST_CUTS = 200


@dataclass(frozen=True)
class SiteComparison:
    """Hits against known sites.

    Attributes
    ----------
    recall : pandas.DataFrame
        `site_class, n_sites, n_found, recall`, classes by name, then `any` for all of them.
    curve : pandas.DataFrame
        `cut, n_hits, precision_any, recall_<class>...`, from the strictest cut to the loosest.
    n_hits : int
        Number of hits.
    precision_any : float
        Share of hits that lie at a site of any class, in reach or not; NaN without hits.
    precision_in_reach : float
        The same of the hits whose centre is in reach of a summit.
    """

    recall: pd.DataFrame
    curve: pd.DataFrame
    n_hits: int
    precision_any: float
    precision_in_reach: float


class SiteMatches(NamedTuple):
    """Which hits lie at sites, and which sites are found.

    Attributes
    ----------
    correct : bool array, (hits,)
        Whether the hit lies at a site of any class, in reach or not.
    in_reach : bool array, (hits,)
        Whether the hit's centre is in reach of a summit.
    found_at : float64 array, (sites,)
        The highest rank value of a hit that finds the site, -inf where none does.
    members : dict of str to bool array, (sites,)
        Class to its sites in reach; by name, then `any` for all of them.
    """

    correct: npt.NDArray[np.bool_]
    in_reach: npt.NDArray[np.bool_]
    found_at: npt.NDArray[np.float64]
    members: dict[str, npt.NDArray[np.bool_]]


def match_sites(
    hits: pd.DataFrame, rank_value: npt.NDArray[np.float64], summits: pd.DataFrame, sites: pd.DataFrame,
    tolerance: int = 10, reach: int = 100,
) -> SiteMatches:  # fmt: skip
    """Match hits with sites, as `compare_with_sites` describes.

    Parameters
    ----------
    hits : pandas.DataFrame
        `chrom, start, end`.
    rank_value : float64 array, (hits,)
        What the hits are ranked by, higher is better.
    summits, sites : pandas.DataFrame
    tolerance, reach : int
        As for `compare_with_sites`.
    """
    hit_centre, site_centre = doubled_centres(hits), doubled_centres(sites)
    summit_centre = 2 * summits["summit"].to_numpy() + 1
    hit_chrom, site_chrom, summit_chrom = (table["chrom"].to_numpy() for table in (hits, sites, summits))
    near_summit = distance_to_nearest(site_chrom, site_centre, summit_chrom, summit_centre) <= 2 * reach
    classes = sites["site_class"].to_numpy()
    members = {str(name): near_summit & (classes == name) for name in sorted(set(classes[near_summit]))}
    return SiteMatches(
        correct=distance_to_nearest(hit_chrom, hit_centre, site_chrom, site_centre) <= 2 * tolerance,
        in_reach=distance_to_nearest(hit_chrom, hit_centre, summit_chrom, summit_centre) <= 2 * reach,
        found_at=_best_rank_value(site_chrom, site_centre, hit_chrom, hit_centre, rank_value, 2 * tolerance),
        members=members | {ANY: near_summit},
    )


def compare_with_sites(
    hits: pd.DataFrame, summits: pd.DataFrame, sites: pd.DataFrame, tolerance: int = 10, reach: int = 100
) -> SiteComparison:
    """Compare hits with known sites.

    A hit finds a site if their centres are at most `tolerance` bases apart; several hits may find one site, and one
    hit several sites. Recall counts the sites in reach: with their centre at most `reach` bases from a summit.

    Parameters
    ----------
    hits : pandas.DataFrame
        `chrom, start, end, confidence`.
    summits : pandas.DataFrame
        `chrom, summit` of the peaks that were explained.
    sites : pandas.DataFrame
        `chrom, start, end, site_class`.
    tolerance, reach : int
        Distances in bases.

    Returns
    -------
    SiteComparison
    """
    confidence = hits["confidence"].to_numpy(dtype=np.float64)
    matches = match_sites(hits, confidence, summits, sites, tolerance, reach)
    by_class = {name: chosen for name, chosen in matches.members.items() if name != ANY}
    return SiteComparison(
        recall=recall_table(matches),
        curve=curve_table(by_class, matches.found_at, confidence, matches.correct),
        n_hits=len(hits),
        precision_any=_mean(matches.correct),
        precision_in_reach=_mean(matches.correct[matches.in_reach]),
    )


def doubled_centres(table: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return start + end: twice the centre of the interval, a whole number."""
    return np.asarray(table["start"].to_numpy() + table["end"].to_numpy(), dtype=np.int64)


def _mean(flags: npt.NDArray[np.bool_]) -> float:
    return float(flags.mean()) if len(flags) else float("nan")


def distance_to_nearest(
    chrom: npt.NDArray[np.object_],
    position: npt.NDArray[np.int64],
    other_chrom: npt.NDArray[np.object_],
    other_position: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Return the distance of each position to the nearest of the others on its chromosome, infinite without one."""
    distance = np.full(len(position), np.inf)
    for name in np.unique(chrom.astype(str)):
        here = np.flatnonzero(chrom == name)
        others = np.sort(other_position[other_chrom == name])
        if len(others):
            after = np.searchsorted(others, position[here])
            left = np.abs(position[here] - others[np.maximum(after - 1, 0)])
            right = np.abs(position[here] - others[np.minimum(after, len(others) - 1)])
            distance[here] = np.minimum(left, right)
    return distance


def _best_rank_value(
    site_chrom: npt.NDArray[np.object_],
    site_position: npt.NDArray[np.int64],
    hit_chrom: npt.NDArray[np.object_],
    hit_position: npt.NDArray[np.int64],
    rank_value: npt.NDArray[np.float64],
    tolerance: int,
) -> npt.NDArray[np.float64]:
    """Return the highest rank value of a hit within `tolerance` of each site; -inf where there is none."""
    best = np.full(len(site_position), -np.inf)
    for name in np.unique(site_chrom.astype(str)):
        sites = np.flatnonzero(site_chrom == name)
        hits = np.flatnonzero(hit_chrom == name)
        hits = hits[np.argsort(hit_position[hits], kind="stable")]
        first = np.searchsorted(hit_position[hits], site_position[sites] - tolerance, side="left")
        last = np.searchsorted(hit_position[hits], site_position[sites] + tolerance, side="right")
        for site, a, b in zip(sites, first, last, strict=True):
            if a < b:
                best[site] = rank_value[hits[a:b]].max()
    return best


def recall_table(matches: SiteMatches) -> pd.DataFrame:
    """Return `site_class, n_sites, n_found, recall`."""
    rows = []
    for name, chosen in matches.members.items():
        n_sites, n_found = int(chosen.sum()), int((matches.found_at[chosen] > -np.inf).sum())
        rows.append((name, n_sites, n_found, n_found / n_sites if n_sites else float("nan")))
    return pd.DataFrame(rows, columns=["site_class", "n_sites", "n_found", "recall"])


def curve_table(
    members: dict[str, npt.NDArray[np.bool_]],
    found_at: npt.NDArray[np.float64],
    rank_value: npt.NDArray[np.float64],
    correct: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    """Return the curve at every rank value that occurs, thinned to about `MOST_CUTS` points evenly spaced in hits."""
    columns = ["cut", "n_hits", "precision_any", *(f"recall_{name}" for name in members)]
    order = np.argsort(-rank_value, kind="stable")
    ranked, right = rank_value[order], np.cumsum(correct[order])
    last = np.flatnonzero(np.diff(ranked, append=-np.inf))  # the last hit of every distinct value
    if len(last) > MOST_CUTS:
        last = last[np.unique(np.linspace(0, len(last) - 1, MOST_CUTS).round().astype(int))]
    rows = []
    for index in last:
        cut = ranked[index]
        recalls = [_mean(found_at[chosen] >= cut) for chosen in members.values()]
        rows.append((cut, int(index) + 1, right[index] / (index + 1), *recalls))
    return pd.DataFrame(rows, columns=columns)
