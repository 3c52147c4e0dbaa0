"""A box for sequences: their energies by the distilled matrix, and what a network kept in the page predicts."""

from collections.abc import Mapping
from typing import Any

from cistill.formats.page_model import PageModel, page_model_json
from cistill.report.drawing.blocks import Block, Figure, Note, Section
from cistill.report.page_assets import TEMPLATES, Asset, data, script
from cistill.report.reading.page_context import PageContext
from cistill.report.sections.sequence_box.form import box_form, network_words
from cistill.report.sections.sequence_box.matrices import PageMatrix, page_matrices
from cistill.report.sections.sequence_box.record import kept_network

SCRIPTS = ("sequence_energies", "sequence_network", "sequence_box")
INTRODUCTION = (
    "Paste sequences: their binding energies, where their best site is and which of its letters cost, and what the "
    "network predicts for them. All is computed in this page; nothing is sent."
)


def sequence_box_section(page: PageContext, summary: Mapping[str, Any]) -> Section | None:
    """Return the box; None where there is neither a matrix nor a network to score with."""
    matrices, model = page.once(page_matrices), page.once(kept_network)
    if not matrices and (model is None or model.not_available):
        return None
    usable = model if model is not None and not model.not_available else None
    caption = "What the figures are and how they were checked: docs/sequence_box.md of cistill."
    if usable is not None:
        caption = f"{network_words(usable)} {caption}"
    blocks: list[Block] = [*_missing(matrices, model), Figure(box_form(matrices, usable), caption)]
    return Section("sequence_box", "Try a sequence", INTRODUCTION, tuple(blocks), assets=_assets(matrices, usable))


def _missing(matrices: list[PageMatrix], model: PageModel | None) -> list[Block]:
    """Return what the box cannot say and what would make it."""
    notes: list[Block] = []
    if not matrices:
        notes.append(
            Note(
                "No energies: this run has no distilled matrix. A library with a site and its substitutions "
                "makes one: a row of the affinity sheet with `generate:substitutions:SITE:2` as its reader, then "
                "`--step affinity,report --from` these results (docs/calibration.md)."
            )
        )
    if model is None:
        notes.append(
            Note("No predictions: this page keeps no network. `--step report` with `--page_model true` keeps one.")
        )
    elif model.not_available:
        notes.append(Note(f"No predictions: this page keeps no network, since {model.not_available}."))
    return notes


def _assets(matrices: list[PageMatrix], model: PageModel | None) -> tuple[Asset, ...]:
    """Return matrices and network, and the scripts that compute with them."""
    given = [data("sequence-matrices", [matrix.to_json() for matrix in matrices])]
    if model is not None:
        given.append(data("page-model", page_model_json(model)))
    scripts = [script(name.replace("_", "-"), (TEMPLATES / f"{name}.js").read_text()) for name in SCRIPTS]
    return (*given, *scripts)
