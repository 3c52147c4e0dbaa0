"""The random genome and what is planted in it."""

import gzip

import numpy as np
import pytest

from cistill.errors import InputError
from cistill.simulation.energies import MAIN, PARTNER, RULE, bind, scan, scan_both
from cistill.simulation.genome_sequence import Chromosome, chromosome_lengths, draw_chromosome, write_fasta
from cistill.simulation.planting import (
    ENERGY_WINDOW,
    REACH_OF_CHANCE,
    PlantedCounts,
    SiteLibrary,
    misplaced_offset,
    plant,
    thin_chance_matches,
)


def chromosome(length=200_000, seed=1):
    return draw_chromosome("chr1", length, np.random.default_rng(seed))


def test_chromosomes_differ_in_size_and_sum_to_the_genome():
    lengths = chromosome_lengths(3_600_000, 6)
    assert lengths == [900_000, 780_000, 660_000, 540_000, 420_000, 300_000]
    assert chromosome_lengths(1000, 1) == [1000]


def test_gc_content_varies_in_blocks_and_some_bases_are_unknown():
    drawn = chromosome()
    assert 0.35 <= drawn.gc.min() < 0.40 < 0.45 < drawn.gc.max() <= 0.50
    for gc in np.unique(drawn.gc):
        block = drawn.codes[(drawn.gc == gc) & (drawn.codes < 4)]
        if len(block) > 5_000:
            assert np.isin(block, [1, 2]).mean() == pytest.approx(gc, abs=0.03)
    assert (drawn.codes[:200] == 4).all()
    assert 0.002 < (drawn.codes == 4).mean() < 0.05


def test_fasta_holds_the_bases_and_the_mask(tmp_path):
    codes = np.tile(np.array([0, 1, 2, 3, 4], dtype=np.uint8), 13)
    masked = np.zeros(65, dtype=bool)
    masked[60:] = True
    write_fasta(tmp_path / "g.fa.gz", [Chromosome("chrA", codes, np.zeros(65, np.float32), masked)])
    text = gzip.decompress((tmp_path / "g.fa.gz").read_bytes()).decode()
    assert text == ">chrA\n" + "ACGTN" * 12 + "\nacgtn\n"
    assert (tmp_path / "g.fa.gz").read_bytes()[4:8] == bytes(4)  # no time in the gzip header


def test_library_draws_sites_of_the_wanted_energy():
    library = SiteLibrary(MAIN)
    rng = np.random.default_rng(0)
    for target in (0.0, 1.0, 2.5):
        for coupled in (False, True):
            drawn = np.stack([library.draw((target, target), coupled, rng) for _ in range(30)])
            energies = scan(drawn, MAIN)[:, 0]
            if coupled:
                assert (drawn[:, 5:7] == 3).all()  # TT at positions 5 and 6
            if target > 2:
                assert np.abs(energies - target).max() <= ENERGY_WINDOW + 1e-9


def test_misplaced_partners_never_obey_the_rule():
    rng = np.random.default_rng(0)
    offsets = [misplaced_offset(10, rng) for _ in range(500)]
    assert (RULE.distance, 0) not in offsets
    assert all(abs(offset) >= 12 for offset, _ in offsets)
    assert {flipped for _, flipped in offsets} == {0, 1}


def test_planted_sites_are_where_the_list_says():
    genome = [chromosome()]
    planted = plant(genome, PlantedCounts(20, 15, 10, 8), np.random.default_rng(3))
    assert len(planted) == 20 + 2 * 15 + 2 * 10 + 8
    models = {MAIN.name: MAIN, PARTNER.name: PARTNER}
    for site in planted:
        energy = scan_both(genome[0].codes[site.start : site.start + 10], models[site.motif])
        assert energy[site.strand, 0] < 4.3
    kinds = {}
    for site in planted:
        kinds[site.arrangement] = kinds.get(site.arrangement, 0) + 1
    assert kinds == {"alone": 20, "paired": 30, "misplaced": 20, "partner_alone": 8}
    assert [site.start for site in planted] == sorted(site.start for site in planted)


def test_paired_sites_obey_the_rule_and_are_helped():
    genome = [chromosome()]
    planted = plant(genome, PlantedCounts(0, 30, 0, 0), np.random.default_rng(3))
    occupancy = bind(genome[0].codes).occupancy[MAIN.name]
    energy = scan_both(genome[0].codes, MAIN)
    partners = {(site.start, site.strand) for site in planted if site.motif == PARTNER.name}
    strands = set()
    for site in planted:
        if site.motif == MAIN.name:
            step = -RULE.distance if site.strand else RULE.distance
            assert (site.start + step, site.strand) in partners
            alone = 1 / (1 + np.exp((energy[site.strand, site.start] - MAIN.mu) / 0.593))
            assert occupancy[site.strand, site.start] > alone
            strands.add(site.strand)
    assert strands == {0, 1}


def test_thinning_leaves_the_wanted_share_of_chance_matches():
    def matches(genome):
        return sum(
            int((scan_both(item.codes, model) < model.mu + REACH_OF_CHANCE).sum())
            for item in genome
            for model in (MAIN, PARTNER)
        )

    genome = [chromosome()]
    before = matches(genome)
    unknown = genome[0].codes == 4
    thin_chance_matches(genome, 1.0, np.random.default_rng(0))
    assert matches(genome) == before
    thin_chance_matches(genome, 0.2, np.random.default_rng(0))
    assert matches(genome) == pytest.approx(0.2 * before, rel=0.5)
    thin_chance_matches(genome, 0.0, np.random.default_rng(0))
    assert matches(genome) == 0
    assert ((genome[0].codes == 4) == unknown).all()


def test_too_many_sites_are_refused():
    with pytest.raises(InputError, match="do not fit"):
        plant([chromosome(20_000)], PlantedCounts(100, 0, 0, 0), np.random.default_rng(0))
