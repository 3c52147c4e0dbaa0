"""How well hits find known sites: recall per class, precision, and both along the confidence."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

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
    hit_centre, site_centre = _doubled_centres(hits), _doubled_centres(sites)
    summit_centre = 2 * summits["summit"].to_numpy() + 1
    hit_chrom, site_chrom, summit_chrom = (table["chrom"].to_numpy() for table in (hits, sites, summits))
    near_summit = _distance_to_nearest(site_chrom, site_centre, summit_chrom, summit_centre) <= 2 * reach
    correct = _distance_to_nearest(hit_chrom, hit_centre, site_chrom, site_centre) <= 2 * tolerance
    hit_in_reach = _distance_to_nearest(hit_chrom, hit_centre, summit_chrom, summit_centre) <= 2 * reach
    confidence = hits["confidence"].to_numpy(dtype=np.float64)
    found_at = _best_confidence(site_chrom, site_centre, hit_chrom, hit_centre, confidence, 2 * tolerance)
    classes = sites["site_class"].to_numpy()
    members = {name: near_summit & (classes == name) for name in sorted(set(classes[near_summit]))}
    return SiteComparison(
        recall=_recall_table(members | {"any": near_summit}, found_at),
        curve=_curve_table(members, found_at, confidence, correct),
        n_hits=len(hits),
        precision_any=_mean(correct),
        precision_in_reach=_mean(correct[hit_in_reach]),
    )


def _doubled_centres(table: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return start + end: twice the centre of the interval, a whole number."""
    return np.asarray(table["start"].to_numpy() + table["end"].to_numpy(), dtype=np.int64)


def _mean(flags: npt.NDArray[np.bool_]) -> float:
    return float(flags.mean()) if len(flags) else float("nan")


def _distance_to_nearest(
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


def _best_confidence(
    site_chrom: npt.NDArray[np.object_],
    site_position: npt.NDArray[np.int64],
    hit_chrom: npt.NDArray[np.object_],
    hit_position: npt.NDArray[np.int64],
    confidence: npt.NDArray[np.float64],
    tolerance: int,
) -> npt.NDArray[np.float64]:
    """Return the highest confidence of a hit within `tolerance` of each site; -inf where there is none."""
    best = np.full(len(site_position), -np.inf)
    for name in np.unique(site_chrom.astype(str)):
        sites = np.flatnonzero(site_chrom == name)
        hits = np.flatnonzero(hit_chrom == name)
        hits = hits[np.argsort(hit_position[hits], kind="stable")]
        first = np.searchsorted(hit_position[hits], site_position[sites] - tolerance, side="left")
        last = np.searchsorted(hit_position[hits], site_position[sites] + tolerance, side="right")
        for site, a, b in zip(sites, first, last, strict=True):
            if a < b:
                best[site] = confidence[hits[a:b]].max()
    return best


def _recall_table(members: dict[str, npt.NDArray[np.bool_]], found_at: npt.NDArray[np.float64]) -> pd.DataFrame:
    rows = []
    for name, chosen in members.items():
        n_sites, n_found = int(chosen.sum()), int((found_at[chosen] > -np.inf).sum())
        rows.append((name, n_sites, n_found, n_found / n_sites if n_sites else float("nan")))
    return pd.DataFrame(rows, columns=["site_class", "n_sites", "n_found", "recall"])


def _curve_table(
    members: dict[str, npt.NDArray[np.bool_]],
    found_at: npt.NDArray[np.float64],
    confidence: npt.NDArray[np.float64],
    correct: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    """Return the curve at every confidence that occurs, thinned to about `MOST_CUTS` points evenly spaced in hits."""
    columns = ["cut", "n_hits", "precision_any", *(f"recall_{name}" for name in members)]
    order = np.argsort(-confidence, kind="stable")
    ranked, right = confidence[order], np.cumsum(correct[order])
    last = np.flatnonzero(np.diff(ranked, append=-np.inf))  # the last hit of every distinct confidence
    if len(last) > MOST_CUTS:
        last = last[np.unique(np.linspace(0, len(last) - 1, MOST_CUTS).round().astype(int))]
    rows = []
    for index in last:
        cut = ranked[index]
        recalls = [float((found_at[chosen] >= cut).mean()) for chosen in members.values()]
        rows.append((cut, int(index) + 1, right[index] / (index + 1), *recalls))
    return pd.DataFrame(rows, columns=columns)
