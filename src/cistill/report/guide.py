"""How to read each section: the documentation's "Read my report", which the page carries section by section.

`guide.json` is made from docs/read_my_report.md (`tools/guide`), so that a page that was mailed needs no documentation.
"""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

DOCUMENT = "docs/read_my_report.md"
SECTION = re.compile(r'^<a id="([\w-]+)"></a>\n### (.+)$', re.MULTILINE)
OF_THE_DEMO = "*In the demo*"
LINK = re.compile(r"\[([^\]]*)\]\(([^)#]*)[^)]*\)")
EMPHASIS = re.compile(r"\*([^*\n]+)\*")


class Guide(NamedTuple):
    """How to read a section.

    Attributes
    ----------
    question : str
        What the section answers.
    paragraphs, points : list of str
        What is shown; what a good or a bad value means and what to do.
    table : list of list of str
        Rows, the head first; empty without a table.
    """

    question: str
    paragraphs: list[str]
    points: list[str]
    table: list[list[str]]


@cache
def guides() -> dict[str, Guide]:
    """Return section to how it is read."""
    found: dict[str, Any] = json.loads((files("cistill.report") / "guide.json").read_text(encoding="utf-8"))
    return {section: Guide(**entry) for section, entry in found.items()}


def guides_of(document: str) -> dict[str, Guide]:
    """Return section to how it is read, from the text of docs/read_my_report.md.

    Parameters
    ----------
    document : str
        Markdown; a section begins with an anchor, which is the section's name, and a heading of the third level.
        Paragraphs, lists and tables count, figures of the demo and all else do not.

    Returns
    -------
    dict
        Plain text: links by their words, emphasis without its marks.
    """
    begins = list(SECTION.finditer(document))
    ends = [begin.start() for begin in begins[1:]] + [len(document)]
    return {
        begin[1]: _guide(begin[2], document[begin.end() : end].strip()) for begin, end in zip(begins, ends, strict=True)
    }


def _guide(question: str, text: str) -> Guide:
    paragraphs: list[str] = []
    points: list[str] = []
    table: list[list[str]] = []
    for block in re.split(r"\n\s*\n", text):
        if block.startswith("- "):
            points += [_plain(point) for point in re.split(r"\n?^- ", block, flags=re.MULTILINE) if point.strip()]
        elif block.startswith("|"):
            rows = [row for row in block.splitlines() if not set(row) <= set("|-: ")]
            table += [[_plain(cell) for cell in row.strip().strip("|").split("|")] for row in rows]
        elif block and not block.startswith((OF_THE_DEMO, "#", "!", "<", "```")):
            paragraphs.append(_plain(block))
    return Guide(question, paragraphs, points, table)


def _plain(text: str) -> str:
    return EMPHASIS.sub(r"\1", LINK.sub(_link, " ".join(text.split()))).replace("`", "")


def _link(found: re.Match[str]) -> str:
    """Return a link as words, with the file that it leads to."""
    words, file = found[1], found[2]
    if not file or ":" in file:
        return words
    return f"docs/{file}" if words == file else f"{words} (docs/{file})"


def guide_file(document: str) -> str:
    """Return guide.json."""
    entries = {section: guide._asdict() for section, guide in guides_of(document).items()}
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"
