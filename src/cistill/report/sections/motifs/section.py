"""The motifs that TF-MoDISco found from each head: logos, seqlets, matches, hits."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from cistill.formats.motif_files.reader import read_database
from cistill.report.drawing.alignment import matrices_of
from cistill.report.drawing.anchors import motif_link
from cistill.report.drawing.blocks import Block, Fold, Heading, Note, Section, Table
from cistill.report.drawing.wording import HEAD_TITLES, MISSING, count, decimal, plural, probability
from cistill.report.reading.head_results import Head
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.tf_results import TfResults
from cistill.report.sections.motifs.cards import motif_card
from cistill.report.sections.motifs.merged import merged_blocks

MEANINGS = {
    "counts": "what changes how strongly a region is bound",
    "profile": "what changes where within a region reads lie",
}
"""What the contributions to a head tell of."""
CARDS_SHOWN = 4
"""Motifs of a head that are open at once; the others are folded away."""


def motif_section(page: PageContext, summary: Mapping[str, Any]) -> Section:
    """Return a table of all motifs and a card for each."""
    results = page.results
    blocks: list[Block] = []
    heads = [head for head in results.heads.values() if head.motifs is not None]
    if not heads:
        blocks.append(Note("No motifs.tsv was given: motifs were not looked for, or their files were left out."))
    records = {record["motif_id"]: record for record in summary["motifs"] or ()}
    if any(head.motifs for head in heads):
        blocks.append(_overview(records))
    database = _database(results, heads)
    if results.merged is not None:
        blocks += merged_blocks(results.merged, summary["merged_motifs"], database, records)
    for head in heads:
        blocks.append(Heading(f"motifs-{head.name}", f"{HEAD_TITLES[head.name]}: {MEANINGS[head.name]}"))
        if not head.motifs:
            blocks.append(
                Note(
                    "TF-MoDISco found no motif from the contributions of this head: too few stretches of "
                    "sequence stood "
                    "out, or none resembled each other.",
                    "warn",
                )
            )
        elif all(motif.row["sign"] == "neg" for motif in head.motifs):
            blocks.append(Note("Only patterns that lower the prediction were found from this head.", "warn"))
        cards = [
            motif_card(motif, records[motif.motif_id], database, [_hits(records[motif.motif_id])])
            for motif in head.motifs or ()
        ]
        first = [card for motif, card in zip(head.motifs or (), cards, strict=True) if not motif.weak][:CARDS_SHOWN]
        rest = [card for card in cards if card not in first]
        blocks.extend(first)
        if rest:
            blocks.append(Fold(f"{plural(len(rest), 'further pattern')}: weak ones, or of fewer seqlets", tuple(rest)))
    return Section(
        "motifs",
        "Motifs",
        "Recurring patterns among the stretches of sequence that the model's predictions rest on (seqlets), found by "
        "TF-MoDISco from DeepSHAP contributions.",
        tuple(blocks),
    )


def _database(results: TfResults, heads: list[Head]) -> dict[str, NDArray[np.float64]]:
    """Return the matrices of the best matches, if the database was given."""
    merged = () if results.merged is None else results.merged.motifs
    names = {motif.match for motif in (*merged, *(motif for head in heads for motif in head.motifs or ()))}
    wanted = [name for name in names if name]
    if results.inputs.motif_db is None or not wanted:
        return {}
    return matrices_of(read_database(results.inputs.motif_db), wanted)


def _hits(record: Mapping[str, Any]) -> tuple[str, str]:
    return "Hits", MISSING if record["hits"] is None else count(record["hits"])


def _overview(records: Mapping[str, Mapping[str, Any]]) -> Table:
    rows = tuple(
        (
            motif_link(record["motif_id"]),
            count(record["n_seqlets"]),
            Markup('<span class="sequence short" title="{0}">{1}</span>').format(
                record["consensus"], record["consensus"].strip("N") or record["consensus"]
            ),
            decimal(record["information"], 1),
            Markup('<span class="badge warn">weak</span>') if record["weak"] else "",
            record["match"] or MISSING,
            probability(record["match_p"]),
            probability(record["match_q"]),
            MISSING if record["hits"] is None else count(record["hits"]),
        )
        for record in records.values()
    )
    return Table(
        "Every motif of both heads. Information is that of the core, in bits; a weak motif has little of it "
        "and should "
        "not be taken for a binding site; match, p and q come from the comparison with the motif database. From "
        "motifs.tsv and hits.bed.",
        ("motif", "seqlets", "consensus", "bits", "", "best match", "p", "q", "hits"),
        rows,
        frozenset({1, 3, 6, 7, 8}),
        "All motifs",
    )
