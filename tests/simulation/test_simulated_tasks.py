"""One factor in several cell types: cofactors, planted bias, files and truth."""

import csv
import json
import math
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
from cistill.errors import InputError
from cistill.simulation.cofactors import COFACTORS, HOLD, Landscape, draw_with_cofactor
from cistill.simulation.coverage_bias import Stretches, biased, draw_stretches
from cistill.simulation.energies import MAIN, PARTNER, RT, RULE, bind, scan
from cistill.simulation.multitask import simulate_tasks
from cistill.simulation.planting import SiteLibrary
from cistill.simulation.reads import Bias
from cistill.simulation.settings import MULTITASK, Held, generator
from cistill.simulation.task_truth import tasks_at

BIN = Path(__file__).resolve().parents[2] / "bin"
SMALL = replace(
    MULTITASK,
    base=replace(MULTITASK.base, genome_size=450_000, chromosomes=3, sites=25, partner_alone=5, control=0.3),
)
TASKS = ["cell_a", "cell_b", "cell_c"]
WEAK_SITE = "CTTGACAGTA"  # the consensus with A for C at position 6: 2.7 kcal/mol


def random_codes(length, seed=0):
    return np.random.default_rng(seed).integers(0, 4, length, dtype=np.uint8)


def command(name, *options):
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    call = [sys.executable, str(BIN / name), *map(str, options)]
    return subprocess.run(call, capture_output=True, text=True, env=environment)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    outdir = tmp_path_factory.mktemp("tasks")
    simulate_tasks(SMALL, outdir)
    return outdir


@pytest.fixture(scope="module")
def known(folder):
    return pd.read_csv(folder / "truth" / "sites.bed", sep="\t").rename(columns={"#chrom": "chrom"})


@pytest.fixture(scope="module")
def peaks(folder):
    return pd.read_csv(folder / "truth" / "peaks.tsv", sep="\t", keep_default_na=False, na_values=["NA"])


@pytest.fixture(scope="module")
def five_prime(folder):
    """5' ends {file: {chrom: (2, length)}} of the reads that pass the usual filters."""
    found = {}
    for file in sorted(folder.glob("*.bam")):
        with pysam.AlignmentFile(str(file)) as bam:
            counts = {name: np.zeros((2, size), int) for name, size in zip(bam.references, bam.lengths, strict=True)}
            for read in bam.fetch(until_eof=True):
                if read.flag & ~16 == 0 and read.mapping_quality >= 30:
                    end = read.reference_end - 1 if read.is_reverse else read.reference_start
                    counts[read.reference_name][int(read.is_reverse), end] += 1
        found[file.name] = counts
    return found


def test_without_cofactors_the_main_factor_binds_as_it_does_alone():
    codes = random_codes(5_000)
    expected = bind(codes)
    found = Landscape(codes, ["COF1", "COF2"]).bind([])
    for name in (MAIN.name, PARTNER.name):
        np.testing.assert_allclose(found.occupancy[name], expected.occupancy[name], rtol=1e-12)
        np.testing.assert_array_equal(found.energy[name], expected.energy[name])


@pytest.mark.parametrize("strand", [0, 1])
def test_a_cofactor_holds_a_weak_site_in_the_cell_types_that_have_it(strand):
    cofactor = COFACTORS["COF2"]
    codes = encode("AC" * 20 + WEAK_SITE + "AC" + cofactor.consensus + "AC" * 20)
    left = 40
    if strand:
        codes, left = reverse_complement_codes(codes), len(codes) - 40 - 10
    landscape = Landscape(codes, ["COF1", "COF2"])
    a, b, w = math.exp((MAIN.mu - 2.7) / RT), math.exp(cofactor.mu / RT), math.exp(-HOLD / RT)
    alone = 1 / (1 + math.exp((2.7 - MAIN.mu) / RT))
    held = (a + a * b * w) / (1 + a + b + a * b * w)
    for cofactors, expected in (([], alone), (["COF1"], alone), (["COF2"], held), (["COF1", "COF2"], held)):
        occupancy = landscape.bind(cofactors).occupancy[MAIN.name][strand, left]
        assert occupancy == pytest.approx(expected, rel=1e-3)
    assert held > 0.7 > 0.1 > alone


def test_two_cofactors_at_one_place_share_it():
    codes = encode("AC" * 20 + WEAK_SITE + "AC" + COFACTORS["COF1"].consensus + "AC" * 20)
    landscape = Landscape(codes, ["COF1", "COF2"])
    landscape.cofactors["COF2"] = landscape.cofactors["COF1"]  # as if both bound the same sequence equally well
    a, b, w = math.exp((MAIN.mu - 2.7) / RT), math.exp(COFACTORS["COF1"].mu / RT), math.exp(-HOLD / RT)
    expected = a * (1 + 2 * b * w) / (1 + 2 * b + a * (1 + 2 * b * w))
    assert landscape.bind(["COF1", "COF2"]).occupancy[MAIN.name][0, 40] == pytest.approx(expected, rel=1e-3)


def test_consensus_sequences_of_cofactors_have_energy_zero_and_resemble_no_other_factor():
    for name, cofactor in COFACTORS.items():
        codes = encode(cofactor.consensus)
        assert scan(codes, cofactor)[0] == 0
        for other in (MAIN, PARTNER, *(model for key, model in COFACTORS.items() if key != name)):
            for oriented in (codes, reverse_complement_codes(codes)):
                assert scan(oriented, other)[0] > 5


def test_arrangements_with_a_cofactor_obey_the_rule():
    libraries = (SiteLibrary(MAIN), SiteLibrary(PARTNER))
    cofactors = {name: SiteLibrary(COFACTORS[name]) for name in ("COF1", "COF2")}
    rng = np.random.default_rng(0)
    site, beside = draw_with_cofactor("with_COF2", libraries, cofactors, rng)
    assert (site.offset, site.strand, site.name) == (0, 0, "SIM1")
    assert (beside.offset, beside.strand, beside.name) == (RULE.distance, 0, "COF2")
    assert 2.4 < scan(site.codes, MAIN)[0] < 4.6
    assert scan(beside.codes, COFACTORS["COF2"])[0] < 1.0
    assert [motif.name for motif in draw_with_cofactor("COF1_alone", libraries, cofactors, rng)] == ["COF1"]
    assert [motif.name for motif in draw_with_cofactor("weak_alone", libraries, cofactors, rng)] == ["SIM1"]
    assert [motif.name for motif in draw_with_cofactor("paired", libraries, cofactors, rng)] == ["SIM1", "SIM2"]


def test_stretches_tile_the_chromosome_and_half_of_them_are_amplified():
    drawn = draw_stretches(2_000_000, (1_000, 3_000), 0.5, (2.0, 5.0), (0.4, 0.6), np.random.default_rng(0))
    sizes = np.diff(drawn.end, prepend=0)
    assert drawn.end[-1] == 2_000_000
    assert sizes.min() > 0
    assert (sizes[:-1] >= 1_000).all()
    assert (sizes <= 3_000).all()
    amplified = drawn.factor > 1
    assert amplified.mean() == pytest.approx(0.5, abs=0.05)
    assert drawn.factor[amplified].min() >= 2
    assert drawn.factor.max() <= 5
    assert ((drawn.plus_share >= 0.4) & (drawn.plus_share <= 0.6)).all()


def test_a_stretch_multiplies_both_strands_and_what_is_listed_is_their_mean():
    stretches = Stretches(np.array([300, 1000]), np.array([1.0, 4.0]), np.array([0.5, 0.6]))
    assert stretches.along()[:, [299, 300]].tolist() == pytest.approx(np.array([[1, 4.8], [1, 3.2]]))
    around = stretches.around(np.array([50, 300, 900]))
    assert around[0].tolist() == pytest.approx([1, 2.9, 4.8])
    assert around.mean(axis=0).tolist() == pytest.approx([1, 2.5, 4])
    flat = Bias(np.ones((2, 1000), np.float32), np.ones(1000, np.float32), np.array([], dtype=np.int64))
    np.testing.assert_array_equal(biased(flat, stretches).cut, stretches.along())
    assert list(stretches.table("chr1", "t").iloc[1]) == ["chr1", 300, 1000, "t", 4.0, 0.6]


def test_tasks_with_a_peak_nearby_are_named():
    rows = [("a", "chr1", 100), ("b", "chr1", 150), ("c", "chr1", 151), ("a", "chr2", 100), ("c", "chr2", 100)]
    table = pd.DataFrame(rows, columns=["task", "chrom", "summit"])
    assert tasks_at(table, ["a", "b", "c"]) == ["a,b", "a,b,c", "b,c", "a,c", "a,c"]


def test_a_generator_of_one_word_is_that_of_a_single_experiment():
    assert generator(1, "peaks", "").random() == np.random.default_rng([1, *b"peaks"]).random()
    assert generator(1, "peaks", "cell_a").random() != generator(1, "peaks", "cell_b").random()


def test_same_seed_same_bytes(folder, tmp_path):
    simulate_tasks(SMALL, tmp_path)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert len(files) == 20
    for name in files:
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_the_sheet_names_replicates_peaks_and_the_controls_that_exist(folder):
    rows = list(csv.DictReader((folder / "samplesheet.csv").open()))
    assert [(row["task"], row["bam"], row["control_bam"]) for row in rows] == [
        ("cell_a", "reads.cell_a.rep1.bam", "control.cell_a.bam"),
        ("cell_a", "reads.cell_a.rep2.bam", "control.cell_a.bam"),
        ("cell_b", "reads.cell_b.rep1.bam", ""),
        ("cell_b", "reads.cell_b.rep2.bam", ""),
        ("cell_c", "reads.cell_c.rep1.bam", "control.cell_c.bam"),
    ]
    assert {row["tf"] for row in rows} == {"SIM1"}
    for row in rows:
        for column in ("bam", "control_bam", "peaks", "known_sites", "truth"):
            assert not row[column] or (folder / row[column]).is_file()


def test_check_accepts_the_files(folder, tmp_path):
    result = command(
        "check", "--input", folder / "samplesheet.csv", "--fasta", folder / "genome.fa.gz", "--outdir", tmp_path
    )
    assert result.returncode == 0, result.stderr
    assert len((tmp_path / "readsets.tsv").read_text().splitlines()) == 1 + 5 + 2


def test_one_task_is_small_and_every_locus_is_shared_or_private(peaks, five_prime):
    number = peaks["task"].value_counts()
    assert number["cell_a"] > number["cell_b"] > 4 * number["cell_c"] > 0
    reads = dict.fromkeys(TASKS, 0)
    for file, counts in five_prime.items():
        kind, task, *_ = file.split(".")
        reads[task] += sum(rows.sum() for rows in counts.values()) if kind == "reads" else 0
    assert reads["cell_c"] < 0.2 * reads["cell_a"]
    assert {"cell_a", "cell_b", "cell_c", "cell_a,cell_b", "cell_a,cell_b,cell_c"} <= set(peaks["peak_in"])
    assert all(task in where.split(",") for task, where in zip(peaks["task"], peaks["peak_in"], strict=True))


def test_sites_with_a_cofactor_are_bound_where_it_is_found(known):
    main = known[known["motif"] == "SIM1"]
    for held in SMALL.held:
        planted = main[main["arrangement"] == f"with_{held.cofactor}"]
        assert len(planted) == round(held.sites * SMALL.base.sites)
        for task in TASKS:
            if task in held.tasks:
                assert (planted[f"occupancy_{task}"] > 0.1).all()
            else:
                assert (planted[f"occupancy_{task}"] < 0.1).all()
        assert (planted["bound_in"] == ",".join(held.tasks)).mean() > 0.9
    weak = main[main["arrangement"] == "weak_alone"]
    assert (weak["bound_in"] == ".").all()
    shared = main[main["arrangement"].isin(["alone", "paired"]) & (main["occupancy"] > 0.2)]
    assert (shared["bound_in"] == ",".join(TASKS)).all()
    np.testing.assert_allclose(shared["tags_cell_a"], 450 * 2 * shared["occupancy_cell_a"], rtol=1e-4)


def test_cofactors_are_listed_beside_their_sites(folder, known):
    cofactors = pd.read_csv(folder / "truth" / "cofactors.bed", sep="\t")
    places = set(zip(*(cofactors[column] for column in ("#chrom", "start", "strand", "name")), strict=True))
    for site in known[known["arrangement"].str.startswith("with_")].itertuples():
        step = RULE.distance if site.strand == "+" else -RULE.distance
        assert (site.chrom, site.start + step, site.strand, site.arrangement.removeprefix("with_")) in places
    assert set(cofactors.loc[cofactors["name"] == "COF1", "tasks"]) == {"cell_a,cell_b"}


def test_peaks_of_the_truth_are_those_of_the_files(folder, peaks):
    for task in TASKS:
        called = pd.read_csv(folder / f"peaks.{task}.narrowPeak", sep="\t", header=None)
        listed = peaks[peaks["task"] == task]
        assert listed["name"].tolist() == called[3].tolist()
        assert listed["chrom"].tolist() == called[0].tolist()
        assert listed["summit"].tolist() == (called[1] + called[9]).tolist()


def test_summits_of_a_shared_locus_differ_between_tasks(peaks):
    shared = peaks[peaks["peak_in"] == "cell_a,cell_b"].sort_values(["chrom", "summit"], kind="stable")
    a, b = (shared[shared["task"] == task].reset_index(drop=True) for task in ("cell_a", "cell_b"))
    difference = (a["summit"] - b["summit"]).abs()
    assert len(a) == len(b) > 20
    assert 2 < difference.mean() < 20
    assert difference.max() <= 50


def test_the_planted_bias_multiplies_the_control_and_the_signal(peaks, five_prime):
    """Sums over both strands around peaks with a site, against what the truth says of tags and bias."""
    for task, background in (("cell_a", 2 * 0.02 * 200), ("cell_c", 0.4 * 0.02 * 200)):
        near = peaks[(peaks["task"] == task) & (peaks["origin"] == "site")]

        def around(name, chosen=near):
            sums = [
                five_prime[name][chrom][:, summit - 100 : summit + 100].sum(axis=1)
                for chrom, summit in zip(chosen["chrom"], chosen["summit"], strict=True)
            ]
            return np.array(sums)

        control = around(f"control.{task}.bam")
        assert np.corrcoef(np.log(control.sum(axis=1)), np.log(near["bias"]))[0, 1] > 0.85
        assert (control.sum(axis=1) / (0.3 * 200 * near["bias"])).mean() == pytest.approx(1, abs=0.15)
        imbalance = near["bias_plus"] / near["bias_minus"]
        assert np.corrcoef(np.log(control[:, 0] / control[:, 1]), np.log(imbalance))[0, 1] > 0.6
        signal = sum(around(name) for name in five_prime if name.startswith(f"reads.{task}."))
        expected = (near["tags"] + background) * near["bias"]
        assert (signal.sum(axis=1) / expected).median() == pytest.approx(1, abs=0.25)


def test_a_site_is_no_more_likely_to_be_called_where_the_coverage_is_amplified(peaks):
    assert (peaks.loc[peaks["task"] == "cell_a", "bias"] > 1.5).mean() == pytest.approx(0.5, abs=0.15)


def test_bias_tables_tile_the_genome_of_every_task(folder, peaks):
    stretches = pd.read_csv(folder / "truth" / "bias.bed", sep="\t").rename(columns={"#chrom": "chrom"})
    sizes = json.loads((folder / "truth" / "truth.json").read_text())["numbers"]["chromosomes"]
    for (_, chrom), rows in stretches.groupby(["task", "chrom"]):
        assert rows["start"].tolist() == [0, *rows["end"].tolist()[:-1]]
        assert rows["end"].iloc[-1] == sizes[chrom]
    assert (
        not stretches[stretches["task"] == "cell_a"]
        .reset_index(drop=True)
        .equals(stretches[stretches["task"] == "cell_c"].reset_index(drop=True))
    )
    peak = peaks.iloc[0]
    here = stretches[(stretches["task"] == peak["task"]) & (stretches["chrom"] == peak["chrom"])]
    inside = here[(here["start"] <= peak["summit"] - 100) & (here["end"] >= peak["summit"] + 100)]
    assert inside["factor"].tolist() == pytest.approx([peak["bias"]], rel=1e-4)


def test_truth_describes_cofactors_and_the_database_holds_them(folder):
    truth = json.loads((folder / "truth" / "truth.json").read_text())
    assert truth["main_motif"] == "SIM1"
    assert truth["motifs"]["COF3"]["tasks"] == ["cell_b"]
    assert np.array(truth["motifs"]["COF3"]["pfm"]).shape == (10, 4)
    assert truth["cofactor_rule"] == {"distance": 12, "orientation": "same", "energy_kcal": -2.5}
    assert [task["name"] for task in truth["settings"]["tasks"]] == TASKS
    assert (folder / "motifs.meme").read_text().count("\nMOTIF ") == 26


def test_impossible_settings_are_refused_in_one_message(tmp_path):
    wrong = replace(
        SMALL,
        tasks=(SMALL.tasks[0], replace(SMALL.tasks[0], depth=0.0)),
        held=(Held("COF9", ("cell_z",), 1.0),),
        amplified=2.0,
        plus_share=(0.5, 1.5),
    )
    with pytest.raises(InputError) as error:
        simulate_tasks(wrong, tmp_path)
    for text in ("different names", "depth", "COF9", "cell_z", "amplified", "plus_share"):
        assert text in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_the_command_refuses_replicates_with_the_preset(tmp_path):
    result = command("simulate", "--preset", "multitask", "--replicates", "3", "--outdir", tmp_path)
    assert result.returncode == 2
    assert "--replicates" in result.stderr
    assert "Traceback" not in result.stderr
