"""Several callers' hits of one head compared with each other."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from cistill.network_heads import HEADS
from cistill.report.reading.result_files import ResultFiles
from cistill.report.reading.table_reader import TableReader


@dataclass(frozen=True)
class ComparedCallers:
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


def read_callers(inputs: ResultFiles, table: TableReader) -> Mapping[str, ComparedCallers]:
    """Return head to the comparison of callers, without heads for which there is none."""
    found = {}
    for head in HEADS:
        sets = table(inputs.head_file(head, "callers"), ("hit_set", "n_hits", "n_called"))
        if sets is None:
            continue
        found[head] = ComparedCallers(
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
