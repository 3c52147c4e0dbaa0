"""Hit sets side by side: hits per region, shared and unique hits, example regions."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.hits.comparison.site_matching import distance_to_nearest, doubled_centres
from cistill.hits.statistics.prevalence import ANY, quantiles

ANY_OTHER = "any_other"
EXAMPLES = ["kind", "hit_set", "other_set", "region_id", "chrom", "start", "end", "motif_id", "strand", "rank_value"]


def hits_per_region_of_sets(sets: dict[str, pd.DataFrame], region_id: Sequence[str]) -> pd.DataFrame:
    """Return what a box plot of hits per region shows, for every set: of `any` motif, then of each.

    Parameters
    ----------
    sets : dict
        Label to hits.
    region_id : sequence of str
        All regions that hits were looked for in; those without hits count as zero.

    Returns
    -------
    pandas.DataFrame
        `hit_set, motif_id, n_hits, n_regions, n_regions_with_hit, share_of_regions, mean, min, q25, median, q75, q99,
        max`.
    """
    index = pd.Index(region_id)
    rows = []
    for label, hits in sets.items():
        place = index.get_indexer(pd.Index(hits["region_id"]))
        motif = hits["motif_id"].to_numpy()
        for name in [ANY, *sorted(set(motif))]:
            own = place[(place >= 0) & ((motif == name) | (name == ANY))]
            per_region = np.bincount(own, minlength=len(index))
            occupied = int((per_region > 0).sum())
            share = occupied / len(index) if len(index) else np.nan
            rows.append((label, name, len(own), len(index), occupied, share, *quantiles(per_region).values()))
    columns = ["hit_set", "motif_id", "n_hits", "n_regions", "n_regions_with_hit", "share_of_regions"]
    return pd.DataFrame(rows, columns=[*columns, "mean", "min", "q25", "median", "q75", "q99", "max"])


def is_shared(hits: pd.DataFrame, others: pd.DataFrame, tolerance: int, same_motif: bool = False) -> NDArray[np.bool_]:
    """Say for each hit whether one of the others has its centre within `tolerance` bp.

    Parameters
    ----------
    hits, others : pandas.DataFrame
        `chrom, start, end, motif_id`.
    tolerance : int
    same_motif : bool
        Whether the other hit must be of the same motif.

    Returns
    -------
    bool array, (hits,)
    """

    def place(table: pd.DataFrame) -> NDArray[np.object_]:
        chrom = table["chrom"].to_numpy(dtype=object)
        return np.asarray(chrom + "\t" + table["motif_id"].to_numpy(dtype=object)) if same_motif else chrom

    distance = distance_to_nearest(place(hits), doubled_centres(hits), place(others), doubled_centres(others))
    return np.asarray(distance <= 2 * tolerance)


def shared_hits(sets: dict[str, pd.DataFrame], tolerance: int) -> pd.DataFrame:
    """Return the overlap matrix of hit sets, in long form.

    Returns
    -------
    pandas.DataFrame
        `hit_set, other_set` (`any_other` for all others together), `n_hits, n_shared, share_shared, n_unique,
        n_shared_same_motif`. The matrix is not symmetric: two hits of one set may share one of the other.
    """
    rows = []
    for label, hits in sets.items():
        others = {name: other for name, other in sets.items() if name != label}
        if len(others) > 1:
            others[ANY_OTHER] = pd.concat(list(others.values()), ignore_index=True)
        for name, other in others.items():
            shared = int(is_shared(hits, other, tolerance).sum())
            alike = int(is_shared(hits, other, tolerance, same_motif=True).sum())
            share = shared / len(hits) if len(hits) else np.nan
            rows.append((label, name, len(hits), shared, share, len(hits) - shared, alike))
    columns = ["hit_set", "other_set", "n_hits", "n_shared", "share_shared", "n_unique", "n_shared_same_motif"]
    return pd.DataFrame(rows, columns=columns)


def examples(sets: dict[str, pd.DataFrame], tolerance: int, number: int, seed: int) -> pd.DataFrame:
    """Choose hits worth a look: of every two sets, hits of the one that the other lacks, and hits that both have.

    Parameters
    ----------
    sets : dict
        Label to hits, with the column `rank_value`.
    tolerance : int
        Distance of centres in bp at which hits are the same.
    number : int
        Hits of each kind, in different regions.
    seed : int

    Returns
    -------
    pandas.DataFrame
        `kind` (`strongest_unique`: highest rank values; `random_unique`, `random_shared`: drawn by the seed), `hit_set,
        other_set, region_id, chrom, start, end, motif_id, strand, rank_value`, and `n_hits_<set>` in the region.
    """
    rng = np.random.default_rng(seed)
    tables = []
    for label, hits in sets.items():
        for name, other in sets.items():
            if name == label:
                continue
            shared = is_shared(hits, other, tolerance)
            order = np.argsort(-hits["rank_value"].to_numpy(dtype=np.float64), kind="stable")
            drawn = rng.permutation(len(hits))
            for kind, chosen in (
                ("strongest_unique", order[~shared[order]]),
                ("random_unique", drawn[~shared[drawn]]),
                ("random_shared", drawn[shared[drawn]]),
            ):
                rows = hits.iloc[chosen].drop_duplicates("region_id").head(number)
                tables.append(rows.assign(kind=kind, hit_set=label, other_set=name))
    found = pd.concat(tables, ignore_index=True)[EXAMPLES] if tables else pd.DataFrame(columns=EXAMPLES)
    for label, hits in sets.items():
        per_region = hits["region_id"].value_counts()
        found[f"n_hits_{label}"] = found["region_id"].map(per_region).fillna(0).astype(int)
    return found
