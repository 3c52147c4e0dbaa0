"""Known sites and their classes."""

from pathlib import Path

import pytest

from cistill.errors import InputError
from cistill.hits.comparison.known_sites import read_known_sites, site_classes


def test_few_names_are_the_classes_themselves() -> None:
    assert site_classes(["strong", "weak", "strong"]) == ["strong", "weak", "strong"]


def test_of_many_names_the_last_part_is_the_class() -> None:
    names = [f"motif{i}|{'primary' if i % 2 else 'secondary'}" for i in range(12)]
    assert site_classes(names) == ["secondary", "primary"] * 6


def test_names_of_single_sites_are_one_class() -> None:
    assert set(site_classes([f"peak_{i}" for i in range(30)])) == {"site"}


def test_sites_without_a_name_are_one_class() -> None:
    assert site_classes(["", "."]) == ["site", "site"]


def test_a_regular_expression_picks_the_class() -> None:
    names = ["TTACCCG|primary", "1_mismatches|primary", "none"]
    assert site_classes(names, r"^([^|]+)\|") == ["TTACCCG", "1_mismatches", "other"]
    assert site_classes(names, "primary") == ["primary", "primary", "other"]
    with pytest.raises(InputError, match="not a regular expression"):
        site_classes(names, "(")


def test_headers_comments_and_spaces_are_accepted(tmp_path: Path) -> None:
    file = tmp_path / "sites.bed"
    file.write_text("#chrom\tstart\tend\tname\ntrack name=x\nchr1\t5\t6\ta\t3\t+\n\nchr2 7 9 b\n")
    sites = read_known_sites(file)
    assert sites.to_dict("list") == {
        "chrom": ["chr1", "chr2"],
        "start": [5, 7],
        "end": [6, 9],
        "site_class": ["a", "b"],
    }


def test_every_bad_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "sites.bed"
    file.write_text("chr1\t5\t6\nchr1\tx\t6\nchr1\t9\t3\n")
    with pytest.raises(InputError, match=r"(?s)row 2: .*row 3: start 9 is not below end 3"):
        read_known_sites(file)


def test_a_file_without_sites_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "sites.bed"
    file.write_text("# nothing\n")
    with pytest.raises(InputError, match="no site"):
        read_known_sites(file)
