"""Pages of the documentation follow from the declared formats, and so do the files that the report knows."""

from pathlib import Path

from cistill.formats.generated import BEGIN, folder_table, formats_page
from cistill.formats.tables import FILES, TABLES
from cistill.report.reading.places import LIBRARY_PLACES, PLACES

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_formats_follows_from_the_declarations() -> None:
    assert (DOCS / "formats.md").read_text() == formats_page(), "run tools/formats"


def test_the_folders_in_the_page_of_output_follow_from_the_declarations() -> None:
    assert BEGIN + folder_table() in (DOCS / "output.md").read_text(), "run tools/formats"


def test_the_report_lists_what_is_declared() -> None:
    roles = [file.role for file in FILES if file.role]
    assert sorted(roles) == sorted([*PLACES, *LIBRARY_PLACES])  # each once
    assert all(folder for folder, _ in (*PLACES.values(), *LIBRARY_PLACES.values()))


def test_no_two_tables_of_a_command_have_one_name() -> None:
    names = [(table.command, table.name) for table in TABLES]
    assert len(set(names)) == len(names)
