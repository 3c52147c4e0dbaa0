"""What a section of the page is made of; the template knows how each kind of block looks."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import altair as alt
import pandas as pd
from markupsafe import Markup

from cistill.report.drawing.sentences import Result
from cistill.report.page_assets import Asset


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    kind: ClassVar[str] = "text"
    words: str


@dataclass(frozen=True)
class Note:
    """A paragraph that stands out: what is missing, or what to be careful with (`level` = `warn`)."""

    kind: ClassVar[str] = "note"
    words: str
    level: str = "info"


@dataclass(frozen=True)
class Figure:
    """A drawing and the sentence that says what it shows, in which unit, from which file."""

    kind: ClassVar[str] = "figure"
    drawing: Markup
    caption: str
    title: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart that answers: a table, and what of it is drawn how (`drawing.vega`).

    Attributes
    ----------
    table : DataFrame
        What is drawn, at most some 2,000 rows; saved as TSV under its columns' names. Marks of rows that share a value
        in a column `motif` (or `partner`) are marked together in all charts of a section.
    spec : altair chart, or the same as a dict
        Refers to the table as the data named `table`.
    caption : str
        What it shows, in which unit, from which file.
    title : str
    name : str
        Of the files that a reader saves; the title by default.
    label : str
        Text for screen readers; the caption by default.
    """

    kind: ClassVar[str] = "chart"
    table: pd.DataFrame
    spec: alt.TopLevelMixin | dict[str, Any]
    caption: str
    title: str = ""
    name: str = ""
    label: str = ""

    def specification(self) -> dict[str, Any]:
        """Return the specification as Vega-Lite."""
        if isinstance(self.spec, dict):
            return self.spec
        return dict(self.spec.to_dict(validate=False))


@dataclass(frozen=True)
class Table:
    """A table; `numeric` holds the columns to align to the right. Cells are text or finished markup."""

    kind: ClassVar[str] = "table"
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str | Markup, ...], ...]
    numeric: frozenset[int] = frozenset()
    title: str = ""


@dataclass(frozen=True)
class Records:
    """A table of very many rows, stored once and shown page by page; without JavaScript its first rows.

    Attributes
    ----------
    caption : str
    table : DataFrame
        At most `MOST_RECORDS` rows. Columns `chrom`, `start` and `end` make a filter by locus, `motif` one by motif,
        `region` one by region, `confidence` one by its least value.
    title : str
    """

    kind: ClassVar[str] = "records"
    caption: str
    table: pd.DataFrame
    title: str


MOST_RECORDS = 100_000
"""Rows that a page holds; what is larger is named with its file and its number of rows."""
RECORDS_STILL = 10
"""Rows of them that stand in the page without JavaScript."""


@dataclass(frozen=True)
class SideBySide:
    """Blocks side by side where there is room; `columns` of them, else as many as there are blocks, at most three."""

    kind: ClassVar[str] = "row"
    blocks: tuple["Block", ...]
    columns: int = 0


@dataclass(frozen=True)
class Card:
    """One motif or one locus: a heading, badges, facts as name and value, and what is drawn of it."""

    kind: ClassVar[str] = "card"
    anchor: str
    title: str
    facts: tuple[tuple[str, str | Markup], ...]
    blocks: tuple["Block", ...]
    badges: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Fold:
    """Blocks behind a line that opens them."""

    kind: ClassVar[str] = "fold"
    title: str
    blocks: tuple["Block", ...]


@dataclass(frozen=True)
class Heading:
    """A heading within a section, with an anchor."""

    kind: ClassVar[str] = "heading"
    anchor: str
    title: str


Block = Text | Note | Figure | Chart | Table | Records | SideBySide | Card | Fold | Heading
ROWS_SHOWN = 12
"""Rows of a table that are open; a longer one is folded away."""


FOLDS_SHOWN = 4
"""Lines that open blocks, one below the other; more are behind a line of their own."""


def folded_if_many(folds: list[Fold], title: str) -> list[Block]:
    """Return lines that open blocks, behind one more line if they are many."""
    return [*folds] if len(folds) <= FOLDS_SHOWN else [Fold(f"{title} ({len(folds)})", tuple(folds))]


def folded_if_long(table: Table, title: str) -> Block:
    """Return a table, behind a line that opens it if it is long."""
    return table if len(table.rows) <= ROWS_SHOWN else Fold(f"{title} ({len(table.rows)} rows)", (table,))


@dataclass(frozen=True)
class Section:
    """One entry of the table of contents.

    Attributes
    ----------
    anchor, title, intro : str
    blocks : tuple of Block
    result : Result or None
        What the section found, put first; the page takes it from the summary.
    assets : tuple of Asset
        Scripts and data of its own (`page_assets`).
    """

    anchor: str
    title: str
    intro: str
    blocks: tuple[Block, ...] = field(default_factory=tuple)
    result: Result | None = None
    assets: tuple[Asset, ...] = ()
