"""Leaving out hits by thresholds, and by what random windows look like."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from hit_tables import hit_table
from planted_hits import motif, planted_hits, write_attributions

from cistill.errors import InputError
from cistill.formats.attributions import open_windows
from cistill.formats.hits import read_hits, write_hits
from cistill.formats.motifs import write_motifs
from cistill.hits.callhits import call_hits
from cistill.hits.cwm.settings import CwmScanSettings
from cistill.hits.filtering.chance import ChanceSettings, random_windows, smallest_likely
from cistill.hits.filtering.filterhits import below_thresholds, filter_hits
from cistill.hits.filtering.settings import Thresholds
from cistill.hits.search_scope import Selection

A, B = "counts.pos_0", "counts.pos_1"


def test_every_threshold_acts_on_its_column() -> None:
    hits = hit_table(
        (0, 8, A, 0.5), (20, 28, A, 0.7), (40, 48, A, 0.9), importance_total=[1.0, 9.8, 12.1],
        importance_fraction=[0.1, 0.2, 0.3], similarity=[0.9, -0.2, 0.8], sequence_score=[-1.0, 5.0, np.nan],
        q_value=[0.01, 0.05, 0.2], percentile=[0.0, 0.5, 1.0],
    )  # fmt: skip
    thresholds = Thresholds(
        min_importance=9.8, min_importance_fraction=0.2, min_similarity=0.8, min_sequence_score=0.0, max_q_value=0.05,
        min_percentile=0.5, min_confidence=0.7,
    )  # fmt: skip
    fails = {name: flags.tolist() for name, flags in below_thresholds(hits, thresholds).items()}
    assert fails == {
        "min_importance": [True, False, False],  # 12.1 is more than 9.8
        "min_importance_fraction": [True, False, False],
        "min_similarity": [False, True, False],
        "min_sequence_score": [True, False, True],  # no value does not reach it
        "max_q_value": [False, False, True],
        "min_percentile": [True, False, False],
        "min_confidence": [True, False, False],
    }
    assert below_thresholds(hits, Thresholds()) == {}
    assert not below_thresholds(hits, Thresholds(min_importance=0.0))["min_importance"].any()


def test_a_threshold_on_what_the_method_does_not_give_is_refused() -> None:
    with pytest.raises(InputError, match=r"--max_q_value: .* gives no q_value"):
        below_thresholds(hit_table((0, 8, A, 0.5)), Thresholds(max_q_value=0.1))


def test_the_smallest_value_at_which_enough_are_hits() -> None:
    background = np.array([0.1, 0.2, 0.3, 0.4, 0.6])
    hits = np.array([0.25, 0.5, 0.7, 0.8, 0.9])
    # shares by value, 0.1 to 0.9: 0 0 1 0 0 1 0 1 1 1; pooled: 0 0 | 1/3 (0.25 to 0.4) | 1/2 (0.5, 0.6) | 1 1 1
    assert smallest_likely(hits, background, 0.3, 9.0) == 0.25
    assert smallest_likely(hits, background, 0.5, 9.0) == 0.5
    assert smallest_likely(hits, background, 0.8, 9.0) == 0.7
    assert smallest_likely(np.array([0.1]), np.array([0.5]), 0.8, 9.0) == 9.0
    assert smallest_likely(np.zeros(0), np.zeros(0), 0.5, 9.0) == 9.0
    # equal values are one point, half of it hits
    assert smallest_likely(np.array([1.0]), np.array([1.0]), 0.5, 9.0) == 1.0
    assert smallest_likely(np.array([1.0]), np.array([1.0]), 0.6, 9.0) == 9.0


@pytest.fixture
def called(tmp_path: Path) -> Path:
    """Contributions, motifs and hits, which are few enough to be called below the method's cut as well."""
    scores, bases, _ = planted_hits(regions=120)
    write_attributions(tmp_path / "a.h5", scores, bases)
    write_motifs(tmp_path / "motifs.h5", [motif()], "SYN", "counts")
    settings = CwmScanSettings(min_confidence=0.01, seed=0)
    call_hits("given", tmp_path, tmp_path / "a.h5", tmp_path / "motifs.h5", "cwm_scan", Selection(), settings)
    return tmp_path


def test_random_windows_are_different_places_within_the_windows(called: Path) -> None:
    windows = open_windows(called / "a.h5", 100)
    placed = random_windows(windows, np.array([8, 20]), [500, 10**6], seed=1)
    assert (placed.motif == 0).sum() == 500
    assert (placed.motif == 1).sum() == 120 * 81  # all there are
    places = set(zip(placed.motif, placed.row, placed.position, strict=True))
    assert len(places) == len(placed)
    assert (placed.position + np.array([8, 20])[placed.motif] <= 100).all()
    again = random_windows(windows, np.array([8, 20]), [500, 10**6], seed=1)
    assert np.array_equal(again.position, placed.position)


def run_filter(folder: Path, *, chance: ChanceSettings | None, thresholds: Thresholds | None = None) -> dict:
    filter_hits(
        "out", folder, folder / "given.hits.bed", folder / "a.h5", folder / "motifs.h5", "", 400,
        thresholds or Thresholds(), chance,
    )  # fmt: skip
    return json.loads((folder / "out.filterhits.json").read_text())["results"]


def test_what_chance_explains_is_left_out(called: Path) -> None:
    given = read_hits(called / "given.hits.bed")
    results = run_filter(called, chance=ChanceSettings(seed=0))
    kept = read_hits(called / "out.hits.bed")
    planted = given["confidence"] >= 0.5
    assert planted.sum() < len(given)
    assert len(kept) < len(given)
    assert set(given["start"][planted]) <= set(kept["start"])
    assert (kept["importance_fraction"].min()) > given["importance_fraction"].min()
    removed = results["removed"]
    assert results["hits_given"] - results["hits"] == len(given) - len(kept)
    assert set(removed) == {"chance_importance", "chance_similarity"}
    table = (called / "out.filter.tsv").read_text().splitlines()
    assert table[0].startswith("motif_id\tn_hits\tn_background\timportance_threshold")
    assert table[1].split("\t")[:3] == [A, str(len(given)), str(len(given))]


def test_removals_are_counted_by_threshold(called: Path) -> None:
    given = read_hits(called / "given.hits.bed")
    results = run_filter(called, chance=None, thresholds=Thresholds(min_confidence=0.5, min_similarity=0.8))
    low, unlike = given["confidence"] < 0.5, given["similarity"] < 0.8
    assert results["removed"] == {
        "min_similarity": {"hits": int(unlike.sum()), "alone": int((unlike & ~low).sum())},
        "min_confidence": {"hits": int(low.sum()), "alone": int((low & ~unlike).sum())},
    }
    assert results["hits"] == int((~low & ~unlike).sum())


def test_nothing_asked_for_changes_nothing(called: Path) -> None:
    run_filter(called, chance=None)
    assert (called / "out.hits.bed").read_bytes() == (called / "given.hits.bed").read_bytes()


def test_no_hits_are_a_valid_input(called: Path) -> None:
    write_hits(called / "given.hits.bed", read_hits(called / "given.hits.bed").iloc[:0])
    results = run_filter(called, chance=ChanceSettings(seed=0), thresholds=Thresholds(max_q_value=0.1))
    assert results["hits"] == 0
    assert len((called / "out.filter.tsv").read_text().splitlines()) == 1


def test_files_that_do_not_fit_are_refused(called: Path) -> None:
    stranger = hit_table((600, 608, "profile.pos_7", 0.9), region_id="chr9:1")
    write_hits(called / "given.hits.bed", stranger)
    with pytest.raises(InputError) as error:
        run_filter(called, chance=ChanceSettings(seed=0))
    assert "profile.pos_7" in str(error.value)
    assert "region chr9:1" in str(error.value)
    write_hits(called / "given.hits.bed", hit_table((700, 708, A, 0.9), region_id="chr1:560"))
    with pytest.raises(InputError, match="outside the central 120 bases"):
        run_filter(called, chance=ChanceSettings(seed=0))


def test_the_command(run_command: Callable[..., CompletedProcess[str]], called: Path) -> None:
    arguments = ("--prefix", "X", "--hits", called / "given.hits.bed", "--motifs", called / "motifs.h5")
    done = run_command(
        "filterhits", *arguments, "--attributions", called / "a.h5", "--min_confidence", 0.5,
        "--motifs_subset", "pos_0", "--outdir", called / "out",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (called / "out").iterdir()} == {"X.hits.bed", "X.filter.tsv", "X.filterhits.json"}
    assert (read_hits(called / "out/X.hits.bed")["confidence"] >= 0.5).all()
    done = run_command("filterhits", *arguments, "--outdir", called / "none")
    assert done.returncode == 2
    assert "needs --attributions" in done.stderr
