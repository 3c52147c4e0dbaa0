"""Motifs as the report knows them: a row of motifs.tsv and the matrices of motifs.h5."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cistill.formats import motifs as store

MOTIF_COLUMNS = ("motif_id", "head", "sign", "n_seqlets", "consensus", "information", "weak", "weak_reason")


@dataclass(frozen=True)
class ReportMotif:
    """A pattern of TF-MoDISco: its row of motifs.tsv and its matrices, `None` where motifs.h5 was not given."""

    motif_id: str
    row: Mapping[str, Any]
    matrices: store.Motif | None = None

    @property
    def weak(self) -> bool:
        """Whether it was marked as a pattern of low information."""
        return bool(self.row["weak"])

    @property
    def match(self) -> str | None:
        """Name of the best match in the database."""
        return self.text("match_1")

    def text(self, column: str) -> str | None:
        """Return a cell as text, None if it is missing or empty."""
        value = self.row.get(column)
        return None if value is None or pd.isna(value) or value == "" else str(value)

    def number(self, column: str) -> float | None:
        """Return a numeric cell, None if it is missing."""
        value = self.row.get(column)
        return None if value is None or pd.isna(value) else float(value)


def join_motifs(table: pd.DataFrame, matrices: list[store.Motif]) -> tuple[ReportMotif, ...]:
    """Join the rows of motifs.tsv with their matrices by motif_id, in the table's order."""
    by_id = {motif.motif_id: motif for motif in matrices}
    return tuple(
        ReportMotif(
            str(row["motif_id"]), {str(key): value for key, value in row.items()}, by_id.get(str(row["motif_id"]))
        )
        for row in table.to_dict("records")
    )
