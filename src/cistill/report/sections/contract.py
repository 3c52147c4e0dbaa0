"""What a section of the page is: how it is drawn, what it adds to summary.json, and the schema of that.

A section that only draws is one module. One that adds to summary.json is a folder: `section.py` draws, `record.py`
returns what it adds, `schema.json` describes that, `result.py` says in one sentence what was found. Sections import
neither each other nor the summary: what several of them need is in `cistill.report.reading`, and how it is drawn in
`cistill.report.drawing`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cistill.report.drawing.blocks import Section
from cistill.report.drawing.sentences import Result
from cistill.report.reading.average_profiles import HitPlace
from cistill.report.reading.page_context import PageContext

FOLDER = Path(__file__).parent
Summary = Mapping[str, Any]
"""All records together, as summary.json has them."""


@dataclass(frozen=True)
class PageSection:
    """One section of the page.

    Attributes
    ----------
    name : str
        The module or folder of `cistill.report.sections` that it is.
    part : str
        The question that it answers with others: a heading of the table of contents.
    draw : callable or None
        Returns what is drawn; None where there is nothing to say, so that the page has no such section. None for what
        is no section but adds to summary.json.
    record : callable, optional
        Returns what the section adds to summary.json: its keys, the same ones for every TF.
    places : callable, optional
        Returns names and the hits around which the section wants average profiles (`PageContext.average_profiles`).
    result : callable, optional
        Returns from the summary alone what the section found, in one sentence; None where it has no section.
    """

    name: str
    part: str
    draw: Callable[[PageContext, Summary], Section | None] | None
    record: Callable[[PageContext], dict[str, Any]] | None = None
    places: Callable[[PageContext], Mapping[str, HitPlace]] | None = None
    result: Callable[[Summary], Result | None] | None = None

    def schema(self) -> dict[str, Any]:
        """Return the schema of each key that the section adds to summary.json: its folder's `schema.json`."""
        file = FOLDER / self.name / "schema.json"
        return dict(json.loads(file.read_text())) if file.exists() else {}
