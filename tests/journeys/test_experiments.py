"""Factors and tasks that share one control, BAM or bigWigs: folds, restarts, search, networks of single tasks."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from journeys import SMALL, summary_of
from pipeline_runs import PROJECT, Run, environment

pytestmark = [pytest.mark.nextflow, pytest.mark.long]
COLUMNS = "tf,task,bam,bigwig_plus,bigwig_minus,control_bam,control_bigwig_plus,control_bigwig_minus,peaks\n"
TASKS = {"A": ["a1", "a2", "a3"], "B": ["b"], "C": ["c1", "c2"]}


def count(bam: Path, folder: Path, name: str) -> str:
    """Count the reads of a BAM file; return the cells of its two bigWigs."""
    command = [PROJECT / "bin" / "cistill", "coverage", "--bam", bam, "--readset", name, "--outdir", folder]
    subprocess.run(command, env=environment(), check=True, capture_output=True)
    return f"{folder / name}.plus.bw,{folder / name}.minus.bw"


@pytest.fixture(scope="module")
def experiments(run_pipeline: Callable[..., Run], tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("experiments")
    first, second = (tiny / f"reads.rep{n}.bam" for n in (1, 2))
    third, fourth = (shutil.copy(bam, folder) for bam in (first, second))  # no file of reads stands in two rows
    peaks, control = tiny / "peaks.narrowPeak", tiny / "control.bam"
    counts = {name: count(bam, folder, name) for name, bam in (("one", first), ("two", second), ("control", control))}
    rows = [
        f"A,a1,{first},,,{control},,,{peaks}",
        f"A,a2,{second},,,{control},,,{peaks}",
        f"A,a3,{third},,,,,,{peaks}",
        f"B,b,{fourth},,,{control},,,{peaks}",
        f"C,c1,,{counts['one']},,{counts['control']},{peaks}",
        f"C,c2,,{counts['two']},,{counts['control']},{peaks}",
    ]
    (folder / "sheet.csv").write_text(COLUMNS + "\n".join(rows) + "\n")
    run = run_pipeline(
        folder,
        *("--input", "sheet.csv", "--fasta", tiny / "genome.fa.gz", "--motif_db", tiny / "motifs.meme", *SMALL),
        *("--restarts", 2, "--folds", "0,1", "--tune_trials", 2, "--tune_epochs", 1, "--single_tasks", "true"),
        timeout=3000,
    )
    assert run.returncode == 0, run.output
    return run


@pytest.mark.parametrize("tf", TASKS)
def test_every_factor_comes_to_its_page(experiments: Run, tf: str) -> None:
    summary = summary_of(experiments, tf)
    assert sorted(summary["metrics"]["tasks"]) == TASKS[tf]
    assert summary["regions"]["peaks_kept"] > 50


def test_the_shared_control_is_counted_once(experiments: Run) -> None:
    counted = [name for name in experiments.names("COMPLETED") if name.startswith("COVERAGE")]
    assert len(counted) == 5, counted  # four files of reads, one control


def test_networks_of_every_fold_restart_and_kind_are_trained(experiments: Run) -> None:
    trained = sorted(file.name for file in (experiments.outdir / "train").glob("*.model.safetensors"))
    kinds = {tf: ["all", *(tasks if len(tasks) > 1 else [])] for tf, tasks in TASKS.items()}
    runs = [f"{tf}.{kind}" for tf in TASKS for kind in kinds[tf]]
    expected = [f"{run}.fold_{fold}.restart_{n}.model.safetensors" for run in runs for fold in "01" for n in (1, 2)]
    assert trained == sorted(expected)


@pytest.mark.parametrize("step", ["train", "interpret", "affinity", "report"])
def test_every_later_step_starts_from_the_published_results(
    run_pipeline: Callable[..., Run], experiments: Run, tiny: Path, tmp_path: Path, step: str
) -> None:
    (tmp_path / "libraries.csv").write_text(
        "tf,task,library,file,reader\n"
        f"A,a2,energies,{tiny / 'truth/energies.tsv'},simulated_energies\nC,,halves,,generate:spacers:TGAC:GTCA:0-3\n"
    )
    affinity = ("--affinity", "libraries.csv", "--n_backgrounds", 3) if step == "affinity" else ()
    run = run_pipeline(
        tmp_path,
        *("--step", step, "--from", experiments.outdir, *SMALL, "--finetune", "false", *affinity),
        timeout=3000,
    )
    assert run.returncode == 0, run.output
    made = {
        "train": [f"predict/{tf}.metrics.tsv" for tf in TASKS],
        "interpret": [f"collapse/{tf}.hits.bed" for tf in TASKS],
        "affinity": ["calibrate/A.energies.calibration.tsv", "marginalize/C.halves.scores.tsv"],
        "report": [f"report/{tf}.report.html" for tf in TASKS],
    }
    for name in made[step]:
        assert (run.outdir / name).stat().st_size > 0
    if step == "report":
        before = json.loads((experiments.outdir / "report/A.summary.json").read_text())
        assert summary_of(run, "A")["metrics"] == before["metrics"]
