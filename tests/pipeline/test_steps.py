"""Choosing steps, starting from results of an earlier run, and grouping of read sets into TFs."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pipeline_runs import Run

pytestmark = pytest.mark.nextflow


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as handle:
        return list(csv.DictReader(handle))


def test_a_single_step_starts_from_results_that_were_moved(
    run_pipeline: Callable[..., Run], finished: Run, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(finished.outdir, moved, ignore=shutil.ignore_patterns("simulation", "report"))
    run = run_pipeline(tmp_path, "--step", "report", "--from", moved)
    assert run.returncode == 0, run.output
    assert run.names("COMPLETED") == ["BROWSER (SIM1)", "CONFIGURE", "PAGEMODEL (SIM1)", "REPORT (SIM1)"]
    names = ["report.html", "summary.json", "report.json", "explore.ipynb", "statistics_mqc.json", "tasks_mqc.json"]
    names += ["browser.html", "page_model.json", "pagemodel.json"]
    made = {f"report/SIM1.{name}" for name in names}
    assert {file for file in run.published() if not file.startswith("browser/")} == made
    # without the genome's name or file there is a session, which finds the counts where they are, and no hub
    assert not (run.outdir / "browser/SIM1.hub.txt").exists()
    session = ElementTree.parse(run.outdir / "browser/SIM1.igv.xml")
    paths = [(run.outdir / "browser" / found.attrib["path"]).resolve() for found in session.iter("Resource")]
    assert moved / "coverage/SIM1.sim1.r1.plus.bw" in paths
    assert [path for path in paths if not path.is_file()] == []
    # the page is the same but for what the run without a motif database cannot show
    assert abs((run.outdir / "report/SIM1.report.html").stat().st_size / page_size(finished) - 1) < 0.5


def test_a_page_may_do_without_a_network(run_pipeline: Callable[..., Run], tmp_path: Path) -> None:
    run = run_pipeline(tmp_path, "-profile", "test", "-stub", "--page_model", "false")
    assert run.returncode == 0, run.output
    assert "REPORT (SIM)" in run.names("COMPLETED")
    assert not [name for name in run.names("COMPLETED") if name.startswith("PAGEMODEL")]
    assert "report/SIM.report.html" in run.published()
    assert not [file for file in run.published() if "page_model" in file]


def page_size(run: Run) -> int:
    return (run.outdir / "report/SIM1.report.html").stat().st_size


def test_sheets_name_every_published_result_by_a_relative_path(finished: Run) -> None:
    named = set()
    for sheet in ("datasets", "models", "interpretations", "affinities"):
        (row,) = rows(finished.outdir / "sheets" / f"{sheet}.csv")
        assert row.pop("tf") == "SIM1"
        named |= {path for cell in row.values() for path in cell.split(";") if path}
    published = {
        file
        for file in finished.published()
        if file.split("/")[0] not in ("browser", "check", "report", "sheets", "simulation")
    }
    assert named == {file for file in published if not file.endswith(".bw")}


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("train,fly", "--step train,fly: the steps are prepare, train, interpret, affinity, report, or all."),
        (
            "prepare,report",
            "--step prepare,report: the steps follow one another as in prepare, train, interpret, affinity, report.",
        ),
        ("affinity", "--affinity is needed for the step affinity"),
        ("report", "run the earlier steps first, or give --from, the folder of their results."),
    ],
)
def test_steps_that_cannot_run_are_refused(
    run_pipeline: Callable[..., Run], tmp_path: Path, step: str, message: str
) -> None:
    run = run_pipeline(tmp_path, "--step", step)
    assert run.returncode == 1
    assert message in run.output
    assert "Exception" not in run.output
    assert run.published() == set()


def test_a_misspelt_parameter_is_refused_where_no_sheet_is_checked(
    run_pipeline: Callable[..., Run], finished: Run, tmp_path: Path
) -> None:
    run = run_pipeline(tmp_path, "--step", "train", "--from", finished.outdir, "--epoch", 3)
    assert run.returncode == 1
    assert "parameter --epoch is unknown; did you mean --epochs?" in run.output


SHEET = """tf,task,bam,bigwig_plus,bigwig_minus,control_bam,peaks,known_sites
ONE,rich,one.1.bam,,,input.bam,rich.bed,sites.bed
ONE,rich,one.2.bam,,,input.bam,rich.bed,sites.bed
ONE,poor,one.3.bam,,,,poor.bed,sites.bed
TWO,two,two.bam,,,input.bam,two.bed,
"""


def test_read_sets_are_grouped_by_tf_and_a_shared_control_is_counted_once(
    run_pipeline: Callable[..., Run], tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet" / "samplesheet.csv"
    sheet.parent.mkdir()
    sheet.write_text(SHEET)
    for name in (
        "one.1.bam",
        "one.2.bam",
        "one.3.bam",
        "two.bam",
        "input.bam",
        "rich.bed",
        "poor.bed",
        "two.bed",
        "sites.bed",
    ):
        (sheet.parent / name).touch()
    (tmp_path / "genome.fa").touch()
    run = run_pipeline(tmp_path, "-stub", "--input", "sheet/samplesheet.csv", "--fasta", "genome.fa")
    assert run.returncode == 0, run.output
    counted = [name for name in run.names("COMPLETED") if name.startswith("COVERAGE")]
    assert counted == [
        "COVERAGE (ONE.poor.r1)",
        "COVERAGE (ONE.rich.c1)",
        "COVERAGE (ONE.rich.r1)",
        "COVERAGE (ONE.rich.r2)",
        "COVERAGE (TWO.two.r1)",
    ]
    compared = [name for name in run.names("COMPLETED") if name.startswith("COMPAREHITS")]
    assert compared == ["COMPAREHITS (ONE.counts)", "COMPAREHITS (ONE.profile)"]
    assert [row["tf"] for row in rows(run.outdir / "sheets/interpretations.csv")] == ["ONE", "TWO"]
    assert rows(run.outdir / "sheets/datasets.csv")[1]["given/known_sites"] == ""
    assert (run.outdir / "report/TWO.summary.json").exists()
