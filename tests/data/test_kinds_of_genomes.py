"""Genomes as users have them, through the commands: human with all its contigs, and a bacterium."""

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

INPUT, OUTPUT, JITTER = 66, 40, 4
WINDOWS = ("--input_length", INPUT, "--output_length", OUTPUT, "--max_jitter", JITTER)


def human():
    """Contigs by kind, with the names of hg38: 455, as many as in UCSC's hg38.fa."""
    sizes = {f"chr{n}": 9000 for n in [*range(1, 23), "X", "Y"]} | {"chrM": 700}
    sizes |= {f"chr{n % 22 + 1}_KI270{700 + n}v1_random": 300 for n in range(42)}
    sizes |= {f"chrUn_KI270{300 + n}v1": 300 for n in range(127)}
    sizes |= {f"chr{n % 22 + 1}_GL000{100 + n}v2_alt": 800 for n in range(260)}
    return sizes | {"chrEBV": 900}


def experiment(make, folder, sizes, peaks):
    """Write a genome, bigWigs with reads at the peaks, and the peaks; return the arguments of `dataset`."""
    rng = np.random.default_rng(2)
    make.fasta(folder / "g.fa.gz", make.genome(sizes))
    for strand in ("plus", "minus"):
        values = {chrom: rng.poisson(0.05, size).astype(float) for chrom, size in sizes.items()}
        for chrom, summit in peaks:
            values[chrom][summit - 5 : summit + 5] += rng.poisson(2, 10)
        make.bigwig(folder / f"{strand}.bw", sizes, values)
    (folder / "p.bed").write_text("".join(f"{chrom}\t{at - 20}\t{at + 20}\n" for chrom, at in peaks))
    (folder / "s.csv").write_text("tf,bigwig_plus,bigwig_minus,peaks\nT,plus.bw,minus.bw,p.bed\n")
    return [
        *("--tf", "T", "--fasta", folder / "g.fa.gz", "--signal", f"T,{folder}/plus.bw,{folder}/minus.bw"),
        *("--peaks", f"T,{folder}/p.bed", *WINDOWS, "--train_background_per_peak", 1),
    ]


def regions_of(folder):
    return pd.read_csv(folder / "T.regions.tsv", sep="\t", keep_default_na=False)


def test_a_human_genome_with_all_its_contigs(tmp_path, make, call_command):
    sizes = human()
    assert len(sizes) == 455
    main = [name for name in sizes if "_" not in name and name not in ("chrM", "chrEBV")]
    elsewhere = ["chr1_GL000100v2_alt", "chr2_KI270701v1_random", "chrUn_KI270305v1", "chrEBV", "chrM"]
    peaks = [(name, at) for name in main for at in (1000, 3000)] + [(name, 150) for name in elsewhere]
    arguments = experiment(make, tmp_path, sizes, peaks)
    with (tmp_path / "p.bed").open("a") as file:
        file.write("chrUn_JTFH01000001v1_decoy\t10\t50\n")  # not in the genome
    done = call_command("check", "--input", tmp_path / "s.csv", "--fasta", tmp_path / "g.fa.gz", "--outdir", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "not in the genome: chrUn_JTFH01000001v1_decoy, with 1 of 54 peaks; they are left out" in done.stderr
    done = call_command("dataset", *arguments, "--outdir", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "260 contigs (208000 bp) in no part of the split: alternate or patch of a chromosome" in done.stderr
    found = json.loads((tmp_path / "T.dataset.json").read_text())["results"]
    assert found["contigs"] == 455
    assert {reason: number["contigs"] for reason, number in found["contigs_left_out"].items()} == {
        "mitochondrial or plastid chromosome": 1,
        "unlocalised or unplaced contig": 169,
        "alternate or patch of a chromosome": 260,
        "decoy, virus, HLA or spike-in sequence": 1,
    }
    assert found["peaks_left_out"] == {
        "alternate or patch of a chromosome": 1,
        "chromosome in no split": 1,
        "chromosome not in the genome": 1,
        "decoy, virus, HLA or spike-in sequence": 1,
        "unlocalised or unplaced contig": 2,
    }
    regions = regions_of(tmp_path)
    assert set(regions.loc[regions["split"] != "none", "chrom"]) == set(main)
    kept = regions[(regions["split"] == "none") & (regions["kept"])]
    assert set(kept["chrom"]) == {"chr2_KI270701v1_random", "chrUn_KI270305v1", "chrM"}
    refused = call_command("dataset", *arguments, "--outdir", tmp_path, "--unknown_contigs", "refuse")
    assert refused.returncode == 2
    assert "--unknown_contigs leave_out" in refused.stderr


@pytest.fixture(scope="module")
def summits():
    """Peaks on a bacterial chromosome, one of them across each border of its five stretches."""
    return [*range(300, 20_000, 400), *(4000 * k for k in range(1, 5))]


def test_a_bacterium_is_split_within_its_chromosome_and_no_network_predicts_what_it_saw(
    tmp_path, make, call_command, summits
):
    arguments = experiment(make, tmp_path, {"U00096.3": 20_000}, [("U00096.3", at) for at in sorted(summits)])
    done = call_command("check", "--input", tmp_path / "s.csv", "--fasta", tmp_path / "g.fa.gz", "--outdir", tmp_path)
    assert done.returncode == 0, done.stderr
    done = call_command("dataset", *arguments, "--folds", "all", "--outdir", tmp_path)
    assert done.returncode == 0, done.stderr
    regions = regions_of(tmp_path)
    border = regions["reason"] == "input window reaches into another part of the split"
    assert regions.loc[border, "summit"].tolist() == [4000, 8000, 12000, 16000]
    assert regions.loc[border, "kept"].all()
    own = regions[(regions["split"] != "none") & (regions["kind"] == "peak")]
    assert (own["tested_in"].astype(int) == own["summit"] // 4000).all()
    background = regions[regions["kind"] == "background"].set_index("matched_to")
    assert (background["tested_in"] == own.set_index("region_id")["tested_in"].loc[background.index]).all()
    # no stored window of one stretch shares a base with one of another
    ends = [
        (own.loc[own["tested_in"] == fold, "summit"].min(), own.loc[own["tested_in"] == fold, "summit"].max())
        for fold in sorted(own["tested_in"].unique())
    ]
    assert all(first - last >= INPUT + 2 * JITTER for (_, last), (first, _) in pairwise(ends))
    network = ("--filters", 8, "--layers", 2, "--first_kernel", 7, "--profile_kernel", 9)
    for fold in range(5):
        done = call_command(
            *("train", "--dataset", tmp_path / "T.dataset.h5", *network, "--epochs", 1, "--fold", fold),
            *("--restarts", 1, "--outdir", tmp_path, "--batch_size", 8),
        )
        assert done.returncode == 0, done.stderr
    models = [tmp_path / f"T.all.fold_{fold}.restart_1.model.safetensors" for fold in range(5)]
    done = call_command("select", *models, "--outdir", tmp_path)
    assert done.returncode == 0, done.stderr
    done = call_command(
        *("predict", "--dataset", tmp_path / "T.dataset.h5", "--model", tmp_path / "T.model.safetensors"),
        *("--outdir", tmp_path),
    )
    assert done.returncode == 0, done.stderr
    predicted = pd.read_csv(tmp_path / "T.region_predictions.tsv", sep="\t").set_index("region_id")
    assert predicted.loc[own["region_id"], "unseen"].all()
    assert not predicted.loc[regions.loc[border, "region_id"], "unseen"].any()
    # each by the network of its fold: the same as that network alone
    for fold in ("0", "3"):
        alone = tmp_path / f"alone{fold}"
        alone.mkdir()
        call_command("predict", "--dataset", tmp_path / "T.dataset.h5", "--model", models[int(fold)], "--outdir", alone)
        tested = own.loc[own["tested_in"] == fold, "region_id"]
        other = pd.read_csv(alone / "T.region_predictions.tsv", sep="\t").set_index("region_id")
        columns = ["unseen", "predicted_log_count"]
        pd.testing.assert_frame_equal(other.loc[tested, columns], predicted.loc[tested, columns])
        assert not other.loc[own.loc[own["tested_in"] == "1", "region_id"], "unseen"].any()
