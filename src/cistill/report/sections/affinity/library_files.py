"""The tables of a library as a list of files."""

from collections.abc import Mapping
from pathlib import Path

from cistill.report.drawing.blocks import Table
from cistill.report.drawing.file_links import linked_file
from cistill.report.reading.places import LIBRARY_PLACES


def library_table(files: Mapping[str, Path], link_root: str | None) -> Table:
    """Return the tables of a library by file name, linked where it is known where they are published."""
    rows = tuple(
        (linked_file(files[role].name, folder, link_root), words)
        for role, (folder, words) in LIBRARY_PLACES.items()
        if role in files
    )
    return Table(
        "Tables of the library, for download where the page is published beside them.", ("file", "what it holds"), rows
    )
