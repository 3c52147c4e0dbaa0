"""The card at the top of the page: the factor's logo, its figures, and what to be careful with."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from markupsafe import Markup

from cistill.formats.motifs import Motif
from cistill.report.drawing.anchors import motif_anchor
from cistill.report.drawing.file_links import linked_file
from cistill.report.drawing.logos import information_logo, motif_logo
from cistill.report.drawing.sentences import motif_core
from cistill.report.drawing.wording import plural, probability
from cistill.report.reading.main_motif import listed_motifs, main_motif
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.tf_results import TfResults
from cistill.report.sections.headline.cautions import Caution, cautions
from cistill.report.sections.headline.figures import HeadlineFigure, headline

FLANK = 2
"""Positions drawn on either side of the core."""
SIZE = (400, 150)


class MainMotif(NamedTuple):
    """The factor's own motif: its logo, if its matrix was given, what is said of it, and its card."""

    logo: Markup | None
    words: str
    anchor: str


class HeaderCard(NamedTuple):
    """All that the card holds."""

    motif: MainMotif | None
    figures: list[HeadlineFigure]
    cautions: list[Caution]
    browser: str | Markup | None
    """The genome browser's page, where it was made."""


def header_card(page: PageContext, summary: Mapping[str, Any]) -> HeaderCard:
    """Return the card of a TF."""
    browser = page.results.file("browser")
    link = None if browser is None else linked_file(browser.name, "report", page.link_root)
    return HeaderCard(_motif(page.results, summary), headline(summary), cautions(summary), link)


def _motif(results: TfResults, summary: Mapping[str, Any]) -> MainMotif | None:
    motifs = listed_motifs(summary)
    if not motifs:
        return None
    record = main_motif(motifs)
    words = f"{motif_core(record)}, {plural(record['n_seqlets'], 'seqlet')}"
    if record["match"]:
        words += f"; in the database {record['match']}, p {probability(record['match_p'])}"
    if record["weak"]:
        words += "; weak"
    if record["sign"] == "neg":
        words += "; lowers the prediction"
    matrices = _matrices(results, record["motif_id"])
    logo = None if matrices is None else _logo(matrices, f"Sequence logo of {results.tf}'s main motif, {words}")
    return MainMotif(logo, words, motif_anchor(record["motif_id"]))


def _matrices(results: TfResults, motif_id: str) -> Motif | None:
    merged = () if results.merged is None else results.merged.motifs
    every = (*merged, *(motif for head in results.heads.values() for motif in head.motifs or ()))
    return next((motif.matrices for motif in every if motif.motif_id == motif_id), None)


def _logo(motif: Motif, label: str) -> Markup:
    start, end = max(motif.core[0] - FLANK, 0), min(motif.core[1] + FLANK, motif.length)
    return motif_logo(information_logo(motif.pfm[start:end]), label, "bits", None, 2.0, 0, *SIZE)
