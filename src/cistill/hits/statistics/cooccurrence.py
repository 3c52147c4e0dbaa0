"""Which motifs share regions more often than chance has it, a motif with itself included.

What is permuted. For two motifs, the regions of one against those of the other: every region keeps its place, each
motif keeps the number of its hits in every region that has some, and only which regions these are is random. Hits that
crowd by themselves therefore do not make (or hide) a co-occurrence with others. For a motif with itself, every hit is
placed anew, and the regions with two or more are counted. Both are done within strata of regions that are taken as
alike.
"""

from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from cistill.errors import InputError
from cistill.formats.tables.hits import COOCCURRENCE
from cistill.hits.statistics.occupancy import SMALLEST, CountDistribution, crowded_boxes, shared_boxes, sum_of
from cistill.hits.statistics.region_hits import RegionHits
from cistill.hits.statistics.settings import NULLS
from cistill.seeds import SEED
from cistill.statistics import benjamini_hochberg


class Tails(NamedTuple):
    """Where an observed count lies in a null distribution: P(X < x), P(X = x), P(X > x), and its mean and sd."""

    below: float
    at: float
    above: float
    mean: float
    sd: float


def cooccurrence(hits: RegionHits, null: str = "exact", permutations: int = 10000, seed: int = SEED) -> pd.DataFrame:
    """Return the co-occurrence of all pairs of motifs.

    Parameters
    ----------
    hits : RegionHits
    null : {"exact", "permutation", "fisher"}
        `exact`: the distribution over all permutations, computed (hypergeometric for two motifs, occupancy for one
        with itself; sums over strata). `permutation`: the same from so many random permutations. `fisher`: the
        published one-sided Fisher test, which knows no strata and has no answer for a motif with itself.
    permutations : int
        Number of random permutations.
    seed : int
        Of the permutations and of `p_value_random`.

    Returns
    -------
    pandas.DataFrame
        `motif_a, motif_b, n_regions` (all), `n_a, n_b` (regions with a hit), `n_both` (regions with both; with two or
        more hits for a motif with itself), `expected, sd` (under the null), `enrichment` (n_both / expected),
        `p_value` (so many or more), `p_value_mid` (half of the ties), `p_value_random` (a random share of the ties:
        exactly uniform under the null), `p_value_depleted` (so many or fewer), `q_value` and `q_value_depleted`
        (Benjamini-Hochberg over all pairs), `null`.

    Raises
    ------
    InputError
        If there is no such null.
    """
    if null not in NULLS:
        raise InputError(f"no null is called {null}; there are {', '.join(NULLS)}")
    counts = hits.counts()
    present = (counts > 0).astype(np.int64)  # (regions, motifs)
    pairs = list(combinations_with_replacement(range(len(hits.motifs)), 2))
    crowded = (counts >= 2).astype(np.int64).sum(axis=0)
    shared = (present.T @ present).toarray()
    number = [int(crowded[a]) if a == b else int(shared[a, b]) for a, b in pairs]
    if null == "permutation":
        tails = _permuted(hits, present.toarray().T > 0, pairs, number, permutations, seed)
    else:
        tails = _computed(hits, present, pairs, number, null)
    rows = []
    with_hit = present.sum(axis=0)
    for (a, b), both, tail, share in zip(
        pairs, number, tails, np.random.default_rng([seed, 1]).random(len(pairs)), strict=True
    ):
        rows.append(
            (
                hits.motifs[a], hits.motifs[b], hits.n_regions, int(with_hit[a]), int(with_hit[b]), both, tail.mean,
                tail.sd, both / tail.mean if tail.mean > 0 else np.nan, _bounded(tail.above + tail.at),
                _bounded(tail.above + tail.at / 2), _bounded(tail.above + share * tail.at),
                _bounded(tail.below + tail.at),
            )
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=list(COOCCURRENCE.names[:13]))
    table["q_value"] = benjamini_hochberg(table["p_value"].to_numpy(dtype=float))
    table["q_value_depleted"] = benjamini_hochberg(table["p_value_depleted"].to_numpy(dtype=float))
    return table.assign(null=null)[list(COOCCURRENCE.names)]


def _bounded(p: float) -> float:
    return float(np.clip(p, SMALLEST, 1.0))  # NaN stays NaN


def _computed(
    hits: RegionHits, present: sparse.csc_array, pairs: list[tuple[int, int]], number: list[int], null: str
) -> list[Tails]:
    """Return the tails of the exact distributions."""
    stratum = hits.stratum if null == "exact" else np.zeros(hits.n_regions, dtype=np.int64)
    size = np.bincount(stratum, minlength=1)
    cells = (np.ones(hits.n_regions, dtype=np.int64), (stratum, np.arange(hits.n_regions)))
    member = sparse.coo_array(cells, shape=(len(size), hits.n_regions)).tocsr()
    occupied = (member @ present).toarray().T  # (motifs, strata)
    balls = (member @ hits.counts()).toarray().T
    tails = []
    for (a, b), both in zip(pairs, number, strict=True):
        if a == b and null == "fisher":
            tails.append(Tails(*[float("nan")] * 5))
            continue
        parts = [
            crowded_boxes(int(size[s]), int(balls[a, s]), 2)
            if a == b
            else shared_boxes(int(size[s]), int(occupied[a, s]), int(occupied[b, s]))
            for s in np.flatnonzero(size)
        ]
        tails.append(_tails(sum_of(parts), both))
    return tails


def _tails(null: CountDistribution, observed: int) -> Tails:
    return Tails(null.below(observed), null.at(observed), null.above(observed), null.mean, null.sd)


def _permuted(
    hits: RegionHits,
    present: NDArray[np.bool_],
    pairs: list[tuple[int, int]],
    number: list[int],
    permutations: int,
    seed: int,
) -> list[Tails]:
    """Return the tails among random permutations, the observed one counted as one of them."""
    rng = np.random.default_rng([seed, 0])
    strata = [np.flatnonzero(hits.stratum == s) for s in np.unique(hits.stratum)]
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    observed = np.array(number, dtype=np.float64)
    own = np.flatnonzero(first == second)  # the pair of each motif with itself, in the order of motifs
    shuffled = np.empty(present.shape, dtype=np.float32)
    tallies = np.zeros((3, len(pairs)))
    sums = np.zeros((2, len(pairs)))
    for _ in range(permutations):
        for rows in strata:
            shuffled[:, rows] = rng.permuted(present[:, rows], axis=1)
        drawn = (shuffled @ shuffled.T)[first, second].astype(np.float64)
        drawn[own] = _placed_anew(hits, strata, rng)
        tallies += (drawn < observed, drawn == observed, drawn > observed)
        sums += (drawn, drawn**2)
    tallies[1] += 1
    below, at, above = tallies / (permutations + 1)
    mean = sums[0] / permutations
    sd = np.sqrt(np.maximum(sums[1] / permutations - mean**2, 0))
    return [Tails(*map(float, tail)) for tail in zip(below, at, above, mean, sd, strict=True)]


def _placed_anew(hits: RegionHits, strata: list[NDArray[np.int64]], rng: np.random.Generator) -> NDArray[np.float64]:
    """Place every hit in a random region of its stratum; return the regions with two or more hits, (motifs,)."""
    region = np.empty(len(hits), dtype=np.int64)
    of_hit = hits.stratum[hits.region]
    for rows in strata:
        chosen = np.flatnonzero(of_hit == hits.stratum[rows[0]])
        region[chosen] = rows[rng.integers(0, len(rows), len(chosen))]
    cell, number = np.unique(hits.motif * hits.n_regions + region, return_counts=True)
    crowded = cell[number >= 2] // max(hits.n_regions, 1)
    return np.bincount(crowded, minlength=len(hits.motifs)).astype(np.float64)
