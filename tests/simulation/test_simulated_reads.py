"""Footprints, biases, and the reads that filters must remove."""

import numpy as np
import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cistill.dna.codes import encode, reverse_complement_codes
from cistill.simulation.bam_writer import SimulatedAlignments, bins, join, write_bam
from cistill.simulation.measured_library import alignments, make_library
from cistill.simulation.reads import (
    FOOTPRINTS,
    REACH,
    Bias,
    BoundSites,
    context_bias,
    cut_bias,
    draw_bias,
    draw_chip,
    mappable,
    site_tags,
)


def one_site(start, strand, motif="SIM1", recruitment=1.0):
    return BoundSites(np.array([start]), np.array([strand]), np.array([motif]), np.array([recruitment]))


def flat_bias(length):
    return Bias(np.ones((2, length), np.float32), np.zeros(length, np.float32), np.array([], dtype=np.int64))


def random_codes(length, seed=0):
    return np.random.default_rng(seed).integers(0, 4, length, dtype=np.uint8)


def test_footprints_are_probabilities_with_the_borders_of_reb1():
    for footprint in FOOTPRINTS.values():
        assert footprint.shape().sum() == pytest.approx(1)
    same, opposite = FOOTPRINTS["SIM1"].shape()
    assert set(np.argsort(same)[-2:] - REACH) == {-12, -11}
    assert np.argmax(opposite) - REACH == 16
    assert same[REACH - 12 : REACH - 10].sum() > 0.25 / 2


def test_a_site_on_the_plus_strand_puts_its_borders_around_its_first_base():
    rate = site_tags(one_site(300, 0), np.array([100.0]), 1000)
    assert rate.sum() == pytest.approx(100)
    assert set(np.argsort(rate[0])[-2:]) == {300 - 12, 300 - 11}
    assert np.argmax(rate[1]) == 300 + 16


def test_a_site_on_the_minus_strand_is_the_mirror_image():
    plus = site_tags(one_site(300, 0), np.array([100.0]), 1000)
    # leftmost base of the same site in the mirrored chromosome: 1000 - 300 - 10
    minus = site_tags(one_site(690, 1), np.array([100.0]), 1000)
    np.testing.assert_allclose(minus, plus[::-1, ::-1], atol=1e-12)


def test_tags_beyond_the_chromosome_are_lost():
    rate = site_tags(one_site(5, 0), np.array([100.0]), 1000)
    assert 30 < rate.sum() < 70


def test_read_counts_follow_occupancy_and_vary_more_than_poisson():
    sites = one_site(500, 0, recruitment=0.5)
    rng = np.random.default_rng(0)
    totals = np.array(
        [draw_chip(sites, rng.gamma(8, 1 / 8, 1), flat_bias(1000), 400.0, 0.01, rng).sum() for _ in range(400)]
    )
    assert totals.mean() == pytest.approx(200, rel=0.06)
    # variance of a gamma-Poisson mixture: mean + mean^2 (1/8 + 1/40 + 1/320)
    assert totals.var() == pytest.approx(200 + 200**2 * (1 / 8 + 1 / 40 + 1 / 320), rel=0.3)


def test_mappable_is_where_a_whole_read_meets_known_bases():
    codes = random_codes(100)
    codes[40:42] = 4
    expected = np.zeros((2, 100), dtype=bool)
    for start in range(100 - 36 + 1):
        if (codes[start : start + 36] < 4).all():
            expected[0, start] = expected[1, start + 35] = True
    np.testing.assert_array_equal(mappable(codes, 36), expected)
    assert not mappable(codes[:20], 36).any()


def test_cut_bias_depends_on_the_four_bases_around_a_five_prime_end():
    contexts = context_bias(np.random.default_rng(0))
    assert contexts.mean() == pytest.approx(1)
    codes = random_codes(120)
    bias = cut_bias(codes, contexts, 36)
    word = int("".join(str(code) for code in codes[48:52]), 4)  # two before and two from base 50
    assert bias[0, 50] == contexts[word]
    mirrored = cut_bias(reverse_complement_codes(codes), contexts, 36)
    np.testing.assert_allclose(bias, mirrored[::-1, ::-1])


def test_background_is_thin_beside_unknown_bases_and_high_at_hotspots():
    codes = random_codes(2_000_000)
    codes[500_000:500_500] = 4
    bias = draw_bias(codes, np.ones(256), 36, np.random.default_rng(0))
    assert bias.background[500_502] < 0.5 * bias.background[500_700]
    assert 10 <= len(bias.hotspots) <= 45
    assert (bias.background[bias.hotspots] > 2).mean() > 0.9
    assert np.median(bias.background) == pytest.approx(1, abs=0.2)


@given(st.integers(0, 2**29 - 200), st.integers(1, 150))
def test_bins_are_those_of_the_specification(start, length):
    last = start + length - 1
    expected = 0
    for shift, first in ((14, 4681), (17, 585), (20, 73), (23, 9), (26, 1)):
        if start >> shift == last >> shift:
            expected = first + (start >> shift)
            break
    assert bins(np.array([start]), np.array([start + length]))[0] == expected


def test_five_prime_ends_become_reads():
    counts = np.zeros((2, 200), dtype=np.int32)
    counts[0, 50] = 2
    counts[1, 99] = 1
    reads = alignments(3, counts, 36)
    assert reads.start.tolist() == [50, 50, 64]
    assert reads.flag.tolist() == [0, 0, 16]
    assert reads.chrom.tolist() == [3, 3, 3]


def test_bam_is_read_back_as_written(tmp_path):
    genome = [("chr1", random_codes(3000, 1)), ("chr2", random_codes(2000, 2))]
    reads = join(
        [
            SimulatedAlignments(
                np.array([1, 0, 0], np.int32),
                np.array([7, 1500, 20], np.int32),
                np.array([16, 0, 1024], np.uint16),
                np.array([42, 3, 30], np.uint8),
            )
        ]
    )
    write_bam(tmp_path / "a.bam", genome, reads, 2, 35, np.random.default_rng(0))
    with pysam.AlignmentFile(str(tmp_path / "a.bam")) as bam:
        assert bam.header.to_dict()["HD"]["SO"] == "coordinate"
        assert dict(zip(bam.references, bam.lengths, strict=True)) == {"chr1": 3000, "chr2": 2000}
        rows = list(bam.fetch(until_eof=True))
    assert [(row.reference_name, row.reference_start, row.flag, row.mapping_quality) for row in rows[:3]] == [
        ("chr1", 20, 1024, 30),
        ("chr1", 1500, 0, 3),
        ("chr2", 7, 16, 42),
    ]
    assert [row.is_unmapped for row in rows] == [False, False, False, True, True]
    assert rows[0].cigarstring == "35M"
    assert len({row.query_name for row in rows}) == 5
    for row in rows[:3]:
        codes = dict(genome)[row.reference_name][row.reference_start : row.reference_start + 35]
        same = encode(row.query_sequence) == codes
        assert same.mean() > 0.9
    pysam.index(str(tmp_path / "a.bam"))
    with pysam.AlignmentFile(str(tmp_path / "a.bam")) as bam:
        assert bam.count("chr1", 1490, 1510) == 1


def test_a_library_has_its_counts_as_good_reads_and_others_to_be_filtered():
    rng = np.random.default_rng(0)
    genome = [random_codes(20_000, 1), random_codes(10_000, 2)]
    counts = [rng.poisson(0.1 * mappable(codes, 36)).astype(np.int32) for codes in genome]
    library = make_library(genome, counts, 36, rng)
    reads = library.reads
    good = (reads.flag & ~np.uint16(16) == 0) & (reads.mapq >= 30)
    for index, expected in enumerate(counts):
        here = good & (reads.chrom == index)
        reverse = (reads.flag & 16) > 0
        found = np.zeros_like(expected)
        np.add.at(found[0], reads.start[here & ~reverse], 1)
        np.add.at(found[1], reads.start[here & reverse] + 35, 1)
        np.testing.assert_array_equal(found, expected)
    assert library.numbers["good"] == good.sum() == sum(int(rows.sum()) for rows in counts)
    for flag, sort in ((256, "secondary"), (512, "qc_fail"), (1024, "duplicate")):
        assert ((reads.flag & flag) > 0).sum() == library.numbers[sort] > 0
    assert (reads.mapq < 10).sum() == library.numbers["low_mapq"] > 0
    assert library.unmapped == library.numbers["unmapped"] > 0
    assert (np.diff(reads.chrom) >= 0).all()


def test_an_empty_library_is_written(tmp_path):
    genome = [random_codes(1000, 1)]
    library = make_library(genome, [np.zeros((2, 1000), np.int32)], 36, np.random.default_rng(0))
    write_bam(tmp_path / "a.bam", [("c", genome[0])], library.reads, 0, 36, np.random.default_rng(0))
    with pysam.AlignmentFile(str(tmp_path / "a.bam")) as bam:
        assert list(bam.fetch(until_eof=True)) == []
