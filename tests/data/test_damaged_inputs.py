"""A damaged file in any column of a samplesheet, or behind an option of `check`, is reported before anything runs."""

import gzip
import json
import re
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pysam
import pytest
from conftest import Make

from cistill.data.check import PipelineInputs, check_inputs
from cistill.data.named_files import FileFinder
from cistill.data.samplesheet import COLUMNS, FILE_COLUMNS
from cistill.data.splits import SplitChoice
from cistill.errors import InputError

SIZES = {"chrA": 3000, "chrB": 2000, "chrC": 1500}
FOLDS = {"a": {"train": ["chrA"], "valid": ["chrB"], "test": ["chrC"]}}
TRUTH = {
    "motifs": {"M": {"pfm": [[0.25] * 4]}},
    "main_motif": "M",
    "spacing_rule": {"partner": "M", "distance": 12},
}
PEAKS = "".join(f"{chrom}\t{start}\t{start + 100}\n" for chrom in SIZES for start in range(200, 1200, 10))
TEXTS = {
    "peaks": PEAKS,
    "known_sites": PEAKS,
    "truth": json.dumps(TRUTH),
    "exclude": PEAKS,
    "splits": json.dumps(FOLDS),
}
OPTIONS = ("fasta", "exclude", "splits")
DAMAGES: Mapping[str, Callable[[bytes], bytes]] = {
    "empty": lambda good: b"",
    "random bytes": lambda good: np.random.default_rng(7).bytes(5000),
    "cut in the middle": lambda good: gzip.compress(good, 1)[: len(gzip.compress(good, 1)) // 2],
    "a workbook that is cut": lambda good: b"PK\x03\x04" + b"\0" * 100,
    "another program's page": lambda good: b"<!DOCTYPE html>\n<html></html>\n",
    "words": lambda good: b"something else altogether\n",
    "JSON of something else": lambda good: b'{"motifs": [1, 2], "folds": 5}',
    "zeros": lambda good: b"\0" * 5000,
}
BLOCKED = (*TEXTS, "fasta", "bam", "control_bam")
BINARY = ("bam", "control_bam", *(column for column in FILE_COLUMNS if "bigwig" in column))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, make: type[Make]) -> dict[str, bytes]:
    """Content of a good file of every column and option, by its name."""
    folder = tmp_path_factory.mktemp("good")
    found = {name: text.encode() for name, text in TEXTS.items()}
    found["fasta"] = make.fasta(folder / "g.fa", make.genome(SIZES)).read_bytes()
    rng = np.random.default_rng(0)
    for seed, column in enumerate(FILE_COLUMNS):
        if column.endswith("bam"):
            found[column] = make.bam(folder / "x.bam", SIZES, make.reads(SIZES, 300, seed=seed)).read_bytes()
        elif "bigwig" in column:
            values = {chrom: rng.poisson(0.5, size).astype(float) for chrom, size in SIZES.items()}
            found[column] = make.bigwig(folder / "x.bw", SIZES, values).read_bytes()
    return found


@pytest.fixture
def folder(tmp_path: Path, good: dict[str, bytes]) -> Path:
    """Good files and a sheet that names one in every column: reads as BAM in one row, as bigWigs in the next."""
    for name, content in good.items():
        (tmp_path / name).write_bytes(content)
    rows = [
        [
            "A" if column == "tf" else column if column in FILE_COLUMNS and other not in column else ""
            for column in COLUMNS
        ]
        for other in ("bigwig", "bam")
    ]
    (tmp_path / "sheet.csv").write_text("\n".join(",".join(row) for row in [list(COLUMNS), *rows]) + "\n")
    return tmp_path


def check(folder: Path) -> None:
    out = folder / "out"
    out.mkdir()
    sheet = folder / "sheet.csv"
    splits = SplitChoice((folder / "splits",))
    check_inputs(
        PipelineInputs(sheet, folder / "fasta", FileFinder.make(sheet), splits, exclude=folder / "exclude"), out
    )


def problems(folder: Path) -> list[str]:
    with pytest.raises(InputError) as raised:
        check(folder)
    assert list((folder / "out").iterdir()) == []
    return str(raised.value).splitlines()[1:]


def test_every_column_and_option_has_a_good_file(good: dict[str, bytes]) -> None:
    assert set(good) == {*FILE_COLUMNS, *OPTIONS}


def test_the_good_files_pass(folder: Path) -> None:
    check(folder)
    assert {file.name for file in (folder / "out").iterdir()} == {"readsets.tsv", "genome.sizes"}


@pytest.mark.parametrize("name", [*FILE_COLUMNS, *OPTIONS])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_reported_by_its_name(folder: Path, good: dict[str, bytes], name: str, damage: str) -> None:
    (folder / name).write_bytes(DAMAGES[damage](good[name]))
    assert_named(problems(folder), name)


@pytest.mark.parametrize("name", [*FILE_COLUMNS, *OPTIONS])
def test_a_folder_or_nothing_in_place_of_a_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert_named(problems(folder), name)
    (folder / "out").rmdir()
    (folder / name).mkdir()
    assert_named(problems(folder), name)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_binary_file_that_was_copied_in_part(folder: Path, good: dict[str, bytes], name: str, share: float) -> None:
    if "bigwig" in name and share > 0.5:
        share = bigwig_index_end(good[name]) / len(good[name]) * 0.99
    (folder / name).write_bytes(good[name][: int(share * len(good[name]))])
    assert_named(problems(folder), name)


@pytest.mark.parametrize("name", BLOCKED)
def test_a_bgzf_file_that_was_cut_between_blocks(folder: Path, good: dict[str, bytes], name: str) -> None:
    rows = b"".join(b"chrA\t%d\t%d\tAAC-1\t1\n" % (at, at + 100) for at in range(0, 2500, 10))  # fragments
    with pysam.BGZFile(str(folder / name), "w") as file:
        file.write(rows if name.endswith("bam") else good[name])
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[:-28])
    (line,) = problems(folder)
    assert "no end-of-file block" in line
    (folder / "out").rmdir()
    (folder / name).write_bytes(whole)
    check(folder)


def bigwig_index_end(content: bytes) -> int:
    """Return where the index of the counts ends; what follows are only averages for display, which nothing reads."""
    first_zoom = struct.unpack("<IIQQ", content[64:88])[2] if struct.unpack("<H", content[6:8])[0] else len(content)
    return int(first_zoom)


def assert_named(found: list[str], name: str) -> None:
    """Make sure that one file alone is blamed, in words."""
    where = f"column {name}" if name in FILE_COLUMNS else name
    assert found
    assert any(where in line for line in found), found
    others = [line for line in found if (blamed := re.search(r"row \d+, column (\w+):", line)) and blamed[1] != name]
    assert others == [], found
    assert not any("Error" in line and name != "truth" for line in found), found
