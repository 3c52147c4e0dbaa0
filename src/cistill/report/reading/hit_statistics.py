"""Statistics of the pooled hits: how common they are, which occur together, how far apart and how densely."""

from dataclasses import dataclass

import pandas as pd

from cistill.report.reading.result_files import ResultFiles
from cistill.report.reading.table_reader import TableReader

SIGNIFICANT = 0.05
"""False discovery rate below which a pair is more (or less) frequent than chance has it."""
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
class Syntax:
    """Statistics of the pooled hits, each a table of the command summarizehits; None where it was not given."""

    prevalence: pd.DataFrame | None
    per_region: pd.DataFrame | None
    homotypic: pd.DataFrame | None
    pairs: pd.DataFrame | None
    distances: pd.DataFrame | None
    spread: pd.DataFrame | None


def read_syntax(inputs: ResultFiles, table: TableReader) -> Syntax | None:
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
