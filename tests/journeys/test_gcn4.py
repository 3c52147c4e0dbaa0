"""Gcn4 ChIP-exo from fractional bigWigs without a control, on a genome of its own, to the page."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from journeys import summary_of
from pipeline_runs import PROJECT, Run

pytestmark = [pytest.mark.nextflow, pytest.mark.long]
DATA = Path(os.environ.get("CISTILL_TEST_DATA", PROJECT.parent / "shared" / "data")).absolute()
EXO = DATA / "gcn4_chipexo"


def test_fractional_counts_without_a_control_come_to_the_page(run_pipeline: Callable[..., Run], tmp_path: Path) -> None:
    if not EXO.is_dir():
        pytest.skip(f"no real data in {DATA}; CISTILL_TEST_DATA names its folder")
    tracks = [EXO / f"Gcn4_Glu.CENPK.{strand}.bw" for strand in ("plus", "minus")]
    (tmp_path / "sheet.csv").write_text(
        f"tf,bigwig_plus,bigwig_minus,peaks\nGCN4,{tracks[0]},{tracks[1]},{EXO / 'Gcn4_Glu.CENPK.narrowPeak'}\n"
    )
    run = run_pipeline(
        tmp_path,
        *("--input", "sheet.csv", "--fasta", EXO / "CENPK113-7D.fa.gz", "--allow_fractional_counts", "true"),
        *(
            "--model",
            "profile-546",
            "--input_length",
            446,
            "--output_length",
            100,
            "--max_jitter",
            0,
            "--restarts",
            1,
            "--epochs",
            30,
        ),
        *("--motif_db", DATA / "motifs/JASPAR2024_CORE_fungi.meme"),
        timeout=3000,
    )
    summary = summary_of(run, "GCN4")
    assert summary["regions"]["peaks_given"] == 1026
    assert summary["metrics"]["test"]["auroc"] >= 0.9
    assert any("GCN4" in (motif["match"] or "") for motif in summary["motifs"])
