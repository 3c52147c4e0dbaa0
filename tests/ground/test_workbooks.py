"""Workbooks of Excel are read as text; what is none is named."""

import datetime
import logging
import zipfile
from pathlib import Path

import openpyxl
import pytest

from cistill.errors import InputError
from cistill.workbooks import is_workbook, workbook_rows


def saved(tmp_path: Path, *sheets: list[list[object]], hidden: int = 0) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"sheet {number + 1}")
        for row in rows:
            sheet.append(row)
        if number < hidden:
            sheet.sheet_state = "hidden"
    book.save(tmp_path / "table.xlsx")
    return tmp_path / "table.xlsx"


def test_cells_are_text_as_a_saved_table_has_them(tmp_path: Path) -> None:
    file = saved(
        tmp_path,
        [["sequence", "value", None], ["ACGT", 0.1], ["TTTT", 5.0], [None], ["AAAA", 1e5, "3,06"], ["C", 1.25e-7]],
    )
    assert is_workbook(file)
    assert list(workbook_rows(file, "table")) == [
        (1, ["sequence", "value"]),
        (2, ["ACGT", "0.1"]),
        (3, ["TTTT", "5"]),
        (4, []),
        (5, ["AAAA", "100000", "3,06"]),
        (6, ["C", "1.25e-07"]),
    ]


def test_percentages_dates_and_errors(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append([0.05, datetime.date(2026, 9, 2), datetime.datetime(2026, 9, 2, 3, 4), True, "#N/A"])
    book.active["A1"].number_format = "0%"
    book.save(tmp_path / "t.xlsx")
    assert list(workbook_rows(tmp_path / "t.xlsx", "table")) == [
        (1, ["0.05", "2026-09-02", "2026-09-02T03:04:00", "TRUE", "#N/A"])
    ]


def test_the_first_visible_sheet_that_holds_anything_is_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = saved(tmp_path, [["hidden"]], [], [["a", "b"]], [["c"]], hidden=1)
    with caplog.at_level(logging.INFO):
        assert list(workbook_rows(file, "table")) == [(1, ["a", "b"])]
    assert "'sheet 3' is read; others are not: sheet 1, sheet 2, sheet 4" in caplog.text


def test_a_formula_without_a_value_is_no_empty_cell(tmp_path: Path) -> None:
    file = saved(tmp_path, [["a", "b"], [1, "=A2*2"]])
    with pytest.raises(InputError, match="row 2, column 2: the formula has no value"):
        list(workbook_rows(file, "table"))


def archive(tmp_path: Path, **parts: str) -> Path:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as file:
        for name, text in parts.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return tmp_path / "other.zip"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"xl__workbook_dot_bin": ""}, "binary Excel workbook"),
        ({"mimetype": "", "content_dot_xml": ""}, "OpenDocument"),
        ({"a_dot_txt": ""}, "zip archive, not an Excel workbook"),
        ({"xl__workbook_dot_xml": "<x"}, "not a workbook that can be read"),
        ({"xl__workbook_dot_xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}, "declares entities"),
    ],
)
def test_other_archives_are_named(tmp_path: Path, parts: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        list(workbook_rows(archive(tmp_path, **parts), "table"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), r"old Excel workbook \(.xls\)"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04" + bytes(100), "broken or cut short"),
        (b"", "the file is empty"),
    ],
)
def test_old_encrypted_and_broken_workbooks_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "t.xlsx").write_bytes(content)
    with pytest.raises(InputError, match=message):
        list(workbook_rows(tmp_path / "t.xlsx", "table"))


def test_a_workbook_cut_short_is_a_message(tmp_path: Path) -> None:
    whole = saved(tmp_path, [["a", number] for number in range(200)]).read_bytes()
    for size in range(4, len(whole), 97):
        (tmp_path / "cut.xlsx").write_bytes(whole[:size])
        with pytest.raises(InputError):
            list(workbook_rows(tmp_path / "cut.xlsx", "table"))
