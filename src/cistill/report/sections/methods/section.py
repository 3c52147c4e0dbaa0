"""Methods in sentences that a paper can take."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.blocks import Block, Heading, Note, Section, Text
from cistill.report.reading.page_context import PageContext
from cistill.report.sections.methods import interpretation, model
from cistill.report.sections.methods.references import cited


def method_section(page: PageContext, summary: Mapping[str, Any]) -> Section:
    """Return a paragraph for each step that left a record, and the works that they cite."""
    paragraphs = method_paragraphs(page, summary)
    blocks: list[Block] = [Text(words) for words in paragraphs]
    if not paragraphs:
        blocks.append(Note("No provenance files were given, so the methods are not known here."))
    works = cited(" ".join(paragraphs))
    if works:
        blocks += [Heading("methods-references", "References"), *(Text(work) for work in works)]
    return Section(
        "methods",
        "Methods",
        "What was done, step by step, with the settings of this run, for the methods section of a paper. Please cite "
        "the works below with cistill.",
        tuple(blocks),
    )


def method_paragraphs(page: PageContext, summary: Mapping[str, Any]) -> list[str]:
    """Return the paragraphs, each of one step; those of steps without a record are left out."""
    results = page.results
    found = [
        f"{model.reads(results)} {model.regions(results, summary)}".strip(),
        f"{model.training(results)} {model.choice(results, summary)}".strip(),
        model.scores(summary),
        interpretation.contributions(results),
        interpretation.motifs(results, summary),
        interpretation.instances(results),
        *(interpretation.affinities(library) for library in results.libraries.values()),
        f"{interpretation.software(summary['versions'])} {interpretation.seeds(results)}".strip(),
    ]
    return [words for words in found if words] if results.provenance else []
