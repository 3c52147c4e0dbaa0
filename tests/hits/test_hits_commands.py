"""The commands callhits and comparehits."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pandas as pd
import pytest
from planted_hits import OTHER, motif, planted_hits, write_attributions

from cistill.formats.hits import COLUMNS, read_hits
from cistill.formats.motifs import write_motifs

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Attributions, one motif and one weak motif, regions and known sites."""
    scores, bases, sites = planted_hits(regions=120)
    write_attributions(tmp_path / "SYN.counts.attributions.h5", scores, bases)
    weak = motif("counts.pos_1", OTHER, weak=True)
    write_motifs(tmp_path / "SYN.counts.motifs.h5", [motif(), weak], "SYN", "counts")
    summits = [1000 * region + 560 for region in range(120)]
    rows = pd.DataFrame(
        {"region_id": [f"chr1:{s}" for s in summits], "chrom": "chr1", "summit": summits, "kind": "peak"}
    )
    rows.assign(kept=True).to_csv(tmp_path / "SYN.regions.tsv", sep="\t", index=False)
    with (tmp_path / "sites.bed").open("w") as handle:
        handle.write("#chrom\tstart\tend\tname\n")
        for number, (region, start, _) in enumerate(sites):
            handle.write(f"chr1\t{1000 * region + 500 + start}\t{1000 * region + 508 + start}\t{'ab'[number % 2]}\n")
    return tmp_path


def call(run_command: Run, folder: Path, *more: object) -> CompletedProcess[str]:
    attributions, motifs = folder / "SYN.counts.attributions.h5", folder / "SYN.counts.motifs.h5"
    return run_command("callhits", "--attributions", attributions, "--motifs", motifs, *more)


def test_hits_are_called_and_compared(run_command: Run, folder: Path) -> None:
    done = call(run_command, folder, "--outdir", folder / "out")
    assert done.returncode == 0, done.stderr
    bed = folder / "out" / "SYN.counts.hits.bed"
    assert bed.read_text().startswith("#chrom\tstart\tend\tmotif_id\tscore\tstrand\tregion_id\t")
    hits = read_hits(bed)
    assert list(hits.columns) == list(COLUMNS)
    assert hits["start"].is_monotonic_increasing
    assert set(hits["motif_id"]) == {"counts.pos_0"}
    assert (hits["score"] == (1000 * hits["confidence"]).round().astype(int)).all()
    done = run_command(
        "comparehits", "--hits", bed, "--regions", folder / "SYN.regions.tsv",
        "--known_sites", folder / "sites.bed", "--outdir", folder / "out",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    recall = pd.read_csv(folder / "out" / "SYN.counts.site_recall.tsv", sep="\t")
    assert recall["site_class"].tolist() == ["a", "b", "any"]
    assert recall["recall"].tolist() == [1, 1, 1]
    curve = pd.read_csv(folder / "out" / "SYN.counts.site_curve.tsv", sep="\t")
    assert curve["n_hits"].iloc[-1] == len(hits)
    record = json.loads((folder / "out" / "SYN.counts.comparehits.json").read_text())
    assert record["results"]["recall"] == {"a": 1.0, "b": 1.0, "any": 1.0}
    assert record["results"]["precision_any"] > 0.9


def test_weak_motifs_are_called_when_asked_for(run_command: Run, folder: Path) -> None:
    call(run_command, folder, "--outdir", folder / "out")
    record = json.loads((folder / "out" / "SYN.counts.callhits.json").read_text())
    assert record["results"]["weak_motifs_left_out"] == ["counts.pos_1"]
    call(run_command, folder, "--outdir", folder / "out", "--include_weak")
    record = json.loads((folder / "out" / "SYN.counts.callhits.json").read_text())
    assert record["results"]["motifs_called"] == ["counts.pos_0", "counts.pos_1"]
    assert record["results"]["weak_motifs_left_out"] == []


def test_the_same_inputs_give_the_same_bytes(run_command: Run, folder: Path) -> None:
    for name in ("one", "two"):
        call(run_command, folder, "--outdir", folder / name)
    first, second = ((folder / name / "SYN.counts.hits.bed").read_bytes() for name in ("one", "two"))
    assert first == second


def test_without_motifs_the_tables_are_empty_but_whole(run_command: Run, folder: Path) -> None:
    write_motifs(folder / "SYN.counts.motifs.h5", [], "SYN", "counts")
    assert call(run_command, folder, "--outdir", folder).returncode == 0
    bed = folder / "SYN.counts.hits.bed"
    assert len(read_hits(bed)) == 0
    arguments = ("--regions", folder / "SYN.regions.tsv", "--known_sites", folder / "sites.bed", "--outdir", folder)
    done = run_command("comparehits", "--hits", bed, *arguments)
    assert done.returncode == 0, done.stderr
    recall = pd.read_csv(folder / "SYN.counts.site_recall.tsv", sep="\t")
    assert recall["n_found"].tolist() == [0, 0, 0]
    assert len(pd.read_csv(folder / "SYN.counts.site_curve.tsv", sep="\t")) == 0


def test_motifs_of_the_other_head_are_refused(run_command: Run, folder: Path) -> None:
    import h5py

    with h5py.File(folder / "SYN.counts.attributions.h5", "r+") as file:
        file.attrs["head"] = "profile"
    done = call(run_command, folder, "--outdir", folder / "out")
    assert done.returncode == 2
    assert "motifs are of the head counts" in done.stderr
    assert "Traceback" not in done.stderr
    assert list((folder / "out").iterdir()) == []


def test_sites_of_another_genome_are_refused(run_command: Run, folder: Path) -> None:
    call(run_command, folder, "--outdir", folder)
    (folder / "sites.bed").write_text("I\t5\t6\n")
    arguments = ("--regions", folder / "SYN.regions.tsv", "--known_sites", folder / "sites.bed", "--outdir", folder)
    done = run_command("comparehits", "--hits", folder / "SYN.counts.hits.bed", *arguments)
    assert done.returncode == 2
    assert "no site lies on a chromosome of the peaks" in done.stderr


@pytest.mark.parametrize("command", ["callhits", "comparehits", "modisco"])
def test_help_names_the_options_with_underscores(run_command: Run, command: str) -> None:
    done = run_command(command, "--help")
    assert done.returncode == 0
    assert "--outdir" in done.stdout
    assert "_" in done.stdout
