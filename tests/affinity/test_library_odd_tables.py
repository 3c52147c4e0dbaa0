"""Tables of measurements as instruments and spreadsheets write them: read right, or refused with the row."""

import gzip
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from cistill.affinity.tables.measurements import make_library
from cistill.affinity.tables.numbers import numbers_of
from cistill.affinity.tables.reader import load_reader
from cistill.errors import InputError
from cistill.formats.library import Library

READERS = Path(__file__).resolve().parents[2] / "assets" / "readers"
SEQUENCES = ["AACC", "AACG", "AACT", "CACG", "GACG"]
VALUES = [1.5, 12.34, 3.06, 0.5, 5]
TABLE = "sequence,label\nAACC,1.5\nAACG,12.34\nAACT,3.06\nCACG,0.5\nGACG,5\n"


def read(folder: Path, content: str | bytes, reader: str = "csv") -> Library:
    file = folder / "table"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return make_library(file, load_reader(reader, READERS))


def semicolons(text: str) -> str:
    """The table as Excel saves it where decimals have commas."""
    return text.replace(",", ";").replace(".", ",")


FORMS = {
    "plain": TABLE,
    "semicolons and decimal commas": semicolons(TABLE),
    "what Excel puts in front": "sep=;\r\n" + semicolons(TABLE).replace("\n", "\r\n"),
    "quoted decimal commas": "sequence,label\n"
    + "".join(f'{s},"{str(v).replace(".", ",")}"\n' for s, v in zip(SEQUENCES, VALUES, strict=True)),
    "all quoted": "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in TABLE.splitlines()),
    "byte-order mark": "\ufeff" + TABLE,
    "CR": TABLE.replace("\n", "\r"),
    "comments in front": "# made by a plate reader, v2\n#\n" + TABLE,
    "comments between": TABLE.replace("AACT", "# plate 2\nAACT"),
    "a marked header": "#" + TABLE,
    "blank lines and empty rows": TABLE.replace("AACT", "\n,,\nAACT"),
    "trailing commas": TABLE.replace("\n", ",,\n"),
    "other case and spaces": TABLE.replace("sequence,label", "Sequence , LABEL"),
    "units behind names": TABLE.replace("label", "label (a.u.)"),
    "row names of R": 'sequence,label\n"1",AACC,1.5\n"2",AACG,12.34\n"3",AACT,3.06\n"4",CACG,0.5\n"5",GACG,5\n',
    "written sequences": TABLE.replace("AACC", "5'-AACC-3'").replace("AACG", "AAC G").replace("AACT", "5’ aacu 3’"),
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_forms_of_one_table_are_one_library(tmp_path: Path, text: str) -> None:
    table = read(tmp_path, text).table
    assert table["sequence"].tolist() == SEQUENCES
    assert table["label"].tolist() == VALUES


def test_encodings_compression_and_workbooks(tmp_path: Path) -> None:
    micro = TABLE.replace("label", "label (\xb5M)")
    for content in (micro.encode("cp1252"), micro.encode("utf-16"), gzip.compress(micro.encode())):
        assert read(tmp_path, content).table["label"].tolist() == VALUES
    book = openpyxl.Workbook()
    book.active.append(["sequence", "label"])
    for row in zip(SEQUENCES, VALUES, strict=True):
        book.active.append(row)
    book.save(tmp_path / "table.xlsx")
    for reader in ("csv", "tsv"):
        library = make_library(tmp_path / "table.xlsx", load_reader(reader, READERS))
        assert library.table["label"].tolist() == VALUES


def test_cells_without_a_value_are_counted_and_bounds_by_themselves(tmp_path: Path) -> None:
    cells = ["NA", "n.d.", "-", "#N/A", "#DIV/0!", "", "<0.1", "> 1000"]
    pairs = ["AC", "AG", "AT", "CA", "CG", "CT", "GA", "GC"]
    rows = "".join(f"TTT{pair},{cell}\n" for pair, cell in zip(pairs, cells, strict=True))
    library = read(tmp_path, TABLE + rows)
    assert library.table["label"].tolist() == VALUES
    assert library.notes["rows without a value"] == 8
    assert library.notes["cells of column label with a bound (as <0.1) in place of a value"] == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TABLE.replace(".", ","), r"row 2 has 3 cells where the first row has 2 .AACC \| 1 \| 5.*decimal commas\?"),
        (TABLE.replace("3.06", "3,06"), "row 4 has 3 cells"),
        (TABLE.replace("CACG,0.5", "CACG"), "row 5 has 1 cell"),
        (TABLE.replace("AACT,3.06", '"AACT,3.06'), "a quote opened and not closed"),
        (TABLE.replace("3.06", "1e400"), "1 value.s. are no numbers .row 4: '1e400'"),
        (TABLE.replace("3.06", "3.06 nM"), "row 4: '3.06 nM'"),
        (TABLE.replace("3.06", "5%"), "row 4: '5%'"),
        (TABLE.replace("3.06", "2026-09-02"), "row 4: '2026-09-02'"),
        (TABLE.replace("3.06", "3.06.1"), "row 4: '3.06.1'"),
        (
            semicolons(TABLE).replace("3,06", "3.06"),
            "commas may mean decimals or thousands .*row 4: '3.06'",
        ),
        ("sequence;label\nAACC;1,234\nAACG;2,345\n", "commas may mean decimals or thousands .row 2: '1,234'"),
        (TABLE.replace("sequence,label", "sequence,label,label"), "the column 'label' is there 2 times"),
        (TABLE.replace("sequence,label", "sequence,Label,LABEL"), "is there 2 times .'Label', 'LABEL'"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old Excel workbook"),
    ],
)
def test_what_could_be_read_wrong_is_refused_with_the_row(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


def test_a_unit_in_the_header_that_contradicts_the_reader_is_refused(tmp_path: Path) -> None:
    table = TABLE.replace("label", "ddG (kJ/mol)").replace(",", "\t")
    with pytest.raises(InputError, match=r"'ddG \(kJ/mol\)' is in kJ/mol, the reader says kcal/mol"):
        read(tmp_path, table, "energies")
    assert read(tmp_path, table.replace("kJ", "kcal"), "energies").table["label"].tolist() == VALUES


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "-2.5", "+.5", "3.", "1e-3", "1E5"], [1, -2.5, 0.5, 3, 1e-3, 1e5]),
        (["1,5", "0,123", "7", "1.234,5", "1,2e-3"], [1.5, 0.123, 7, 1234.5, 1.2e-3]),
        (["1,234.5", "12,000", "1,234,567", "7.25"], [1234.5, 12000, 1234567, 7.25]),
        (["−1.5", "2"], [-1.5, 2]),
    ],
)
def test_numbers(cells: list[str], values: list[float]) -> None:
    np.testing.assert_array_equal(numbers_of(pd.Series(cells), "x").values, values)


@pytest.mark.parametrize(
    "cells", [["1,5", "1,234.5"], ["1,5", "2.5"], ["1,234"], ["1 234"], ["0x10"], ["1_000"], ["~5"]]
)
def test_no_numbers(cells: list[str]) -> None:
    with pytest.raises(InputError):
        numbers_of(pd.Series(cells), "x")


@pytest.mark.parametrize(
    "text",
    [
        TABLE.replace(",", "\t"),
        TABLE.replace(",", "|"),
        "Supplementary Table 1,\n\n" + TABLE,
        "Supplementary Table 1\nof a paper;\n" + semicolons(TABLE),
    ],
    ids=["tabs", "bars", "a title", "two lines of title"],
)
def test_separators_and_titles_that_no_reader_says(tmp_path: Path, text: str) -> None:
    table = read(tmp_path, text).table
    assert table["sequence"].tolist() == SEQUENCES
    assert table["label"].tolist() == VALUES
