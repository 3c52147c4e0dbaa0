"""Choice of background windows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cistill.data.backgrounds import Candidates, WindowShape, candidates_of, match_gc
from cistill.data.intervals import Intervals
from cistill.errors import InputError

SHAPE = WindowShape(input_length=40, output_length=20, max_jitter=5)
NOTHING = Intervals.merged([])


def codes_of(length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4, length).astype(np.uint8)


def test_candidates_lie_side_by_side_and_fit_with_jitter():
    summits, gc = candidates_of("c", codes_of(200), SHAPE, NOTHING, NOTHING, phase=3)
    # stored input window: 25 before and 25 after the summit
    assert summits.tolist() == [28, 48, 68, 88, 108, 128, 148, 168]
    codes = codes_of(200)
    assert gc[0] == pytest.approx(np.isin(codes[8:48], (1, 2)).mean())


def test_a_chromosome_that_is_too_short_has_none():
    assert len(candidates_of("c", codes_of(49), SHAPE, NOTHING, NOTHING, phase=0)[0]) == 0
    assert candidates_of("c", codes_of(50), SHAPE, NOTHING, NOTHING, phase=0)[0].tolist() == [25]


def test_candidates_avoid_peaks_excluded_intervals_and_unknown_bases():
    codes = codes_of(400)
    codes[300] = 4
    near_peaks = Intervals.merged([("c", 100, 140)])
    excluded = Intervals.merged([("c", 200, 201)])
    kept = candidates_of("c", codes, SHAPE, near_peaks, excluded, phase=0)[0].tolist()
    everywhere = range(25, 376, 20)
    expected = [
        s
        for s in everywhere
        if not (s - 10 < 140 and s + 10 > 100)  # output window against the peaks
        and not (s - 15 < 201 and s + 15 > 200)  # output window with jitter against excluded intervals
        and not s - 25 <= 300 < s + 25  # input window with jitter against unknown bases
    ]
    assert kept == expected
    assert len(kept) < len(everywhere)


def test_matches_come_from_the_own_bin_while_it_lasts():
    pool = np.array([0.30, 0.301, 0.40, 0.50, 0.50])
    chosen = match_gc(np.array([0.3, 0.5, 0.4]), pool, 1, np.random.default_rng(0))
    assert pool[chosen[:, 0]] == pytest.approx([0.3, 0.5, 0.4], abs=0.002)


def test_an_empty_bin_is_replaced_by_the_nearest():
    pool = np.array([0.2, 0.44, 0.47, 0.9])
    chosen = match_gc(np.array([0.45]), pool, 3, np.random.default_rng(0))
    assert pool[chosen[0]].tolist() == [0.44, 0.47, 0.2]


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(1, 3), st.integers(0, 3))
def test_windows_are_all_different_and_seeded(wanted, per_peak, seed):
    pool = np.random.default_rng(9).random(70)
    chosen = match_gc(np.array(wanted), pool, per_peak, np.random.default_rng(seed))
    again = match_gc(np.array(wanted), pool, per_peak, np.random.default_rng(seed))
    assert len(np.unique(chosen)) == len(wanted) * per_peak
    np.testing.assert_array_equal(chosen, again)


def test_too_few_windows_are_an_error_with_advice():
    with pytest.raises(InputError, match="6 background windows are wanted but only 2"):
        match_gc(np.array([0.3, 0.4]), np.array([0.3, 0.4]), 3, np.random.default_rng(0))


def test_candidates_of_no_chromosome():
    assert len(Candidates.joined([]).gc) == 0
