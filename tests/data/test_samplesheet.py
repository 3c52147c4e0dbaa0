"""Layout of the samplesheet, and the table of read sets made from it."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cistill.data.contigs import Remark
from cistill.data.named_files import FileFinder
from cistill.data.samplesheet import (
    COLUMNS,
    grouping_problems,
    read_samplesheet,
    readset_table,
    spelled_alike,
)
from cistill.data.sheet_names import NAME
from cistill.errors import InputError

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "assets" / "schema_input.json").read_text())


def problems_of(tmp_path, *lines):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("\n".join(lines) + "\n")
    rows, problems = read_samplesheet(sheet)
    return problems + grouping_problems(rows, FileFinder.make(sheet).identity)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["tf,bam,peaks,tsk", "A,a.bam,p,"], ["row 1: unknown column 'tsk'; did you mean 'task'?"]),
        (["tf,bam,peaks,BAM_Control", "A,a.bam,p,"], ["row 1: unknown column 'BAM_Control'; did you mean 'control_"]),
        (
            ["tf,bam", "A,a.bam"],
            [
                "row 1: the column 'peaks' is missing",
                "row 2, column peaks: is empty; task 'A' has no peaks: give a file",
            ],
        ),
        (
            ["tf,peaks", "A,p"],
            [
                "row 1: the column 'bam', or the columns 'bigwig_plus' and",
                "row 2, column bam: no reads; give bam, or bigwig_plus and",
            ],
        ),
        (["tf,bam,bam,peaks", "A,a,a,p"], ["row 1: the column 'bam' is there 2 times"]),
        (["tf,bam,peaks"], ["the sheet has a header but no rows"]),
        (["tf,bam,peaks", "A,a.bam"], ["row 2: 2 cells under a header of 3 columns"]),
        (["tf,bam,peaks", ",a.bam,p"], ["row 2, column tf: is empty; name the TF"]),
        (
            ["tf,task,bam,peaks", "A/B,x y,a.bam,p"],
            [
                "row 2, column tf: 'A/B' is unfit for file names; use letters, digits,",
                "row 2, column task: 'x y' is unfit for file names; use letters, digits,",
            ],
        ),
        (
            ["tf,bam,bigwig_plus,bigwig_minus,peaks", "A,a.bam,p.bw,m.bw,p"],
            ["row 2, column bam: both bam and bigwig_plus/bigwig_minus are given; keep one of the two"],
        ),
        (
            ["tf,bam,bigwig_plus,bigwig_minus,peaks", "A,,p.bw,,p"],
            ["row 2, column bigwig_minus: is empty though the other strand is given; give both strands"],
        ),
        (
            ["tf,bigwig_plus,bigwig_minus,peaks", "A,p.bw,p.bw,p"],
            ["row 2, column bigwig_minus: is the same file as bigwig_plus; give one bigWig for each strand"],
        ),
        (["tf,bam,peaks", "A,,p"], ["row 2, column bam: no reads; give bam, or bigwig_plus and"]),
        (
            ["tf,bam,control_bam,control_bigwig_plus,peaks", "A,a.bam,c.bam,c.bw,p"],
            ["row 2, column control_bam: both control_bam and control_bigwig_plus/"],
        ),
        (
            ["tf,task,bam,peaks", "A,x,a.bam,p", "A,x,b.bam,q"],
            ["row 3, column peaks: q differs from p in row 2 of the same task 'x'; rows of one task share one file"],
        ),
        (
            ["tf,task,bam,peaks,truth", "A,x,a.bam,p,t.json", "A,y,b.bam,q,u.json"],
            ["row 3, column truth: u.json differs from t.json in row 2 of the same tf 'A'; rows of one tf"],
        ),
        (
            ["tf,bam,peaks", "A,a.bam,p", "A,./a.bam,p"],
            ["row 3, column bam: ./a.bam is also in row 2, column bam; reads must be counted once"],
        ),
        (
            ["tf,bam,control_bam,peaks", "A,a.bam,a.bam,p"],
            ["row 2, column control_bam: a.bam is also in row 2, column bam; reads must be counted once"],
        ),
        (
            ["tf,bam,peaks", "Reb1,a.bam,p", "REB1,b.bam,p"],
            ["row 3, column tf: 'REB1' and 'Reb1' (row 2) differ only in case; spell them alike"],
        ),
        (
            ["tf,task,bam,peaks", "A,k562,a.bam,p", "A,K562,b.bam,p"],
            ["row 3, column task: 'K562' and 'k562' (row 2) differ only in case; spell them alike"],
        ),
    ],
)
def test_each_problem_names_row_and_column_and_what_to_do(tmp_path, lines, expected):
    problems = problems_of(tmp_path, *lines)
    assert len(problems) == len(expected)
    for problem, start in zip(problems, expected, strict=True):
        assert problem.startswith(start)


@pytest.mark.parametrize(
    "lines",
    [
        ["tf,bam,peaks", "A,a.bam,p", "A,b.bam,p", "B,c.bam,p"],
        ["tf,bam,peaks", "A,a.bam,p", "", "A,b.bam,", ",,"],  # peaks once, blank lines
        ["\ufefftf , bam,peaks", " A,a.bam, p"],  # as spreadsheets write them
        ["tf,bam,control_bam,peaks", "A,a.bam,c.bam,p", "A,b.bam,c.bam,p", "B,d.bam,c.bam,q"],
        ["tf,bam,bigwig_plus,bigwig_minus,control_bam,peaks", "A,,+.bw,-.bw,c.bam,p"],  # control of another kind
        ["tf,task,bam,peaks", "A,K562,a.bam,p", "B,K562,b.bam,p"],
    ],
)
def test_good_sheets_pass(tmp_path, lines):
    assert problems_of(tmp_path, *lines) == []


def test_a_sheet_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "sheet.csv").write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(InputError, match="not a readable CSV file"):
        read_samplesheet(tmp_path / "sheet.csv")


def test_read_sets_are_numbered_by_task_and_shared_controls_listed_once(tmp_path):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        "tf,task,bam,bigwig_plus,bigwig_minus,control_bam,peaks,truth\n"
        "A,,a1.bam,,,c.bam,p,t.json\n"
        "A,,,a2+.bw,a2-.bw,c.bam,,\n"
        "A,y,a3.bam,,,c.bam,q,\n"
        "A,y,a4.bam,,,d.bam,q,\n"
    )
    rows, problems = read_samplesheet(sheet)
    assert problems == []
    table = readset_table(rows, lambda cell: f"/x/{cell}")
    assert table["readset"].tolist() == ["A.A.r1", "A.A.r2", "A.A.c1", "A.y.r1", "A.y.r2", "A.y.c1", "A.y.c2"]
    assert table["source"].tolist() == ["bam", "bigwig", *["bam"] * 5]
    assert table["plus"].tolist()[1] == "/x/a2+.bw"
    assert table["bam"].tolist()[2:] == ["/x/c.bam", "/x/a3.bam", "/x/a4.bam", "/x/c.bam", "/x/d.bam"]
    assert table["peaks"].tolist() == ["/x/p"] * 3 + ["/x/q"] * 4
    assert table["truth"].tolist() == ["/x/t.json"] * 7


def test_staged_files_are_found_by_the_cell_and_others_are_missing(tmp_path):
    (tmp_path / "staged.tsv").write_text("s3://bucket/a.bam\t1/a.bam\n")
    finder = FileFinder.make(tmp_path / "sheet.csv", tmp_path / "staged.tsv")
    assert finder.locate("s3://bucket/a.bam") == Path("1/a.bam")
    assert finder.locate("b.bam") is None
    assert finder.written("s3://bucket/a.bam") == "s3://bucket/a.bam"
    assert FileFinder.make(tmp_path / "sheet.csv").locate("b.bam") == tmp_path / "b.bam"
    (tmp_path / "bad.tsv").write_text("a b c\n")
    with pytest.raises(InputError, match="row 1: expected two tab-separated columns"):
        FileFinder.make(tmp_path / "sheet.csv", tmp_path / "bad.tsv")


def test_the_schema_describes_the_same_columns_and_names():
    Draft202012Validator.check_schema(SCHEMA)
    properties = SCHEMA["items"]["properties"]
    assert tuple(properties) == COLUMNS
    assert properties["tf"]["pattern"] == properties["task"]["pattern"] == NAME.pattern
    validator = Draft202012Validator(SCHEMA)
    assert validator.is_valid([{"tf": "A", "bam": "a.bam", "peaks": "p"}])
    assert validator.is_valid([{"tf": "A", "bigwig_plus": "p.bw", "bigwig_minus": "m.bw", "peaks": "p"}])
    for bad in (
        {"tf": "A/B", "bam": "a.bam"},
        {"tf": "A"},
        {"tf": "A", "bigwig_plus": "p.bw"},
        {"tf": "A", "bam": "a.bam", "bigwig_plus": "p.bw", "bigwig_minus": "m.bw"},
        {"tf": "A", "bam": "a.bam", "tsk": "x"},
    ):
        assert not validator.is_valid([bad])


def test_reads_of_two_tfs_may_be_the_same_and_are_remarked(tmp_path):
    told = problems_of(tmp_path, "tf,bam,control_bam,peaks", "A,a.bam,c.bam,p", "B,a.bam,c.bam,q", "C,d.bam,./a.bam,r")
    assert [type(text) for text in told] == [Remark, Remark]
    assert "row 3, column bam: a.bam is also in row 2, column bam, of TF 'A'; the same reads serve both" in told[0]
    assert "row 4, column control_bam: ./a.bam is also in row 2, column bam, of TF 'A'" in told[1]
    told = problems_of(tmp_path, "tf,task,bam,peaks", "A,x,a.bam,p", "A,y,a.bam,q")
    assert [type(text) for text in told] == [str]


def test_one_file_in_two_spellings_is_one_file(tmp_path):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("tf,bam,control_bam,peaks\nA,a.bam,./c.bam,./p.bed\nA,b.bam,c.bam,p.bed\n")
    finder = FileFinder.make(sheet)
    rows = spelled_alike(read_samplesheet(sheet)[0], finder.identity)
    assert grouping_problems(rows, finder.identity) == []
    table = readset_table(rows, str)
    assert table["role"].tolist() == ["signal", "signal", "control"]


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("$HOME/a.bam", "variables such as $HOME are not expanded"),
        ("data\\a.bam", "folders are separated by /"),
        ("*.bam", "patterns are not expanded"),
        ("a.bam;b.bam", "give each replicate a row of its own"),
        ("s3://bucket/a.bam", "download the file"),
    ],
)
def test_a_name_that_no_file_has_says_why(tmp_path, cell, hint):
    assert hint in FileFinder(tmp_path).problem(cell)


def test_home_and_local_addresses_are_read(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "r 1.bam").write_text("x")
    finder = FileFinder(tmp_path / "elsewhere")
    for cell in ("~/r 1.bam", f"file://{tmp_path}/r%201.bam", f"file://localhost{tmp_path}/r 1.bam"):
        assert finder.problem(cell) == ""
        assert finder.written(cell) == str(tmp_path / "r 1.bam")


def test_names_that_files_cannot_have_are_refused(tmp_path):
    (problem,) = problems_of(tmp_path, "tf,bam,peaks", f"{'A' * 61},a.bam,p.bed")
    assert problem == "row 2, column tf: has 61 letters; use 60 at most, names of files are made of it"
    assert "too long" in FileFinder(tmp_path).problem("x" * 300)
