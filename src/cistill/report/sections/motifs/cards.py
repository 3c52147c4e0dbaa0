"""A motif on the page: its facts, its matrices as logos, and the best match of the database beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from cistill.dna.matrices import Matrix
from cistill.formats import motifs as store
from cistill.report.drawing.alignment import align, frequencies, laid_over
from cistill.report.drawing.anchors import motif_anchor
from cistill.report.drawing.blocks import Block, Card, Figure, Note, SideBySide
from cistill.report.drawing.logos import LOGO_SIZE, information_logo, motif_logo, shown_part
from cistill.report.drawing.wording import count, decimal, probability
from cistill.report.reading.motif_rows import ReportMotif


def motif_card(
    motif: ReportMotif,
    record: Mapping[str, Any],
    database: Mapping[str, Matrix],
    further: Sequence[tuple[str, str | Markup]],
) -> Card:
    """Return a card with the logos of a motif.

    Parameters
    ----------
    motif : ReportMotif
    record : mapping
        What summary.json tells of it.
    database : mapping
        Name to matrix of the best matches.
    further : sequence
        Further facts, name and value.
    """
    badges = [("raises the prediction", "good") if record["sign"] != "neg" else ("lowers the prediction", "bad")]
    if motif.weak:
        badges.append(("weak", "warn"))
    facts: list[tuple[str, str | Markup]] = [
        ("Consensus", Markup('<span class="sequence">{}</span>').format(record["consensus"])),
        ("Seqlets", count(record["n_seqlets"])),
        ("Information", f"{decimal(record['information'], 1)} bits"),
        ("Best match", match_words(record)),
    ]
    others = _other_matches(motif)
    if others:
        facts.append(("Next matches", others))
    facts += further
    if record["weak_reason"]:
        facts.append(("Why weak", record["weak_reason"]))
    blocks: tuple[Block, ...] = (Note("motifs.h5 was not given or lacks this motif, so it cannot be drawn."),)
    if motif.matrices is not None:
        blocks = (SideBySide(motif_figures(motif.matrices, record, database.get(motif.match or "")), 2),)
    return Card(motif_anchor(motif.motif_id), motif.motif_id, tuple(facts), blocks, tuple(badges))


def match_words(record: Mapping[str, Any]) -> str:
    if record["match"] is None:
        return "none (no database given, or nothing alike)"
    return f"{record['match']} (p {probability(record['match_p'])}, q {probability(record['match_q'])})"


def _other_matches(motif: ReportMotif) -> str:
    found = []
    for rank in (2, 3):
        name = motif.text(f"match_{rank}")
        p = motif.number(f"match_{rank}_p")
        if name is not None and p is not None:
            found.append(f"{name} (p {probability(p)})")
    return ", ".join(found)


def motif_figures(motif: store.Motif, record: Mapping[str, Any], match: Matrix | None) -> tuple[Figure, ...]:
    """Draw the motif's matrices about its core, and the best match laid over its frequencies."""
    name = f"{motif.motif_id} ({record['consensus']})"
    part = shown_part(motif.length, motif.core)
    core = (motif.core[0] - part.start, motif.core[1] - part.start)

    def logo(heights: Matrix, title: str, unit: str, shade: bool = True) -> Markup:
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
    unit = "in units of the head's output" if not motif.members else "the heads' brought to one size"
    for matrix, title, words in (
        (motif.cwm, "CWM", f"Mean contribution of the bases that are there, {unit}."),
        (motif.hcwm, "Hypothetical CWM", "Mean contribution that each base would have, there or not; same unit."),
    ):
        figures.append(Figure(logo(matrix[part], f"{title} of {name}", "contribution"), words, title))
    return tuple(figures)
