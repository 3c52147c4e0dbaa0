"""A damaged file of any parameter is reported by the command that runs before everything else."""

import gzip
import json
import os
from pathlib import Path

import pytest
from test_configure import DEFAULTS, PROJECT, SCHEMA, commands, run

from cistill.formats.tables.regions import REGIONS
from cistill.model.training.select import read_choice
from cistill.parameters.choice_of_networks import choice_problems
from cistill.parameters.configure import configure
from cistill.parameters.given_files import CHECKS, ELSEWHERE, RESULTS, GivenFile, given_file_problems, read_given_files
from cistill.parameters.table import read_table

LISTS = {"affinity_matrices"}
"""Parameters that name files in a text of their own form."""
BY_NAME = {"model", "splits"}
"""Parameters that name a file of the package, or one of the user's."""
GOOD = {
    "motif_db": ">a\nA [1 2]\nC [1 2]\nG [1 2]\nT [1 2]\n",
    "affinity_matrices": ">a\nA [1 2]\nC [1 2]\nG [1 2]\nT [1 2]\n",
    "choice": "candidate\ttask\tchosen\nall.fold_0.restart_1\tT\tTrue\n",
    "annotation": "c\tx\tgene\t1\t9\t.\t+\t.\tID=g\n",
    "browser_regions": "c\t1\t9\n",
    "model": '{"input_length": 546, "output_length": 200}',
}
DAMAGES = {
    "empty": b"",
    "binary": bytes(range(256)) * 4,
    "cut gzip": gzip.compress(b"x" * 10_000)[:40],
    "a workbook": b"PK\x03\x04" + b"\0" * 100,
    "another program's page": b"<!DOCTYPE html>\n<html></html>\n",
    "words": b"something else altogether\n",
}


def file_parameters() -> set[str]:
    """Names of the parameters that take a file, by their formats in the table of parameters."""
    found = {one.name for one in read_table().parameters if one.own.get("format") == "file-path"}
    return found | LISTS | BY_NAME


def test_every_parameter_that_takes_a_file_is_read_before_anything_runs() -> None:
    assert file_parameters() == (set(CHECKS) - {RESULTS}) | set(ELSEWHERE)
    assert set(GOOD) == set(CHECKS) - {RESULTS} - set(ELSEWHERE)


@pytest.mark.parametrize("parameter", GOOD)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_reported_with_its_parameter_and_name(tmp_path: Path, parameter: str, damage: str) -> None:
    file = tmp_path / "staged"
    file.write_bytes(DAMAGES[damage])
    problems = given_file_problems([GivenFile(parameter, "my file (1).txt", file)])
    assert problems
    assert all(problem.startswith(f"parameter --{parameter}: ") for problem in problems)
    assert "my file (1).txt" in problems[0]
    assert str(tmp_path) not in problems[0]


@pytest.mark.parametrize("parameter", GOOD)
def test_a_good_file_is_no_problem(tmp_path: Path, parameter: str) -> None:
    file = tmp_path / "staged"
    file.write_text(GOOD[parameter])
    assert given_file_problems([GivenFile(parameter, "name", file)]) == []
    file.write_bytes(GOOD[parameter].replace("\n", "\r\n").encode("utf-8-sig"))
    assert given_file_problems([GivenFile(parameter, "name", file)]) == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_genome_of_a_run_without_its_first_step_is_read_too(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "staged"
    file.write_text(">c\nACGT\n")
    assert given_file_problems([GivenFile("fasta", "my.fa", file)]) == []
    file.write_bytes(DAMAGES[damage])
    (problem,) = given_file_problems([GivenFile("fasta", "my.fa", file)])
    assert problem.startswith("parameter --fasta: ")
    assert "my.fa" in problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads any file")
@pytest.mark.parametrize("parameter", GOOD)
def test_a_file_that_may_not_be_read(tmp_path: Path, parameter: str) -> None:
    file = tmp_path / "staged"
    file.write_text(GOOD[parameter])
    file.chmod(0)
    assert "permission denied" in given_file_problems([GivenFile(parameter, "name", file)])[0]


def test_names_of_matrices_are_looked_for(tmp_path: Path) -> None:
    file = tmp_path / "staged"
    file.write_text(GOOD["affinity_matrices"])
    assert given_file_problems([GivenFile("affinity_matrices", "m.pfm#a", file)]) == []
    (problem,) = given_file_problems([GivenFile("affinity_matrices", "m.pfm#a;b", file)])
    assert problem.endswith("m.pfm: no motif named b")


def test_a_choice_that_was_edited_in_a_spreadsheet_is_read(tmp_path: Path) -> None:
    file = tmp_path / "c"
    for text, words in (
        ("candidate;task;chosen\nx;T;TRUE\nx;U;FALSE\ny;U;true\n", ""),
        ("candidate,task,chosen\nx,T,FALSE\n", "no network is chosen for the task(s) T"),
        ("candidate\ttask\tchosen\nx\tT\tmaybe\n", "row 2, column chosen: 'maybe'"),
        ("candidate\ttask\nx\tT\n", "the column 'chosen' is missing"),
        ("candidate\ttask\tchosen\n", "a header but no rows"),
    ):
        file.write_text(text)
        problems = given_file_problems([GivenFile("choice", "choice.tsv", file)])
        assert (words in problems[0]) if words else problems == []


@pytest.mark.parametrize(
    "name", ["T.dataset.h5", "T.model.safetensors", "T.predictions.h5", "T.regions.tsv", "T.a.json"]
)
def test_damaged_results_of_an_earlier_run(tmp_path: Path, name: str) -> None:
    file = tmp_path / "staged"
    file.write_bytes(b"\x89HDF\r\n\x1a\n cut off")
    (problem,) = given_file_problems([GivenFile(RESULTS, f"dataset/{name}", file)])
    assert problem.startswith("parameter --from: ")
    assert f"dataset/{name}" in problem


def test_files_of_other_kinds_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "staged").write_text("x")
    assert given_file_problems([GivenFile(RESULTS, "coverage/T.plus.bw", tmp_path / "staged")]) == []


def test_the_command_reports_files_with_parameters_together(tmp_path: Path) -> None:
    (tmp_path / "bad.meme").write_text("MEME version 4\n")
    (tmp_path / "given.tsv").write_text(f"motif_db\tmy.meme\t{tmp_path / 'bad.meme'}\n")
    assert read_given_files(tmp_path / "given.tsv") == [GivenFile("motif_db", "my.meme", tmp_path / "bad.meme")]
    done = run(tmp_path, "--given", str(tmp_path / "given.tsv"), parameters=DEFAULTS | {"epochs": -1})
    assert done.returncode == 2
    assert "parameter --epochs is -1" in done.stderr
    assert "parameter --motif_db: motif database my.meme: no motif in the file" in done.stderr


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["A,T"], ""),
        (["A,T", "B,T"], "a table of candidates belongs to one TF, and the run has 2 (A, B)"),
        (["A,U"], "the table chooses for the task(s) T, and A has U"),
        (["A,T", "A,U"], "the table chooses for the task(s) T, and A has T, U"),
        ([], ""),  # what is wrong with the sheet, `check` reports
    ],
)
def test_a_choice_of_networks_suits_the_samplesheet(tmp_path: Path, rows: list[str], words: str) -> None:
    choice, sheet = tmp_path / "choice.tsv", tmp_path / "sheet.csv"
    choice.write_text(GOOD["choice"])
    sheet.write_text(
        "".join(f"{row},a.bam,p.bed\n" for row in ["tf,task", *rows]).replace("a.bam,p.bed", "bam,peaks", 1)
    )
    given = [GivenFile("choice", "my choice.tsv", choice)]
    problems = configure(commands(), DEFAULTS, SCHEMA, given_files=given, samplesheet=sheet).problems
    assert [words in one and "--choice: my choice.tsv: " in one for one in problems] == ([True] if words else [])
    without = DEFAULTS | {"step": "interpret,report"}
    assert configure(commands(), without, SCHEMA, given_files=given, samplesheet=sheet).problems == []


@pytest.mark.parametrize("tfs", [["A"], ["A", "B"]])
def test_a_choice_of_networks_suits_the_datasets_of_an_earlier_run(tmp_path: Path, tfs: list[str]) -> None:
    (tmp_path / "choice.tsv").write_text(GOOD["choice"])
    given = [GivenFile("choice", "choice.tsv", tmp_path / "choice.tsv")]
    given += [GivenFile(RESULTS, f"dataset/{tf}.dataset.h5", tmp_path / f"{tf}.h5") for tf in tfs]
    problems = choice_problems({"step": "train"}, given, None)
    assert [one.partition(";")[0] for one in problems] == (
        ["parameter --choice: choice.tsv: a table of candidates belongs to one TF, and the run has 2 (A, B)"]
        if len(tfs) > 1
        else []
    )


def test_presets_of_the_package_are_good_models() -> None:
    for preset in sorted((PROJECT / "assets" / "models").glob("*.json")):
        given = [GivenFile("model", preset.name, preset)]
        assert configure(commands(), DEFAULTS | {"model": preset.stem}, SCHEMA, given_files=given).problems == []
        assert json.loads(preset.read_text())["input_length"]


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("all.fold_0.restart_3", {"restarts": 3}, ""),
        ("all.fold_0.restart_4", {"restarts": 3}, "it has 3 restart(s)"),
        ("all.fold_0.restart_1.finetuned", {}, ""),
        ("all.fold_0.restart_1.finetuned", {"finetune": False}, "nothing is fine-tuned"),
        ("T.fold_0.restart_1", {}, "there are no networks of single tasks"),
        ("T.fold_0.restart_1", {"single_tasks": True}, "a single task has the networks of all"),
        ("all.fold_1.restart_1", {}, "its folds are 0"),
        ("all.fold_4.restart_1", {"folds": "all"}, ""),
        ("all.fold_5.restart_1", {"folds": "all"}, "its folds are 0, 1, 2, 3, 4"),
        ("all.fold_5.restart_1", {"folds": "5,6"}, ""),
        ("all.fold_x.restart_1", {"splits": "own.json"}, ""),
        ("all.fold_0.restart_1", {"test_chroms": "chr1", "valid_chroms": "chr2"}, "its folds are lists"),
        ("model 1", {}, "names are such as all.fold_0.restart_1"),
    ],
)
def test_networks_that_a_run_does_not_train_cannot_be_chosen(
    tmp_path: Path, name: str, parameters: dict, words: str
) -> None:
    choice, sheet = tmp_path / "choice.tsv", tmp_path / "sheet.csv"
    choice.write_text(GOOD["choice"].replace("all.fold_0.restart_1", name))
    sheet.write_text("tf,task,bam,peaks\nA,T,a.bam,p.bed\n")
    problems = choice_problems(DEFAULTS | parameters, [GivenFile("choice", "c.tsv", choice)], sheet)
    assert [f"--choice: c.tsv: this run trains no network {name}: {words}" in one for one in problems] == (
        [True] if words else []
    )


@pytest.mark.parametrize(
    "text",
    [
        "candidate;task;chosen\nall.fold_0.restart_1;T;WAHR\nall.fold_0.restart_2;T;FALSCH\n",
        "Candidate\tTask\tChosen\tmy notes\nall.fold_0.restart_1\t T \tx\tbest\nall.fold_0.restart_2\tT\t\t\n",
        '"candidate","task","chosen"\n"all.fold_0.restart_1","T","TRUE"\n"all.fold_0.restart_2","T","FALSE"\n,,\n',
        "candidate,task,chosen\nall.fold_0.restart_1,T,1\nall.fold_0.restart_2,T,0\n",
    ],
)
def test_a_choice_is_read_as_sheets_are(tmp_path: Path, text: str) -> None:
    (tmp_path / "choice.csv").write_text(text)
    assert read_choice(tmp_path / "choice.csv") == {
        ("all.fold_0.restart_1", "T"): True,
        ("all.fold_0.restart_2", "T"): False,
    }


def test_a_table_of_an_earlier_run_that_is_cut_within_a_row_is_reported(tmp_path: Path) -> None:
    frame = REGIONS.frame([["x"] * len(REGIONS.names)] * 3)
    REGIONS.write(tmp_path / "T.regions.tsv", frame)
    given = GivenFile(RESULTS, "dataset/T.regions.tsv", tmp_path / "T.regions.tsv")
    assert given_file_problems([given]) == []
    text = (tmp_path / "T.regions.tsv").read_text()
    (tmp_path / "T.regions.tsv").write_text(text[:-9])
    (problem,) = given_file_problems([given])
    assert "row 4 has" in problem
    assert "is the table cut short? Make it again with `cistill dataset`" in problem
