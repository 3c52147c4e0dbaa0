"""Averages of motifs, and one list from two heads."""

from dataclasses import replace

import numpy as np
import pytest
from toy_motifs import letters, motif

from cistill.motifs.aggregate import aggregate, core_matrix, core_similarity
from cistill.motifs.match import greedy_pairs
from cistill.motifs.merge import core_cosine, is_composite, merge_heads, merge_table
from cistill.motifs.settings import MergeSettings
from cistill.motifs.similarity import similarities_within

SETTINGS = MergeSettings()


def test_members_are_turned_and_shifted_with_all_their_matrices() -> None:
    seed = motif("TTACCCG", flanks=(3, 3))
    other = replace(motif("TTACCCG", flanks=(1, 6)).reversed(), n_seqlets=50)
    average, places = aggregate([seed, other], [100, 50], equal_size=False)
    assert (places[1].offset, places[1].reverse) == (2, True)
    assert places[1].similarity == pytest.approx(1.0)
    assert average.core == seed.core
    for name in ("pfm", "cwm", "hcwm"):
        core = slice(*seed.core)
        assert np.allclose(getattr(average, name)[core], getattr(seed, name)[core], atol=1e-3)


def test_the_average_is_weighted_and_over_the_members_that_reach_a_position() -> None:
    seed, other = motif("TTACCCG", flanks=(3, 3)), motif("TTACCCG", flanks=(0, 0), size=4.0)
    average, _ = aggregate([seed, other], [300, 100], equal_size=False)
    # (300 x 1 + 100 x 4) / 400 in the core; the flank is the seed's alone
    assert np.allclose(average.cwm[3:10], letters("TTACCCG") * 1.75)
    assert np.allclose(average.hcwm[0], -0.1)
    # of one size before, and of the geometric mean after: (1^3 x 4)^(1/4)
    average, _ = aggregate([seed, other], [300, 100], equal_size=True)
    assert np.allclose(average.cwm[3:10], letters("TTACCCG") * 4**0.25)


def test_pairs_are_taken_by_falling_value() -> None:
    value = np.array([[0.95, 0.99, 0.2], [0.94, 0.98, 0.91], [0.1, 0.1, 0.1]])
    assert greedy_pairs(value, 0.9) == {(0, 1), (1, 0)}
    assert greedy_pairs(value, 0.945) == {(0, 1)}
    assert greedy_pairs(np.zeros((0, 3)), 0.9) == set()


def test_a_motif_of_both_heads_becomes_one() -> None:
    counts = [motif("TTACCCG", "counts.pos_0"), motif("GATTACA", "counts.pos_1", n_seqlets=40)]
    profile = [motif("TTACCCG", "profile.pos_0", head="profile", size=0.25, n_seqlets=120, flanks=(5, 1)).reversed()]
    merged = merge_heads(counts, profile, SETTINGS)
    assert [found.motif.motif_id for found in merged] == ["C.pos_0:P.pos_0", "C.pos_1"]
    first, second = (found.motif for found in merged)
    assert (first.head, first.n_seqlets, first.members) == ("merged", 120, ("profile.pos_0", "counts.pos_0"))
    # sizes 1 and 1/4, so 1/2 for both together
    assert np.allclose(first.scales["counts"], 2.0)
    assert np.allclose(first.scales["profile"], 0.5)
    assert np.linalg.norm(core_matrix(first.scaled_to("counts"))) == pytest.approx(np.sqrt(7))
    assert np.linalg.norm(core_matrix(first.scaled_to("profile"))) == pytest.approx(np.sqrt(7) / 4)
    # one of a single head is taken to scale as the others do
    assert second.scales == pytest.approx({"counts": 1.0, "profile": 0.25})
    assert merged[0].pair_similarity == pytest.approx(1.0)
    assert np.isnan(merged[1].pair_similarity)


def test_all_matrices_of_a_merged_motif_agree() -> None:
    turned = motif("TTACCCG", "profile.pos_0", head="profile", n_seqlets=500).reversed()
    [found] = merge_heads([motif("TTACCCG")], [turned], SETTINGS)
    core = slice(*found.motif.core)
    strongest = found.motif.cwm[core].argmax(axis=1)
    assert np.array_equal(found.motif.pfm[core].argmax(axis=1), strongest)
    assert np.array_equal(found.motif.hcwm[core].argmax(axis=1), strongest)
    # it lies as the member of most seqlets
    assert "".join("ACGT"[base] for base in strongest) == "CGGGTAA"


def test_no_duplicates_are_left() -> None:
    words = ["TTACCCGG", "TTACCCGA", "ATTACCCG", "GATTACAG", "CCCCCCCC"]
    counts = [motif(word, f"counts.pos_{i}", noise=i, n_seqlets=90 - i) for i, word in enumerate(words)]
    profile = [motif(word, f"profile.pos_{i}", head="profile", noise=9 + i).reversed() for i, word in enumerate(words)]
    merged = merge_heads(counts, profile, SETTINGS)
    cores = [core_matrix(found.motif) for found in merged]
    value = similarities_within(cores, measure="whole").value - 2 * np.eye(len(merged))
    assert value.max() < SETTINGS.duplicate
    assert len(merged) == 3
    members = [name for found in merged for name in found.motif.members]
    assert sorted(members) == sorted(m.motif_id for m in counts + profile)
    assert merged[0].motif.motif_id == "C.pos_0+pos_1+pos_2:P.pos_0+pos_1+pos_2"


def test_joining_can_be_switched_off() -> None:
    counts = [motif("TTACCCGG", "counts.pos_0"), motif("TTACCCGG", "counts.pos_1")]
    assert len(merge_heads(counts, [], SETTINGS)) == 1
    assert len(merge_heads(counts, [], MergeSettings(duplicate=2))) == 2


def test_signs_stay_apart() -> None:
    merged = merge_heads([motif("TTACCCG")], [motif("TTACCCG", "profile.neg_0", head="profile", sign="neg")], SETTINGS)
    assert [found.motif.motif_id for found in merged] == ["C.pos_0", "P.neg_0"]


def test_a_composite_stays_apart_from_its_part() -> None:
    counts = [motif("TGACTCA", "counts.pos_0"), motif("TGACTCAGGAAGT", "counts.pos_1")]
    assert len(merge_heads(counts, [], SETTINGS)) == 2


def test_a_weak_variant_joins_the_strong_motif() -> None:
    strong = motif("TGACTCA", "counts.pos_0")
    noisy = motif("TGACTCA", "counts.pos_1", weak=True, flanks=(3, 30), size=0.2, n_seqlets=300)
    noisy.cwm[12:] += np.random.default_rng(0).normal(0, 0.05, noisy.cwm[12:].shape)
    noisy = replace(noisy, core=(3, 40))
    assert core_cosine(strong, noisy.reversed()) > 0.95
    [found] = merge_heads([noisy, strong], [], SETTINGS)
    assert found.motif.members == ("counts.pos_0", "counts.pos_1")
    assert (found.motif.weak, found.motif.core) == (False, (3, 10))


def test_only_weak_members_make_a_weak_motif() -> None:
    counts = [motif("TTACCCG", "counts.pos_0", weak=True), motif("GATTACA", "counts.pos_1", weak=True)]
    profile = [motif("TTACCCG", "profile.pos_0", head="profile")]
    merged = {found.motif.motif_id: found.motif for found in merge_heads(counts, profile, SETTINGS)}
    assert not merged["C.pos_0:P.pos_0"].weak
    assert merged["C.pos_1"].weak
    assert merged["C.pos_1"].weak_reason == "made so"


def test_the_table_lists_every_member() -> None:
    counts, profile = [motif("TTACCCG")], [motif("TTACCCG", "profile.pos_0", head="profile").reversed()]
    table = merge_table(merge_heads(counts, profile, SETTINGS))
    assert table["member"].tolist() == ["counts.pos_0", "profile.pos_0"]
    assert table["strand"].tolist() == ["+", "-"]
    assert table["offset"].tolist() == [0, 0]
    assert len(merge_table(merge_heads([], [], SETTINGS))) == 0


def test_a_composite_stays_apart_from_its_parts() -> None:
    # the partner holds a fifth of the size: by its cosine alone (0.89) the composite would be a duplicate
    alone = motif("TTACCCGG", n_seqlets=500)
    both = motif("TTACCCGGCCCGATTACA", "profile.pos_0", head="profile", n_seqlets=80)
    both.cwm[both.core[0] + 8 : both.core[0] + 11] = 0
    both.cwm[both.core[0] + 11 :] *= 0.53
    assert 0.85 < core_similarity(alone, both, measure="whole") < 0.9
    assert is_composite(alone, both)
    assert is_composite(both.reversed(), alone)
    assert not is_composite(alone, motif("TTACCCGGA"))
    members = [found.motif.members for found in merge_heads([alone], [both], SETTINGS)]
    assert members == [("counts.pos_0",), ("profile.pos_0",)]
