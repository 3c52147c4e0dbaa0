"""Inputs on which TF-MoDISco fails or misleads: what `find_patterns` makes of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from planted_attributions import planted, write_attributions

from cistill.errors import InputError
from cistill.formats.attributions import open_windows
from cistill.interpret.modisco import ModiscoSettings, _restore_rows, find_patterns
from cistill.motifs.pattern_motifs import motifs_from_patterns

SETTINGS = ModiscoSettings()


def test_what_is_no_number_or_base_costs_its_region_alone(tmp_path: Path) -> None:
    scores, bases, _ = planted(240, 100, 1)
    scores[5, 40, 0], scores[6, 50, 1] = np.nan, np.inf
    bases[7, 60] = 0
    windows = open_windows(write_attributions(tmp_path / "a.h5", scores, bases), 400)
    result = find_patterns(windows, SETTINGS, seed=0)
    assert (result.regions_used, result.regions_not_finite, result.regions_with_n) == (237, 2, 1)
    [first, *_] = result.patterns
    assert not {5, 6, 7} & set(first.row.tolist())
    assert np.isfinite(first.cwm).all()
    # the word that was planted, on the strand of the planted one or the other
    best = first.pfm[first.pfm.max(axis=1) > 0.8].argmax(axis=1)
    assert "".join("ACGT"[base] for base in best) in ("TACCC", "GGGTA", "TTACCC", "GGGTAA", "TACCCG", "CGGGTA")


def test_the_limit_on_seqlets_takes_them_from_everywhere(tmp_path: Path) -> None:
    windows = open_windows(write_attributions(tmp_path / "a.h5", *planted(300, 100, 4)[:2]), 400)
    few = replace(SETTINGS, max_seqlets_per_metacluster=110)
    rows = find_patterns(windows, few, seed=0).patterns[0].row
    # in the file's order these would be of the first 150 or so
    assert len(rows) <= 110
    assert (rows >= 200).sum() > 0.2 * len(rows)
    again = find_patterns(windows, few, seed=0).patterns[0].row
    assert np.array_equal(rows, again)
    assert set(rows) != set(find_patterns(windows, few, seed=1).patterns[0].row)


def test_patterns_of_noise_are_weak(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 4, size=(400, 400))
    scores = rng.normal(0, 0.02, (400, 400, 4)) * rng.lognormal(0, 1, (400, 400, 1))
    windows = open_windows(write_attributions(tmp_path / "a.h5", scores, np.eye(4)[codes]), 400)
    motifs = motifs_from_patterns(find_patterns(windows, SETTINGS, seed=0), windows).motifs
    assert len(motifs) > 0
    assert all(motif.weak for motif in motifs)


@pytest.mark.parametrize(("asked", "length"), [(61, 60), (101, 100), (400, 100)])
def test_odd_and_long_windows_are_made_to_fit(tmp_path: Path, asked: int, length: int) -> None:
    file = write_attributions(tmp_path / "a.h5", *planted(5, 101, 0)[:2])
    windows = open_windows(file, asked)
    assert windows.length == length
    assert find_patterns(windows, SETTINGS, seed=0).patterns == []


def test_a_window_of_41_is_too_short_for_its_seqlet(tmp_path: Path) -> None:
    windows = open_windows(write_attributions(tmp_path / "a.h5", *planted(5, 101, 0)[:2]), 41)
    with pytest.raises(InputError, match="a window of 40 bases is shorter than a seqlet of 41"):
        find_patterns(windows, SETTINGS, seed=0)


def test_scores_of_any_type_are_read_as_float32(tmp_path: Path) -> None:
    scores, bases, _ = planted(5, 60, 0)
    for dtype in ("f2", "f4", "f8"):
        windows = open_windows(write_attributions(tmp_path / f"{dtype}.h5", scores, bases, dtype), 400)
        assert windows.read(0, 5)[0].dtype == np.float32
        assert find_patterns(windows, SETTINGS, seed=0).regions_used == 5


def failing(where: str, error: str) -> Callable[..., Any]:
    """Return a function that fails as one of the package would."""
    scope: dict[str, Any] = {"__name__": "modiscolite.made_up"}
    exec(f"def {where}(**_):\n    raise {error}('made up')", scope)
    function: Callable[..., Any] = scope[where]
    return function


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> list[Callable[..., Any]]:
    """Functions that stand in for the package's, one a call; what they got is added to their attribute `got`."""
    import modiscolite.tfmodisco

    calls: list[Callable[..., Any]] = []

    def stand_in(**arguments: Any) -> Any:
        sizes.append(arguments["min_metacluster_size"])
        return calls.pop(0)(**arguments)

    sizes: list[int] = []
    monkeypatch.setattr(modiscolite.tfmodisco, "TFMoDISco", stand_in)
    monkeypatch.setattr(modiscolite.tfmodisco, "sizes_seen", sizes, raising=False)
    return calls


def test_a_sign_whose_seqlets_fall_into_no_cluster_is_left_out(
    tmp_path: Path, package: list[Callable[..., Any]], caplog: pytest.LogCaptureFixture
) -> None:
    import modiscolite.tfmodisco

    windows = open_windows(write_attributions(tmp_path / "a.h5", *planted(30, 60, 0)[:2]), 400)
    package += [failing("_patterns_from_clusters", "ValueError")] * 2 + [lambda **_: (None, [])]
    assert find_patterns(windows, SETTINGS, seed=0).patterns == []
    assert modiscolite.tfmodisco.sizes_seen == [100, 200, 400]  # type: ignore[attr-defined]
    assert "more than 400 seqlets of a sign" in caplog.text


def test_contributions_without_a_null_have_no_patterns(
    tmp_path: Path, package: list[Callable[..., Any]], caplog: pytest.LogCaptureFixture
) -> None:
    windows = open_windows(write_attributions(tmp_path / "a.h5", *planted(30, 60, 0)[:2]), 400)
    package += [failing("extract_seqlets", "IndexError")]
    result = find_patterns(windows, SETTINGS, seed=0)
    assert result.patterns == []
    assert result.remarks == (
        "no patterns: too few or too one-sided contributions to tell seqlets from the background",
    )
    assert result.remarks[0] in caplog.text


def test_any_other_failure_is_told(tmp_path: Path, package: list[Callable[..., Any]]) -> None:
    windows = open_windows(write_attributions(tmp_path / "a.h5", *planted(30, 60, 0)[:2]), 400)
    package += [failing("affinity_matrix", "ValueError")]
    with pytest.raises(InputError, match=r"TF-MoDISco failed .* in affinity_matrix: made up; try those of a preset"):
        find_patterns(windows, SETTINGS, seed=0)


def test_a_seqlet_in_pattern_and_sub_pattern_is_renamed_once() -> None:
    seqlets = [SimpleNamespace(example_idx=0), SimpleNamespace(example_idx=2)]
    sub = SimpleNamespace(seqlets=seqlets[:1], subclusters=None)
    pattern = SimpleNamespace(seqlets=seqlets, subclusters=[0, 1], subcluster_to_subpattern={0: sub})
    _restore_rows(pattern, np.array([2, 0, 1]))
    assert [seqlet.example_idx for seqlet in seqlets] == [2, 1]
