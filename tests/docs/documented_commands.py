"""Blocks of commands in the pages of the documentation, and what they name."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"(?:<!-- run: (?P<marks>[a-z, ]+) -->\n)?```bash\n(?P<text>.*?)```", re.DOTALL)
MARKS = {"quick", "long", "data"}
HERE_DOCUMENT = re.compile(r"<<END\n.*?^END$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of commands.

    Attributes
    ----------
    page : Path
    marks : frozenset of str
        Of the comment `<!-- run: ... -->` before it: `quick` or `long` if a test runs it, `data` if it needs the
        folder `DATA`. Nothing if it is only checked.
    text : str
    """

    page: Path
    marks: frozenset[str]
    text: str

    @property
    def calls(self) -> list[list[str]]:
        """The words of each command, without here documents, comments and what follows a pipe."""
        plain = HERE_DOCUMENT.sub("<<END", self.text).replace("\\\n", " ")
        lines = [line for line in plain.splitlines() if re.match(r"(cistill|nextflow run) ", line)]
        return [shlex.split(line, comments=True) for line in lines]


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page."""
    found = BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [Block(page, frozenset(re.findall(r"\w+", one["marks"] or "")), one["text"]) for one in found]


def every_call() -> Iterator[tuple[Path, list[str]]]:
    """Yield page and words of every documented command."""
    for page in PAGES:
        for block in blocks(page):
            for call in block.calls:
                yield page, call
