"""Telling patterns that say little from motifs."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from cistill.formats.attributions import AttributionWindows, open_windows
from cistill.interpret.modisco import ModiscoResult, Pattern
from cistill.motifs.pattern_motifs import motif_table, motifs_from_patterns, seqlet_table
from cistill.motifs.weakness import best_information, run_similarity, seqlet_similarity, why_weak

WORD = np.array([3, 3, 0, 1, 1, 1, 2, 2])  # TTACCCGG
LENGTH, FLANK, REGIONS = 80, 6, 120
BACKGROUND = np.array([0.3, 0.2, 0.2, 0.3])


@pytest.fixture
def windows(tmp_path: Path) -> AttributionWindows:
    """Regions with one TTACCCGG each, at base 30, that contributes 1 a base."""
    rng = np.random.default_rng(0)
    codes = rng.choice(4, p=BACKGROUND, size=(REGIONS, LENGTH))
    codes[:, 30:38] = WORD
    scores = rng.normal(0, 0.01, (REGIONS, LENGTH, 4))
    scores[:, 30:38] += 1.0
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs.update(tf="SYN", head="counts")
        text = h5py.string_dtype()
        file.create_dataset("region_id", data=[f"r{i}" for i in range(REGIONS)], dtype=text)
        file.create_dataset("coords_chrom", data=["chr1"] * REGIONS, dtype=text)
        file["coords_start"] = 100 * np.arange(REGIONS)
        file["coords_end"] = 100 * np.arange(REGIONS) + LENGTH
        file["hyp_scores"], file["input_seqs"] = scores, np.eye(4, dtype=np.int8)[codes]
    return open_windows(tmp_path / "a.h5")


def pattern(windows: AttributionWindows, start: int, end: int, regions: int = 60, sign: str = "pos") -> Pattern:
    """Return the pattern that seqlets at `start:end` of the first regions make."""
    scores, bases = windows.read(0, regions)
    scores, bases = scores[:, start:end].astype(float), bases[:, start:end]
    actual = scores * bases
    rows = np.arange(regions)
    return Pattern(
        name=f"{sign}_patterns/pattern_0",
        sign=sign,
        pfm=bases.mean(axis=0),
        cwm=actual.mean(axis=0),
        hcwm=scores.mean(axis=0),
        row=rows,
        start=np.full(regions, start),
        end=np.full(regions, end),
        reverse=np.zeros(regions, dtype=bool),
        contributions=actual.astype(np.float32),
    )


def result(*patterns: Pattern) -> ModiscoResult:
    return ModiscoResult(list(patterns), REGIONS, 0, 0, 0, BACKGROUND, [], [])


def test_a_motif_whose_sequence_contributes_is_not_weak(windows: AttributionWindows) -> None:
    assert why_weak(result(pattern(windows, 30 - FLANK, 38 + FLANK)), windows) == [""]


def test_a_stretch_of_background_is_weak_for_its_information_and_its_mixture(windows: AttributionWindows) -> None:
    [reason] = why_weak(result(pattern(windows, 50, 70)), windows)
    assert "low information" in reason
    assert "bits in its best 8 bp" in reason
    assert "resemble it little" in reason


def test_a_sequence_that_contributes_only_where_it_was_picked_is_weak(windows: AttributionWindows) -> None:
    # the same word, but its seqlets are said to contribute ten times what the word does
    chosen = pattern(windows, 30 - FLANK, 38 + FLANK)
    loud = Pattern(**{**vars(chosen), "cwm": chosen.cwm * 10, "contributions": chosen.contributions * 10})
    [reason] = why_weak(result(loud), windows)
    assert reason == "only 0% of the best matches to its sequence contribute alike"


def test_a_run_of_one_base_beside_a_stronger_motif_is_weak(windows: AttributionWindows) -> None:
    motif = pattern(windows, 30 - FLANK, 38 + FLANK)
    run = np.zeros((20, 4))
    run[:, 0] = 0.1
    pfm = np.full((20, 4), 0.02)
    pfm[:, 0] = 0.94
    rest = {"pfm": pfm, "cwm": run, "hcwm": run, "contributions": np.repeat(run[None], 60, axis=0).astype(np.float32)}
    poly_a = Pattern(**{**vars(motif), **rest, "name": "pos_patterns/pattern_1"})
    reasons = why_weak(result(motif, poly_a), windows)
    assert reasons[0] == ""
    assert "a run of one base that contributes 25% of what the strongest pattern does" in reasons[1]
    assert "a run of one base" not in why_weak(result(poly_a), windows)[0]  # alone, it is what the TF reads


def test_no_pattern_needs_no_reason(windows: AttributionWindows) -> None:
    assert why_weak(result(), windows) == []


def test_information_similarity_and_runs_by_hand(windows: AttributionWindows) -> None:
    one_base = np.eye(4)[WORD]
    # 1.001/1.004 of one base against the background: log2(p / q) dominates; 3 T, 1 A, 3 C, 2 G without pseudocounts
    exact = -np.log2(BACKGROUND[WORD]).sum()
    assert best_information(np.concatenate([np.full((4, 4), 0.25), one_base]), BACKGROUND) == pytest.approx(
        exact, abs=0.4
    )
    assert seqlet_similarity(pattern(windows, 30, 38)) > 0.99
    assert run_similarity(np.eye(4)[[0, 0, 0, 0]]) == pytest.approx(3 / 4)
    assert run_similarity(np.eye(4)[[0, 1, 0, 1]]) == 0


def test_without_a_database_the_purine_rich_strand_is_shown(windows: AttributionWindows) -> None:
    discovery = motifs_from_patterns(result(pattern(windows, 30 - FLANK, 38 + FLANK)), windows)
    table = motif_table(discovery.motifs, discovery.matches)
    assert table["consensus"].tolist() == ["CCGGGTAA"]
    assert table["match_1"].isna().all()
    assert discovery.motifs[0].flipped
    seqlets = seqlet_table(discovery, windows)
    assert set(seqlets["strand"]) == {"-"}
    assert seqlets["start"].tolist() == [100 * row + 30 - FLANK for row in range(60)]


def test_motifs_of_each_sign_are_numbered_on_their_own(windows: AttributionWindows) -> None:
    positive = pattern(windows, 30 - FLANK, 38 + FLANK)
    negative = pattern(windows, 50, 70, sign="neg")
    discovery = motifs_from_patterns(result(positive, positive, negative), windows)
    assert [motif.motif_id for motif in discovery.motifs] == ["counts.pos_0", "counts.pos_1", "counts.neg_0"]
