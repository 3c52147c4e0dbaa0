"""Reb1 ChIP-exo of yeast, from reads and from their counts: what the pipeline must reach on real data, trained once.

The data lie in the folder that CISTILL_TEST_DATA names, by default `../shared/data` beside the project.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pipeline_runs import PROJECT, Run

pytestmark = [pytest.mark.nextflow, pytest.mark.slow, pytest.mark.long]
DATA = Path(os.environ.get("CISTILL_TEST_DATA", PROJECT.parent / "shared" / "data")).absolute()
EXO = DATA / "reb1_chipexo"
GIBIBYTES = 4


def arguments(sheet: Path) -> list[object]:
    return [
        *("--input", sheet, "--fasta", DATA / "sacCer3/sacCer3.fa.gz", "--exclude", EXO / "lift_gaps.sacCer3.bed"),
        *("--model", "profile-546", "--test_chroms", "chrIV,chrIX", "--valid_chroms", "chrXVI"),
        *("--motif_db", DATA / "motifs/JASPAR2024_CORE_fungi.meme", "--restarts", 1),
    ]


def write_sheet(path: Path, columns: str, *reads: Path) -> Path:
    peaks, sites = EXO / "reb1_peaks.sacCer3.narrowPeak", EXO / "reb1_RheePugh2011_peaks.sacCer3.bed"
    cells = ",".join(map(str, [*reads, peaks, sites]))
    path.write_text(f"tf,{columns},peaks,known_sites\nREB1,{cells}\n")
    return path


@pytest.fixture(scope="module")
def from_reads(run_pipeline: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> Run:
    if not EXO.is_dir():
        pytest.skip(f"no real data in {DATA}; CISTILL_TEST_DATA names its folder")
    folder = tmp_path_factory.mktemp("reb1")
    sheet = write_sheet(folder / "reads.csv", "bam", EXO / "reb1_chipexo_rep2.sacCer3.pseudoreads.bam")
    run = run_pipeline(folder, *arguments(sheet), timeout=3000)
    assert run.returncode == 0, run.output
    return run


@pytest.fixture(scope="module")
def summary(from_reads: Run) -> dict[str, Any]:
    return json.loads((from_reads.outdir / "report/REB1.summary.json").read_text())


def test_counts_and_profiles_of_held_out_chromosomes_are_predicted(summary: dict[str, Any]) -> None:
    metrics = summary["metrics"]["test"]
    assert metrics["auroc"] >= 0.955
    assert metrics["count_pearson_all"] >= 0.85
    assert metrics["count_pearson_peaks"] >= 0.69
    assert metrics["profile_jsd"] <= 0.625
    assert metrics["profile_jsd"] < metrics["profile_jsd_mean"] < metrics["profile_jsd_uniform"]


def test_every_peak_is_kept_or_has_its_reason(summary: dict[str, Any]) -> None:
    regions = summary["regions"]
    assert regions["peaks_given"] == 1157
    left_out = sum(regions["peaks_explained_only"].values()) + sum(regions["peaks_dropped"].values())
    assert regions["peaks_kept"] + left_out == 1157
    assert regions["peaks_kept"] >= 1092
    assert not regions["peaks_dropped"]


@pytest.mark.parametrize("head", ["counts", "profile"])
def test_the_first_motif_is_that_of_reb1(summary: dict[str, Any], head: str) -> None:
    motif = next(motif for motif in summary["motifs"] if motif["motif_id"] == summary["top_motif"][head])
    assert "REB1" in motif["match"]
    assert "TTACCC" in motif["consensus"].upper() or "GGGTAA" in motif["consensus"].upper()
    assert not motif["weak"]


def test_hits_find_the_published_sites(summary: dict[str, Any]) -> None:
    compared = summary["known_sites"]["counts"]
    assert compared["classes"]["primary"]["n_sites"] == 431
    assert compared["classes"]["primary"]["recall"] >= 0.92
    assert compared["precision_any"] >= 0.60


def test_no_task_needs_much_memory(from_reads: Run) -> None:
    assert max(in_bytes(task["peak_rss"]) for task in from_reads.tasks()) <= GIBIBYTES * 2**30


def test_the_counts_give_the_same_dataset_and_nothing_is_trained_again(
    run_pipeline: Callable[..., Run], from_reads: Run
) -> None:
    bigwigs = [EXO / f"reb1_chipexo_rep2.sacCer3.5p.{strand}.bw" for strand in ("plus", "minus")]
    sheet = write_sheet(from_reads.folder / "counts.csv", "bigwig_plus,bigwig_minus", *bigwigs)
    run = run_pipeline(from_reads.folder, *arguments(sheet), "-resume", outdir="from_counts")
    assert run.returncode == 0, run.output
    dataset = "dataset/REB1.dataset.h5"
    assert (run.outdir / dataset).read_bytes() == (from_reads.outdir / dataset).read_bytes()
    trained = ["TRAIN (REB1.all.fold_lists.restart_1)", *(f"{name} (REB1)" for name in ("SELECT", "PREDICT", "SHAP"))]
    trained += [f"{name} (REB1.{head})" for name in ("MODISCO", "CALLHITS") for head in ("counts", "profile")]
    assert set(trained) <= set(run.names("CACHED"))


def in_bytes(text: str) -> float:
    """A size as the trace has it: `1.2 GB`; `-` or `0` for a task too short to be measured."""
    if text in ("-", "0"):
        return 0.0
    number, unit = text.split()
    return float(number) * 1024 ** ["B", "KB", "MB", "GB", "TB"].index(unit)
