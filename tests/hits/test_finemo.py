"""The caller through Fi-NeMo's library."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from planted_hits import OTHER, WEIGHTS, WORD, motif, write_attributions

from cistill.errors import InputError
from cistill.formats.attributions import open_windows
from cistill.hits.finemo.calling import REGIONS_ON_CPU, call_by_finemo
from cistill.hits.finemo.settings import FinemoSettings


def windows_with(path: Path, sites: list[tuple[int, np.ndarray, float]], length: int = 60):
    """Return one region with words of a strength at places, nothing else, and a second one without any."""
    codes = np.zeros((2, length), dtype=int)
    scores = np.zeros((2, length, 4))
    for start, word, strength in sites:
        codes[0, start : start + 8] = word
        scores[0, np.arange(start, start + 8), word] = strength * WEIGHTS
    return open_windows(write_attributions(path / "a.h5", scores, np.eye(4)[codes]), None)


def test_a_hit_lies_on_the_core_and_its_strand(tmp_path: Path) -> None:
    windows = windows_with(tmp_path, [(7, WORD, 1.0)])
    hits = call_by_finemo(windows, [motif()], FinemoSettings()).hits
    assert hits[["start", "end", "strand", "region_id"]].values.tolist() == [[507, 515, "+", "chr1:530"]]
    assert hits["importance"][0] == pytest.approx(WEIGHTS.sum(), rel=1e-3)
    assert hits["similarity"][0] == pytest.approx(1.0, abs=1e-5)
    turned = motif().reversed()
    assert call_by_finemo(windows, [turned], FinemoSettings()).hits["strand"].tolist() == ["-"]


def test_a_short_motif_is_found_at_the_end_of_a_window(tmp_path: Path) -> None:
    # the fit has templates of one width; those of a longer motif do not fit here
    longer = replace(motif("counts.pos_1", OTHER), core=(0, 12))
    windows = windows_with(tmp_path, [(52, WORD, 1.0)])
    hits = call_by_finemo(windows, [motif(), longer], FinemoSettings()).hits
    assert hits[["start", "motif_id"]].values.tolist() == [[552, "counts.pos_0"]]


def test_weak_sites_are_below_a_confidence_of_one_half(tmp_path: Path) -> None:
    windows = windows_with(tmp_path, [(7, WORD, 1.0)])
    strong = replace(motif(), cwm=20 * motif().cwm)  # a site of a twentieth of the motif's mean
    assert len(call_by_finemo(windows, [strong], FinemoSettings()).hits) == 0
    hits = call_by_finemo(windows, [strong], FinemoSettings(min_strength=0.04)).hits
    assert hits["confidence"].between(0.5, 0.55).all()
    assert len(hits) == 1


def test_near_duplicates_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    windows = windows_with(tmp_path, [(7, WORD, 1.0)])
    call_by_finemo(windows, [motif(), motif("counts.pos_1")], FinemoSettings())
    assert "counts.pos_0 and counts.pos_1 are near-duplicates" in caplog.text


def test_settings_that_make_no_sense_are_told_at_once(tmp_path: Path) -> None:
    windows = windows_with(tmp_path, [])
    with pytest.raises(InputError) as error:
        call_by_finemo(windows, [motif()], FinemoSettings(lambda_=1.5, mode="xx"))
    assert len(str(error.value).splitlines()) == 2


def test_regions_that_are_done_cost_no_steps_of_those_that_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # one region of a thousand takes many steps, as one with many overlapping sites does
    from finemo import hitcaller

    rng = np.random.default_rng(1)
    codes, scores = rng.integers(0, 4, (1000, 60)), np.zeros((1000, 60, 4))
    codes[:, 20:28] = WORD
    scores[:, np.arange(20, 28), WORD] = WEIGHTS
    scores[500] = np.abs(rng.normal(size=(60, 1)))
    windows = open_windows(write_attributions(tmp_path / "a.h5", scores, np.eye(4)[codes]), None)
    step, rows = hitcaller.optimizer_step, []

    def counted(cwms, contribs, *others):
        rows.append(len(contribs))
        return step(cwms, contribs, *others)

    monkeypatch.setattr(hitcaller, "optimizer_step", counted)
    hits = call_by_finemo(windows, [motif()], FinemoSettings()).hits
    assert max(rows) == REGIONS_ON_CPU
    assert sum(rows) < 1000 * len(rows) / 4  # fitted all together, each region takes the steps of the slowest
    assert set(hits["region_id"]) >= {windows.region_id[row] for row in range(1000) if row != 500}
