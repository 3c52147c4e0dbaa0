"""Reb1 and Gcn4 ChIP-exo: both routes to one dataset, and what becomes of every peak."""

import h5py
import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def reb1(shared_data, tmp_path_factory, command):
    """Make the Reb1 dataset from the BAM file and from the bigWigs."""
    folder = tmp_path_factory.mktemp("reb1")
    data = shared_data / "reb1_chipexo"
    bam = data / "reb1_chipexo_rep2.sacCer3.pseudoreads.bam"
    done = command("coverage", "--bam", bam, "--readset", "REB1.REB1.r1", "--outdir", folder)
    assert done.returncode == 0, done.stderr
    prefixes = {"bam": folder / "REB1.REB1.r1", "bigwig": data / "reb1_chipexo_rep2.sacCer3.5p"}
    for route, prefix in prefixes.items():
        done = command(
            "dataset",
            *("--tf", "REB1", "--fasta", shared_data / "sacCer3" / "sacCer3.fa.gz"),
            *("--signal", f"REB1,{prefix}.plus.bw,{prefix}.minus.bw"),
            *("--peaks", f"REB1,{data}/reb1_peaks.sacCer3.narrowPeak"),
            *("--exclude", data / "lift_gaps.sacCer3.bed", "--input_length", 546, "--output_length", 200),
            *("--valid_chroms", "chrXVI", "--test_chroms", "chrIV,chrIX", "--outdir", folder / route),
        )
        assert done.returncode == 0, done.stderr
    return folder


def regions_of(folder):
    return pd.read_csv(folder / "REB1.regions.tsv", sep="\t", keep_default_na=False, na_values=["NA"])


def test_bam_and_bigwigs_give_the_same_bytes(reb1):
    assert (reb1 / "bam" / "REB1.dataset.h5").read_bytes() == (reb1 / "bigwig" / "REB1.dataset.h5").read_bytes()
    from_bam, from_bigwig = regions_of(reb1 / "bam"), regions_of(reb1 / "bigwig")
    differ = from_bam[(from_bam["counts"] != from_bigwig["counts"]).to_numpy()]
    # Where a 36-bp read cannot start, at chromosome ends, the counts of dropped peaks differ; nothing else does.
    assert set(differ["reason"]) == {"input window off the chromosome end"}
    pd.testing.assert_frame_equal(from_bam.drop(columns="counts"), from_bigwig.drop(columns="counts"))


def test_every_reb1_peak_is_kept_or_has_its_reason(reb1):
    peaks = regions_of(reb1 / "bigwig").query("kind == 'peak'")
    assert len(peaks) == 1157
    assert peaks["reason"].value_counts().to_dict() == {
        "output window overlaps an excluded interval": 45,
        "input window off the chromosome end": 19,
        "input window off the chromosome end when shifted in training": 1,
    }
    assert peaks[peaks["kept"]].groupby("split").size().to_dict() == {
        "train": 831, "valid": 96, "test": 165, "none": 65,
    }  # fmt: skip


def test_reb1_background_matches_gc_and_is_weaker_than_peaks(reb1):
    regions = regions_of(reb1 / "bigwig")
    gc = regions.set_index("region_id")["gc"]
    background = regions[regions["kind"] == "background"]
    difference = np.abs(background["gc"].to_numpy() - gc.loc[background["matched_to"]].to_numpy())
    assert (difference <= 0.0101).mean() > 0.99
    kept = regions[(regions["kind"] == "peak") & regions["kept"]]
    assert kept["counts"].median() > 20 * background["counts"].median()


def test_reb1_passes_the_check_from_both_routes(shared_data, tmp_path, command):
    data = shared_data / "reb1_chipexo"
    prefix = f"{data}/reb1_chipexo_rep2.sacCer3"
    (tmp_path / "sheet.csv").write_text(
        "tf,bam,bigwig_plus,bigwig_minus,peaks,known_sites\n"
        f"REB1,{prefix}.pseudoreads.bam,,,{data}/reb1_peaks.sacCer3.narrowPeak,"
        f"{data}/reb1_RheePugh2011_peaks.sacCer3.bed\n"
        f"REB1b,,{prefix}.5p.plus.bw,{prefix}.5p.minus.bw,{data}/reb1_peaks.sacCer3.narrowPeak,\n"
    )
    fasta = shared_data / "sacCer3" / "sacCer3.fa.gz"
    done = command("check", "--input", tmp_path / "sheet.csv", "--fasta", fasta, "--outdir", tmp_path)
    assert done.returncode == 0, done.stderr


def test_fractional_gcn4_bigwigs(shared_data, tmp_path, command):
    data = shared_data / "gcn4_chipexo"
    arguments = [
        *("--tf", "GCN4", "--fasta", data / "CENPK113-7D.fa.gz", "--peaks", f"GCN4,{data}/Gcn4_Glu.CENPK.narrowPeak"),
        *("--signal", f"GCN4,{data}/Gcn4_Glu.CENPK.plus.bw,{data}/Gcn4_Glu.CENPK.minus.bw"),
        *("--input_length", 447, "--output_length", 101, "--max_jitter", 0, "--outdir", tmp_path),
    ]
    done = command("dataset", *arguments)
    assert done.returncode == 2
    assert "is not a whole number" in done.stderr
    done = command("dataset", *arguments, "--allow_fractional_counts")
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "GCN4.dataset.h5") as file:
        assert file["signal/value"].dtype == np.float32
        assert (file["kind"].asstr()[:] == "peak").sum() == 1026
        assert file["signal/value"][:].sum() > 0
