"""The terms of the page and the documentation, each with its meaning in plain words."""

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

PAGE = """# Glossary

The terms of the page and of this documentation. `tools/glossary` writes this page from
`src/cistill/report/glossary.yml`; on the page of a factor, the first use of a term in a section shows its entry.
"""


class Term(NamedTuple):
    """A term.

    Attributes
    ----------
    name : str
    meaning : str
        One sentence or two.
    forms : tuple of str
        How it is written in a text; a first letter may be a capital.
    sections : tuple of str
        Anchors of the sections where the word has this meaning; empty where it has everywhere.
    """

    name: str
    meaning: str
    forms: tuple[str, ...]
    sections: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Anchor of the entry, on the page and in the documentation."""
        return "term-" + re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


@cache
def terms() -> tuple[Term, ...]:
    """Return all terms, in alphabetical order."""
    entries = yaml.safe_load((files("cistill.report") / "glossary.yml").read_text(encoding="utf-8"))
    found = [
        Term(
            entry["term"],
            entry["meaning"],
            tuple(entry.get("forms", (entry["term"], f"{entry['term']}s"))),
            tuple(entry.get("sections", ())),
        )
        for entry in entries
    ]
    return tuple(sorted(found, key=lambda term: term.name.lower()))


def glossary_page() -> str:
    """Return docs/glossary.md."""
    rows = [f'| <a id="{term.anchor}"></a>{term.name} | {term.meaning} |' for term in terms()]
    return "\n".join([PAGE, "| term | meaning |", "|---|---|", *rows]) + "\n"
