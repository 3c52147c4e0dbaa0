"""Hits counted by region and motif."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from cistill.errors import InputError

NO_STRATUM = "all"


@dataclass(frozen=True)
class RegionHits:
    """Hits by the region and the motif that they belong to.

    Attributes
    ----------
    motifs : list of str
        Sorted.
    n_regions : int
        All regions that hits were looked for in, with hits or without.
    region, motif : int64 array, (hits,)
        Index of each hit's region and motif; hits are in the order of region, start, end, motif.
    start, end : int64 array, (hits,)
    reverse : bool array, (hits,)
        Whether the hit is on the minus strand.
    stratum : int64 array, (regions,)
        Regions of one stratum are taken as alike by the null distributions.
    """

    motifs: list[str]
    n_regions: int
    region: NDArray[np.int64]
    motif: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    reverse: NDArray[np.bool_]
    stratum: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.region)

    def counts(self) -> sparse.csc_array:
        """Return the hits per region and motif, int64 (regions, motifs)."""
        shape = (self.n_regions, len(self.motifs))
        ones = np.ones(len(self), dtype=np.int64)
        return sparse.coo_array((ones, (self.region, self.motif)), shape=shape).tocsc()


def count_by_region(hits: pd.DataFrame, regions: pd.DataFrame, strata: str = "", bins: int = 5) -> RegionHits:
    """Arrange hits by region and motif.

    Parameters
    ----------
    hits : pandas.DataFrame
        `start, end, motif_id, strand, region_id`.
    regions : pandas.DataFrame
        `region_id` of every region that hits were looked for in, and the column `strata`.
    strata : str
        Column of `regions` to make strata of: each of its values, or for numbers of more than `bins` values, `bins`
        quantiles. One stratum by default.
    bins : int

    Raises
    ------
    InputError
        If a hit is in no region of the table, a region occurs twice, or there is no such column.
    """
    names = pd.Index(regions["region_id"].astype(str))
    if names.has_duplicates:
        raise InputError(f"the table of regions names {names[names.duplicated()][0]} twice")
    region = names.get_indexer(pd.Index(hits["region_id"].astype(str)))
    if (region < 0).any():
        lost = hits["region_id"].to_numpy()[region < 0]
        raise InputError(
            f"{len(lost)} of {len(hits)} hits are in no kept peak of the table of regions (the first in {lost[0]}): "
            "give the regions.tsv of the same dataset"
        )
    motifs = sorted(set(hits["motif_id"].astype(str)))
    motif = pd.Index(motifs, dtype=object).get_indexer(pd.Index(hits["motif_id"].astype(str)))
    start, end = (hits[name].to_numpy(dtype=np.int64) for name in ("start", "end"))
    order = np.lexsort((motif, end, start, region))
    return RegionHits(
        motifs=motifs,
        n_regions=len(names),
        region=region[order].astype(np.int64),
        motif=motif[order].astype(np.int64),
        start=start[order],
        end=end[order],
        reverse=(hits["strand"].to_numpy() == "-")[order],
        stratum=_strata(regions, strata, bins),
    )


def _strata(regions: pd.DataFrame, column: str, bins: int) -> NDArray[np.int64]:
    """Number the stratum of every region."""
    if not column:
        return np.zeros(len(regions), dtype=np.int64)
    if column not in regions.columns:
        raise InputError(f"the table of regions has no column {column}; it has {', '.join(regions.columns)}")
    values = regions[column]
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > bins:
        return np.asarray(pd.qcut(values, bins, labels=False, duplicates="drop").fillna(-1).to_numpy(np.int64) + 1)
    return np.asarray(pd.factorize(values.astype(str), sort=True)[0], dtype=np.int64)
