"""Energies and occupancies against formulas written out one site at a time."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cistill.dna.codes import BASES, encode, reverse_complement_codes
from cistill.simulation.energies import MAIN, PARTNER, RT, RULE, bind, effective_energy, frequencies, scan, scan_both
from cistill.simulation.truth import variant_energies


def slow_energy(site, model):
    energy = sum(model.energies[position][BASES.index(base)] for position, base in enumerate(site))
    for coupling in model.couplings:
        if site[coupling.position : coupling.position + 2] == coupling.bases:
            energy += coupling.energy
    return energy


def slow_pair(main_site, partner_site):
    """Occupancies of a main site and what stands where its partner should, from the four states' weights."""
    a = math.exp((MAIN.mu - slow_energy(main_site, MAIN)) / RT)
    b = math.exp((PARTNER.mu - slow_energy(partner_site, PARTNER)) / RT)
    both = a * b * math.exp(-RULE.energy / RT)
    total = 1 + a + b + both
    return (a + both) / total, (b + both) / total


def test_consensus_has_energy_zero_and_everything_else_more():
    for model in (MAIN, PARTNER):
        assert scan(encode(model.consensus), model)[0] == 0
        assert all(
            min(row) == 0 == row[BASES.index(base)] for row, base in zip(model.energies, model.consensus, strict=True)
        )
    assert (variant_energies(MAIN)["ddg_kcal"][1:] > 0).all()


def test_scan_reads_both_strands_by_leftmost_base():
    sequence = "GG" + MAIN.consensus + "TTT"
    forward = scan_both(encode(sequence), MAIN)
    assert forward[0, 2] == 0
    reverse = scan_both(reverse_complement_codes(encode(sequence)), MAIN)
    assert reverse[1, 3] == 0
    assert np.isinf(forward[:, -9:]).all()
    assert np.isfinite(forward[:, :6]).all()


def test_unknown_bases_and_short_sequences_bind_nothing():
    codes = encode(MAIN.consensus[:4] + "n" + MAIN.consensus[5:])
    assert np.isinf(scan_both(codes, MAIN)).all()
    assert (bind(codes).occupancy["SIM1"] == 0).all()
    assert (bind(encode("ACG")).occupancy["SIM2"] == 0).all()


def test_coupled_bases_deviate_from_the_sum():
    (coupling,) = MAIN.couplings
    variants = variant_energies(MAIN).set_index("variant")
    start, end = coupling.position, coupling.position + 2
    coupled = variants.loc[MAIN.consensus[:start] + coupling.bases + MAIN.consensus[end:]]
    singles = [
        MAIN.energies[start][BASES.index(coupling.bases[0])],
        MAIN.energies[start + 1][BASES.index(coupling.bases[1])],
    ]
    assert coupled["additive_kcal"] == pytest.approx(sum(singles))
    assert coupled["ddg_kcal"] == pytest.approx(sum(singles) + coupling.energy)
    others = variants.drop(coupled.name)
    assert (others["ddg_kcal"] == others["additive_kcal"]).all()


def test_variants_are_all_with_up_to_two_mismatches():
    variants = variant_energies(MAIN)
    assert variants["mismatches"].value_counts().to_dict() == {0: 1, 1: 30, 2: 45 * 9}
    assert variants["variant"].is_unique
    for row in variants.itertuples():
        assert sum(a != b for a, b in zip(row.variant, MAIN.consensus, strict=True)) == row.mismatches
        assert row.ddg_kcal == pytest.approx(slow_energy(row.variant, MAIN))


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet="ACGT", min_size=30, max_size=60))
def test_occupancy_equals_four_states_written_out(flank):
    sequence = flank[:15] + MAIN.consensus + "AC" + PARTNER.consensus[:9] + "A" + flank[15:]
    occupancy = bind(encode(sequence)).occupancy
    for strand, oriented in enumerate((sequence, str_reverse_complement(sequence))):
        for start in range(len(sequence) - 9):
            left = len(sequence) - 10 - start if strand else start
            main_site = oriented[start : start + 10]
            partner_site = oriented[start + RULE.distance : start + RULE.distance + 10]
            if len(partner_site) == 10:
                expected = slow_pair(main_site, partner_site)
                assert occupancy["SIM1"][strand, left] == pytest.approx(expected[0])
                partner_left = left - RULE.distance if strand else left + RULE.distance
                assert occupancy["SIM2"][strand, partner_left] == pytest.approx(expected[1])
            else:
                alone = 1 / (1 + math.exp((slow_energy(main_site, MAIN) - MAIN.mu) / RT))
                assert occupancy["SIM1"][strand, left] == pytest.approx(alone)


def str_reverse_complement(sequence):
    return sequence.translate(str.maketrans("ACGT", "TGCA"))[::-1]


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet="ACGTN", max_size=80))
def test_the_other_strand_is_the_same_sequence_mirrored(sequence):
    codes = encode(sequence)
    here, mirrored = bind(codes), bind(reverse_complement_codes(codes))
    starts = max(0, len(codes) - MAIN.width + 1)
    for name in ("SIM1", "SIM2"):
        turned = mirrored.occupancy[name][::-1, :starts][:, ::-1]
        np.testing.assert_allclose(here.occupancy[name][:, :starts], turned)


def test_partner_helps_at_the_preferred_distance_and_orientation_only():
    weak = "ATTGACCGTA"  # 0.5 + 0 kcal/mol: one weak mismatch at position 0
    background = "AC" * 40

    def occupancy(offset, partner):
        sequence = list(background)
        sequence[30:40] = weak
        sequence[30 + offset : 40 + offset] = partner
        return bind(encode("".join(sequence))).occupancy["SIM1"][0, 30]

    alone = 1 / (1 + math.exp((0.5 - MAIN.mu) / RT))
    flipped = str_reverse_complement(PARTNER.consensus)
    assert occupancy(RULE.distance, PARTNER.consensus) == pytest.approx(slow_pair(weak, PARTNER.consensus)[0])
    assert occupancy(RULE.distance, PARTNER.consensus) > alone + 0.15
    for offset in (RULE.distance - 1, RULE.distance + 1, -RULE.distance, 2 * RULE.distance):
        assert occupancy(offset, PARTNER.consensus) == pytest.approx(alone, abs=0.01)
    assert occupancy(RULE.distance, flipped) == pytest.approx(alone, abs=0.01)


def test_effective_energy_inverts_the_occupancy_of_a_lone_site():
    ddg = np.array([0.0, 1.0, 3.5])
    occupancy = 1 / (1 + np.exp((ddg - MAIN.mu) / RT))
    np.testing.assert_allclose(effective_energy(occupancy, MAIN), ddg, atol=1e-12)


def test_frequencies_are_boltzmann_weights():
    first = [math.exp(-energy / RT) for energy in MAIN.energies[0]]
    np.testing.assert_allclose(frequencies(MAIN)[0], np.array(first) / sum(first))
    np.testing.assert_allclose(frequencies(PARTNER).sum(axis=1), 1)
