"""The same experiment from its reads and from their counts: one dataset, and one training."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline_runs import Run, resumed_elsewhere

pytestmark = pytest.mark.nextflow


def test_counts_in_place_of_reads_give_the_same_dataset_and_share_all_later_tasks(
    run_pipeline: Callable[..., Run], finished: Run, tmp_path: Path
) -> None:
    counts, sim = finished.outdir / "coverage", finished.outdir / "simulation"
    sheet = tmp_path / "bigwigs.csv"
    columns = "tf,task,bigwig_plus,bigwig_minus,control_bigwig_plus,control_bigwig_minus,peaks,known_sites,truth"
    control = f"{counts}/SIM1.sim1.c1.plus.bw,{counts}/SIM1.sim1.c1.minus.bw"
    same = f"{control},{sim}/peaks.narrowPeak,{sim}/truth/sites.bed,{sim}/truth/truth.json"
    reads = [f"SIM1,sim1,{counts}/SIM1.sim1.r{i}.plus.bw,{counts}/SIM1.sim1.r{i}.minus.bw,{same}" for i in (1, 2)]
    sheet.write_text("\n".join([columns, *reads]) + "\n")
    run = run_pipeline(
        tmp_path,
        *("-profile", "test", "--input", sheet, "--fasta", sim / "genome.fa.gz", "--motif_db", sim / "motifs.meme"),
        *resumed_elsewhere(finished, tmp_path),
        outdir="from_counts",
    )
    assert run.returncode == 0, run.output
    dataset = "dataset/SIM1.dataset.h5"
    assert (run.outdir / dataset).read_bytes() == (finished.outdir / dataset).read_bytes()
    made = ["BROWSER (SIM1)", "CHECK (bigwigs.csv)", "CONFIGURE", "DATASET (SIM1)", "REPORT (SIM1)"]
    assert run.names("COMPLETED") == made
    # counts that the run did not make are not its to point to: those around the regions lie beside the hub
    assert "bigDataUrl SIM1.sim1.observed.plus.bw" in (run.outdir / "browser/SIM1.trackDb.txt").read_text()
    assert "browser/SIM1.sim1.observed.minus.bw" in run.published()
    assert len(run.names("CACHED")) == 16


def test_published_files_are_whole(finished: Run) -> None:
    assert not [name for name in finished.published() if ".tmp" in name]
    empty = [name for name in finished.published() if not (Path(finished.outdir) / name).stat().st_size]
    assert empty == []
