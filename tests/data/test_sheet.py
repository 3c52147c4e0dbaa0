"""Sheets as spreadsheet programs, R, pandas and editors write them are one and the same sheet."""

import codecs
from pathlib import Path

import pytest

from cistill.data.samplesheet import COLUMNS, NEEDED_COLUMNS, read_samplesheet
from cistill.data.sheet import read_rows
from cistill.errors import InputError

HEADER = ["tf", "task", "bam", "control_bam", "peaks"]
ROWS = [["T", "t", "reads 1, é.bam", "", "peaks; all.bed"], ["U", "u", "b.bam", "c.bam", "q.bed"]]


def quoted(cells: list[str], separator: str = ",") -> str:
    return separator.join(f'"{cell}"' for cell in cells)


def whole(lines: list[str], end: str = "\n") -> str:
    return end.join([*lines, ""])


ALL = [HEADER, *ROWS]
PLAIN = whole([quoted(cells) for cells in ALL])
WRITTEN = {
    "quotes of LibreOffice": PLAIN.encode(),
    "mark of Excel's UTF-8": codecs.BOM_UTF8 + PLAIN.encode(),
    "Windows-1252": PLAIN.encode("cp1252"),
    "UTF-16, little end first": codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le"),
    "UTF-16, big end first": codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"),
    "UTF-16 without a mark": PLAIN.encode("utf-16-le"),
    "the other UTF-16 without a mark": PLAIN.encode("utf-16-be"),
    "bars": whole(["|".join(cells) for cells in ALL]).encode(),
    "blanks, as write.table of R": whole([quoted(cells, " ") for cells in ALL]).encode(),
    "names of rows, as write.table of R": whole(
        ["\t".join(HEADER), *("\t".join([str(n), *row]) for n, row in enumerate(ROWS, 1))]
    ).encode(),
    "a title": ("My experiment,,,\n\n" + PLAIN).encode(),
    "columns that pandas named": whole([quoted(HEADER) + ",Unnamed: 5", *(quoted(row) + "," for row in ROWS)]).encode(),
    "blanks of other widths": PLAIN.replace('"T"', '"T\u202f"').replace('"c.bam"', '"\u2009c.bam\u3000"').encode(),
    "typographic quotes": PLAIN.replace('"c.bam"', "\u201cc.bam\u201d").replace('"b.bam"', "'b.bam'").encode(),
    "a formula that keeps text": PLAIN.replace('"T"', '"=""T"""').encode(),
    "nothing in other words": PLAIN.replace('""', "n/a").encode(),
    "a dash for nothing": PLAIN.replace('""', "\u2014").encode(),
    "ends of DOS": PLAIN.replace("\n", "\r\n").encode(),
    "ends of an old Macintosh": PLAIN.replace("\n", "\r").encode(),
    "no end of the last line": PLAIN.rstrip("\n").encode(),
    "tabs": whole(["\t".join(cells) for cells in ALL]).encode(),
    "semicolons": whole([quoted(cells, ";") for cells in ALL]).encode(),
    "Excel's line of the separator": b"sep=;\n" + whole([quoted(cells, ";") for cells in ALL]).encode(),
    "empty columns of Excel": whole([quoted(cells) + ",,," for cells in ALL]).encode(),
    "commas at the end of rows": whole([quoted(HEADER), *(quoted(cells) + ",," for cells in ROWS)]).encode(),
    "a comma at the end of the header": whole([quoted(HEADER) + ",", *map(quoted, ROWS)]).encode(),
    "rows of commas, and blank ones": ("\n,,,,\n" + PLAIN.replace("\n", "\n\n  \n,,,,\n")).encode(),
    "spaces around cells": PLAIN.replace('","', '" , "').replace('"T"', '"  T\u00a0 "').encode(),
    "header in capitals": PLAIN.replace(quoted(HEADER), "TF,Task,BAM,Control BAM,PEAKS").encode(),
    "comments": ("# John's \"first sheet\n" + PLAIN.replace('"U"', '#"V","v",,,\n"U"')).encode(),
    "header behind a number sign": b"#" + PLAIN.encode(),
    "row names of R": whole([f'"",{quoted(HEADER)}', *(f'"{n + 1}",{quoted(ROWS[n])}' for n in range(2))]).encode(),
    "index of pandas": whole([f",{quoted(HEADER)}", *(f"{n},{quoted(row)}" for n, row in enumerate(ROWS))]).encode(),
    "NA of R": PLAIN.replace('""', "NA").encode(),
    "break within a cell": PLAIN.replace('"U"', '"U\n"').encode(),
    "rows in one cell each": whole(
        ['"' + quoted(cells).replace('"', '""') + '"' for cells in ALL]
    ).encode(),
}  # fmt: skip


@pytest.mark.parametrize("how", WRITTEN)
def test_one_sheet_however_it_was_written(tmp_path: Path, how: str) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(WRITTEN[how])
    rows, problems = read_samplesheet(sheet)
    assert problems == []
    assert [[row[column] for column in HEADER] for row in rows] == ROWS


def read(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "sheet.csv").write_text(text, encoding="utf-8")
    return read_rows(tmp_path / "sheet.csv", "samplesheet", COLUMNS, NEEDED_COLUMNS).problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tf,bam,peaks\nA,a,p,q\n", "row 2: 4 cells under a header of 3 columns"),
        ("tf,bam,peaks\nA,a\n", "row 2: 2 cells under a header of 3 columns"),
        ("tf,bam,peaks,\nA,a,p,q\n", "row 1: column 4 has no name but holds 'q'; name it, or empty it"),
        ("tf,bam,,peaks\nA,a,7,p\n", "row 1: column 3 has no name but holds '7'; name it, or empty it"),
        ("# note\n\ntf,bam,Peaks,peak\nA,a,p,q\n", "row 3: unknown column 'peak'; did you mean 'peaks'?"),
        ("tf,TF,bam,peaks\nA,A,a,p\n", "row 1: the column 'tf' is there 2 times"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_its_row(tmp_path: Path, text: str, problem: str) -> None:
    assert read(tmp_path, text) == [problem]


def test_cells_of_optional_columns_may_be_missing_at_the_end(tmp_path: Path) -> None:
    assert read(tmp_path, "tf,bam,peaks,known_sites,truth\nA,a,p\nA,b,p,s\n") == []


def test_rows_are_numbered_as_lines_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text('# one\n\ntf,bam,peaks\n"A\n",a,p\n# two\nB,b,q\n')
    sheet = read_rows(tmp_path / "sheet.csv", "samplesheet", COLUMNS, NEEDED_COLUMNS)
    assert [(row.number, row["tf"]) for row in sheet.rows] == [(4, "A"), (7, "B")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('tf,bam,peaks\nA,"a,p\n', "not a readable CSV file: row 2: a quote is opened and not closed"),
        ("# nothing\n,,\n\n", "the first line must be a header such as tf,peaks"),
    ],
)
def test_what_is_no_sheet(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


def test_a_workbook_is_the_same_sheet(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for cells in ([], ["# first sheet"], ["TF", *HEADER[1:], None], *([cell or None for cell in row] for row in ROWS)):
        book.active.append(cells)
    book.save(tmp_path / "sheet.xlsx")
    rows, problems = read_samplesheet(tmp_path / "sheet.xlsx")
    assert problems == []
    assert [[row[column] for column in HEADER] for row in rows] == ROWS
    assert [row.number for row in rows] == [4, 5]


@pytest.mark.parametrize(
    "text", ["sample,fastq_1,antibody\nA,b,c\n", "A,a.bam,p.bed\n", "<html></html>\n", '{"tf": 1}\n']
)
def test_a_header_without_a_known_name_is_one_problem(tmp_path: Path, text: str) -> None:
    (tmp_path / "sheet.csv").write_text(text)
    rows, problems = read_samplesheet(tmp_path / "sheet.csv")
    assert rows == []
    (problem,) = problems
    assert "row 1: no column has a known name" in problem
    assert "the first row must be a header such as tf,peaks" in problem


@pytest.mark.parametrize("name", ["4-Oct", "1-Mar", "01-Mrz", "2024-03-01", "2024-03-01T00:00:00"])
def test_a_name_that_a_spreadsheet_made_a_date_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "sheet.csv").write_text(f"tf,bam,peaks\n{name},a,p\n")
    _, problems = read_samplesheet(tmp_path / "sheet.csv")
    assert problems == [
        f"row 2, column tf: {name!r} is what spreadsheets make of names such as OCT4; write the name as text"
    ]
