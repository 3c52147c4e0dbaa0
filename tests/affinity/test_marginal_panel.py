"""Panels of backgrounds, what may not be in them, and statistics over them."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from marginal_toys import FOLDS, INPUT, letters, random_codes, toy_network, write_dataset

from cistill.affinity.marginalization.background_statistics import background_means, network_sd
from cistill.affinity.marginalization.changes import Changes
from cistill.affinity.marginalization.panel import ensemble_panels, fasta_panel
from cistill.affinity.marginalization.settings import PanelSettings
from cistill.affinity.marginalization.strong_hits import Site, consensus_site, has_strong_hit, sites_of
from cistill.errors import InputError
from cistill.interpret.shuffle import dinucleotide_shuffles
from cistill.model.ensemble import Ensemble
from cistill.model.member import Member
from cistill.model.windows.dataset import Dataset, read_dataset


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return read_dataset(write_dataset(tmp_path / "TOY.dataset.h5"))


def ensemble(*folds: str) -> Ensemble:
    return Ensemble("TOY", ["a"], [Member(toy_network(), ["a"], fold, FOLDS[fold]) for fold in folds])


def dinucleotides(codes: np.ndarray) -> Counter:
    return Counter(zip(codes[:-1].tolist(), codes[1:].tolist(), strict=True))


def test_every_fold_has_shuffles_of_its_own_unseen_peaks(dataset: Dataset) -> None:
    panels, panel_of = ensemble_panels(ensemble("0", "1", "0"), dataset, PanelSettings(10))
    assert panel_of == [0, 1, 0]
    for panel, chrom in zip(panels, ("chr4", "chr2"), strict=True):
        assert panel.codes.shape == (10, INPUT)
        assert panel.record["unseen"]
        assert len(set(panel.names)) == 10
        for name, codes in zip(panel.names, panel.codes, strict=True):
            region, _ = name.split("/")
            assert region.startswith(f"{chrom}:")
            peak = dataset.sequence[dataset.region_id.tolist().index(region), 3:-3]
            assert dinucleotides(codes) == dinucleotides(peak)
            assert not np.array_equal(codes, peak)


def test_a_smaller_panel_is_the_beginning_of_a_larger_one(dataset: Dataset) -> None:
    small, large = (ensemble_panels(ensemble("0"), dataset, PanelSettings(n))[0][0] for n in (4, 10))
    assert np.array_equal(small.codes, large.codes[:4])
    other = ensemble_panels(ensemble("0"), dataset, PanelSettings(10, seed=2))[0][0]
    assert not np.array_equal(other.codes, large.codes)


def test_more_backgrounds_than_peaks_are_further_shuffles_of_the_same_peaks(dataset: Dataset) -> None:
    panel = ensemble_panels(ensemble("0"), dataset, PanelSettings(25))[0][0]
    assert np.bincount(panel.source).tolist() == [3] * 5 + [2] * 5  # ten peaks on the test chromosome
    assert len({letters(codes) for codes in panel.codes}) == 25


def test_other_regions_are_taken_as_they_are(dataset: Dataset) -> None:
    panel = ensemble_panels(ensemble("1"), dataset, PanelSettings(4, source="nonpeaks", shuffle=False))[0][0]
    for name, codes in zip(panel.names, panel.codes, strict=True):
        assert name.startswith("bg:chr2:")
        assert np.array_equal(codes, dataset.sequence[dataset.region_id.tolist().index(name), 3:-3])


def test_sequences_with_unknown_bases_are_left_out_and_counted(dataset: Dataset) -> None:
    rows = np.flatnonzero((dataset.chrom == "chr4") & (dataset.kind == "peak"))
    dataset.sequence[rows[:3], 50] = 4
    panel = ensemble_panels(ensemble("0"), dataset, PanelSettings(20))[0][0]
    assert panel.record["left_out_for_unknown_bases"] == 3
    assert len(set(panel.source)) == 7


def test_a_network_that_saw_every_chromosome_uses_all_peaks_and_says_so(dataset: Dataset) -> None:
    dataset.chrom[:] = "chr9"
    panel = ensemble_panels(ensemble("0"), dataset, PanelSettings(20))[0][0]
    assert not panel.record["unseen"]
    assert len(set(panel.source)) == 20


def test_fasta_backgrounds_are_cut_to_their_middle(tmp_path: Path) -> None:
    codes = random_codes(3, INPUT + 10)
    codes[2, 30] = 4
    path = tmp_path / "own.fa"
    path.write_text("".join(f">own{i}\n{letters(row)}\n" for i, row in enumerate(codes)))
    panel = fasta_panel(path, INPUT, PanelSettings(5, shuffle=False))[0]
    assert np.array_equal(panel.codes, codes[:2, 5:-5])
    assert panel.names == ["own0", "own1"]
    with pytest.raises(InputError, match=r"3 sequence.s. are shorter than the 200 bp"):
        fasta_panel(path, 200, PanelSettings(5))


def test_strong_hits_are_found_on_both_strands() -> None:
    codes = np.zeros((4, 30), dtype=np.uint8)
    codes[1, 10:14] = [0, 1, 2, 3]  # ACGT
    codes[2, 20:26] = [3, 3, 3, 2, 2, 2]  # TTTGGG, of CCCAAA
    codes[3, 20:26] = [3, 3, 3, 2, 1, 2]
    assert has_strong_hit(codes, [consensus_site("TACGT", 1)]).tolist() == [False, True, False, False]
    assert has_strong_hit(codes, [consensus_site("CCCAAA", 0)]).tolist() == [False, False, True, False]
    assert has_strong_hit(codes, [consensus_site("CCCAAA", 1)]).tolist() == [False, False, True, True]
    weights = np.array([[0, 0, 0, 2.0], [0, 0, 0, 1.0], [0, 0, 1.0, 0]])
    assert has_strong_hit(codes, [Site("weights", weights, 4.0)]).tolist() == [False, False, True, True]


def test_backgrounds_with_strong_hits_are_drawn_again(dataset: Dataset) -> None:
    sites = sites_of("ACGTA", 0)
    panel = ensemble_panels(ensemble("0"), dataset, PanelSettings(10), sites)[0][0]
    assert not any("ACGTA" in letters(codes) or "TACGT" in letters(codes) for codes in panel.codes)
    assert panel.record["rejected_for_strong_hits"] > 0
    assert len(panel.codes) == 10
    with pytest.raises(InputError, match="every background holds a strong hit"):
        ensemble_panels(ensemble("0"), dataset, PanelSettings(10), sites_of("AC", 0))


def test_standard_error_of_independent_backgrounds() -> None:
    deltas = np.array([[[1.0, 2.0, 3.0, 6.0]]], dtype=np.float32)
    mean, error, sd = background_means(deltas, np.arange(4))
    assert mean.item() == 3
    assert sd.item() == pytest.approx((14 / 3) ** 0.5)
    assert error.item() == pytest.approx((14 / 3) ** 0.5 / 2)


def test_standard_error_of_backgrounds_in_pairs_is_that_of_the_pairs_means() -> None:
    deltas = np.array([[[1.0, 2.0, 3.0, 3.0, 4.0, 5.0]]], dtype=np.float32)
    _, error, _ = background_means(deltas, np.array([0, 1, 2, 0, 1, 2]))
    means = np.array([2.0, 3.0, 4.0])  # of each source
    assert error.item() == pytest.approx(means.std(ddof=1) / 3**0.5)


def test_a_single_background_has_no_standard_error() -> None:
    mean, error, sd = background_means(np.ones((2, 1, 1), dtype=np.float32), np.zeros(1, dtype=np.int64))
    assert mean.tolist() == [[1.0], [1.0]]
    assert np.isnan(error).all()
    assert np.isnan(sd).all()


def test_the_interval_of_95_percent_covers_the_mean_over_many_backgrounds() -> None:
    """300 panels of 30 backgrounds each, against the mean over 6,000 backgrounds of a network."""
    network, inserts = toy_network(family="distill"), random_codes(20, 12, seed=5)
    peaks = random_codes(400, INPUT, seed=6)
    shuffles = dinucleotide_shuffles(peaks, 15, [f"peak{i}" for i in range(400)], 1)
    flat = np.concatenate(list(shuffles.transpose(1, 0, 2)))  # 6,000 backgrounds
    deltas = Changes(network, flat, 12).log_counts(inserts)
    truth = deltas.mean((1, 2), dtype=np.float64)
    random = np.random.default_rng(7)
    covered = []
    for _ in range(300):
        peak = random.choice(400, 30, replace=False)
        chosen = peak + 400 * random.integers(0, 15, 30)
        mean, error, _ = background_means(deltas[:, :, chosen], peak)
        covered.append(np.abs(mean[:, 0] - truth) <= 1.96 * error[:, 0])
    per_insert = np.mean(covered, 0)
    assert 0.92 <= np.mean(covered) <= 0.97
    assert ((per_insert >= 0.90) & (per_insert <= 0.99)).all()


def test_the_interval_holds_where_peaks_are_shuffled_several_times() -> None:
    """Backgrounds of one peak are alike: an error that took them for independent would be too small."""
    random = np.random.default_rng(8)
    covered, naive = [], []
    for _ in range(2000):
        of_peak = random.normal(size=25)
        deltas = (np.tile(of_peak, 4) + 0.5 * random.normal(size=100))[None, None].astype(np.float32)
        mean, error, sd = background_means(deltas, np.tile(np.arange(25), 4))
        covered.append(abs(mean.item()) <= 1.96 * error.item())
        naive.append(abs(mean.item()) <= 1.96 * sd.item() / 10)
    assert 0.90 <= np.mean(covered) <= 0.97
    assert np.mean(naive) < 0.8


def test_networks_that_do_not_vote_do_not_count() -> None:
    means = np.array([[[1.0, 2.0, 6.0], [1.0, np.nan, 3.0], [np.nan, 5.0, np.nan]]])
    np.testing.assert_allclose(network_sd(means), [[np.std([1, 2, 6], ddof=1), np.sqrt(2), np.nan]], rtol=1e-6)
