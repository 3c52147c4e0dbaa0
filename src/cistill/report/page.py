"""Putting the page together: results in, one self-contained HTML file and its summary out."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

import cistill
from cistill.files import atomic_output
from cistill.report.drawing.blocks import Section
from cistill.report.drawing.logos import letter_shapes
from cistill.report.reading.footprints import HitPlace, footprints
from cistill.report.reading.inputs import Inputs
from cistill.report.reading.results import Results, read_results
from cistill.report.sections.affinity.section import affinity_section
from cistill.report.sections.callers.section import caller_section
from cistill.report.sections.contributions.section import contribution_section
from cistill.report.sections.files.section import file_section
from cistill.report.sections.header.section import headline
from cistill.report.sections.hits.section import hit_section, site_section
from cistill.report.sections.loci.choice import locus_records, read_loci
from cistill.report.sections.loci.section import locus_section
from cistill.report.sections.motifs.section import motif_section
from cistill.report.sections.performance.section import performance_section
from cistill.report.sections.run.section import data_section, run_section
from cistill.report.sections.syntax.section import syntax_section
from cistill.report.sections.training.section import training_section
from cistill.report.sections.truth import comparison as planted
from cistill.report.sections.truth.section import truth_section
from cistill.report.summary import build_summary, top_motif_id, write_summary

TEMPLATES = Path(__file__).with_name("templates")


def write_report(inputs: Inputs, outdir: str | os.PathLike[str], link_root: str | None = None) -> dict[str, Any]:
    """Write `{tf}.summary.json` and `{tf}.report.html`.

    Parameters
    ----------
    inputs : Inputs
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
    results = read_results(inputs)
    sections, summary = _sections(results, link_root)
    write_summary(Path(outdir) / f"{inputs.tf}.summary.json", summary)
    page = render(summary, sections)
    with atomic_output(Path(outdir) / f"{inputs.tf}.report.html") as temporary:
        temporary.write_text(page, encoding="utf-8")
    return summary


def render(summary: Mapping[str, Any], sections: list[Section]) -> str:
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


def _sections(results: Results, link_root: str | None) -> tuple[list[Section], dict[str, Any]]:
    """Return the sections in the order in which a biologist reads them, and the summary they are drawn from."""
    comparison = None
    if results.inputs.truth is not None:
        comparison = planted.compare(results, planted.read_truth(results.inputs.truth))
    places = _top_hits(results)
    if comparison is not None:
        places |= planted.footprint_place(results, comparison)
    averages = footprints(results, places)
    around_planted = averages.pop(planted.FOOTPRINT, None)
    loci = read_loci(results)
    summary = build_summary(results, locus_records(loci))
    possible = [
        data_section(results, summary),
        training_section(results, summary),
        performance_section(results, summary),
        contribution_section(results, summary),
        motif_section(results, summary),
        hit_section(results, summary),
        syntax_section(results, summary),
        site_section(results, summary),
        caller_section(results),
        affinity_section(results, link_root),
    ]
    sections = [section for section in possible if section is not None]
    if comparison is not None:
        summary["truth"] = planted.truth_record(comparison, summary["known_sites"], around_planted)
        sections.append(truth_section(comparison, summary["truth"], around_planted))
    sections.append(locus_section(results, loci, averages))
    sections.append(run_section(results, summary))
    sections.append(file_section(results, link_root))
    return sections, summary


def _top_hits(results: Results) -> dict[str, HitPlace]:
    """Return the top motif of each head whose hits average profiles are drawn around."""
    places = {}
    for head in results.heads.values():
        motif_id = top_motif_id(head)
        if motif_id is not None and head.hits is not None:
            places[motif_id] = HitPlace(head.name, motif_id)
    return places
