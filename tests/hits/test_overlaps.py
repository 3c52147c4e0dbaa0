"""Choosing among overlapping intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cistill.hits import overlaps
from cistill.hits.overlaps import best_of_overlapping

INTERVALS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 60), st.integers(1, 12), st.integers(0, 8)), max_size=40
)


def one_after_the_other(rows: list[tuple[int, int, int, int]], shared: int) -> list[bool]:
    """Greedy suppression, written as the sequential procedure."""
    taken: list[int] = []
    for i in sorted(range(len(rows)), key=lambda i: (-rows[i][3], i)):
        chrom, start, length, _ = rows[i]
        for j in taken:
            other_chrom, other_start, other_length, _ = rows[j]
            common = min(start + length, other_start + other_length) - max(start, other_start)
            if chrom == other_chrom and common >= min(shared, length, other_length):
                break
        else:
            taken.append(i)
    return [i in taken for i in range(len(rows))]


def kept(rows: list[tuple[int, int, int, int]], shared: int) -> list[bool]:
    chrom, start, length, score = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return best_of_overlapping(chrom, start, start + length, score.astype(float), shared).tolist()


@given(INTERVALS.filter(bool), st.integers(1, 5))
def test_the_result_is_that_of_taking_one_after_the_other(rows: list[tuple[int, int, int, int]], shared: int) -> None:
    assert kept(rows, shared) == one_after_the_other(rows, shared)


@pytest.mark.parametrize("piece", [1, 3, 10])
def test_cutting_into_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(overlaps, "PIECE", piece)
    rng = np.random.default_rng(piece)
    rows = [tuple(int(v) for v in row) for row in rng.integers([0, 0, 1, 0], [3, 90, 12, 9], (60, 4))]
    assert kept(rows, 3) == one_after_the_other(rows, 3)


def test_two_shared_bases_are_allowed_and_three_are_not() -> None:
    # [0, 9) against [7, 16): 2 shared; against [6, 15): 3 shared
    assert kept([(0, 0, 9, 5), (0, 7, 9, 4)], 3) == [True, True]
    assert kept([(0, 0, 9, 5), (0, 6, 9, 4)], 3) == [True, False]


def test_what_the_left_out_would_have_suppressed_stays() -> None:
    # a chain: the middle loses to the first, so the third, which only the middle overlaps, is kept
    assert kept([(0, 0, 9, 5), (0, 5, 9, 4), (0, 10, 9, 3)], 3) == [True, False, True]


def test_nothing_gives_nothing() -> None:
    empty = np.zeros(0, dtype=np.int64)
    assert best_of_overlapping(empty, empty, empty, np.zeros(0)).tolist() == []
