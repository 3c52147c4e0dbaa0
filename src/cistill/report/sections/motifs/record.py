"""The motifs of each head and of both merged, as summary.json has them."""

from typing import Any

from cistill.network_heads import HEADS
from cistill.report.drawing.wording import plain
from cistill.report.reading.facts import top_motif_id
from cistill.report.reading.head_results import Head
from cistill.report.reading.merged_motifs import MergedMotifs
from cistill.report.reading.motif_rows import ReportMotif
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.tf_results import TfResults


def motif_records(page: PageContext) -> dict[str, Any]:
    """Return one record per motif of a head and per merged motif, and the top motif of each head."""
    results, merged = page.results, page.results.merged
    return {
        "motifs": _motifs(results),
        "merged_motifs": None
        if merged is None
        else [{**_motif(motif), **_members(merged, motif)} for motif in merged.motifs],
        "top_motif": {name: top_motif_id(head) for name, head in results.heads.items() if head.motifs is not None},
    }


def _motifs(results: TfResults) -> list[dict[str, Any]] | None:
    """Return one record per motif, in the order of the tables; None if no table was given."""
    heads = [head for head in results.heads.values() if head.motifs is not None]
    return (
        [
            {**_motif(motif), "head": head.name, "hits": _hits_of(head, motif)}
            for head in heads
            for motif in head.motifs or ()
        ]
        if heads
        else None
    )


def _hits_of(head: Head, motif: ReportMotif) -> int | None:
    return None if head.hits is None else int((head.hits["motif_id"] == motif.motif_id).sum())


def _motif(motif: ReportMotif) -> dict[str, Any]:
    """Return what summary.json has of a motif, whether of a head or of both merged."""
    return {
        "motif_id": motif.motif_id,
        "sign": str(motif.row["sign"]),
        "n_seqlets": int(motif.row["n_seqlets"]),
        "consensus": str(motif.row["consensus"]),
        "information": plain(motif.number("information")),
        "weak": motif.weak,
        "weak_reason": motif.text("weak_reason") if motif.weak else None,
        "match": motif.match,
        "match_p": plain(motif.number("match_1_p")),
        "match_q": plain(motif.number("match_1_q")),
    }


def _members(merged: MergedMotifs, motif: ReportMotif) -> dict[str, Any]:
    """Return which motifs of the heads a merged one is of, and how alike the heads' averages are."""
    members = merged.members
    rows = None if members is None else members[members["motif_id"] == motif.motif_id]
    return {
        "members": {
            head: [] if rows is None else [str(name) for name in rows.loc[rows["head"] == head, "member"]]
            for head in HEADS
        },
        "pair_similarity": None if rows is None or not len(rows) else plain(rows["pair_similarity"].iloc[0]),
    }
