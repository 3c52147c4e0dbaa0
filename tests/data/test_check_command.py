"""The first command: everything wrong in one message, before anything else runs."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cistill.data.check import PipelineInputs, check_inputs
from cistill.data.input_checks import read_shadow
from cistill.data.named_files import FileFinder
from cistill.data.splits import SplitChoice
from cistill.errors import InputError

SIZES = {"chrA": 3000, "chrB": 2000, "chrC": 1500}
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path, make):
    """A folder in which everything is right: samplesheet, BAM, bigWigs, control, peaks, sites, truth."""
    make.fasta(tmp_path / "g.fa.gz", make.genome(SIZES))
    make.bam(tmp_path / "a.bam", SIZES, make.reads(SIZES, 300))
    make.bam(tmp_path / "c.bam", SIZES, make.reads(SIZES, 300, seed=1))
    rng = np.random.default_rng(0)
    for strand in ("plus", "minus"):
        values = {chrom: rng.poisson(0.5, size).astype(float) for chrom, size in SIZES.items()}
        make.bigwig(tmp_path / f"b.{strand}.bw", SIZES, values)
    peak = "{0}\t{1}\t{2}\tp\t0\t.\t1\t-1\t-1\t10\n"
    (tmp_path / "p.narrowPeak").write_text("".join(peak.format(chrom, 500, 600) for chrom in SIZES))
    (tmp_path / "sites.bed").write_text("chrA\t5\t9\n")
    truth = {"motifs": {"M": {"pfm": [[0.25] * 4]}}, "main_motif": "M"}
    truth["spacing_rule"] = {"partner": "M", "distance": 12}
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    write_sheet(tmp_path, "A,,a.bam,,,c.bam,p.narrowPeak,sites.bed,truth.json", "A,,,b.plus.bw,b.minus.bw,,,,")
    return tmp_path


def write_sheet(folder, *rows):
    header = "tf,task,bam,bigwig_plus,bigwig_minus,control_bam,peaks,known_sites,truth"
    (folder / "sheet.csv").write_text("\n".join([header, *rows]) + "\n")


def checked(folder, **more):
    """Run the check in this process."""
    splits = more.pop("splits", SplitChoice())
    staged = more.pop("staged", None)
    sheet = folder / "sheet.csv"
    out = folder / "out"
    out.mkdir(exist_ok=True)
    return check_inputs(PipelineInputs(sheet, folder / "g.fa.gz", FileFinder.make(sheet, staged), splits, **more), out)


def message(folder, **more):
    """Return the problems, and make sure that nothing was written."""
    with pytest.raises(InputError) as error:
        checked(folder, **more)
    assert list((folder / "out").iterdir()) == []
    return str(error.value)


def test_good_input_gives_the_read_sets_and_the_sizes(folder, command):
    done = command("check", "--input", "sheet.csv", "--fasta", "g.fa.gz", "--outdir", "out", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "out" / "genome.sizes").read_text() == "chrA\t3000\nchrB\t2000\nchrC\t1500\n"
    table = pd.read_csv(folder / "out" / "readsets.tsv", sep="\t")
    assert table["readset"].tolist() == ["A.A.r1", "A.A.r2", "A.A.c1"]
    assert table["bam"].tolist() == [str(folder / "a.bam"), np.nan, str(folder / "c.bam")]
    assert table["known_sites"].tolist() == [str(folder / "sites.bed")] * 3


def test_all_problems_come_in_one_message_with_exit_code_2(folder, command):
    (folder / "p.narrowPeak").write_text("chrZ\t5\t9\n")
    write_sheet(folder, "A/B,,a.bam,,,,p.narrowPeak,,", "A/B,,missing.bam,,,,p.narrowPeak,,")
    arguments = ["--input", "sheet.csv", "--fasta", "g.fa.gz", "--outdir", "out", "--valid_chroms", "chrQ"]
    done = command("check", *arguments, cwd=folder)
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.rstrip("\n").split("\n")
    assert lines[0] == "check: error: 6 problems in the input; nothing was run"
    assert len(lines) == 7
    for text in ("chrQ", "no test chromosome", "row 2, column tf", "row 3, column tf", "missing.bam", "(and rows 3)"):
        assert text in done.stderr
    assert list((folder / "out").iterdir()) == []


def test_problems_that_are_known_already_join_the_others(folder):
    assert message(folder, problems=["options.yml, line 1: no such command: trian"]).splitlines()[1:] == [
        "  options.yml, line 1: no such command: trian"
    ]


def test_missing_and_empty_files_are_named(folder):
    (folder / "empty.bam").touch()
    write_sheet(folder, "A,,nope.bam,,,empty.bam,p.narrowPeak,no.bed,no.json")
    text = message(folder)
    for column, cell in (("bam", "nope.bam"), ("known_sites", "no.bed"), ("truth", "no.json")):
        assert f"sheet.csv, row 2, column {column}: {cell}: no such file" in text
    assert "row 2, column control_bam: empty.bam: the file is empty" in text


def test_files_that_were_not_staged_are_missing(folder):
    (folder / "staged.tsv").write_text(f"a.bam\t{folder}/a.bam\np.narrowPeak\t{folder}/p.narrowPeak\n")
    write_sheet(folder, "A,,a.bam,,,c.bam,p.narrowPeak,,")
    assert "row 2, column control_bam: c.bam: the file was not found" in message(folder, staged=folder / "staged.tsv")
    write_sheet(folder, "A,,a.bam,,,,p.narrowPeak,,")
    assert checked(folder, staged=folder / "staged.tsv")["bam"].tolist() == ["a.bam"]


def test_contigs_that_are_not_in_the_genome(folder, make):
    other = {"A": 3000, "chrB": 2000}
    make.bam(folder / "a.bam", other, [("A", 5, 0, "20M", 60)])
    make.bigwig(folder / "b.plus.bw", {"chrB": 2001}, {"chrB": np.ones(2001) * np.arange(2001)})
    (folder / "p.narrowPeak").write_text("chrA\t5\t9\nB\t5\t9\nchrC\t7\t9\n")
    text = message(folder)
    assert "column bam: a.bam: 1 chromosome(s) are not in the genome: A; the names differ by the prefix 'chr'" in text
    assert "b.plus.bw: 1 chromosome(s) have another length than in the genome: chrB (2,001 bp here, 2,000" in text
    assert "column peaks: p.narrowPeak: 1 chromosome(s) are not in the genome: B; the names differ" in text


def test_unknown_contigs_are_left_out_with_a_line_or_refused(folder, make, caplog):
    more = {**SIZES, "chrEBV": 500, "HLA-A*01:01": 300}
    make.bam(folder / "a.bam", more, make.reads(SIZES, 300))
    (folder / "p.narrowPeak").write_text("chrA\t5\t9\nchrB\t5\t9\nchrC\t7\t9\nchrEBV\t7\t9\n")
    (folder / "sites.bed").write_text("chrA\t1\t5\nchrUn_1\t1\t5\n")
    assert len(checked(folder)) == 3
    assert (
        "column peaks: p.narrowPeak: 1 chromosome(s) are not in the genome: chrEBV, with 1 of 4 peaks; they are le"
        in (caplog.text)
    )
    assert (
        "sites.bed: 1 chromosome(s) are not in the genome: chrUn_1, with 1 of 2 intervals; they are left" in caplog.text
    )
    (folder / "out" / "readsets.tsv").unlink()
    (folder / "out" / "genome.sizes").unlink()
    text = message(folder, unknown_contigs="refuse")
    assert (
        "chrEBV, with 1 of 4 peaks; give the genome that the reads were aligned to, or leave them out (--unkn" in text
    )


def test_peaks_of_which_most_are_on_unknown_contigs_are_refused(folder):
    (folder / "p.narrowPeak").write_text("chrA\t5\t9\nchrB\t5\t9\nchrC\t7\t9\n" + "chrX\t5\t9\n" * 4)
    assert "1 chromosome(s) are not in the genome: chrX, with 4 of 7 peaks; give the genome" in message(folder)


def test_peaks_beyond_the_chromosomes_end(folder):
    (folder / "p.narrowPeak").write_text("chrA\t5\t9\nchrB\t1990\t2003\nchrC\t1500\t1502\n")
    text = message(folder)
    # the second one merely sticks out: its summit lies on the chromosome
    assert "1 peak(s) lie beyond the end of their chromosome (first: row 3, summit chrC:1501" in text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("# nothing\n", "there is no peak in the file"),
        ("chrA\t5\t9\tp\t0\t.\t1\t-1\t-1\t-1\n", "column 10 (summit) is -1"),
        ("chrA\tx\t9\n", "row 1: column 2 is 'x', not a whole number"),
        ("chrA\t5\t9\nchrB\t5\t9\n", "no peak lies on the "),
    ],
)
def test_peaks_that_cannot_be_used(folder, content, expected):
    (folder / "p.narrowPeak").write_text(content)
    assert f"row 2, column peaks: p.narrowPeak: {expected}" in message(folder)


def test_bam_files_that_cannot_be_used(folder, make):
    whole = (folder / "a.bam").read_bytes()
    (folder / "cut.bam").write_bytes(whole[:-28])
    unsorted = [("chrB", 5, 0, "20M", 60), ("chrA", 5, 0, "20M", 60)]
    make.bam(folder / "lies.bam", SIZES, unsorted)
    make.bam(folder / "name.bam", SIZES, unsorted, order="queryname")
    make.bam(folder / "none.bam", SIZES, [])
    make.bam(folder / "unaligned.bam", SIZES, [("*", -1, 4, "*", 0)])
    (folder / "text.bam").write_text("@HD\n")
    names = ("cut", "lies", "name", "none", "unaligned", "text")
    write_sheet(folder, *(f"A,,{name}.bam,,,,p.narrowPeak,," for name in names))
    text = message(folder)
    assert "row 2, column bam: cut.bam: the BAM file is truncated (no end-of-file block)" in text
    assert "row 3, column bam: lies.bam: the reads are not sorted by coordinate" in text
    assert "row 4, column bam: name.bam: the reads are not sorted by coordinate: a read at chrA:6 comes after" in text
    assert "(the header: SO:queryname)" in text
    assert "row 5, column bam: none.bam: the BAM file holds no reads" in text
    assert "row 6, column bam: unaligned.bam: the BAM file holds no aligned reads" in text
    assert "row 7, column bam: text.bam: not a BAM file (it is text, SAM?; convert and sort it" in text


@pytest.mark.parametrize("order", ["unsorted", "queryname", "unknown"])
def test_reads_in_order_pass_whatever_the_header_says(folder, make, order):
    make.bam(folder / "a.bam", SIZES, [("chrA", 5, 0, "20M", 60), ("chrB", 5, 0, "20M", 60)], order=order)
    assert len(checked(folder)) == 3


def coverage_of_reads(length, n, seed=0):
    """Whole reads piled up: what genomecov gives without -5."""
    rng = np.random.default_rng(seed)
    values = {chrom: np.zeros(size) for chrom, size in SIZES.items()}
    for chrom, size in SIZES.items():
        for start in rng.integers(0, size - length, n):
            values[chrom][start : start + length] += 1
    return values


def every_third(value):
    """Single bases of one value, two empty ones between them."""
    return {chrom: value * (np.arange(size) % 3 == 0) for chrom, size in SIZES.items()}


def signs_mixed():
    """Values of either sign."""
    return {"chrA": every_third(-1.0)["chrA"], "chrB": every_third(2.0)["chrB"]}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (every_third(0.37), "it is normalised or scaled: it has values that are not whole numbers (such as 0.37)"),
        (signs_mixed(), "it has negative values (down to -1) and positive ones (up to 2)"),
        (coverage_of_reads(36, 20), "it is coverage of whole reads or smoothed"),
        (coverage_of_reads(36, 2000), "it is coverage of whole reads or smoothed"),
        ({}, "it is zero everywhere"),
        (every_third(0.0), "it is zero everywhere"),
        (every_third(1e9), "it has values up to 1e+09, more than there can be at one base"),
    ],
    ids=["normalised", "signs mixed", "coverage of few reads", "coverage of many reads", "zero", "zeros", "impossible"],
)
def test_bigwigs_that_are_no_counts_of_five_prime_ends(folder, make, values, expected):
    make.bigwig(folder / "b.minus.bw", SIZES, values)
    text = message(folder)
    assert f"row 3, column bigwig_minus: b.minus.bw: {expected}" in text
    assert text.startswith("1 problem in the input")


def test_negative_counts_of_the_minus_strand_are_read_with_a_line(folder, make, caplog):
    make.bigwig(folder / "b.minus.bw", SIZES, every_third(-1.0))
    assert len(checked(folder)) == 3
    assert "b.minus.bw: the counts of the minus strand are negative; their absolute values are used" in caplog.text


def test_negative_counts_of_the_plus_strand_are_refused(folder, make):
    make.bigwig(folder / "b.plus.bw", SIZES, every_third(-1.0))
    assert "column bigwig_plus: b.plus.bw: it has negative values (down to -1)" in message(folder)


def test_what_is_no_bigwig(folder):
    (folder / "b.plus.bw").write_text("variableStep chrom=chrA\n")
    assert "row 3, column bigwig_plus: b.plus.bw: not a readable bigWig file" in message(folder)


def test_fractional_single_base_counts_pass_where_allowed(folder, make):
    make.bigwig(folder / "b.minus.bw", SIZES, every_third(0.37))
    assert len(checked(folder, allow_fractional_counts=True)) == 3


@pytest.mark.parametrize("mean", [0.01, 1, 5, 15])
def test_deep_counts_are_not_taken_for_coverage(mean):
    counts = np.random.default_rng(0).poisson(mean, 20000).astype(float)
    assert read_shadow(counts.sum(), np.abs(np.diff(counts, prepend=0, append=0)).sum()) < 8


def test_a_broken_genome(folder):
    (folder / "g.fa.gz").write_bytes((folder / "g.fa.gz").read_bytes()[:-20])
    assert "the compressed file is broken or cut short" in message(folder)
    (folder / "g.fa.gz").unlink()
    assert "genome FASTA: no such file" in message(folder)


def test_splits_of_another_genome(folder):
    text = message(folder, splits=SplitChoice((ROOT / "assets" / "chrom_splits" / "sacCer3.json",)))
    assert "fold '0': test chromosome(s) chrIV, chrIX are not in the genome, which has chrA, chrB, chrC" in text


def test_folds_without_peaks_are_named(folder):
    folds = {
        "one": {"train": ["chrA"], "valid": ["chrB"], "test": ["chrC"]},
        "two": {"train": ["chrB"], "valid": ["chrC"], "test": ["chrA"]},
    }
    (folder / "folds.json").write_text(json.dumps(folds))
    (folder / "p.narrowPeak").write_text("chrA\t5\t9\nchrB\t5\t9\n")
    text = message(folder, splits=SplitChoice((folder / "folds.json",), ("all",)))
    assert "no peak lies on the test chromosomes (chrC) of fold 'one'; choose other splits" in text
    assert "no peak lies on the valid chromosomes (chrC) of fold 'two'" in text
    assert "no peak lies on the test chromosomes (chrC); choose" in message(
        folder, splits=SplitChoice((folder / "folds.json",))
    )


def test_excluded_intervals_and_known_sites(folder):
    (folder / "gaps.bed").write_text("chrZ\t1\t5\n")
    (folder / "sites.bed").write_text("chrZ\t1\t5\nchrZ\t5\t7\nchrA\t1\t5\n")
    text = message(folder, exclude=folder / "gaps.bed")
    assert "gaps.bed: 1 chromosome(s) are not in the genome: chrZ; the file has no chromosome of the genome (ch" in text
    sites = "row 2, column known_sites: sites.bed: 1 chromosome(s) are not in the genome: chrZ, with 2 of 3 intervals"
    assert sites in text
    (folder / "gaps.bed").write_text("chrA\t9\t5\n")
    assert "gaps.bed: row 1: start 9 is not below end 5" in message(folder, exclude=folder / "gaps.bed")


def test_truth_that_is_no_json(folder):
    (folder / "truth.json").write_text("motif\n")
    assert "row 2, column truth: truth.json: not a JSON file" in message(folder)


SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "model": {
            "type": "object",
            "properties": {
                "filters": {"type": "integer", "minimum": 1, "maximum": 512},
                "learning_rate": {"type": "number", "exclusiveMinimum": 0},
                "step": {"type": "string", "enum": ["train", "report"]},
                "name": {"type": "string", "pattern": "^[a-z]+$", "errorMessage": "use small letters only"},
                "input": {"type": "string"},
            },
            "required": ["input"],
        }
    },
    "allOf": [{"$ref": "#/$defs/model"}],
}


def test_parameters_are_checked_in_words(folder, command):
    bad = {"filters": 0, "learning_rate": 0, "step": "trian", "name": "A", "filtres": 3, "seed": None}
    (folder / "params.json").write_text(json.dumps(bad))
    (folder / "schema.json").write_text(json.dumps(SCHEMA))
    arguments = ["--input", "sheet.csv", "--fasta", "g.fa.gz", "--params", "params.json", "--schema", "schema.json"]
    done = command("check", *arguments, cwd=folder)
    assert done.returncode == 2
    assert [line.strip() for line in done.stderr.rstrip("\n").split("\n")[1:]] == [
        "parameter --filtres is unknown; did you mean --filters?",
        "parameter --input is needed but not given",
        "parameter --filters is 0, but must be at least 1",
        "parameter --learning_rate is 0, but must be greater than 0",
        "parameter --name is 'A': use small letters only",
        "parameter --step is 'trian', but must be one of train, report",
    ]
    assert not (folder / "readsets.tsv").exists()


@pytest.mark.parametrize(
    ("value", "expected"),
    [("many", "is 'many', but must be of type integer"), (600, "is 600, but must be at most 512")],
)
def test_types_and_limits_of_parameters(folder, value, expected):
    text = message(folder, parameters={"filters": value, "input": "x"}, schema=SCHEMA)
    assert f"parameter --filters {expected}" in text


def test_good_parameters_pass(folder):
    good = {"filters": 64, "input": "x", "learning_rate": 0.1, "step": None}
    assert len(checked(folder, parameters=good, schema=SCHEMA)) == 3
