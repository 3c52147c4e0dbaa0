"""Results of one TF get lost in a channel: the run fails and names the TF, wherever that happens."""

import csv
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from lossy_project import make_lossy, points
from pipeline_runs import PROJECT, Run

pytestmark = pytest.mark.nextflow
POINTS = points(PROJECT)
EVERY_DAY = random.Random(14).sample(POINTS, 3)
ARGUMENTS = [
    *("-stub", "--input", "sheet.csv", "--fasta", "genome.fa", "--restarts", 1, "--tune_trials", 2),
    *("--hit_methods", "cwm_scan,scan", "--filter_hits", "true"),
    *("--affinity", "libraries.csv", "--affinity_chunks", 2, "--specificity", "true"),
]


@dataclass(frozen=True)
class Lossy:
    """A project whose channels can lose results, and a whole run of it, whose tasks later runs take."""

    project: Path
    folder: Path
    session: str


@pytest.fixture(scope="module")
def lossy(run_pipeline: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> Lossy:
    project, folder = tmp_path_factory.mktemp("lossy") / "project", tmp_path_factory.mktemp("lossy_run")
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(".*", "__pycache__", "tests", "work", "results"))
    make_lossy(project)
    for name in ("one.bam", "rich.bam", "one.bed", "sites.bed", "two.bam", "two.bed", "genome.fa", "table.tsv"):
        (folder / name).touch()
    (folder / "sheet.csv").write_text(
        "tf,task,bam,control_bam,peaks,known_sites\n"
        "ONE,poor,one.bam,,one.bed,sites.bed\nONE,rich,rich.bam,,one.bed,sites.bed\nTWO,two,two.bam,,two.bed,\n"
    )
    (folder / "libraries.csv").write_text(
        "tf,task,library,file,reader\nONE,,set,table.tsv,tsv\nONE,,more,table.tsv,tsv\nTWO,,set,table.tsv,tsv\n"
    )
    run = run_pipeline(folder, *ARGUMENTS, project=project, LOST="nothing")
    assert run.returncode == 0, run.output
    assert {"report/ONE.report.html", "report/TWO.report.html"} <= run.published()
    (line,) = (folder / ".nextflow" / "history").read_text().splitlines()
    return Lossy(project, folder, line.split("\t")[5])


def lose(run_pipeline: Callable[..., Run], lossy: Lossy, point: str) -> None:
    """Run with a loss at a point, and see that it is noticed."""
    arguments = [*ARGUMENTS, "-resume", lossy.session]
    run = run_pipeline(lossy.folder, *arguments, project=lossy.project, outdir=f"out_{point}", LOST=point)
    assert run.returncode == 1, run.output
    assert re.search(r"ERROR ~ no (\w+, )*report of ONE:", run.output), run.output
    assert not re.search(r"ERROR ~ no .* of TWO", run.output), run.output
    assert "report/TWO.report.html" in run.published()
    assert "Exception" not in run.output
    assert not (run.outdir / "report/ONE.report.html").exists() or point in ("reports", "REPORT.report")


@pytest.mark.parametrize("point", EVERY_DAY)
def test_a_loss_is_noticed_and_named(run_pipeline: Callable[..., Run], lossy: Lossy, point: str) -> None:
    lose(run_pipeline, lossy, point)


@pytest.mark.long
@pytest.mark.parametrize("point", [point for point in POINTS if point not in EVERY_DAY])
def test_every_other_loss_is_noticed_and_named(run_pipeline: Callable[..., Run], lossy: Lossy, point: str) -> None:
    lose(run_pipeline, lossy, point)


def test_scores_are_calibrated_without_waiting_for_instances(run_pipeline: Callable[..., Run], lossy: Lossy) -> None:
    # where instances never come, affinities are all there
    arguments = [*ARGUMENTS, "-resume", lossy.session]
    run = run_pipeline(lossy.folder, *arguments, project=lossy.project, outdir="out_affinities", LOST="instances")
    assert "ERROR ~ no interpretation, report of ONE:" in run.output
    with (run.outdir / "sheets/affinities.csv").open() as handle:
        assert sorted(row["tf"] for row in csv.DictReader(handle)) == ["ONE", "TWO"]
