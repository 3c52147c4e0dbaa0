"""Libraries of sequences beside a run and after it, and which tasks the choices about motif instances start."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline_runs import Run

pytestmark = pytest.mark.nextflow


def rows(path: Path, delimiter: str = "\t") -> list[dict[str, str]]:
    with path.open() as handle:
        return list(csv.DictReader(handle, delimiter=delimiter))


@pytest.fixture(scope="module")
def later(run_pipeline: Callable[..., Run], finished: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Libraries that came after the run: one measured, one generated, scored in parts."""
    folder = tmp_path_factory.mktemp("later")
    energies = finished.outdir / "simulation" / "truth" / "energies.tsv"
    (folder / "libraries.csv").write_text(
        "tf,task,library,file,reader\n"
        f"SIM1,sim1,energies,{energies},simulated_energies\nSIM1,,halves,,generate:spacers:TGAC:GTCA:0-3\n"
    )
    run = run_pipeline(
        folder,
        *("--step", "affinity", "--from", finished.outdir, "--affinity", "libraries.csv"),
        *("--n_backgrounds", 3, "--affinity_chunks", 2),
    )
    assert run.returncode == 0, run.output
    return run


def test_a_library_can_come_after_the_run(later: Run) -> None:
    assert later.names("COMPLETED") == [
        "ANALYSE (SIM1.energies)",
        "ANALYSE (SIM1.halves)",
        "CALIBRATE (SIM1.energies)",
        "CHECKLIBRARIES (libraries.csv)",
        "CONFIGURE",
        "LIBRARY (SIM1.energies)",
        "LIBRARY (SIM1.halves)",
        *(f"MARGINALIZE (SIM1.{library} {part}/2)" for library in ("energies", "halves") for part in (1, 2)),
        "MERGESCORES (SIM1.energies)",
        "MERGESCORES (SIM1.halves)",
    ]


def test_what_was_measured_is_calibrated_and_every_sequence_scored(later: Run) -> None:
    for library in ("energies", "halves"):
        sequences = [row["sequence"] for row in rows(later.outdir / f"library/SIM1.{library}.library.tsv")]
        scored = [row["sequence"] for row in rows(later.outdir / f"marginalize/SIM1.{library}.scores.tsv")]
        assert scored == sequences
    assert not [name for name in later.published() if "chunk" in name or "halves.cal" in name]
    facts = json.loads((later.outdir / "library/SIM1.energies.library.json").read_text())
    assert facts["results"]["unit"] == "kcal/mol"
    (row,) = rows(later.outdir / "sheets/affinities.csv", ",")
    assert row["calibrate/energies.calibration.tsv"] == "calibrate/SIM1.energies.calibration.tsv"


def test_what_is_wrong_with_a_library_is_told_before_anything_is_trained(
    run_pipeline: Callable[..., Run], finished: Run, tmp_path: Path
) -> None:
    (tmp_path / "libraries.csv").write_text(
        "tf,library,file,reader\nSIM1,one,nowhere.tsv,tsv\nSIM2,two,,generate:kmers:2\n"
    )
    sim = finished.outdir / "simulation"
    run = run_pipeline(
        tmp_path,
        *("--input", sim / "samplesheet.csv", "--fasta", sim / "genome.fa.gz"),
        *("--affinity", "libraries.csv", "--model", "profile-546"),
    )
    assert run.returncode == 1
    assert "libraries.csv, row 3, column tf: there is no model of 'SIM2'; the TFs are SIM1" in run.output
    assert "Exception" not in run.output
    assert not [name for name in run.names("COMPLETED") if name.startswith(("TRAIN", "LIBRARY"))]


def test_several_callers_and_a_filter_start_their_tasks(run_pipeline: Callable[..., Run], tmp_path: Path) -> None:
    run = run_pipeline(
        tmp_path, "-profile", "test", "-stub", "--hit_methods", "cwm_scan,finemo", "--filter_hits", "true"
    )
    assert run.returncode == 0, run.output
    done = [name for name in run.names("COMPLETED") if "HITS" in name or "METHODS" in name or "COLLAPSE" in name]
    assert done == [
        *(f"CALLHITS (SIM.{head}.{name})" for head in ("counts", "profile") for name in ("finemo", "unfiltered")),
        "COLLAPSE (SIM)",
        *(f"COMPAREHITS (SIM.{head})" for head in ("counts", "profile")),
        *(f"COMPAREMETHODS (SIM.{head}.methods)" for head in ("counts", "profile")),
        *(f"FILTERHITS (SIM.{head})" for head in ("counts", "profile")),
        "SUMMARIZEHITS (SIM)",
    ]
    assert {"filterhits/SIM.counts.hits.bed", "callhits/SIM.counts.finemo.hits.bed"} <= run.published()


def test_models_of_other_tfs_score_a_library_where_that_is_wanted(
    run_pipeline: Callable[..., Run], tmp_path: Path
) -> None:
    for name in ("one.bam", "one.bed", "two.bam", "two.bed", "genome.fa", "table.tsv"):
        (tmp_path / name).touch()
    (tmp_path / "sheet.csv").write_text("tf,bam,peaks\nONE,one.bam,one.bed\nTWO,two.bam,two.bed\n")
    (tmp_path / "libraries.csv").write_text("tf,task,library,file,reader\nONE,,set,table.tsv,tsv\n")
    run = run_pipeline(
        tmp_path,
        *("-stub", "--input", "sheet.csv", "--fasta", "genome.fa", "--restarts", 1, "--finetune", "false"),
        *("--affinity", "libraries.csv", "--specificity", "true"),
    )
    assert run.returncode == 0, run.output
    done = run.names("COMPLETED")
    assert [name for name in done if "OTHERS" in name or "SPECIFICITY" in name] == [
        "MARGINALIZEOTHERS (ONE.set.by_TWO)",
        "SPECIFICITY (ONE.set)",
    ]
    assert "REPORT (TWO)" in done  # which has no library
    (row,) = rows(run.outdir / "sheets/affinities.csv", ",")
    assert row["specificity/set.specificity.tsv"] == "specificity/ONE.set.specificity.tsv"


def test_no_training_starts_before_the_libraries_are_checked(run_pipeline: Callable[..., Run], tmp_path: Path) -> None:
    for name in ("one.bam", "one.bed", "genome.fa", "table.tsv"):
        (tmp_path / name).touch()
    (tmp_path / "sheet.csv").write_text("tf,bam,peaks\nONE,one.bam,one.bed\n")
    (tmp_path / "libraries.csv").write_text("tf,task,library,file,reader\nONE,,set,table.tsv,tsv\n")
    (tmp_path / "slow.config").write_text(
        "process { withName: CHECKLIBRARIES { beforeScript = 'sleep 30' } }\n"
        "executor { cpus = 16; memory = '64 GB' }\n"  # of stubs, which need none: no task waits for another one's
    )
    run = run_pipeline(
        tmp_path,
        *("-c", "slow.config", "-stub", "--input", "sheet.csv", "--fasta", "genome.fa", "--affinity", "libraries.csv"),
    )
    assert run.returncode == 0, run.output
    tasks = {task["name"].split()[0]: task for task in run.tasks()}
    assert tasks["DATASET"]["submit"] < tasks["CHECKLIBRARIES"]["complete"] <= tasks["TRAIN"]["submit"]


def test_a_caller_that_there_is_not_is_refused(run_pipeline: Callable[..., Run], tmp_path: Path) -> None:
    run = run_pipeline(tmp_path, "-profile", "test", "-stub", "--hit_methods", "cwm_scan,magic")
    assert run.returncode == 1
    assert "--hit_methods cwm_scan,magic: the methods are cwm_scan, density, finemo, scan" in run.output
