"""Putting the page together: results in, one self-contained HTML file and its summary out."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

import cistill
from cistill.files import atomic_output
from cistill.report.drawing.blocks import Section
from cistill.report.drawing.logos import letter_shapes
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.result_files import ResultFiles
from cistill.report.reading.tf_results import read_results
from cistill.report.sections.affinity.record import affinity_record
from cistill.report.sections.affinity.section import affinity_section
from cistill.report.sections.callers.record import caller_record
from cistill.report.sections.callers.section import caller_section
from cistill.report.sections.contract import PageSection
from cistill.report.sections.contributions.record import contribution_record
from cistill.report.sections.contributions.section import contribution_section
from cistill.report.sections.data.record import data_record
from cistill.report.sections.data.section import data_section
from cistill.report.sections.files import file_section
from cistill.report.sections.header import headline
from cistill.report.sections.hits.record import hit_record
from cistill.report.sections.hits.section import hit_section
from cistill.report.sections.loci.record import loci_record
from cistill.report.sections.loci.section import locus_places, locus_section
from cistill.report.sections.motifs.record import motif_records
from cistill.report.sections.motifs.section import motif_section
from cistill.report.sections.performance.record import performance_record
from cistill.report.sections.performance.section import performance_section
from cistill.report.sections.run.record import run_record
from cistill.report.sections.run.section import run_section
from cistill.report.sections.sites.record import site_record
from cistill.report.sections.sites.section import site_section
from cistill.report.sections.sufficiency.record import sufficiency_record
from cistill.report.sections.sufficiency.section import sufficiency_section
from cistill.report.sections.syntax.record import syntax_record
from cistill.report.sections.syntax.section import syntax_section
from cistill.report.sections.training.record import training_record
from cistill.report.sections.training.section import training_section
from cistill.report.sections.truth.record import truth_places, truth_record
from cistill.report.sections.truth.section import truth_section
from cistill.report.summary import build_summary, summary_schema, write_summary

TEMPLATES = Path(__file__).with_name("templates")
SECTIONS = (
    PageSection("data", data_section, data_record),
    PageSection("sufficiency", sufficiency_section, sufficiency_record),
    PageSection("training", training_section, training_record),
    PageSection("performance", performance_section, performance_record),
    PageSection("contributions", contribution_section, contribution_record),
    PageSection("motifs", motif_section, motif_records),
    PageSection("hits", hit_section, hit_record),
    PageSection("syntax", syntax_section, syntax_record),
    PageSection("sites", site_section, site_record),
    PageSection("callers", caller_section, caller_record),
    PageSection("affinity", affinity_section, affinity_record),
    PageSection("truth", truth_section, truth_record, truth_places),
    PageSection("loci", locus_section, loci_record, locus_places),
    PageSection("run", run_section, run_record),
    PageSection("files", file_section),
)
"""The sections of the page, in the order in which a biologist reads them."""


def write_report(inputs: ResultFiles, outdir: str | os.PathLike[str], link_root: str | None = None) -> dict[str, Any]:
    """Write `{tf}.summary.json` and `{tf}.report.html`.

    Parameters
    ----------
    inputs : ResultFiles
        The result files of one TF.
    outdir : path
        Where to write; must exist.
    link_root : str, optional
        Path from the page's place to the folder of all results, as published (`..`); links to result files are
        written only if it is given.

    Returns
    -------
    dict
        The summary.

    Raises
    ------
    InputError
        If a file cannot be read or lacks what it should hold.
    """
    places = [section.places for section in SECTIONS if section.places is not None]
    page = PageContext(read_results(inputs), link_root, places)
    summary = build_summary(page, SECTIONS)
    drawn = [section.draw(page, summary) for section in SECTIONS]
    write_summary(Path(outdir) / f"{inputs.tf}.summary.json", summary, summary_schema(SECTIONS))
    text = render(summary, [section for section in drawn if section is not None])
    with atomic_output(Path(outdir) / f"{inputs.tf}.report.html") as temporary:
        temporary.write_text(text, encoding="utf-8")
    return summary


def render(summary: Mapping[str, Any], sections: Sequence[Section]) -> str:
    """Return the page as text."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("page.html.j2").render(
        tf=summary["tf"],
        tasks=summary["tasks"],
        version=cistill.__version__,
        style=Markup((TEMPLATES / "style.css").read_text()),
        shapes=letter_shapes(),
        headline=headline(summary),
        sections=sections,
    )
