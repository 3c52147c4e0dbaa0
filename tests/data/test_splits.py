"""Chromosome splits."""

import json
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from cistill.data.fold_files import fold_files, read_folds
from cistill.data.splits import (
    Split,
    SplitChoice,
    balanced_folds,
    contigs_left_out,
    fold_uses,
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
    with pytest.raises(InputError, match="no chromosome to split but a mitochondrial one"):
        balanced_folds({"chrM": 1})


def test_lists_leave_all_but_the_mitochondrion_to_training():
    assert split_by_lists(["a", "b", "c", "MT"], valid=["c"], test=["a"]) == Split(("b",), ("c",), ("a",))


def test_lists_and_file_exclude_each_other_and_problems_are_told_together(tmp_path):
    with pytest.raises(InputError, match="not both"):
        SplitChoice.from_texts([tmp_path / "x.json"], None, "a", None).resolve({"a": 1})
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
        ('{"f": {"train": ["a"], "valid": ["b"], "test": 3}}', "fold 'f': expected exactly the lists"),
        ('{"f": {"train": ["a"], "valid": ["b"], "test": {"c": 1}}}', "'test' is {'c': 1}: write it as"),
        ('{"f": {"train": ["a"], "valid": ["b"], "val": ["c"]}}', "the key 'val' gives valid again"),
        ('{"training_chroms": ["a"], "validation_chroms": ["b"]}', 'there is no test.*write it as {"train": \\["chr2"'),
    ],
)
def test_malformed_split_files_are_refused(tmp_path, content, message):
    (tmp_path / "s.json").write_text(content)
    with pytest.raises(InputError, match=message):
        read_splits(tmp_path / "s.json")


ONE = Split(("a", "b"), ("c",), ("d",))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"train": ["a", "b"], "valid": ["c"], "test": ["d"]}, "fold_0"),  # ChromBPNet
        ({"0": {"test": ["d"], "val": ["c"], "train": ["a", "b"]}}, "0"),  # bpnet-refactor
        ({"training_chroms": ["a", "b"], "validation_chroms": ["c"], "test_chroms": ["d"], "n": 1}, "fold_0"),
        ({"splits": {"train-chroms": ["a", "b"], "val-chroms": ["c"], "test-chroms": ["d"]}, "genome": "x"}, "fold_0"),
        ([{"Train": "a,b", "Validation": "c", "Test": "d"}], "0"),
        ({"folds": {"x": {"train": ["a", "b"], "dev": ["c"], "held out": ["d"], "by": "me"}}}, "x"),
        ({"val_chroms": ["c"], "test_chroms": ["d"]}, "fold_0"),  # the others train
    ],
)
def test_fold_files_of_other_programs(tmp_path, content, name):
    (tmp_path / "fold_0.json").write_text(json.dumps(content))
    assert SplitChoice((tmp_path / "fold_0.json",)).resolve(dict.fromkeys("abcd", 9)) == {name: ONE}


def test_numbers_and_windows_files_are_read(tmp_path):
    text = json.dumps({"train": [1, 2], "valid": [3], "test": ["X"]})
    (tmp_path / "my folds.json").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_splits(tmp_path / "my folds.json") == {"my_folds": Split(("1", "2"), ("3",), ("X",))}


def test_chromosomes_of_a_file_that_the_genome_lacks_are_left_out_with_a_line(tmp_path, caplog):
    (tmp_path / "f.json").write_text(json.dumps({"train": ["a", "b", "y"], "valid": ["c", "z"], "test": ["d"]}))
    assert SplitChoice((tmp_path / "f.json",)).resolve(dict.fromkeys("abcd", 9)) == {"f": ONE}
    assert "fold 'f': the genome lacks 2 chromosome(s): y, z" in caplog.text
    with pytest.raises(InputError, match=r"test chromosome\(s\) d are not in the genome, which has a, b, c"):
        SplitChoice((tmp_path / "f.json",)).resolve(dict.fromkeys("abc", 9))


def chrombpnet_folds(folder: Path, numbers: Iterable[int]) -> Path:
    """Write `fold_N.json` of a fold each, as ChromBPNet has them."""
    folder.mkdir()
    for number in numbers:
        content = {"train": ["a", "b"], "valid": ["c"], "test": ["d"]}
        (folder / f"fold_{number}.json").write_text(json.dumps(content))
    return folder


def test_folds_of_several_files_are_one_set(tmp_path):
    folder = chrombpnet_folds(tmp_path / "folds", [10, 0, 9])
    (folder / "._fold_0.json").write_bytes(b"\0")  # of macOS
    (folder / "readme.txt").write_text("no folds\n")
    sizes = dict.fromkeys("abcd", 9)
    in_order = {"fold_0": ONE, "fold_9": ONE, "fold_10": ONE}
    files = [str(folder / f"fold_{number}.json") for number in (10, 9, 0)]
    for given in ([folder], [folder / "fold_*.json"], files, [",".join(files)], [folder, *files]):
        folds = SplitChoice.from_texts(given, "all", None, None).resolve(sizes)
        assert list(folds.items()) == list(in_order.items()), given
    assert list(SplitChoice.from_texts([folder], None, None, None).resolve(sizes)) == ["fold_0"]


def test_folds_named_alike_are_named_as_their_files(tmp_path):
    for name in ("x", "y"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"0": {"train": ["a"], "val": ["b"], "test": ["c"]}}))
    assert list(read_folds(fold_files([tmp_path]))) == ["x", "y"]
    (tmp_path / "x.json").write_text(json.dumps({name: {"train": ["a"], "val": ["b"], "test": ["c"]} for name in "01"}))
    with pytest.raises(InputError, match=r"x\.json and .*y\.json both have a fold '0'; rename one"):
        read_folds(fold_files([tmp_path]))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("empty", "the folder holds no .json file"),
        ("a.json,hg19", "--splits hg19: no such file or name; give a JSON file or one of hg38"),
        ("no*.txt", "no such file or name"),
    ],
)
def test_files_of_folds_that_are_not_there(tmp_path, monkeypatch, given, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=message):
        SplitChoice.from_texts([given], None, None, None).resolve({"a": 1})


HG = {"chr1": 249, "chr2": 242, "chr3": 198, "chr6": 171, "chr7": 159, "chrM": 1}
MORE = {"chr6_GL000250v2_alt": 5, "chr1_KI270706v1_random": 1, "chrUn_KI270742v1": 2, "chrEBV": 1, "HLA-A*01:01": 1}


def test_contigs_outside_the_chromosomes_do_not_train_and_change_no_fold():
    assert balanced_folds({**HG, **MORE}) == balanced_folds(HG)
    assert split_by_lists([*MORE, *HG], ["chr1"], ["chr6"]) == Split(("chr2", "chr3", "chr7"), ("chr1",), ("chr6",))
    left_out = contigs_left_out({"0": Split(("chr1", "chr2"), ("chr3",), ("chr6",))}, {**HG, **MORE})
    assert left_out == {
        "chromosome in no split": {"contigs": 1, "bp": 159},
        "mitochondrial or plastid chromosome": {"contigs": 1, "bp": 1},
        "alternate or patch of a chromosome": {"contigs": 1, "bp": 5},
        "unlocalised or unplaced contig": {"contigs": 2, "bp": 3},
        "decoy, virus, HLA or spike-in sequence": {"contigs": 2, "bp": 2},
    }


def test_copies_named_by_a_file_stay_on_the_side_of_their_chromosome(tmp_path, caplog):
    fold = {"train": ["chr1", "chr6_GL000250v2_alt", "chr1_KI270706v1_random"], "valid": ["chr2"], "test": ["chr6"]}
    (tmp_path / "f.json").write_text(json.dumps(fold))
    split = SplitChoice((tmp_path / "f.json",)).resolve({**HG, **MORE})["f"]
    assert split == Split(("chr1", "chr1_KI270706v1_random"), ("chr2",), ("chr6",))
    assert "1 alternate(s) of chromosomes of another part are left out: chr6_GL000250v2_alt" in caplog.text
    lists = SplitChoice(valid=("chr2",), test=("chr1_KI270706v1_random",)).resolve({**HG, **MORE})["lists"]
    assert lists == Split(("chr3", "chr6", "chr7"), ("chr2",), ("chr1_KI270706v1_random",))


def test_haplotypes_of_a_chromosome_stay_together():
    sizes = {f"chr{n}_{of}": 10 + n for of in ("MATERNAL", "PATERNAL") for n in range(1, 7)}
    for split in balanced_folds(sizes).values():
        for n in range(1, 7):
            assert split.part_of(f"chr{n}_MATERNAL") == split.part_of(f"chr{n}_PATERNAL") != "none"
    assert split_by_lists(sizes, ["chr1_MATERNAL"], ["chr2_PATERNAL"]).part_of("chr2_MATERNAL") == "none"


def length(entries, sizes):
    """Bases of the chromosomes and spans of a part."""
    spans = [entry.rpartition(":")[2].split("-") for entry in entries if entry not in sizes]
    return sum(sizes.get(entry, 0) for entry in entries) + sum(int(last) - int(first) + 1 for first, last in spans)


@pytest.mark.parametrize(
    "sizes",
    [
        {"chr": 4_641_652},
        {"chr": 300_000},
        {"chr": 4_500_000, "plasmid": 100_000},
        {"I": 5_579_133, "II": 4_539_804, "III": 2_452_883},
        {"giant": 9_000_000, **{f"s{i}": 50_000 for i in range(20)}},
        {"chr1": 500, "chr2": 500},
    ],
)
def test_few_chromosomes_are_split_within_into_folds_of_one_size(sizes):
    total = sum(sizes.values())
    folds = balanced_folds(sizes)
    assert list(folds) == ["0", "1", "2", "3", "4"]
    for split in folds.values():
        assert split.problems(sizes) == []
        parts = [length(getattr(split, part), sizes) for part in ("train", "valid", "test")]
        assert sum(parts) == total
        assert all(abs(part - total / 5) <= 0.02 * total for part in parts[1:])
    assert sum(length(split.test, sizes) for split in folds.values()) == total


@pytest.mark.parametrize(
    "sizes", [{"a": 150_000, "b": 100_000, "c": 50_000}, {"a": 10_000_000, "b": 10_000_000, "c": 9_000_000}]
)
def test_three_chromosomes_stay_whole_where_they_are_alike_or_short(sizes):
    assert balanced_folds(sizes)["0"] == Split(("c",), ("b",), ("a",))


def test_a_window_in_two_spans_or_off_all_is_in_no_part():
    split = Split(("c:1-100", "c:301-400"), ("c:101-200",), ("c:201-300", "d"))
    windows = ((0, 100), (50, 150), (100, 200), (199, 201), (200, 300), (300, 400), (390, 410), (-1, 5))
    assert [split.part_of("c", window) for window in windows] == [
        *("train", "none", "valid", "none", "test", "train", "none", "none")
    ]
    assert [split.part_of("c"), split.part_of("d", (0, 9)), split.part_of("e", (0, 9))] == ["none", "test", "none"]
    joined = Split(("c:1-100", "c:101-200"), ("c:201-300",), ("c:301-400",))
    assert joined.part_of("c", (50, 150)) == "train"


def test_windows_across_the_end_of_a_span_are_known():
    split = Split(("c:1-100", "c:101-150"), ("c:151-200",), ("c:301-400", "d"))
    starts, ends = (
        np.array(values) for values in zip((50, 120), (140, 151), (150, 160), (199, 201), (210, 300), strict=True)
    )
    assert split.at_border("c", starts, ends).tolist() == [False, True, False, True, False]
    assert not split.at_border("d", starts, ends).any()


def test_names_that_look_like_spans_are_names():
    split = Split(("chr1:1-500",), ("chr2:1-500",), ("HLA-A*01:01",))
    sizes = {"chr1:1-500": 500, "chr2:1-500": 500, "HLA-A*01:01": 9}
    assert split.problems(sizes) == []
    assert [split.part_of(name, (0, 9)) for name in sizes] == ["train", "valid", "test"]


def test_spans_are_held_out_by_lists_and_the_rest_of_the_chromosome_trains():
    choice = SplitChoice.from_texts(None, None, "c:1-1000", "c:2,001-3,000".replace(",", ""))
    assert choice.resolve({"c": 5000, "p": 90}) == {
        "lists": Split(("c:1001-2000", "c:3001-5000", "p"), ("c:1-1000",), ("c:2001-3000",))
    }


@pytest.mark.parametrize(
    ("split", "problem"),
    [
        (Split(("c:1-100",), ("c:50-200",), ("c:300-400",)), "spans of c in train and valid overlap at 50"),
        (Split(("c",), ("c:50-200",), ("d",)), "chromosome(s) c are listed both whole and in spans"),
        (Split(("d",), ("c:50-200",), ("c:500-1001",)), "test span(s) c:500-1001 reach past the end of their chromo"),
        (Split(("d",), ("c:50-200",), ("e:1-5",)), "test chromosome(s) e:1-5 are not in the genome"),
    ],
)
def test_spans_that_cannot_be(split, problem):
    assert [text for text in split.problems({"c": 1000, "d": 5}) if problem in text]


def test_many_scaffolds_take_no_time():
    start = time.process_time()
    folds = balanced_folds({f"scaffold_{i}": 500 + i for i in range(30_000)})
    assert time.process_time() - start < 3
    assert {len(split.test) for split in folds.values()} == {6000}


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
    folds = SplitChoice.from_texts([folds_file(tmp_path)], given, None, None).resolve({"a": 1, "b": 1, "c": 1})
    assert list(folds) == chosen
    assert folds[chosen[0]] == read_splits(tmp_path / "s.json")[chosen[0]]


def test_balanced_folds_are_chosen_in_the_same_way():
    sizes = {"a": 50, "b": 40, "c": 30, "d": 20, "e": 10}
    assert SplitChoice.from_texts(None, "all", None, None).resolve(sizes) == balanced_folds(sizes)
    assert list(SplitChoice.from_texts(None, "2,4", None, None).resolve(sizes)) == ["2", "4"]


def test_an_unknown_fold_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(InputError, match="no fold 'four', 'five'; the folds are one, two, three, or 'all'"):
        SplitChoice.from_texts([folds_file(tmp_path)], "one,four,five", None, None).resolve({"a": 1, "b": 1, "c": 1})
    with pytest.raises(InputError, match="no fold '3'; the folds are lists"):
        SplitChoice.from_texts(None, "3", "a", "b").resolve({"a": 1, "b": 1, "c": 1})


def test_a_chromosome_is_named_by_the_part_that_holds_it_out_most():
    folds = {"x": Split(("a", "b"), ("c",), ("d",)), "y": Split(("c", "b"), ("a",), ("d",)), "z": Split((), (), ("c",))}
    uses = fold_uses(folds, list("abcde"), np.arange(5), np.zeros(5, dtype=np.int64), 10)
    assert part_over_folds(uses).tolist() == ["valid", "train", "test", "test", "none"]
    assert folds_that_test(folds, uses) == [None, None, "z", "x,y", None]


@pytest.mark.parametrize("given", ["2", "CHR2", "Chr2", "chr2"])
def test_names_of_chromosomes_that_differ_by_prefix_or_case_are_the_genomes(caplog, given):
    genome = dict.fromkeys(["chr1", "chr2", "chr3"], 9)
    split = SplitChoice.from_texts(None, None, given, "3:1-4").resolve(genome)["lists"]
    assert (split.valid, split.test) == (("chr2",), ("chr3:1-4",))
    assert "name(s) are taken for the genome's" in caplog.text


def test_folds_of_ucsc_names_fit_a_genome_of_ensembl_names(tmp_path):
    (tmp_path / "f.json").write_text(json.dumps({"train": ["chr1"], "valid": ["chr2"], "test": ["chrX"]}))
    folds = SplitChoice((tmp_path / "f.json",)).resolve(dict.fromkeys(["1", "2", "X"], 9))
    assert folds == {"f": Split(("1",), ("2",), ("X",))}


@pytest.mark.parametrize("text", ["a;b", "a, b", "a b", " a,,b ;"])
def test_lists_may_be_separated_otherwise(text):
    assert SplitChoice.from_texts(None, None, text, "c").valid == ("a", "b")


def test_names_of_folds_become_such_as_files_may_have(tmp_path):
    fold = {"train": ["a"], "valid": ["b"], "test": ["c"]}
    (tmp_path / "s.json").write_text(json.dumps({"fold/0 1": fold, "x.y": fold}))
    assert list(read_splits(tmp_path / "s.json")) == ["fold_0_1", "x_y"]
    sizes = dict.fromkeys("abc", 9)
    assert list(SplitChoice.from_texts([tmp_path / "s.json"], "fold/0", None, None).folds) == ["fold/0"]
    assert list(SplitChoice.from_texts([tmp_path / "s.json"], "x.y", None, None).resolve(sizes)) == ["x_y"]
    (tmp_path / "s.json").write_text(json.dumps({"x.y": fold, "x y": fold}))
    with pytest.raises(InputError, match="two folds are named 'x_y'; rename one"):
        read_splits(tmp_path / "s.json")


def test_a_genome_of_a_few_bases_is_not_split():
    with pytest.raises(InputError, match="the genome has 3 bp, too few to split"):
        balanced_folds({"c": 3})
