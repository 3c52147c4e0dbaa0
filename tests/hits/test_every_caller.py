"""What every caller must do alike, whatever its method."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted_hits import write_attributions
from planted_patterns import plant, read_motifs_of, write_modisco, write_planted

from cistill.errors import InputError
from cistill.formats.attributions import open_windows
from cistill.formats.hits import COLUMNS, MEASURED, ORDER, read_hits
from cistill.formats.motifs import Motif, write_motifs
from cistill.hits import callers
from cistill.hits.caller import CallSettings
from cistill.hits.callers import (
    all_own_options,
    caller,
    caller_names,
    needed,
    own_options,
    settings_for,
    shared_options,
)
from cistill.hits.callhits import call_hits
from cistill.hits.measure import Placed, measure
from cistill.hits.search_scope import Selection

WIDTH = 9
METHODS = caller_names()
PLANTED = plant(60, 120, [1, 1], seed=3, sites_per_region=2, width=WIDTH)


# options with which a caller finds the planted sites, where its defaults do not fit so small an input
OPTIONS: dict[str, dict[str, object]] = {
    "density": {"neighbours": 40, "subcluster_perplexity": 8, "leiden_seeds": 2, "threads": 1},
    "scan": {"p_value": 1e-3},
}
LEAST_FOUND = {"scan": 0.6, "density": 0.6}  # share of the planted sites, 0.8 for the others


def settings_of(method: str, modisco: Path, selection: Selection = Selection()) -> CallSettings:
    needs = {"modisco": modisco} if "modisco" in needed(method) else {}
    return settings_for(method, OPTIONS.get(method, {}) | needs, selection)


def call(
    folder: Path,
    method: str,
    scores: np.ndarray = PLANTED.scores,
    bases: np.ndarray = PLANTED.bases,
    motifs: list[Motif] | None = None,
    window: int = 400,
) -> pd.DataFrame:
    """Call in these contributions the motifs of the planted ones; the table as it is read back."""
    modisco = write_modisco(folder / "counts.modisco.h5", PLANTED)  # of the planted contributions, whatever is searched
    attributions = write_attributions(folder / "counts.attributions.h5", scores, bases, step=2000)
    chosen = read_motifs_of(modisco, WIDTH) if motifs is None else motifs
    write_motifs(folder / "motifs.h5", chosen, "SYN", "counts")
    selection = Selection(window=window)
    call_hits("out", folder, attributions, folder / "motifs.h5", method, selection, settings_of(method, modisco))
    return read_hits(folder / "out.hits.bed")


@pytest.fixture(scope="module", params=METHODS)
def called(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, pd.DataFrame]:
    folder = tmp_path_factory.mktemp(request.param)
    return request.param, folder, call(folder, request.param)


def test_the_table_has_the_columns_in_order_and_is_sorted(called: tuple[str, Path, pd.DataFrame]) -> None:
    hits = called[2]
    assert tuple(hits.columns[: len(COLUMNS)]) == COLUMNS
    assert len(hits) > 30
    pd.testing.assert_frame_equal(hits, hits.sort_values(list(ORDER), kind="stable"))
    assert (hits["score"] == np.rint(1000 * hits["confidence"])).mean() > 0.99  # confidence has six digits in the file
    assert not hits.duplicated(["chrom", "start", "end", "motif_id", "strand"]).any()


def test_values_lie_within_their_bounds(called: tuple[str, Path, pd.DataFrame]) -> None:
    hits = called[2]
    assert hits["confidence"].between(0.5, 1).all()
    assert hits["similarity"].abs().max() <= 1 + 1e-6
    assert hits["importance_fraction"].between(0, 1).all()
    assert (hits["importance"].abs() <= hits["importance_total"] * (1 + 1e-5)).all()
    assert (hits["q_value"].isna() | hits["q_value"].between(0, 1)).all()
    assert np.isfinite(hits["method_score"]).all()
    assert (hits["end"] - hits["start"] == WIDTH).all()


def test_hits_lie_in_their_windows_and_are_measured_alike(called: tuple[str, Path, pd.DataFrame]) -> None:
    _, folder, hits = called
    windows = open_windows(folder / "counts.attributions.h5", 400)
    row = hits["region_id"].map({name: i for i, name in enumerate(windows.region_id)}).to_numpy()
    position = hits["start"].to_numpy() - windows.start[row]
    assert (position >= 0).all()
    assert (position + WIDTH <= windows.length).all()
    motifs = read_motifs_of(folder / "counts.modisco.h5", WIDTH)
    index = hits["motif_id"].map({motif.motif_id: i for i, motif in enumerate(motifs)}).to_numpy()
    again = measure(windows, motifs, Placed(row, position, index, (hits["strand"] == "-").to_numpy()))
    for name in ("importance", "importance_total", "importance_fraction", "similarity", "sequence_score"):
        assert hits[name].to_numpy() == pytest.approx(again[name].to_numpy(), rel=1e-4, abs=1e-5)


def test_most_planted_sites_are_found(called: tuple[str, Path, pd.DataFrame]) -> None:
    method, _, hits = called
    found = set(zip(hits["start"], hits["strand"], strict=True))
    planted = [(2000 * region + 500 + start, "+-"[reverse]) for region, start, _, reverse in PLANTED.sites]
    share = np.mean([site in found for site in planted])
    assert share > LEAST_FOUND.get(method, 0.8)


def test_the_record_tells_the_state_of_the_regions(called: tuple[str, Path, pd.DataFrame]) -> None:
    method, folder, hits = called
    record = json.loads((folder / "out.callhits.json").read_text())
    assert record["settings"]["method"] == method
    assert record["results"]["hits"] == len(hits)
    assert record["results"]["regions_not_finite"] == 0
    assert record["results"]["regions_without_contributions"] == 0


@pytest.mark.parametrize("method", METHODS)
def test_without_motifs_the_table_is_empty(tmp_path: Path, method: str) -> None:
    hits = call(tmp_path, method, motifs=[])
    assert tuple(hits.columns[: len(COLUMNS)]) == COLUMNS
    assert len(hits) == 0


@pytest.mark.parametrize("method", METHODS)
def test_contributions_of_zero_are_no_error(tmp_path: Path, method: str) -> None:
    hits = call(tmp_path, method, scores=np.zeros_like(PLANTED.scores))
    assert (hits["importance_total"] == 0).all()
    assert (hits["importance_fraction"] == 0).all()
    if method != "scan":
        assert len(hits) == 0
    assert json.loads((tmp_path / "out.callhits.json").read_text())["results"]["regions_without_contributions"] == 60


@pytest.mark.parametrize("method", METHODS)
def test_broken_regions_are_left_out_and_counted(tmp_path: Path, method: str, caplog: pytest.LogCaptureFixture) -> None:
    scores, bases = PLANTED.scores.copy(), PLANTED.bases.copy()
    region = PLANTED.sites[0][0]
    scores[region, 3] = np.nan
    other, start, *_ = next(site for site in PLANTED.sites if site[0] > region)
    bases[other, start + 4] = 0
    hits = call(tmp_path, method, scores=scores, bases=bases)
    assert len(hits) > 20
    assert np.isfinite(hits[["importance", "similarity", "confidence"]]).all(axis=None)
    inside = hits[hits["region_id"] == f"chr1:{2000 * region + 560}"]
    assert (inside["importance_total"] == 0).all()
    assert "1 region(s) have scores that are NaN or infinite" in caplog.text
    results = json.loads((tmp_path / "out.callhits.json").read_text())["results"]
    assert (results["regions_not_finite"], results["regions_with_unknown_bases"]) == (1, 1)
    if method == "scan":
        over = hits["start"].to_numpy() - (2000 * other + 500)
        assert not ((over <= start + 4) & (over + WIDTH > start + 4)).any()


@pytest.mark.parametrize("method", METHODS)
def test_no_hit_reaches_over_the_end_of_a_contig(tmp_path: Path, method: str) -> None:
    bases = PLANTED.bases.copy()
    first, start, *_ = PLANTED.sites[0]
    last, other, *_ = next(site for site in PLANTED.sites if site[0] > first)
    bases[first, : start + 3] = 0  # the contig begins within this site
    bases[last, other + 6 :] = 0  # and ends within that one
    hits = call(tmp_path, method, bases=bases)
    begin, end = 2000 * first + 500 + start + 3, 2000 * last + 500 + other + 6
    assert len(hits) > 20
    assert not (hits.loc[hits["region_id"] == f"chr1:{2000 * first + 560}", "start"] < begin).any()
    assert not (hits.loc[hits["region_id"] == f"chr1:{2000 * last + 560}", "end"] > end).any()


@pytest.mark.parametrize("method", METHODS)
def test_an_odd_window_is_made_even(tmp_path: Path, method: str) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "even").mkdir()
    odd, even = call(tmp_path / "odd", method, window=81), call(tmp_path / "even", method, window=80)
    pd.testing.assert_frame_equal(odd, even)
    offset = (odd["start"] - 500) % 2000
    assert offset.between(20, 100 - WIDTH).all()


def test_an_option_of_another_method_is_refused() -> None:
    with pytest.raises(InputError, match="--p_value: not an option of --method cwm_scan, whose own are --min_strength"):
        settings_for("cwm_scan", {"p_value": 0.5}, Selection())
    with pytest.raises(InputError, match="--fdr, --lambda: not an option of --method scan"):
        settings_for("scan", {"lambda_": 0.5, "fdr": 0.05}, Selection())
    with pytest.raises(InputError, match="--method magic: no such caller; known: cwm_scan, "):
        settings_for("magic", {}, Selection())
    assert settings_for("finemo", {"fdr": 0.05, "lambda": 0.6}, Selection(), given=["lambda"]).lambda_ == 0.6


@pytest.mark.parametrize("method", METHODS)
def test_a_callers_options_are_declared_with_default_and_help(method: str) -> None:
    declared = {one.name: one for one in all_own_options()}
    assert own_options(method)
    assert set(needed(method)) <= set(own_options(method)) <= set(declared)
    assert not {one.name for one in shared_options()} & set(declared)
    for one in (declared[name] for name in own_options(method)):
        assert method in one.help.split(": ")[0].split(", ")
        assert one.default is None or isinstance(one.default, (int, float, str))
    settings = caller(method).Settings()
    assert all(hasattr(settings, declared[name].field) for name in own_options(method))


@pytest.mark.parametrize("method", [method for method in METHODS if needed(method)])
def test_what_a_caller_needs_is_asked_for(method: str) -> None:
    with pytest.raises(InputError, match=f"--method {method} needs --{needed(method)[0]}, "):
        settings_for(method, {}, Selection())


def test_names_and_options_of_callers_are_known_without_what_computes() -> None:
    heavy = ("numpy", "pandas", "torch", "h5py", "numba", "scipy")
    source = str(Path(callers.__file__).parents[2])
    program = (
        f"import sys; sys.path.insert(0, {source!r}); from cistill.hits import callers; callers.all_own_options(); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("method", METHODS)
def test_callers_give_every_measured_column(tmp_path: Path, method: str) -> None:
    attributions, modisco = write_planted(tmp_path, PLANTED)
    found = caller(method)(settings_of(method, modisco)).call(
        open_windows(attributions, 400), read_motifs_of(modisco, WIDTH)
    )
    assert set(MEASURED) <= set(found.hits.columns)
    assert set(found.calibration) == {"counts.pos_0", "counts.pos_1"}
