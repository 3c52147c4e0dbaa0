"""Reading how far contributions are from adding up: of all regions together, and of the worst ones by name."""

import pandas as pd

from cistill.report.reading.long_tables import column_names, table_blocks
from cistill.report.reading.result_files import ResultFiles

GAP_COLUMNS = (
    "head", "task", "regions", "gap_median", "gap_95", "gap_max", "gap_over_1_percent", "with_unknown_bases",
    "at_contig_edges", "with_shuffles_equal",
)  # fmt: skip
LARGE_GAP = 0.01
"""A relative gap that is told of; the command shap fails at five times as much."""
WORST = 5


def worst_gaps(inputs: ResultFiles, gaps: pd.DataFrame | None) -> tuple[tuple[str, str, float], ...]:
    """Return region, task and gap of the regions of largest gap, the larger of their heads; none if all are small.

    The table of regions is read only where shap.tsv says that some gap is large.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    file = inputs.files.get("region_contributions")
    if file is None or gaps is None or not (gaps["gap_over_1_percent"] > 0).any():
        return ()
    columns = [name for name in column_names(file) if name.endswith("_gap")]
    parts = []
    for block in table_blocks(file, ["region_id", "task", *columns], {"region_id": str, "task": str}):
        rows = block[["region_id", "task"]].assign(gap=block[columns].astype(float).max(axis=1))
        parts.append(rows[rows["gap"] > LARGE_GAP].nlargest(WORST, "gap", keep="first"))
    worst = pd.concat(parts, ignore_index=True).nlargest(WORST, "gap", keep="first")
    return tuple((str(row["region_id"]), str(row["task"]), float(row["gap"])) for row in worst.to_dict("records"))
