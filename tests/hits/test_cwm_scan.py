"""Calling motif instances by sliding CWMs over contributions."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted_hits import OTHER, motif, planted_hits, write_attributions

from cistill.dna.matrices import log_odds
from cistill.errors import InputError
from cistill.formats.attributions import open_windows
from cistill.formats.motifs import Motif
from cistill.hits.callers import caller
from cistill.hits.cwm import sliding
from cistill.hits.cwm.caller import CwmScan
from cistill.hits.cwm.settings import CwmScanSettings
from cistill.hits.cwm.sliding import find_candidates, make_templates


def call(path: Path, motifs: list[Motif], window: int | None = None, **settings: float) -> pd.DataFrame:
    return CwmScan(CwmScanSettings(**settings)).call(open_windows(path, window), motifs).hits


@pytest.fixture
def planted(tmp_path: Path) -> tuple[Path, list[tuple[int, int, str]]]:
    scores, bases, sites = planted_hits()
    return write_attributions(tmp_path / "a.h5", scores, bases), sites


def test_every_planted_site_is_found_at_its_base_and_strand(planted: tuple[Path, list[tuple[int, int, str]]]) -> None:
    file, sites = planted
    hits = call(file, [motif()])
    expected = {(1000 * region + 500 + start, strand) for region, start, strand in sites}
    found = set(zip(hits["start"], hits["strand"], strict=True))
    assert expected <= found
    assert len(found - expected) <= 0.1 * len(expected)
    assert (hits["end"] - hits["start"] == 8).all()
    assert (hits["confidence"] >= 0.5).all()
    assert (hits["confidence"] < 1).all()


def test_what_is_measured_at_a_hit_agrees_with_a_slow_count(planted: tuple[Path, list[tuple[int, int, str]]]) -> None:
    file, _ = planted
    hits = call(file, [motif()])
    windows = open_windows(file)
    scores, bases = windows.read(0, len(windows))
    counts = bases.sum(axis=(0, 1)) + 1.0
    composition = (counts + counts[::-1]) / (2 * counts.sum())
    core, pfm = motif().cwm[2:10], motif().pfm[2:10]
    for hit in hits.iloc[:5].itertuples():
        row = int(np.flatnonzero(windows.region_id == hit.region_id)[0])
        offset = hit.start - int(windows.start[row])
        actual = (scores[row].astype(float) * bases[row])[offset : offset + 8]
        letters = bases[row, offset : offset + 8]
        if hit.strand == "-":
            actual, letters = actual[::-1, ::-1], letters[::-1, ::-1]
        total = np.abs(scores[row].astype(float) * bases[row]).sum()
        cosine = (actual * core).sum() / np.linalg.norm(actual) / np.linalg.norm(core)
        assert hit.importance == pytest.approx(actual.sum())
        assert hit.importance_total == pytest.approx(np.abs(actual).sum())
        assert hit.method_score == pytest.approx(cosine**2 * np.linalg.norm(actual))
        assert hit.importance_fraction == pytest.approx(np.abs(actual).sum() / total)
        assert hit.similarity == pytest.approx(cosine)
        assert hit.sequence_score == pytest.approx((letters * log_odds(pfm, composition)).sum())


def test_candidate_scores_agree_with_a_slow_count(planted: tuple[Path, list[tuple[int, int, str]]]) -> None:
    file, _ = planted
    windows = open_windows(file)
    [template] = make_templates([motif()], 2, 0)
    found = find_candidates(windows, [template])
    scores, bases = windows.read(0, len(windows))
    actual = scores.astype(float) * bases
    for index in range(0, len(found), len(found) // 20):
        part = actual[found.row[index], found.position[index] : found.position[index] + 8]
        dots = [(part * kernel).sum() / np.linalg.norm(kernel) for kernel in template.kernels]
        assert int(np.argmax(dots)) == found.kernel[index]
        assert found.score[index] == pytest.approx(max(dots) ** 2 / np.linalg.norm(part), rel=1e-4)


def test_blocks_do_not_matter(
    planted: tuple[Path, list[tuple[int, int, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _ = planted
    whole = call(file, [motif()])
    monkeypatch.setattr(sliding, "REGIONS_PER_BLOCK", 7)
    pd.testing.assert_frame_equal(call(file, [motif()]), whole)


def silenced(factor: float) -> tuple[np.ndarray, np.ndarray, set[str], set[str]]:
    """Let half of the sites contribute `factor` of what they did, noise aside; return the regions of both halves."""
    scores, bases, sites = planted_hits(noise=0.0)
    regions = [region for region, _, _ in sites]
    scores[regions[::2]] *= factor
    scores += np.random.default_rng(0).normal(0, 0.002, scores.shape)
    names = [f"chr1:{1000 * region + 560}" for region in regions]
    return scores, bases, set(names[::2]), set(names[1::2])


def test_the_right_sequence_without_contributions_is_not_called(tmp_path: Path) -> None:
    scores, bases, _, loud = silenced(0.0)
    found = set(call(write_attributions(tmp_path / "a.h5", scores, bases), [motif()])["region_id"])
    assert loud <= found
    assert len(found - loud) <= 0.1 * len(loud)


def test_the_right_shape_of_little_importance_is_not_called(tmp_path: Path) -> None:
    scores, bases, silent, loud = silenced(0.03)  # well above the noise, but a thirtieth of the others
    file = write_attributions(tmp_path / "a.h5", scores, bases)
    assert set(call(file, [motif()])["region_id"]) == loud
    assert silent <= set(call(file, [motif()], min_strength=0.0)["region_id"])


def test_noise_alone_gives_no_hits(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    bases = np.eye(4)[rng.integers(0, 4, (100, 120))]
    file = write_attributions(tmp_path / "a.h5", rng.normal(0, 0.02, bases.shape), bases)
    assert len(call(file, [motif()])) <= 10
    zeros = write_attributions(tmp_path / "b.h5", np.zeros(bases.shape), bases)
    assert len(call(zeros, [motif()])) == 0


def test_a_site_in_two_overlapping_regions_is_one_hit(tmp_path: Path) -> None:
    scores, bases, sites = planted_hits(regions=60, length=100)
    # every region twice, the second 30 bases further on: the windows [500, 600) and [530, 630) share 70 bases
    doubled_scores, doubled_bases = (np.concatenate([a, np.roll(a, -30, axis=1)]) for a in (scores, bases))
    file = write_attributions(tmp_path / "a.h5", doubled_scores, doubled_bases)
    import h5py

    with h5py.File(file, "r+") as handle:
        starts = np.concatenate([1000 * np.arange(60) + 500, 1000 * np.arange(60) + 530])
        handle["coords_start"][:], handle["coords_end"][:] = starts, starts + 100
    hits = call(file, [motif()])
    inside = {1000 * region + 500 + start for region, start, _ in sites if 35 < start < 90}
    assert inside <= set(hits["start"])
    assert not hits.duplicated(["chrom", "start", "strand"]).any()


def test_motifs_compete_for_a_place(tmp_path: Path) -> None:
    scores, bases, sites = planted_hits()
    more, letters, others = planted_hits(seed=5, word=OTHER)
    file = write_attributions(tmp_path / "a.h5", np.concatenate([scores, more]), np.concatenate([bases, letters]))
    hits = call(file, [motif(), motif("counts.pos_1", OTHER)])
    own = {1000 * region + 500 + start for region, start, _ in sites}
    theirs = {1000 * (region + 200) + 500 + start for region, start, _ in others}
    first, second = (set(hits["start"][hits["motif_id"] == name]) for name in ("counts.pos_0", "counts.pos_1"))
    assert own <= first
    assert theirs <= second
    assert len(first & theirs) == len(second & own) == 0


def test_only_the_central_window_is_searched(planted: tuple[Path, list[tuple[int, int, str]]]) -> None:
    file, _ = planted
    hits = call(file, [motif()], window=60)
    offset = (hits["start"] - 500) % 1000
    assert len(hits) > 10
    assert offset.between(30, 82).all()


def test_unknown_bases_and_broken_scores_do_no_harm(tmp_path: Path) -> None:
    scores, bases, sites = planted_hits()
    bases[1, 20:40] = 0
    scores[3, 7] = np.nan
    hits = call(write_attributions(tmp_path / "a.h5", scores, bases), [motif()])
    assert np.isfinite(hits[["importance", "similarity", "confidence"]]).all(axis=None)
    assert len(hits) >= len(sites)


def test_a_motif_longer_than_the_window_is_not_found(planted: tuple[Path, list[tuple[int, int, str]]]) -> None:
    assert len(call(planted[0], [motif()], window=6)) == 0


def test_no_motif_gives_an_empty_table(planted: tuple[Path, list[tuple[int, int, str]]]) -> None:
    hits = call(planted[0], [])
    assert len(hits) == 0
    assert "importance_fraction" in hits.columns


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(InputError, match="known: cwm_scan, density, finemo, scan"):
        caller("magic")
