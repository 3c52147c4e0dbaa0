"""Two factors with three tasks and one, one control for all: folds, restarts, search and networks of single tasks."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from journeys import SMALL, summary_of
from pipeline_runs import Run

pytestmark = [pytest.mark.nextflow, pytest.mark.long]


@pytest.fixture(scope="module")
def experiments(run_pipeline: Callable[..., Run], tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("experiments")
    reads, peaks, control = (
        [tiny / f"reads.rep{n}.bam" for n in (1, 2)],
        tiny / "peaks.narrowPeak",
        tiny / "control.bam",
    )
    (folder / "sheet.csv").write_text(
        "tf,task,bam,control_bam,peaks\n"
        f"A,a1,{reads[0]},{control},{peaks}\nA,a2,{reads[1]},{control},{peaks}\nA,a3,{reads[0]},,{peaks}\n"
        f"B,b,{reads[1]},{control},{peaks}\n"
    )
    run = run_pipeline(
        folder,
        *("--input", "sheet.csv", "--fasta", tiny / "genome.fa.gz", "--motif_db", tiny / "motifs.meme", *SMALL),
        *("--restarts", 2, "--folds", "0,1", "--tune_trials", 2, "--tune_epochs", 1, "--single_tasks", "true"),
        timeout=3000,
    )
    assert run.returncode == 0, run.output
    return run


@pytest.mark.parametrize(("tf", "tasks"), [("A", ["a1", "a2", "a3"]), ("B", ["b"])])
def test_every_factor_comes_to_its_page(experiments: Run, tf: str, tasks: list[str]) -> None:
    summary = summary_of(experiments, tf)
    assert sorted(summary["metrics"]["tasks"]) == tasks
    assert summary["regions"]["peaks_kept"] > 50


def test_the_shared_control_is_counted_once(experiments: Run) -> None:
    counted = [name for name in experiments.names("COMPLETED") if name.startswith("COVERAGE")]
    assert len(counted) == 3, counted  # two files of reads, one control


def test_networks_of_every_fold_restart_and_kind_are_trained(experiments: Run) -> None:
    trained = sorted(file.name for file in (experiments.outdir / "train").glob("*.model.safetensors"))
    runs = [f"A.{kind}" for kind in ("a1", "a2", "a3", "all")] + ["B.all"]
    expected = [f"{run}.fold_{fold}.restart_{n}.model.safetensors" for run in runs for fold in "01" for n in (1, 2)]
    assert trained == sorted(expected)


@pytest.mark.parametrize("step", ["train", "interpret", "report"])
def test_every_later_step_starts_from_the_published_results(
    run_pipeline: Callable[..., Run], experiments: Run, tmp_path: Path, step: str
) -> None:
    run = run_pipeline(
        tmp_path, "--step", step, "--from", experiments.outdir, *SMALL, "--finetune", "false", timeout=3000
    )
    assert run.returncode == 0, run.output
    for tf in ("A", "B"):
        made = {"train": f"predict/{tf}.metrics.tsv", "interpret": f"collapse/{tf}.hits.bed"}
        path = run.outdir / made.get(step, f"report/{tf}.report.html")
        assert path.stat().st_size > 0
    if step == "report":
        before = json.loads((experiments.outdir / "report/A.summary.json").read_text())
        assert summary_of(run, "A")["metrics"] == before["metrics"]
