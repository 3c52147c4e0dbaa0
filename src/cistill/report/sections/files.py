"""The result files behind the page, as links where the page is published beside them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from cistill.report.drawing.blocks import Block, Note, Section, Table, Text, folded_if_long
from cistill.report.drawing.file_links import linked_file
from cistill.report.drawing.sentences import Result
from cistill.report.drawing.wording import plural
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.places import PLACES

FILTERED = "filterhits"


def file_section(page: PageContext, summary: Mapping[str, Any]) -> Section:
    """Return a table of the result files; links only if it is known where they are published."""
    results, link_root = page.results, page.link_root
    inputs = results.inputs
    rows: list[tuple[str | Markup, ...]] = []
    if link_root is not None:
        name = f"{inputs.tf}.summary.json"
        rows.append(
            (Markup('<a href="{}">{}</a>').format(quote(name), name), "every headline figure of this page, by name")
        )
    of_runs: list[tuple[str | Markup, ...]] = []
    for role, (folder, words) in PLACES.items():
        named = [inputs.files[role].name] if role in inputs.files else []
        rows += [(linked_file(name, folder, link_root), words) for name in named]
        for head, found in inputs.heads.items():
            if role in found:
                place = FILTERED if role == "hits" and results.stage(FILTERED, head) else folder
                rows.append((linked_file(found[role].name, place, link_root), words))
        named = [inputs.runs[run.name][role].name for run in results.runs if role in inputs.runs[run.name]]
        of_runs += [(linked_file(name, folder, link_root), words) for name in named]
    columns, caption = ("file", "what it holds"), "Files that this page was made from, and the summary beside it."
    blocks: list[Block] = [Table(caption, columns, tuple(rows))]
    if of_runs:
        blocks.append(
            folded_if_long(Table("Files of every training.", columns, tuple(of_runs)), "Files of every training")
        )
    if inputs.libraries:
        blocks.append(Text("Tables of the libraries of sequences stand in the section Affinity, library by library."))
    blocks.append(
        Note("Columns, units and layouts of all files are described in docs/output.md and docs/formats.md of cistill.")
    )
    libraries = sum(len(found) for found in inputs.libraries.values())
    of_libraries = f" and {plural(libraries, 'file')} of libraries" if libraries else ""
    result = Result(f"{plural(len(rows) + len(of_runs), 'result file')}{of_libraries} stand behind this page.")
    intro = "What the figures and tables were made from, for further analyses."
    return Section("files", "Result files", intro, tuple(blocks), result)
