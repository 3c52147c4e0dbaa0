"""Putting the page together: results in, one self-contained HTML file and its summary out."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

import cistill
from cistill.files import atomic_output
from cistill.report.drawing.blocks import Section
from cistill.report.drawing.chart_store import ChartStore
from cistill.report.drawing.glosses import Glosses
from cistill.report.drawing.logos import letter_shapes
from cistill.report.drawing.palette import colour_rules
from cistill.report.drawing.sentences import Result
from cistill.report.glossary import terms
from cistill.report.guide import guides
from cistill.report.page_assets import TEMPLATES, page_scripts, page_style, policy
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.result_files import ResultFiles
from cistill.report.reading.tf_results import read_results
from cistill.report.sections.affinity.record import affinity_record
from cistill.report.sections.affinity.result import affinity_result
from cistill.report.sections.affinity.section import affinity_section
from cistill.report.sections.callers.record import caller_record
from cistill.report.sections.callers.result import caller_result
from cistill.report.sections.callers.section import caller_section
from cistill.report.sections.contract import PageSection
from cistill.report.sections.contributions.record import contribution_record
from cistill.report.sections.contributions.result import contribution_result
from cistill.report.sections.contributions.section import contribution_section
from cistill.report.sections.data.record import data_record
from cistill.report.sections.data.result import data_result
from cistill.report.sections.data.section import data_section
from cistill.report.sections.files import file_section
from cistill.report.sections.headline.card import HeaderCard, header_card
from cistill.report.sections.headline.strength import strength_record
from cistill.report.sections.hits.record import hit_record
from cistill.report.sections.hits.result import hit_result
from cistill.report.sections.hits.section import hit_section
from cistill.report.sections.loci.record import loci_record
from cistill.report.sections.loci.result import locus_result
from cistill.report.sections.loci.section import locus_places, locus_section
from cistill.report.sections.methods.result import method_result
from cistill.report.sections.methods.section import method_section
from cistill.report.sections.motifs.record import motif_records
from cistill.report.sections.motifs.result import motif_result
from cistill.report.sections.motifs.section import motif_section
from cistill.report.sections.performance.record import performance_record
from cistill.report.sections.performance.result import performance_result
from cistill.report.sections.performance.section import performance_section
from cistill.report.sections.run.record import run_record
from cistill.report.sections.run.result import run_result
from cistill.report.sections.run.section import run_section
from cistill.report.sections.sequence_box.record import sequence_box_record
from cistill.report.sections.sequence_box.result import sequence_box_result
from cistill.report.sections.sequence_box.section import sequence_box_section
from cistill.report.sections.sites.record import site_record
from cistill.report.sections.sites.result import site_result
from cistill.report.sections.sites.section import site_section
from cistill.report.sections.sufficiency.record import sufficiency_record
from cistill.report.sections.sufficiency.result import sufficiency_result
from cistill.report.sections.sufficiency.section import sufficiency_section
from cistill.report.sections.syntax.record import syntax_record
from cistill.report.sections.syntax.result import syntax_result
from cistill.report.sections.syntax.section import syntax_section
from cistill.report.sections.training.record import training_record
from cistill.report.sections.training.result import training_result
from cistill.report.sections.training.section import training_section
from cistill.report.sections.truth.record import truth_places, truth_record
from cistill.report.sections.truth.result import truth_result
from cistill.report.sections.truth.section import truth_section
from cistill.report.summary import build_summary, summary_schema, write_summary
from cistill.report.templating import templates_in

READS, WHERE, HOW_STRONGLY = "What it reads", "Where it binds", "How strongly"
ARRANGED, HOW_SURE, ENOUGH = "In what arrangement", "How sure", "Was the data enough"
MADE, SIMULATED, FILES = "How it was made", "Simulated data", "Files"
SECTIONS = (
    PageSection("headline", "", None, strength_record),
    PageSection("motifs", READS, motif_section, motif_records, result=motif_result),
    PageSection("hits", WHERE, hit_section, hit_record, result=hit_result),
    PageSection("sites", WHERE, site_section, site_record, result=site_result),
    PageSection("loci", WHERE, locus_section, loci_record, locus_places, result=locus_result),
    PageSection("affinity", HOW_STRONGLY, affinity_section, affinity_record, result=affinity_result),
    PageSection("sequence_box", HOW_STRONGLY, sequence_box_section, sequence_box_record, result=sequence_box_result),
    PageSection("syntax", ARRANGED, syntax_section, syntax_record, result=syntax_result),
    PageSection("performance", HOW_SURE, performance_section, performance_record, result=performance_result),
    PageSection("contributions", HOW_SURE, contribution_section, contribution_record, result=contribution_result),
    PageSection("training", HOW_SURE, training_section, training_record, result=training_result),
    PageSection("callers", HOW_SURE, caller_section, caller_record, result=caller_result),
    PageSection("sufficiency", ENOUGH, sufficiency_section, sufficiency_record, result=sufficiency_result),
    PageSection("data", ENOUGH, data_section, data_record, result=data_result),
    PageSection("methods", MADE, method_section, result=method_result),
    PageSection("run", MADE, run_section, run_record, result=run_result),
    PageSection("truth", SIMULATED, truth_section, truth_record, truth_places, result=truth_result),
    PageSection("files", FILES, file_section),
)
"""The sections of the page, in the order in which a biologist asks, each under the question that it answers; first the
card at the top, which the template draws."""


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
    drawn = [(section.part, draw(section, page, summary)) for section in SECTIONS]
    write_summary(Path(outdir) / f"{inputs.tf}.summary.json", summary, summary_schema(SECTIONS))
    text = render(
        summary, header_card(page, summary), [(part, section) for part, section in drawn if section is not None]
    )
    with atomic_output(Path(outdir) / f"{inputs.tf}.report.html") as temporary:
        temporary.write_text(text, encoding="utf-8")
    return summary


def draw(section: PageSection, page: PageContext, summary: Mapping[str, Any]) -> Section | None:
    """Return a section with its result put first."""
    drawn = None if section.draw is None else section.draw(page, summary)
    found = summary["results"].get(section.name)
    return drawn if drawn is None or found is None else replace(drawn, result=Result(**found))


def render(summary: Mapping[str, Any], card: HeaderCard, sections: Sequence[tuple[str, Section]]) -> str:
    """Return the page as text: the card at the top, and sections in their order, each with its part."""
    parts: dict[str, list[Section]] = {}
    for part, section in sections:
        parts.setdefault(part, []).append(section)
    environment = templates_in(TEMPLATES)
    glosses = Glosses(terms())
    environment.filters["gloss"] = glosses
    charts = ChartStore(summary["tf"])
    own = [asset for _, section in sections for asset in section.assets]
    environment.globals |= {
        "draw_chart": charts.markup,
        "name_table": charts.table_file,
        "keep_records": charts.keep,
        "closing": lambda: Markup("\n").join(asset.markup for asset in (*charts.assets(), *page_scripts(), *own)),
    }
    return environment.get_template("page.html.j2").render(
        tf=summary["tf"],
        tasks=summary["tasks"],
        version=cistill.__version__,
        policy=policy([*page_scripts(), *own]),
        style=Markup(f"{colour_rules()}\n{page_style()}"),
        shapes=letter_shapes(),
        card=card,
        glosses=glosses,
        guides=guides(),
        parts=parts,
    )
