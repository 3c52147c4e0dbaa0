"""Folders and files whose names hold spaces, quotes and letters beyond ASCII, to the page."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from journeys import SMALL, summary_of
from pipeline_runs import Run

pytestmark = [pytest.mark.nextflow, pytest.mark.long]


def test_names_with_spaces_quotes_and_accents_come_to_the_page(
    run_pipeline: Callable[..., Run], tiny: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "l'été de Köln (1)"
    folder.mkdir()
    names = {
        "reads.rep1.bam": "reads 1 é.bam",
        "reads.rep2.bam": "l'autre.bam",
        "control.bam": "control & co.bam",
        "peaks.narrowPeak": "peaks of Köln.narrowPeak",
        "genome.fa.gz": "genome (new).fa.gz",
        "motifs.meme": "motifs d'été.meme",
        "truth/energies.tsv": "energies 2.tsv",
    }
    for name, odd in names.items():
        shutil.copy(tiny / name, folder / odd)
    (folder / "sample sheet.csv").write_text(
        "tf,task,bam,control_bam,peaks\n"
        "SIM1,sim1,reads 1 é.bam,control & co.bam,peaks of Köln.narrowPeak\n"
        "SIM1,sim1,l'autre.bam,control & co.bam,peaks of Köln.narrowPeak\n",
        encoding="utf-8",
    )
    (folder / "libraries of été.csv").write_text(
        "tf,task,library,file,reader\nSIM1,,variants,energies 2.tsv,simulated_energies\n", encoding="utf-8"
    )
    run = run_pipeline(
        folder,
        *("--input", "sample sheet.csv", "--fasta", "genome (new).fa.gz", "--motif_db", "motifs d'été.meme"),
        *("--affinity", "libraries of été.csv", *SMALL),
        outdir="results of l'été",
        LC_ALL="C.UTF-8",
    )
    summary = summary_of(run, "SIM1")
    assert summary["regions"]["peaks_kept"] > 50
    assert summary["affinity"]["variants"]["held_out"] > 0
