"""Chromosome splits."""

import json
from pathlib import Path

import pytest

from cistill.data.splits import (
    Split,
    SplitChoice,
    balanced_folds,
    folds_that_test,
    part_over_folds,
    read_splits,
    split_by_lists,
)
from cistill.errors import InputError

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "chrom_splits"
CHROMOSOMES = {
    "hg38": [f"chr{n}" for n in [*range(1, 23), "X"]],
    "mm10": [f"chr{n}" for n in [*range(1, 20), "X"]],
    "sacCer3": [
        *("chrI", "chrII", "chrIII", "chrIV", "chrV", "chrVI", "chrVII", "chrVIII"),
        *("chrIX", "chrX", "chrXI", "chrXII", "chrXIII", "chrXIV", "chrXV", "chrXVI"),
    ],
}


@pytest.mark.parametrize("genome", CHROMOSOMES)
def test_shipped_splits_are_disjoint_and_test_every_chromosome_once(genome):
    folds = read_splits(ASSETS / f"{genome}.json")
    for split in folds.values():
        assert split.problems(CHROMOSOMES[genome]) == []
    tested = sorted(name for split in folds.values() for name in split.test)
    assert tested == sorted(CHROMOSOMES[genome])


def test_hg38_folds_are_the_published_ones():
    folds = read_splits(ASSETS / "hg38.json")
    assert list(folds) == [str(k) for k in range(1, 11)]
    assert folds["1"].test == ("chr1",)
    assert set(folds["1"].valid) == {"chr8", "chr10"}
    assert set(folds["8"].test) == {"chr11", "chr17", "chrX"}
    for k in range(2, 11):
        assert folds[str(k)].valid == folds[str(k - 1)].test
    for split in folds.values():
        assert {*split.train, *split.valid, *split.test} == set(CHROMOSOMES["hg38"])


def test_sacCer3_fold_0_holds_out_what_the_benchmarks_hold_out():
    split = read_splits(ASSETS / "sacCer3.json")["0"]
    assert (split.test, split.valid) == (("chrIV", "chrIX"), ("chrXVI",))
    assert split.part_of("chrM") == "none"
    assert split.part_of("chrII") == "train"


def test_balanced_folds_share_out_the_genome():
    sizes = {"a": 50, "b": 40, "c": 30, "d": 20, "e": 10, "chrM": 5}
    folds = balanced_folds(sizes, n_folds=3)
    # longest first, each to the shortest group: {a}, {b, e}, {c, d}
    assert [split.test for split in folds.values()] == [("a",), ("b", "e"), ("c", "d")]
    assert [split.valid for split in folds.values()] == [("b", "e"), ("c", "d"), ("a",)]
    assert folds["0"].train == ("c", "d")
    with pytest.raises(InputError, match="at least three"):
        balanced_folds({"a": 1, "b": 1, "chrM": 1})


def test_lists_leave_all_but_the_mitochondrion_to_training():
    assert split_by_lists(["a", "b", "c", "MT"], valid=["c"], test=["a"]) == Split(("b",), ("c",), ("a",))


def test_lists_and_file_exclude_each_other_and_problems_are_told_together(tmp_path):
    with pytest.raises(InputError, match="not both"):
        SplitChoice.from_texts(tmp_path / "x.json", None, "a", None).resolve({"a": 1})
    with pytest.raises(InputError, match=r"no valid chromosome.*\n.*test chromosome\(s\) z are not in the genome"):
        SplitChoice.from_texts(None, None, None, "a, z").resolve({"a": 1, "b": 1})
    with pytest.raises(InputError, match="a are in both valid and test"):
        SplitChoice.from_texts(None, None, "a", "a").resolve({"a": 1, "b": 1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not a JSON file"),
        ("[]", "expected an object of folds"),
        ('{"f": {"train": ["a"], "valid": ["b"]}}', "fold 'f': expected exactly the lists"),
        ('{"f": {"train": ["a"], "valid": ["b"], "test": "c"}}', "fold 'f': expected exactly the lists"),
    ],
)
def test_malformed_split_files_are_refused(tmp_path, content, message):
    (tmp_path / "s.json").write_text(content)
    with pytest.raises(InputError, match=message):
        read_splits(tmp_path / "s.json")


def folds_file(folder):
    folds = {
        "one": {"train": ["a"], "valid": ["b"], "test": ["c"]},
        "two": {"train": ["b"], "valid": ["c"], "test": ["a"]},
        "three": {"train": ["c"], "valid": ["a"], "test": ["b"]},
    }
    (folder / "s.json").write_text(json.dumps(folds))
    return folder / "s.json"


@pytest.mark.parametrize(
    ("given", "chosen"),
    [(None, ["one"]), ("two", ["two"]), ("three, one", ["three", "one"]), ("all", ["one", "two", "three"])],
)
def test_folds_are_chosen_by_name_in_the_order_given(tmp_path, given, chosen):
    folds = SplitChoice.from_texts(folds_file(tmp_path), given, None, None).resolve({"a": 1, "b": 1, "c": 1})
    assert list(folds) == chosen
    assert folds[chosen[0]] == read_splits(tmp_path / "s.json")[chosen[0]]


def test_balanced_folds_are_chosen_in_the_same_way():
    sizes = {"a": 50, "b": 40, "c": 30, "d": 20, "e": 10}
    assert SplitChoice.from_texts(None, "all", None, None).resolve(sizes) == balanced_folds(sizes)
    assert list(SplitChoice.from_texts(None, "2,4", None, None).resolve(sizes)) == ["2", "4"]


def test_an_unknown_fold_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(InputError, match="no fold 'four', 'five'; the folds are one, two, three, or 'all'"):
        SplitChoice.from_texts(folds_file(tmp_path), "one,four,five", None, None).resolve({"a": 1, "b": 1, "c": 1})
    with pytest.raises(InputError, match="no fold '3'; the folds are lists"):
        SplitChoice.from_texts(None, "3", "a", "b").resolve({"a": 1, "b": 1, "c": 1})


def test_a_chromosome_is_named_by_the_part_that_holds_it_out_most():
    folds = {"x": Split(("a", "b"), ("c",), ("d",)), "y": Split(("c", "b"), ("a",), ("d",)), "z": Split((), (), ("c",))}
    assert [part_over_folds(folds, chrom) for chrom in "abcde"] == ["valid", "train", "test", "test", "none"]
    assert [folds_that_test(folds, chrom) for chrom in "acd"] == [[], ["z"], ["x", "y"]]
