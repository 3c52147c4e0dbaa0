"""A damaged file in any column of an affinity sheet, whatever reader reads it, is reported before anything runs."""

import gzip
import random
from pathlib import Path

import pysam
import pytest
import yaml

from cistill.affinity.libraries_sheet import FILE_COLUMNS, check_libraries
from cistill.data.named_files import FileFinder
from cistill.errors import InputError

READERS = Path(__file__).resolve().parents[2] / "assets" / "readers"
TABLE = "site,ddG\n" + "".join(f"ACGTACG{base},{number}.5\n" for number, base in enumerate("ACGT")) + "CCCCCCCC,9\n"
READER = """assay: a reader of the user's own
format: {separator: comma}
sequence: {column: site}
label: {column: ddG, unit: kcal/mol, higher_is_tighter: false}
"""
GOOD = {"file": TABLE, "reader": READER}
DAMAGES = {
    "empty": b"",
    "random bytes": random.Random(7).randbytes(5000),
    "cut gzip": gzip.compress(TABLE.encode() * 1000)[:60],
    "a workbook that is cut": b"PK\x03\x04" + b"\0" * 100,
    "another program's page": b"<!DOCTYPE html>\n<html><body>Not found</body></html>\n",
    "words": b"something else altogether\n",
    "header only": b"site,ddG\n",
    "zeros": b"\0" * 5000,
}


def reader_cells() -> list[str]:
    """Names of all readers of the program, with values for the parameters that must be given."""
    cells = []
    for file in sorted(READERS.glob("*.yml")):
        needed = [
            name for name, value in (yaml.safe_load(file.read_text()).get("parameters") or {}).items() if value is None
        ]
        cells.append(file.stem + "".join(f":{name}=x" for name in needed))
    return cells


def sheet(folder: Path, reader: str = "reader.yml") -> Path:
    """Write the sheet and good files in every column of it."""
    for column, text in GOOD.items():
        (folder / (f"{column}.yml" if column == "reader" else column)).write_text(text)
    path = folder / "sheet.csv"
    path.write_text(f"tf,task,library,file,reader\nA,,one,file,{reader}\n")
    return path


def check(path: Path) -> None:
    check_libraries(path, None, FileFinder.make(path), READERS, path.parent)


def problems(path: Path) -> list[str]:
    with pytest.raises(InputError) as raised:
        check(path)
    assert not (path.parent / "libraries.tsv").exists()
    return str(raised.value).splitlines()[1:]


def test_every_column_has_a_good_file(tmp_path: Path) -> None:
    assert set(GOOD) == set(FILE_COLUMNS)
    check(sheet(tmp_path))
    assert (tmp_path / "libraries.tsv").exists()


@pytest.mark.parametrize("column", FILE_COLUMNS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_reported_with_its_row_and_name(tmp_path: Path, column: str, damage: str) -> None:
    path = sheet(tmp_path)
    file = tmp_path / ("reader.yml" if column == "reader" else column)
    file.write_bytes(DAMAGES[damage])
    found = problems(path)
    assert all(line.startswith("  sheet.csv, row 2") for line in found)
    assert file.name in found[0]


@pytest.mark.parametrize("column", FILE_COLUMNS)
def test_a_bgzf_file_that_was_cut_between_blocks(tmp_path: Path, column: str) -> None:
    path = sheet(tmp_path)
    file = tmp_path / ("reader.yml" if column == "reader" else column)
    with pysam.BGZFile(str(file), "w") as blocks:
        blocks.write(GOOD[column].encode())
    whole = file.read_bytes()
    file.write_bytes(whole[:-28])
    assert "no end-of-file block of bgzip" in problems(path)[0]
    file.write_bytes(whole)
    check(path)


@pytest.mark.parametrize("column", FILE_COLUMNS)
def test_a_folder_or_nothing_in_place_of_a_file(tmp_path: Path, column: str) -> None:
    path = sheet(tmp_path)
    file = tmp_path / ("reader.yml" if column == "reader" else column)
    file.unlink()
    assert f"row 2, column {column}: {file.name}: no such file" in problems(path)[0]
    file.mkdir()
    assert f"row 2, column {column}: {file.name}: " in problems(path)[0]


@pytest.mark.parametrize("reader", reader_cells())
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_table_is_reported_whatever_reads_it(tmp_path: Path, reader: str, damage: str) -> None:
    path = sheet(tmp_path, reader)
    (tmp_path / "file").write_bytes(DAMAGES[damage])
    found = problems(path)
    assert all(line.startswith("  sheet.csv, row 2") for line in found)
    assert str(tmp_path / "file") in found[0] or "column file: file:" in found[0]


def test_what_generates_sequences_is_tried_too(tmp_path: Path) -> None:
    path = sheet(tmp_path)
    for text in ("nonsense", "kmers:x", "kmers:99", "pattern:ACGZ", "substitutions", "spacers:A"):
        path.write_text(f"tf,library,reader\nA,one,generate:{text}\n")
        assert problems(path)[0].startswith("  sheet.csv, row 2: ")
