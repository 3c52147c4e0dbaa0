"""Counts held sparse give the windows that dense arrays give."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cistill.model.windows import counts
from cistill.model.windows.counts import CountWindows

LENGTH = 7
WINDOWS = st.builds(
    lambda small, large: np.where(large > 250, large * 300.0, small),
    arrays.arrays(np.uint8, (4, 3, 2, LENGTH), elements=st.sampled_from([0, 0, 0, 1, 2])),
    arrays.arrays(np.uint8, (4, 3, 2, LENGTH)),
)


def cut(dense, rows, start, length, flip):
    """Cut windows out of dense ones, one by one."""
    cuts = [dense[row, ..., first : first + length] for row, first in zip(rows, start, strict=True)]
    return np.array([one[:, ::-1, ::-1] if turned else one for one, turned in zip(cuts, flip, strict=True)])


@settings(max_examples=100, deadline=None)
@given(WINDOWS, st.data())
def test_sparse_windows_equal_dense_ones(dense, data):
    length = data.draw(st.integers(1, LENGTH))
    batch = data.draw(
        st.lists(st.tuples(st.integers(0, 3), st.integers(0, LENGTH - length), st.booleans()), min_size=1, max_size=6)
    )
    rows, start, flip = (np.array(column) for column in zip(*batch, strict=True))
    tracks = CountWindows.from_dense(dense)
    found = tracks.take(rows, start, length, flip)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, cut(dense, rows, start, length, flip))
    np.testing.assert_array_equal(
        tracks.take(rows, start, length), cut(dense, rows, start, length, [False] * len(rows))
    )
    np.testing.assert_array_equal(tracks.sums(1, LENGTH - 2), dense[..., 1:-1].sum(-1))


@settings(max_examples=50, deadline=None)
@given(WINDOWS, st.lists(st.integers(-1, 2), min_size=1, max_size=4), st.lists(st.integers(0, 3), max_size=5))
def test_tasks_read_their_track_and_selections_share_the_entries(dense, of_task, regions):
    all_tracks = CountWindows.from_dense(dense)
    tracks = CountWindows(all_tracks.indptr, all_tracks.position, all_tracks.value, 3, np.array(of_task))
    of_tasks = np.stack([dense[:, track] * (track >= 0) for track in of_task], 1)  # -1: zeros
    rows, start, flip = np.arange(4), np.array([0, 1, 2, 0]), np.array([True, False, True, False])
    np.testing.assert_array_equal(tracks.take(rows, start, 5, flip), cut(of_tasks, rows, start, 5, flip))
    np.testing.assert_array_equal(tracks.sums(0, LENGTH), of_tasks.sum(-1))
    last = tracks.select_task(len(of_task) - 1).select_regions(np.array(regions, dtype=int))
    assert last.position is tracks.position
    assert len(last) == len(regions)
    every = np.arange(len(regions))
    expected = of_tasks[np.array(regions, dtype=int), -1:]
    np.testing.assert_array_equal(last.take(every, np.zeros(len(every), dtype=int), LENGTH), expected)
    np.testing.assert_array_equal(last.select_regions(every[::-1]).sums(0, LENGTH), expected[::-1].sum(-1))


def test_sums_do_not_depend_on_the_size_of_their_blocks(monkeypatch):
    dense = np.random.default_rng(0).poisson(0.3, (40, 2, 2, 9))
    whole = CountWindows.from_dense(dense).sums(2, 5)
    monkeypatch.setattr(counts, "ENTRIES_AT_ONCE", 7)
    np.testing.assert_array_equal(CountWindows.from_dense(dense).sums(2, 5), whole)
    np.testing.assert_array_equal(whole, dense[..., 2:7].sum(-1))


def test_fractions_and_long_windows_are_held():
    dense = np.zeros((1, 1, 2, 70_000), dtype=np.float32)
    dense[0, 0, 1, 66_000] = 0.25
    tracks = CountWindows.from_dense(dense)
    assert (tracks.position.dtype, tracks.value.dtype) == ("u4", "f4")
    assert tracks.take(np.array([0]), np.array([65_998]), 4)[0, 0, 1].tolist() == [0, 0, 0.25, 0]


def test_nothing_is_taken_from_nothing():
    tracks = CountWindows.from_dense(np.zeros((2, 1, 2, 4)))
    assert tracks.take(np.array([0, 1]), np.array([0, 0]), 3).tolist() == np.zeros((2, 1, 2, 3)).tolist()
    assert tracks.take(np.array([], dtype=int), np.array([], dtype=int), 3).shape == (0, 1, 2, 3)
