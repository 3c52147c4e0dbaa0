"""Bad input through the real pipeline: one message that tells everything, and nothing done."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline_runs import PROJECT, Run

pytestmark = pytest.mark.nextflow


def test_all_problems_come_in_one_message_before_anything_runs(
    run_pipeline: Callable[..., Run], tiny: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "samplesheet.csv"
    sheet.write_text(
        "tf,task,bam,peaks,colour\n"
        f"SIM1,sim1,{tiny}/reads.rep1.bam,{tiny}/peaks.narrowPeak,red\n"
        f"SIM1,sim1,{tiny}/no such.bam,{tiny}/peaks.narrowPeak,red\n"
    )
    run = run_pipeline(
        tmp_path,
        "--input",
        sheet,
        "--fasta",
        tiny / "genome.fa.gz",
        "--exclude",
        "gaps.bed",
        "--min_mapq",
        300,
        "--epoch",
        4,
    )
    assert run.returncode == 1
    assert run.output.count("\n5 problems in the input; nothing was run") == 1
    for text in (
        "samplesheet.csv, row 1: unknown column 'colour'",
        "samplesheet.csv, row 3, column bam:",
        "parameter --epoch is unknown; did you mean --epochs?",
        "parameter --min_mapq is 300, but must be at most 255",
        "gaps.bed",
    ):
        assert text in run.output
    assert "Exception" not in run.output
    assert "Traceback" not in run.output
    assert run.names("COMPLETED") == ["CHECK (samplesheet.csv)", "CONFIGURE"]
    assert run.published() == set()


def test_a_single_file_that_is_there_is_not_called_missing(
    run_pipeline: Callable[..., Run], tiny: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "samplesheet.csv"
    sheet.write_text(f"tf,bam,peaks\nSIM1,no.bam,{tiny}/peaks.narrowPeak\n")
    run = run_pipeline(tmp_path, "--input", sheet, "--fasta", tiny / "genome.fa.gz")
    assert "1 problem in the input" in run.output
    assert "row 2, column bam: no.bam: the file was not found" in run.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--input is needed; --help lists all parameters."),
        (["--input", "absent.csv"], "--input absent.csv: no such file."),
        (["--input", PROJECT / "README.md", "--model", "huge"], "--model huge: no such model; give distill-1346"),
    ],
)
def test_what_a_run_cannot_start_without(
    run_pipeline: Callable[..., Run], tmp_path: Path, arguments: list[object], message: str
) -> None:
    run = run_pipeline(tmp_path, *arguments)
    assert run.returncode == 1
    assert message in run.output
    assert "Exception" not in run.output


def test_a_gpu_that_is_not_there_is_an_error_and_not_tried_again(
    run_pipeline: Callable[..., Run], finished: Run, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    arguments = ["-profile", "test,gpu", "--step", "train", "--from", finished.outdir, "--restarts", 1]
    run = run_pipeline(tmp_path, *arguments, CUDA_VISIBLE_DEVICES="")
    assert run.returncode == 1
    assert "train: error:" in run.output
    assert "GPU" in run.output
    (task,) = (task for task in run.tasks() if task["name"] != "CONFIGURE")
    assert (task["exit"], task["attempt"]) == ("2", "1")
    assert run.published() == set()
