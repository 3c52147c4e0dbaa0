"""How many regions have hits of a motif, and how many of them: each share with the denominator it stands on."""

import numpy as np
import pandas as pd

from cistill.hits.statistics.occupancy import crowded_boxes, sum_of
from cistill.hits.statistics.region_hits import RegionHits
from cistill.statistics import benjamini_hochberg

ANY = "any"
QUANTILES = (0.0, 0.25, 0.5, 0.75, 0.99, 1.0)


def prevalence(hits: RegionHits) -> pd.DataFrame:
    """Return the prevalence of every motif in its named forms, and of `any` motif in the first row.

    Returns
    -------
    pandas.DataFrame
        `motif_id, n_hits, n_regions_with_hit, n_regions, n_regions_with_any_hit, n_hits_of_all` (counts), then
        `share_of_regions` = n_regions_with_hit / n_regions, `share_of_regions_with_any_hit` = n_regions_with_hit /
        n_regions_with_any_hit, `share_of_hits` = n_hits / n_hits_of_all, and `hits_per_region_with_hit`. NaN where the
        denominator is zero.
    """
    counts = hits.counts()
    with_hit = np.diff(counts.indptr)  # stored entries of each column
    rows = pd.DataFrame(
        {
            "motif_id": [ANY, *hits.motifs],
            "n_hits": [len(hits), *counts.sum(axis=0).tolist()],
            "n_regions_with_hit": [len(np.unique(hits.region)), *with_hit.tolist()],
        }
    )
    rows["n_regions"] = hits.n_regions
    rows["n_regions_with_any_hit"] = rows["n_regions_with_hit"].iloc[0]
    rows["n_hits_of_all"] = len(hits)
    rows["share_of_regions"] = rows["n_regions_with_hit"] / rows["n_regions"]
    rows["share_of_regions_with_any_hit"] = rows["n_regions_with_hit"] / rows["n_regions_with_any_hit"]
    rows["share_of_hits"] = rows["n_hits"] / rows["n_hits_of_all"]
    rows["hits_per_region_with_hit"] = rows["n_hits"] / rows["n_regions_with_hit"]
    return rows


def hits_per_region(hits: RegionHits) -> pd.DataFrame:
    """Return how many regions have 0, 1, 2, ... hits: of `any` motif, then of each.

    Returns
    -------
    pandas.DataFrame
        `motif_id, hits, n_regions` (with exactly so many), `share_at_most` and `share_at_least` of all regions.
    """
    counts = hits.counts()
    tables = []
    for name, per_region in [
        (ANY, np.bincount(hits.region, minlength=hits.n_regions)),
        *((name, counts[:, [index]].toarray().ravel()) for index, name in enumerate(hits.motifs)),
    ]:
        number = np.bincount(per_region) if hits.n_regions else np.zeros(1, dtype=np.int64)
        at_most = np.cumsum(number)
        tables.append(
            pd.DataFrame(
                {
                    "motif_id": name,
                    "hits": np.arange(len(number)),
                    "n_regions": number,
                    "share_at_most": at_most / max(hits.n_regions, 1),
                    "share_at_least": (hits.n_regions - at_most + number) / max(hits.n_regions, 1),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def quantiles(per_region: np.ndarray) -> dict[str, float]:
    """Return mean and quantiles of the hits per region; NaN without regions."""
    names = ["min", "q25", "median", "q75", "q99", "max"]
    if not len(per_region):
        return dict.fromkeys(["mean", *names], float("nan"))
    found = np.quantile(per_region, QUANTILES)
    return {"mean": float(per_region.mean()), **dict(zip(names, found.tolist(), strict=True))}


def homotypic_density(hits: RegionHits, largest: int = 5) -> pd.DataFrame:
    """Return the regions with at least k hits of a motif, beside what hits placed at random would give.

    At random: every hit of the motif in a region drawn from those of its own region's stratum
    (`occupancy.crowded_boxes`).

    Parameters
    ----------
    hits : RegionHits
    largest : int
        Largest k.

    Returns
    -------
    pandas.DataFrame
        `motif_id, at_least, n_regions, share_of_regions, share_of_regions_with_hit, expected, sd, p_value` (so many
        regions or more), `q_value` (Benjamini-Hochberg over all rows). One hit is the rule, so k = 1 has a row for its
        shares alone.
    """
    counts = hits.counts()
    size = np.bincount(hits.stratum, minlength=1)
    rows = []
    for index, name in enumerate(hits.motifs):
        column = counts[:, [index]].toarray().ravel()
        balls = np.bincount(hits.stratum, weights=column, minlength=len(size)).astype(int)
        with_hit = int((column > 0).sum())
        for k in range(1, largest + 1):
            number = int((column >= k).sum())
            shares = (number / hits.n_regions, number / with_hit)
            if k == 1:
                rows.append((name, k, number, *shares, np.nan, np.nan, np.nan))
                continue
            null = sum_of([crowded_boxes(int(n), int(m), k) for n, m in zip(size, balls, strict=True) if n])
            p = min(1.0, null.at(number) + null.above(number))
            rows.append((name, k, number, *shares, null.mean, null.sd, p))
    columns = ["motif_id", "at_least", "n_regions", "share_of_regions", "share_of_regions_with_hit"]
    table = pd.DataFrame(rows, columns=[*columns, "expected", "sd", "p_value"])
    return table.assign(q_value=benjamini_hochberg(table["p_value"].to_numpy(dtype=float)))
