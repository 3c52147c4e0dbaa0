"""Counts as their non-zero entries."""

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cistill.errors import InputError
from cistill.formats.entries import entries_of, position_type, read_windows, value_type


def test_entries_are_the_counts_that_are_not_zero():
    entries = entries_of(np.array([[[0, 3, 0, 1], [0, 0, 0, 0]], [[0, 0, 0, 0.5], [2, 0, 0, 0]]]))
    assert entries.number.tolist() == [2, 0, 1, 1]
    assert entries.position.tolist() == [1, 3, 3, 0]
    assert entries.value.tolist() == [3, 1, 0.5, 2]


@pytest.mark.parametrize(
    ("largest", "fractional", "kind"),
    [(0, False, "u1"), (255, False, "u1"), (256, False, "u2"), (65536, False, "u4"), (1, True, "f4")],
)
def test_values_are_stored_as_small_as_they_fit(largest, fractional, kind):
    assert value_type(largest, fractional) == kind


def test_a_count_beyond_32_bits_is_refused():
    with pytest.raises(InputError, match="more than 32 bits hold"):
        value_type(2.0**32, False)


def test_positions_of_long_windows_take_four_bytes():
    assert [position_type(length) for length in (65536, 65537)] == ["u2", "u4"]


@settings(max_examples=30, deadline=None)
@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 3), st.just(2), st.integers(1, 6)),
                  elements=st.integers(0, 2)),
    st.data(),
)  # fmt: skip
def test_windows_are_read_back_in_part(windows, data):
    regions, tracks, _, length = windows.shape
    first = data.draw(st.integers(0, regions - 1))
    last = data.draw(st.integers(first + 1, regions))
    track = data.draw(st.integers(0, tracks - 1))
    entries = entries_of(windows)
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        file["indptr"] = np.concatenate([[0], np.cumsum(entries.number)])
        file["position"], file["value"] = entries.position.astype(np.uint16), entries.value
        found = read_windows(file, first, last, track, tracks, length)
    assert found.tolist() == windows[first:last, track].tolist()
