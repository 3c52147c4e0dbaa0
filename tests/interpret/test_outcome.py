"""What is recorded of explained regions, and contribution tracks."""

import logging
from pathlib import Path

import numpy as np
import pyBigWig
import pytest

from cistill.errors import InputError
from cistill.formats.attributions import attribution_writer
from cistill.interpret.contribution_tracks import write_contributions
from cistill.interpret.explained_regions import RegionSource
from cistill.interpret.outcome import Explained, Outcome


def record_of(gaps: list[float]) -> tuple[Outcome, Explained]:
    n = len(gaps)
    names = np.array([f"r{i}" for i in range(n)], dtype=object)
    chrom = np.array(["chr1"] * n, dtype=object)
    source = RegionSource("TOY", names, chrom, np.zeros(n, np.int64), 4, {"chr1": 100}, [], lambda size: iter(()))
    gap = np.array([gaps], dtype=np.float32)
    made = Explained(0, np.zeros((n, 4), np.uint8), np.zeros((1, n, 4, 4)), np.zeros((1, n)), gap, np.zeros(n, int))
    return Outcome(source, ["counts"], ["a"]), made


def test_gaps_over_one_percent_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    record, made = record_of([0.001, 0.02, 0.04])
    table = record.add(made)
    np.testing.assert_allclose(table.counts_gap, [0.001, 0.02, 0.04])
    with caplog.at_level(logging.WARNING):
        summary = record.summary()
    assert summary["regions_with_gap_over_1_percent"] == 2
    assert summary["largest_relative_gap"] == {"counts": pytest.approx(0.04)}
    assert "2 region(s) miss" in caplog.text


def test_the_table_of_outputs_says_how_it_went(tmp_path: Path) -> None:
    gaps = [0.0, 0.001, 0.002, 0.003, 0.02]
    record, made = record_of(gaps)
    made.codes[1, 0] = 4
    made.shuffles_equal[2:4] = [1, 2]
    record.off_contig[4] = 3
    record.add(made)
    regions = {
        "region_id": record.source.region_id,
        "chrom": record.source.chrom,
        "start": record.source.start,
    }
    file = tmp_path / "counts.attributions.h5"
    with attribution_writer(file, "counts", regions, 4, {"tf": "TOY"}) as writer:
        writer.write(0, made.hypothetical[0], made.codes, made.gap[0])
    settings = {"n_shuffles": 20, "weighting": "input", "dtype": "float16", "engine": "cistill"}
    row = record.outputs([file], settings).iloc[0].to_dict()
    assert row == {
        "head": "counts",
        "task": "a",
        "regions": 5,
        "shuffles": 20,
        "profile_weighting": None,  # of the profile head alone
        "dtype": "float16",
        "engine": "cistill",
        "gap_median": pytest.approx(0.002),
        "gap_95": pytest.approx(0.003 + 0.8 * 0.017),  # between the fourth and the fifth
        "gap_max": pytest.approx(0.02),
        "gap_over_1_percent": 1,
        "gap_over_5_percent": 0,
        "with_unknown_bases": 1,
        "at_contig_edges": 1,
        "with_shuffles_equal": 2,
        "shuffles_equal": 3,
    }


@pytest.mark.parametrize("gap", [0.06, float("nan"), float("inf")])
def test_gaps_over_five_percent_fail(gap: float) -> None:
    record, made = record_of([0.0, gap, 0.0])
    with pytest.raises(InputError, match="contributions of r1 do not add up"):
        record.add(made)


def test_contributions_that_are_no_numbers_fail() -> None:
    record, made = record_of([0.0, 0.0])
    made.hypothetical[0, 1, 2, 0] = np.inf
    with pytest.raises(InputError, match="contributions of r1 are no numbers"):
        record.add(made)


def test_tracks_hold_the_mean_over_overlapping_regions(tmp_path: Path) -> None:
    starts = np.array([7, -2, 2, 20])  # not in order; one reaches off either end
    regions = {
        "region_id": np.array(list("abcd"), dtype=object),
        "chrom": np.array(["chr2", "chr1", "chr1", "chr1"], dtype=object),
        "start": starts,
    }
    codes = np.zeros((4, 6), dtype=np.uint8)
    codes[2, 5] = 4
    scores = np.zeros((4, 6, 4))
    scores[:, :, 0] = np.arange(24).reshape(4, 6)
    file = tmp_path / "counts.attributions.h5"
    with attribution_writer(file, "counts", regions, 6, {"tf": "TOY"}) as writer:
        writer.write(0, scores, codes, np.zeros(4))
    sizes = {"chr1": 23, "chr2": 40}
    write_contributions(file, tmp_path / "all.bw", sizes, None)
    track = pyBigWig.open(str(tmp_path / "all.bw"))
    nan = float("nan")
    # bases 2 and 3: the mean of regions b (10, 11) and c (12, 13); the unknown base at 7 contributes nothing
    expected = [8, 9, 11, 12, 14, 15, 16, 0, *[nan] * 12, 18, 19, 20]
    np.testing.assert_array_equal(track.values("chr1", 0, 23), expected)
    np.testing.assert_array_equal(track.values("chr2", 6, 14), [nan, *range(6), nan])
    write_contributions(file, tmp_path / "central.bw", sizes, 2)
    track = pyBigWig.open(str(tmp_path / "central.bw"))
    np.testing.assert_array_equal(track.values("chr1", 0, 8), [8, 9, nan, nan, 14, 15, nan, nan])
