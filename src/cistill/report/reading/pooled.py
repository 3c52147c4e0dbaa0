"""Reading what goes beyond the motifs and hits of one head: both heads merged, statistics of hits, callers compared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cistill.formats import motifs as store
from cistill.report.reading.inputs import Inputs
from cistill.report.reading.motif_rows import MOTIF_COLUMNS, Motif, join_motifs
from cistill.report.reading.roles import HEADS

TableReader = Callable[[Path | None, tuple[str, ...]], pd.DataFrame | None]
"""Returns the table of a file that must have the columns named; None without a file."""
MEMBER_COLUMNS = ("motif_id", "pair_similarity", "member", "head", "n_seqlets", "similarity")
PREVALENCE_COLUMNS = (
    "motif_id", "n_hits", "n_regions_with_hit", "n_regions", "share_of_regions", "share_of_regions_with_any_hit",
    "share_of_hits", "hits_per_region_with_hit",
)  # fmt: skip
PAIR_COLUMNS = (
    "motif_a", "motif_b", "n_a", "n_b", "n_both", "expected", "enrichment", "p_value", "p_value_depleted", "q_value",
    "q_value_depleted",
)  # fmt: skip
DISTANCE_COLUMNS = ("motif_a", "motif_b", "orientation", "distance", "n")
SPREAD_COLUMNS = ("motif_a", "motif_b", "orientation", "n", "min", "q25", "median", "q75", "max")
HOMOTYPIC_COLUMNS = ("motif_id", "at_least", "n_regions", "share_of_regions", "expected", "sd", "p_value")
ANY = "any"
"""The name under which tables of hits count those of all motifs together."""


@dataclass(frozen=True)
class Merged:
    """The motifs of both heads as one list.

    Attributes
    ----------
    motifs : tuple of Motif
    members : DataFrame or None
        merged.tsv: one row per motif of a head and the merged motif that it is part of.
    """

    motifs: tuple[Motif, ...]
    members: pd.DataFrame | None

    def merged_of(self) -> dict[str, str]:
        """Return motif of a head to merged motif."""
        if self.members is None:
            return {}
        return dict(zip(self.members["member"], self.members["motif_id"], strict=True))


@dataclass(frozen=True)
class Syntax:
    """Statistics of the pooled hits, each a table of the command summarizehits; None where it was not given."""

    prevalence: pd.DataFrame | None
    per_region: pd.DataFrame | None
    homotypic: pd.DataFrame | None
    pairs: pd.DataFrame | None
    distances: pd.DataFrame | None
    spread: pd.DataFrame | None


@dataclass(frozen=True)
class Callers:
    """Several callers' hits of one head side by side, each a table of the command comparehits.

    Attributes
    ----------
    sets : DataFrame
        One row per caller; columns of precision and recall only with known sites, of footprints only with a signal.
    curve, recall, shared, per_region, footprint : DataFrame or None
    """

    sets: pd.DataFrame
    curve: pd.DataFrame | None
    recall: pd.DataFrame | None
    shared: pd.DataFrame | None
    per_region: pd.DataFrame | None
    footprint: pd.DataFrame | None


def read_merged(inputs: Inputs, table: TableReader) -> Merged | None:
    """Return the merged motifs, None if their table was not given.

    Raises
    ------
    InputError
        If the file of matrices cannot be read.
    """
    rows = table(inputs.files.get("merged_motifs"), MOTIF_COLUMNS)
    members = table(inputs.files.get("merged"), MEMBER_COLUMNS)
    stored = inputs.files.get("merged_matrices")
    matrices = [] if stored is None else store.read_motifs(stored)
    return None if rows is None else Merged(join_motifs(rows, matrices), members)


def read_syntax(inputs: Inputs, table: TableReader) -> Syntax | None:
    """Return the statistics of hits, None if none was given."""
    files = inputs.files
    found = Syntax(
        prevalence=table(files.get("prevalence"), PREVALENCE_COLUMNS),
        per_region=table(files.get("hits_per_region"), ("motif_id", "hits", "n_regions")),
        homotypic=table(files.get("homotypic"), HOMOTYPIC_COLUMNS),
        pairs=table(files.get("cooccurrence"), PAIR_COLUMNS),
        distances=table(files.get("distances"), DISTANCE_COLUMNS),
        spread=table(files.get("distance_summary"), SPREAD_COLUMNS),
    )
    return found if any(part is not None for part in vars(found).values()) else None


def read_callers(inputs: Inputs, table: TableReader) -> Mapping[str, Callers]:
    """Return head to the comparison of callers, without heads for which there is none."""
    found = {}
    for head in HEADS:
        sets = table(inputs.head_file(head, "callers"), ("hit_set", "n_hits", "n_called"))
        if sets is None:
            continue
        found[head] = Callers(
            sets=sets,
            curve=table(inputs.head_file(head, "callers_curve"), ("hit_set", "cut", "precision_any", "recall_any")),
            recall=table(inputs.head_file(head, "callers_recall"), ("hit_set", "site_class", "n_sites", "recall")),
            shared=table(inputs.head_file(head, "callers_shared"), ("hit_set", "other_set", "n_hits", "n_shared")),
            per_region=table(inputs.head_file(head, "callers_per_region"), ("hit_set", "motif_id", "mean")),
            footprint=table(
                inputs.head_file(head, "callers_footprint"), ("hit_set", "last_rank", "mean_footprint", "running_mean")
            ),
        )
    return found
