"""The motifs of both heads as one list: which head saw which, and how alike they are."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from cistill.dna.matrices import Matrix
from cistill.network_heads import HEADS
from cistill.report.drawing.anchors import motif_anchor
from cistill.report.drawing.blocks import Block, Fold, Heading, Note, Table, folded_if_long
from cistill.report.drawing.wording import MISSING, count, decimal, plural
from cistill.report.reading.merged_motifs import MergedMotifs
from cistill.report.sections.motifs.cards import motif_card

WEAK = Markup(' <span class="badge warn">weak</span>')
CARDS_SHOWN = 3
"""Merged motifs that are open; the others are folded away."""


def merged_blocks(
    merged: MergedMotifs, records: Sequence[Mapping[str, Any]], database: Mapping[str, Matrix], known: Collection[str]
) -> list[Block]:
    """Return a table of the merged motifs, and their cards.

    Parameters
    ----------
    merged : MergedMotifs
    records : sequence of mapping
        `merged_motifs` of the summary.
    database : mapping
        Name to matrix of the best matches.
    known : collection of str
        Motifs of the heads that have a card of their own.
    """
    blocks: list[Block] = [Heading("motifs-merged", "Both heads merged: one list without duplicates")]
    if not merged.motifs:
        blocks.append(Note("Neither head has a motif, so there is nothing to merge.", "warn"))
        return blocks
    blocks.append(folded_if_long(_table(records, known), "Motifs of both heads merged"))
    cards = [
        motif_card(motif, record, database, _facts(record, known))
        for motif, record in zip(merged.motifs, records, strict=True)
    ]
    first = [card for motif, card in zip(merged.motifs, cards, strict=True) if not motif.weak][:CARDS_SHOWN]
    rest = [card for card in cards if card not in first]
    blocks += first
    if rest:
        blocks.append(Fold(f"{plural(len(rest), 'further merged motif')}: weak ones, or of fewer seqlets", tuple(rest)))
    return blocks


def _links(names: Sequence[str], known: Collection[str]) -> Markup | str:
    """Return names, linked to their cards as far as there are some."""
    if not names:
        return MISSING
    link = Markup('<a href="#{}">{}</a>')
    return Markup(", ").join(
        link.format(motif_anchor(name), name) if name in known else Markup("{}").format(name) for name in names
    )


def _facts(record: Mapping[str, Any], known: Collection[str]) -> list[tuple[str, str | Markup]]:
    facts: list[tuple[str, str | Markup]] = [
        (f"{head.capitalize()} head", _links(record["members"][head], known)) for head in HEADS
    ]
    if record["pair_similarity"] is not None:
        facts.append(("Likeness of the heads", decimal(record["pair_similarity"])))
    return facts


def _table(records: Sequence[Mapping[str, Any]], known: Collection[str]) -> Table:
    rows = tuple(
        (
            Markup('<a href="#{}">{}</a>{}').format(
                motif_anchor(record["motif_id"]), record["motif_id"], WEAK if record["weak"] else ""
            ),
            Markup('<span class="sequence short" title="{0}">{1}</span>').format(
                record["consensus"], record["consensus"].strip("N") or record["consensus"]
            ),
            count(record["n_seqlets"]),
            record["match"] or MISSING,
            *(_links(record["members"][head], known) for head in HEADS),
            decimal(record["pair_similarity"]),
        )
        for record in records
    )
    seen = [{head for head in HEADS if record["members"][head]} for record in records]
    both = sum(len(heads) == 2 for heads in seen)
    alone = ", ".join(
        f"{sum(heads == {head} for heads in seen)} by the {head} head alone"
        for head in HEADS
        if any(heads == {head} for heads in seen)
    )
    return Table(
        f"{plural(len(records), 'motif')}: {both} seen by both heads" + (f", {alone}" if alone else "") + ". Likeness: "
        "similarity of the two heads' averages, 1 if they are the same up to their size. Seqlets: those of the head "
        "with more. From merged.tsv and merged.motifs.tsv.",
        ("motif", "consensus", "seqlets", "best match", "counts head", "profile head", "likeness"),
        rows,
        frozenset({2, 6}),
        "Which head saw which",
    )
