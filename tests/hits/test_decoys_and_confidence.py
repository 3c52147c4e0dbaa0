"""Decoy motifs, and the confidence that they give."""

import numpy as np
import pytest

from cistill.hits.cwm.confidence import calibrate, confidence, least_score
from cistill.hits.cwm.decoys import decoys, overlap_similarity


def core(letters: str) -> np.ndarray:
    return np.eye(4)[["ACGT".index(letter) for letter in letters]]


def test_similarity_is_over_all_shifts_and_both_strands() -> None:
    assert overlap_similarity(core("TTACCC"), core("GGGTAA")) == pytest.approx(1.0)
    assert overlap_similarity(core("TTACCC"), core("ACCCGG")) == pytest.approx(4 / 6)  # ACCC, shifted by two
    assert overlap_similarity(core("AAAA"), core("CCCC")) == pytest.approx(0.0)


def test_decoys_hold_the_same_columns_in_an_order_that_reads_differently() -> None:
    motif = core("TTACCCGG") * np.linspace(0.5, 1, 8)[:, None]
    made = decoys(motif, 4, np.random.default_rng(0))
    assert len(made) == 4
    for decoy in made:
        assert np.array_equal(np.sort(decoy, axis=0), np.sort(motif, axis=0))
        assert overlap_similarity(motif, decoy) <= 0.6


def test_a_motif_that_is_alike_in_any_order_gets_other_letters() -> None:
    made = decoys(core("GGGGCGGGG"), 3, np.random.default_rng(0))
    assert len(made) == 3
    assert all(overlap_similarity(core("GGGGCGGGG"), decoy) <= 0.8 for decoy in made)


def test_the_same_seed_gives_the_same_decoys() -> None:
    first, second = (decoys(core("TTACCCGG"), 4, np.random.default_rng(5)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_the_cut_is_the_lowest_score_of_an_accepted_rate() -> None:
    hits = np.arange(1.0, 101.0)  # 100 hits of scores 1..100
    wrong = np.array([3.0, 7.0, 12.0, 15.5])
    # two decoys; at 12: 2 wrong, (2 + 1) / 2 / 89 = 0.0169; at 13: (1 + 1) / 2 / 88 = 0.0114
    # at 8: (2 + 1) / 2 / 93 = 0.0161; at 7: (3 + 1) / 2 / 94 = 0.0213
    found = calibrate(hits, wrong, 2, 0.02)
    assert (found.cut, found.n_hits, found.n_decoys) == (8.0, 93, 2)
    assert found.fdr == pytest.approx(1.5 / 93)


def test_the_cut_is_not_below_the_floor() -> None:
    found = calibrate(np.arange(1.0, 101.0), np.zeros(0), 2, 0.5, floor=40.5)
    assert (found.cut, found.n_hits) == (41.0, 60)


def test_a_motif_whose_decoys_do_as_well_has_no_cut() -> None:
    scores = np.linspace(1, 2, 50)
    found = calibrate(scores, np.concatenate([scores, scores]), 2, 0.05)
    assert np.isinf(found.cut)
    assert np.isnan(found.fdr)
    assert np.isinf(calibrate(np.zeros(0), np.zeros(0), 4, 0.05).cut)
    assert np.isinf(calibrate(scores, np.zeros(0), 0, 0.05).cut)


def test_confidence_is_one_half_at_the_cut_and_keeps_the_order() -> None:
    cut = np.full(4, 2.0)
    values = confidence(np.array([0.5, 2.0, 6.0, 38.0]), cut)
    assert values.tolist() == pytest.approx([0.2, 0.5, 0.75, 0.95])
    assert confidence(np.array([5.0]), np.array([np.inf])).tolist() == [0.0]
    # below one half the score decides; above it the importance does, and the score is at least the cut
    assert least_score(cut[:1], 0.2).tolist() == pytest.approx([0.5])
    assert least_score(cut[:1], 0.75).tolist() == pytest.approx([2.0])
