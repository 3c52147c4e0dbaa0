"""The command: its files, their agreement, and that the same seed gives the same bytes."""

import csv
import gzip
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import pytest

from cistill.dna.codes import encode, reverse_complement_codes
from cistill.simulation.energies import MAIN, PARTNER, scan
from cistill.simulation.experiment import simulate as simulate_here
from cistill.simulation.settings import PRESETS, Settings

BIN = Path(__file__).resolve().parents[2] / "bin"
FILES = (
    "genome.fa.gz",
    "reads.rep1.bam",
    "reads.rep2.bam",
    "control.bam",
    "peaks.narrowPeak",
    "samplesheet.csv",
    "affinity.csv",
    "motifs.meme",
    "truth/sites.bed",
    "truth/energies.tsv",
    "truth/truth.json",
)


def simulate(outdir, *options):
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, str(BIN / "simulate"), "--outdir", str(outdir), *options]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    outdir = tmp_path_factory.mktemp("tiny")
    result = simulate(outdir, "--preset", "tiny", "--seed", "1")
    assert result.returncode == 0, result.stderr
    return outdir


@pytest.fixture(scope="module")
def genome(tiny):
    sequences = {}
    text = gzip.decompress((tiny / "genome.fa.gz").read_bytes()).decode()
    for record in text.split(">")[1:]:
        name, *lines = record.splitlines()
        sequences[name] = "".join(lines)
    return sequences


@pytest.fixture(scope="module")
def known(tiny):
    return pd.read_csv(tiny / "truth" / "sites.bed", sep="\t")


@pytest.fixture(scope="module")
def truth(tiny):
    return json.loads((tiny / "truth" / "truth.json").read_text())


def five_prime_ends(path, names):
    """Counts {chrom: (2, length)} of the reads that pass the usual filters, one read at a time."""
    with pysam.AlignmentFile(str(path)) as bam:
        counts = {name: np.zeros((2, bam.get_reference_length(name)), int) for name in names}
        for read in bam.fetch(until_eof=True):
            if read.flag & ~16 == 0 and read.mapping_quality >= 30:
                end = read.reference_end - 1 if read.is_reverse else read.reference_start
                counts[read.reference_name][int(read.is_reverse), end] += 1
    return counts


def test_same_seed_same_bytes(tiny, tmp_path):
    simulate_here(replace(PRESETS["tiny"], seed=1), tmp_path)  # another process than the fixture's
    for name in FILES:
        assert (tiny / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_another_seed_changes_the_genome_and_another_depth_does_not(tmp_path):
    small = Settings(genome_size=60_000, chromosomes=2, sites=8, partner_alone=2)
    for name, settings in {
        "small": small,
        "shallow": replace(small, depth=100.0),
        "other": replace(small, seed=2),
    }.items():
        simulate_here(settings, tmp_path / name)
    first, shallow, other = ((tmp_path / name / "genome.fa.gz").read_bytes() for name in ("small", "shallow", "other"))
    assert first == shallow
    assert first != other
    reads = [(tmp_path / name / "reads.rep1.bam").stat().st_size for name in ("small", "shallow")]
    assert reads[0] > 1.5 * reads[1]


def test_samplesheet_names_existing_files(tiny):
    rows = list(csv.DictReader((tiny / "samplesheet.csv").open()))
    assert list(rows[0]) == [
        *("tf", "task", "bam", "bigwig_plus", "bigwig_minus", "control_bam"),
        *("control_bigwig_plus", "control_bigwig_minus", "peaks", "known_sites", "truth"),
    ]
    assert [row["bam"] for row in rows] == ["reads.rep1.bam", "reads.rep2.bam"]
    for row in rows:
        assert (row["tf"], row["task"]) == ("SIM1", "sim1")
        for column in ("bam", "control_bam", "peaks", "known_sites", "truth"):
            assert (tiny / row[column]).is_file()


def test_listed_sites_have_the_energies_of_the_genome(genome, known):
    for site in known.itertuples():
        codes = encode(genome[site._1][site.start : site.end])
        oriented = codes if site.strand == "+" else reverse_complement_codes(codes)
        model = {"SIM1": MAIN, "SIM2": PARTNER}[site.motif]
        assert scan(oriented, model)[0] == pytest.approx(site.energy_kcal, abs=1e-3)
        assert (site.name == "partner") == (site.motif == "SIM2")
    main = known[known["motif"] == "SIM1"]
    assert (main["occupancy"] >= 0.0199).all()
    assert (main.loc[main["name"] == "strong", "occupancy"] >= 0.4999).all()
    assert main.loc[main["name"] == "medium", "occupancy"].between(0.1499, 0.5001).all()
    assert set(known["name"]) == {"strong", "medium", "weak", "partner"}


def test_footprints_lie_where_sites_were_planted(tiny, genome, known):
    counts = five_prime_ends(tiny / "reads.rep1.bam", genome)
    profile = np.zeros((2, 81))
    strong = known[(known["motif"] == "SIM1") & (known["occupancy"] > 0.3)]
    tags = 0
    for site in strong.itertuples():
        rows = counts[site._1]
        first = site.start if site.strand == "+" else site.end - 1
        window = rows[:, first - 40 : first + 41]
        profile += window if site.strand == "+" else window[::-1, ::-1]
        tags += rows[:, site.start - 95 : site.start + 105].sum()
    assert set(np.argsort(profile[0])[-2:] - 40) == {-12, -11}
    assert np.argmax(profile[1]) - 40 == 16
    assert tags / strong["expected_tags"].sum() == pytest.approx(1.0, abs=0.35)


def test_good_reads_and_filtered_ones_are_as_many_as_the_truth_says(tiny, genome, truth):
    for name, numbers in truth["numbers"]["reads"].items():
        counts = five_prime_ends(tiny / name, genome)
        assert sum(int(rows.sum()) for rows in counts.values()) == numbers["good"]
        with pysam.AlignmentFile(str(tiny / name)) as bam:
            total = sum(1 for _ in bam.fetch(until_eof=True))
        assert total == sum(numbers.values())
        assert min(numbers.values()) > 0


def test_control_shares_the_bias_of_the_background(tiny, genome, known):
    control = five_prime_ends(tiny / "control.bam", genome)
    chip = five_prime_ends(tiny / "reads.rep1.bam", genome)
    bins = {"control": [], "chip": []}
    for name in genome:
        free = np.ones(len(genome[name]), dtype=bool)
        for site in known[known["#chrom"] == name].itertuples():
            free[max(0, site.start - 200) : site.end + 200] = False
        for key, counts in (("control", control), ("chip", chip)):
            usable = counts[name].sum(axis=0)
            edges = np.arange(0, len(free) - 500, 500)
            keep = [edge for edge in edges if free[edge : edge + 500].all()]
            bins[key] += [usable[edge : edge + 500].sum() for edge in keep]
    assert np.corrcoef(bins["control"], bins["chip"])[0, 1] > 0.3


def test_peaks_are_valid_narrowpeak_and_most_sites_of_use_have_one(tiny, genome, known):
    peaks = pd.read_csv(tiny / "peaks.narrowPeak", sep="\t", header=None)
    assert peaks.shape[1] == 10
    assert 50 <= len(peaks) <= 150
    sizes = peaks[0].map({name: len(sequence) for name, sequence in genome.items()})
    assert (peaks[1] >= 0).all()
    assert (peaks[2] <= sizes).all()
    assert ((peaks[9] >= 0) & (peaks[9] < peaks[2] - peaks[1])).all()
    assert peaks[3].is_unique
    assert peaks[4].between(0, 1000).all()
    assert (peaks[5] == ".").all()
    summit = peaks[1] + peaks[9]

    def has_peak(site):
        near = summit[peaks[0] == site["#chrom"]] - (site["start"] + 5)
        return near.abs().min() <= 100

    found = known.apply(has_peak, axis=1)
    assert found[known["name"].isin(["strong", "medium"])].mean() > 0.95
    assert found[known["name"] == "weak"].mean() < 1


def test_truth_describes_the_motifs(truth, tiny):
    assert truth["main_motif"] == "SIM1"
    assert truth["motifs"]["SIM1"]["consensus"] == "CTTGACCGTA"
    assert np.array(truth["motifs"]["SIM2"]["energies_kcal"]).shape == (10, 4)
    assert truth["spacing_rule"]["distance"] == 12
    energies = pd.read_csv(tiny / "truth" / "energies.tsv", sep="\t")
    assert list(energies)[:3] == ["variant", "mismatches", "ddg_kcal"]
    meme = (tiny / "motifs.meme").read_text()
    assert meme.startswith("MEME version 4\n")
    assert meme.count("\nMOTIF ") == 22
    assert "\nMOTIF SIM1\n" in meme


def test_impossible_settings_are_refused_in_one_message(tmp_path):
    result = simulate(tmp_path, "--preset", "tiny", "--paired", "0.9", "--misplaced", "0.9", "--depth", "0")
    assert result.returncode == 2
    assert "paired" in result.stderr
    assert "depth" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "genome.fa.gz").exists()


def test_help_names_the_presets():
    result = subprocess.run([sys.executable, str(BIN / "simulate"), "--help"], capture_output=True, text=True)
    assert result.returncode == 0
    assert "tiny|demo|medium|large|multitask" in result.stdout
