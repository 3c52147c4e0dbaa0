"""Which trainings a run starts, and that folds, search, fine-tuning and choice go hand in hand."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline_runs import Run

pytestmark = pytest.mark.nextflow
SHEET = "tf,task,bam,peaks\nONE,rich,r.bam,r.bed\nONE,poor,p.bam,p.bed\nTWO,two,t.bam,t.bed\n"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def test_restarts_are_shared_out_and_networks_of_single_tasks_are_trained_where_there_are_several(
    run_pipeline: Callable[..., Run], tmp_path: Path
) -> None:
    for name in ("r.bam", "r.bed", "p.bam", "p.bed", "t.bam", "t.bed", "genome.fa"):
        (tmp_path / name).touch()
    (tmp_path / "sheet.csv").write_text(SHEET)
    arguments = ["--input", "sheet.csv", "--fasta", "genome.fa", "--restarts", 3, "--restarts_per_task", 2]
    run = run_pipeline(tmp_path, "-stub", *arguments, "--single_tasks", "--tune_trials", 2, "--step", "prepare,train")
    assert run.returncode == 0, run.output
    done = run.names("COMPLETED")
    kinds = ["ONE.all", "ONE.poor", "ONE.rich", "TWO.all"]
    assert [name for name in done if name.startswith("TRAIN")] == [
        f"TRAIN ({kind}.fold_0.restart_{restarts})" for kind in kinds for restarts in ("1-2", "3")
    ]
    assert [name for name in done if name.startswith("FINETUNE")] == [f"FINETUNE ({kind}.fold_0)" for kind in kinds]
    assert [name for name in done if name.startswith("TUNE")] == [
        f"TUNE ({tf}.{k})" for tf in ("ONE", "TWO") for k in (1, 2)
    ]
    assert [name for name in done if name.startswith("SELECT")] == ["SELECT (ONE)", "SELECT (TWO)"]


def test_without_fine_tuning_and_search_only_trainings_run(run_pipeline: Callable[..., Run], tmp_path: Path) -> None:
    run = run_pipeline(tmp_path, "-profile", "test", "-stub", "--finetune", "false", "--step", "prepare,train")
    assert run.returncode == 0, run.output
    trained = [f"TRAIN (SIM.all.fold_0.restart_{restart})" for restart in (1, 2)]
    before = ("SIM", "CONF", "CHECK", "COV", "DATA")
    done = [name for name in run.names("COMPLETED") if not name.startswith(before)]
    assert done == ["PREDICT (SIM)", "SELECT (SIM)", *trained]


@pytest.fixture(scope="module")
def folds(run_pipeline: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two folds, a search of two trials, fine-tuning, tracks of the predictions."""
    run = run_pipeline(
        tmp_path_factory.mktemp("folds"),
        *("-profile", "test", "--folds", "0,1", "--restarts", 1, "--tune_trials", 2, "--tune_epochs", 1),
        *("--predict_bigwigs", "--step", "prepare,train"),
    )
    assert run.returncode == 0, run.output
    return run


@pytest.mark.long
def test_every_region_of_a_tested_chromosome_is_predicted_unseen(folds: Run) -> None:
    regions = {row["region_id"]: row for row in rows(folds.outdir / "dataset/SIM1.regions.tsv")}
    predicted = rows(folds.outdir / "predict/SIM1.region_predictions.tsv")
    tested = {row["region_id"]: regions[row["region_id"]]["tested_in"] not in ("", "NA") for row in predicted}
    assert set(tested.values()) == {True, False}
    assert all((row["unseen"] == "True") == tested[row["region_id"]] for row in predicted)


@pytest.mark.long
def test_the_choice_holds_a_network_of_each_fold_and_the_search_was_used(folds: Run) -> None:
    chosen = [row for row in rows(folds.outdir / "select/SIM1.candidates.tsv") if row["chosen"] == "True"]
    assert sorted(row["fold"] for row in chosen) == ["0", "1"]
    tuned = json.loads((folds.outdir / "tune/SIM1.tuning.json").read_text())
    record = json.loads((folds.outdir / "train/SIM1.all.fold_1.restart_1.train.json").read_text())
    assert record["settings"]["training"]["learning_rate"] == tuned["learning_rate"]


@pytest.mark.long
def test_tracks_are_published(folds: Run) -> None:
    assert {f"predict/SIM1.sim1.predicted.{strand}.bw" for strand in ("plus", "minus")} <= folds.published()
