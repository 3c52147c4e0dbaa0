"""What was found from the attributions of one head: motifs, their instances, and known sites among these."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cistill.formats.attributions import explained_regions
from cistill.formats.motifs import read_motifs
from cistill.network_heads import HEADS
from cistill.report.reading.motif_rows import MOTIF_COLUMNS, ReportMotif, join_motifs
from cistill.report.reading.result_files import ResultFiles
from cistill.report.reading.table_reader import TableReader

HIT_COLUMNS = ("chrom", "start", "end", "motif_id", "strand", "region_id", "confidence")
RECALL_COLUMNS = ("site_class", "n_sites", "n_found", "recall")
CURVE_COLUMNS = ("cut", "n_hits", "precision_any")


@dataclass(frozen=True)
class Head:
    """What was found from the attributions of one head; `None` means that the file was not given.

    Attributes
    ----------
    name : str
    motifs : tuple of ReportMotif or None
    hits : DataFrame or None
        hits.bed.
    site_recall, site_curve : DataFrame or None
        Known sites found, by class; precision and recall over all cuts.
    attributions : Path or None
        The file; its arrays are read where a figure needs rows.
    explained : frozenset of str or None
        The regions in it.
    """

    name: str
    motifs: tuple[ReportMotif, ...] | None
    hits: pd.DataFrame | None
    site_recall: pd.DataFrame | None
    site_curve: pd.DataFrame | None
    attributions: Path | None
    explained: frozenset[str] | None

    def motif(self, motif_id: str) -> ReportMotif | None:
        """Return the motif of that name."""
        return next((motif for motif in self.motifs or () if motif.motif_id == motif_id), None)


def read_heads(inputs: ResultFiles, table: TableReader) -> dict[str, Head]:
    """Return name to head, of the heads that any file was given of; `table` collects what is wrong with them."""
    heads = {}
    for name in [name for name in HEADS if name in inputs.heads]:
        hits = table(inputs.head_file(name, "hits"), HIT_COLUMNS)
        recall = table(inputs.head_file(name, "site_recall"), RECALL_COLUMNS)
        curve = table(inputs.head_file(name, "site_curve"), CURVE_COLUMNS)
        motifs = table(inputs.head_file(name, "motifs"), MOTIF_COLUMNS)
        with table.collecting():
            stored = inputs.head_file(name, "motif_matrices")
            matrices = [] if stored is None else read_motifs(stored)
            attributions = inputs.head_file(name, "attributions")
            heads[name] = Head(
                name=name,
                motifs=None if motifs is None else join_motifs(motifs, matrices),
                hits=hits,
                site_recall=recall,
                site_curve=curve,
                attributions=attributions,
                explained=None if attributions is None else explained_regions(attributions),
            )
    return heads
