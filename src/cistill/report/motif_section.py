"""The motifs that TF-MoDISco found from each head: logos, seqlets, matches, hits."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from cistill.motifs import store
from cistill.motifs.meme import read_meme
from cistill.report.alignment import align, frequencies, laid_over, matrices_of
from cistill.report.blocks import Block, Card, Figure, Fold, Heading, Note, Row, Section, Table
from cistill.report.logos import information_logo, motif_logo
from cistill.report.results import Head, Motif, Results
from cistill.report.wording import MISSING, count, decimal, plural, probability

HEAD_WORDS = {
    "counts": "Counts head: what changes how strongly a region is bound",
    "profile": "Profile head: what changes where within a region reads lie",
}
LOGO_SIZE = {"width": 420, "height": 128}
PAD = 5
LEAST_SHOWN = 20
"""Positions drawn on either side of a core, and in all, at least."""
CARDS_SHOWN = 4
"""Motifs of a head that are open at once; the others are folded away."""


def motif_section(results: Results, summary: Mapping[str, Any]) -> Section:
    """Return a table of all motifs and a card for each."""
    blocks: list[Block] = []
    heads = [head for head in results.heads.values() if head.motifs is not None]
    if not heads:
        blocks.append(Note("No motifs.tsv was given: motifs were not looked for, or their files were left out."))
    records = {record["motif_id"]: record for record in summary["motifs"] or ()}
    if any(head.motifs for head in heads):
        blocks.append(_overview(records))
    database = _database(results, heads)
    for head in heads:
        blocks.append(Heading(f"motifs-{head.name}", HEAD_WORDS.get(head.name, head.name)))
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
        cards = [_card(motif, records[motif.motif_id], head, database) for motif in head.motifs or ()]
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


def _database(results: Results, heads: list[Head]) -> dict[str, NDArray[np.float64]]:
    """Return the matrices of the best matches, if the database was given."""
    names = {motif.match for head in heads for motif in head.motifs or () if motif.match}
    if results.inputs.motif_db is None or not names:
        return {}
    return matrices_of(read_meme(results.inputs.motif_db), [name for name in names if name])


def _overview(records: Mapping[str, Mapping[str, Any]]) -> Table:
    rows = tuple(
        (
            Markup('<a href="#{}">{}</a>').format(motif_anchor(record["motif_id"]), record["motif_id"]),
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


def motif_anchor(motif_id: str) -> str:
    """Return the page's anchor of a motif."""
    return f"motif-{motif_id.replace('.', '-')}"


def _card(motif: Motif, record: Mapping[str, Any], head: Head, database: Mapping[str, NDArray[np.float64]]) -> Card:
    badges = [("raises the prediction", "good") if record["sign"] != "neg" else ("lowers the prediction", "bad")]
    if motif.weak:
        badges.append(("weak", "warn"))
    facts: list[tuple[str, str | Markup]] = [
        ("Consensus", Markup('<span class="sequence">{}</span>').format(record["consensus"])),
        ("Seqlets", count(record["n_seqlets"])),
        ("Information", f"{decimal(record['information'], 1)} bits"),
        ("Best match", _match_words(record)),
    ]
    others = _other_matches(motif)
    if others:
        facts.append(("Next matches", others))
    facts.append(("Hits", MISSING if record["hits"] is None else count(record["hits"])))
    if record["weak_reason"]:
        facts.append(("Why weak", record["weak_reason"]))
    blocks: tuple[Block, ...] = (Note("motifs.h5 was not given or lacks this motif, so it cannot be drawn."),)
    if motif.matrices is not None:
        blocks = (Row(_logos(motif.matrices, record, database.get(motif.match or "")), 2),)
    return Card(motif_anchor(motif.motif_id), motif.motif_id, tuple(facts), blocks, tuple(badges))


def _match_words(record: Mapping[str, Any]) -> str:
    if record["match"] is None:
        return "none (no database given, or nothing alike)"
    return f"{record['match']} (p {probability(record['match_p'])}, q {probability(record['match_q'])})"


def _other_matches(motif: Motif) -> str:
    found = []
    for rank in (2, 3):
        name = motif.text(f"match_{rank}")
        p = motif.number(f"match_{rank}_p")
        if name is not None and p is not None:
            found.append(f"{name} (p {probability(p)})")
    return ", ".join(found)


def shown_part(length: int, core: tuple[int, int]) -> slice:
    """Return the positions to draw: the core with some on either side, so that its letters are wide enough to read."""
    pad = max(PAD, (LEAST_SHOWN - (core[1] - core[0]) + 1) // 2)
    return slice(max(core[0] - pad, 0), min(core[1] + pad, length))


def _logos(motif: store.Motif, record: Mapping[str, Any], match: NDArray[np.float64] | None) -> tuple[Figure, ...]:
    """Draw the motif's matrices about its core, and the best match laid over its frequencies."""
    name = f"{motif.motif_id} ({record['consensus']})"
    part = shown_part(motif.length, motif.core)
    core = (motif.core[0] - part.start, motif.core[1] - part.start)

    def logo(heights: NDArray[np.float64], title: str, unit: str, shade: bool = True) -> Markup:
        top = 2.0 if unit == "bits" else None
        return motif_logo(heights, title, unit, core if shade else None, top, part.start, **LOGO_SIZE)

    whole = (
        f" Drawn: {part.stop - part.start} of {motif.length} positions."
        if part.stop - part.start < motif.length
        else ""
    )
    pfm = motif.pfm[part]
    figures = [
        Figure(
            logo(information_logo(pfm), f"Sequence logo of {name}", "bits"),
            f"Base frequencies of the seqlets; height is information in bits. Shaded: the core.{whole}",
            "PFM",
        )
    ]
    if match is not None:
        where = align(pfm, match)
        laid = laid_over(len(pfm), frequencies(match), where)
        heights = np.where(laid.sum(axis=1, keepdims=True) > 0, information_logo(laid), 0.0)
        turned = " (reverse complement)" if where.reverse else ""
        figures.append(
            Figure(
                logo(heights, f"Sequence logo of {record['match']}", "bits", shade=False),
                f"{record['match']} of the database{turned}, laid where it agrees best with the PFM; height is bits.",
                "Best match",
            )
        )
    for matrix, title, words in (
        (motif.cwm, "CWM", "Mean contribution of the bases that are there, in units of the head's output."),
        (motif.hcwm, "Hypothetical CWM", "Mean contribution that each base would have, there or not; same unit."),
    ):
        figures.append(Figure(logo(matrix[part], f"{title} of {name}", "contribution"), words, title))
    return tuple(figures)
