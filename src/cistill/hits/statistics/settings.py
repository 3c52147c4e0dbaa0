"""Settings of the statistics of hits."""

from dataclasses import dataclass
from typing import Literal, get_args

from cistill.declared import option
from cistill.seeds import LARGEST_SEED, SEED

Null = Literal["exact", "permutation", "fisher"]
NULLS = get_args(Null)


@dataclass(frozen=True)
class StatisticsSettings:
    """Which hits are counted, and what they are compared with.

    Attributes
    ----------
    min_confidence : float
        Hits below are left out (where the table has the column `confidence`).
    null, permutations, seed
        As for `cooccurrence.cooccurrence`.
    strata, strata_bins
        As for `region_hits.count_by_region`.
    largest : int
        Largest number of hits in the homotypic density.
    """

    min_confidence: float = option(0, "Only hits of at least this confidence.", min=0, max=1)
    null: Null = option(
        "exact",
        "What chance is, for co-occurrence: exact (the distribution over all permutations, computed), permutation "
        "(random ones), fisher (the published test of pairs).",
    )
    permutations: int = option(10000, "Random permutations of --null permutation.", min=1)
    strata: str = option("", "Column of the regions (counts, gc, tasks, ...): hits move among regions alike in it.")
    strata_bins: int = option(5, "Quantiles that a column of numbers is cut into.", min=2)
    largest: int = option(5, "Largest k of the regions with at least k hits of a motif.", name="max_homotypic", min=1)
    seed: int = option(SEED, "Seed of permutations and of ties.", min=0, max=LARGEST_SEED)
