"""The motifs of both heads as one list."""

from dataclasses import dataclass

import pandas as pd

from cistill.formats.motifs import read_motifs
from cistill.report.reading.motif_rows import MOTIF_COLUMNS, ReportMotif, join_motifs
from cistill.report.reading.result_files import ResultFiles
from cistill.report.reading.table_reader import TableReader

MEMBER_COLUMNS = ("motif_id", "pair_similarity", "member", "head", "n_seqlets", "similarity")


@dataclass(frozen=True)
class MergedMotifs:
    """The motifs of both heads as one list.

    Attributes
    ----------
    motifs : tuple of ReportMotif
    members : DataFrame or None
        merged.tsv: one row per motif of a head and the merged motif that it is part of.
    """

    motifs: tuple[ReportMotif, ...]
    members: pd.DataFrame | None

    def merged_of(self) -> dict[str, str]:
        """Return motif of a head to merged motif."""
        if self.members is None:
            return {}
        return dict(zip(self.members["member"], self.members["motif_id"], strict=True))


def read_merged(inputs: ResultFiles, table: TableReader) -> MergedMotifs | None:
    """Return the merged motifs, None if their table was not given.

    Raises
    ------
    InputError
        If the file of matrices cannot be read.
    """
    rows = table(inputs.files.get("merged_motifs"), MOTIF_COLUMNS)
    members = table(inputs.files.get("merged"), MEMBER_COLUMNS)
    stored = inputs.files.get("merged_matrices")
    matrices = [] if stored is None else read_motifs(stored)
    return None if rows is None else MergedMotifs(join_motifs(rows, matrices), members)
