"""Similarity of two motifs, against a slow implementation written from the definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_motifs import letters

from cistill.motifs.similarity import similarities, similarities_within


def slow(one: np.ndarray, other: np.ndarray, centre: bool, measure: str, least: int = 1) -> tuple[float, int, bool]:
    """Value, offset and strand of the best alignment, row by row."""

    def rows(matrix: np.ndarray) -> list[np.ndarray]:
        result = []
        for row in matrix:
            row = row - row.mean() if centre else row
            size = np.sqrt((row**2).sum())
            result.append(row if measure == "whole" else (row / size if size > 1e-12 else row * 0))
        return result

    best = (-np.inf, 0.0, 0, False)
    for reverse in (False, True):
        first, second = rows(one), rows(other[::-1, ::-1] if reverse else other)
        for offset in range(-len(second) + 1, len(first)):
            pairs = [(i, i - offset) for i in range(len(first)) if 0 <= i - offset < len(second)]
            if len(pairs) < min(least, len(first), len(second)):
                continue
            total = sum(float(first[i] @ second[j]) for i, j in pairs)
            size = len(pairs) if measure == "rows" else np.sqrt(np.square(first).sum() * np.square(second).sum())
            if total > best[0] + 1e-9:
                best = (total, total / size if size > 0 else 0.0, offset, reverse)
    return best[1], best[2], best[3]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.sampled_from(["rows", "whole"]), st.integers(1, 4))
def test_as_the_slow_implementation(seed: int, centre: bool, measure: str, least: int) -> None:
    rng = np.random.default_rng(seed)
    queries = [rng.normal(size=(int(rng.integers(1, 9)), 4)) for _ in range(2)]
    targets = [rng.normal(size=(int(rng.integers(1, 9)), 4)) for _ in range(3)]
    found = similarities(queries, targets, centre=centre, measure=measure, least_overlap=least)
    for i, query in enumerate(queries):
        for j, target in enumerate(targets):
            value, offset, reverse = slow(query, target, centre, measure, least)
            assert found.value[i, j] == pytest.approx(value, abs=1e-12)
            assert (found.offset[i, j], found.reverse[i, j]) == (offset, reverse)


def test_by_hand() -> None:
    # ACGT in TACGTA begins at 1; rows that agree have cosine 1, whether centred or not
    found = similarities([letters("TTGACA")], [letters("GACA"), letters("TGTC"), letters("GGCA")])
    assert found.value[0].tolist() == pytest.approx([1.0, 1.0, 2 / 3])
    assert found.offset[0].tolist() == [2, 2, 2]
    assert found.reverse[0].tolist() == [False, True, False]
    # centred, two different bases have the cosine (0 - 1/4 - 1/4 + 4/16) / (3/4) = -1/3: (3 - 1/3) / 4 for GGCA
    assert similarities([letters("TTGACA")], [letters("GGCA")], centre=False).value[0, 0] == pytest.approx(3 / 4)


def test_the_whole_measure_counts_what_is_left_alone() -> None:
    # 4 of 6 and of 4 positions: 4 / sqrt(6 * 4)
    found = similarities([letters("TTGACA")], [letters("GACA")], measure="whole")
    assert found.value[0, 0] == pytest.approx(4 / np.sqrt(24))


def test_without_reverse_complements() -> None:
    found = similarities([letters("GGGGG")], [letters("CCCCC")], both_strands=False, centre=False)
    assert (found.value[0, 0], found.reverse[0, 0]) == (0.0, False)


def test_rows_of_zeros_and_empty_lists() -> None:
    zeros = np.zeros((3, 4))
    assert similarities([letters("ACG")], [zeros]).value[0, 0] == 0
    assert similarities([], [zeros]).value.shape == (0, 1)
    assert similarities([zeros], []).value.shape == (1, 0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_within_a_list_both_sides_tell_of_the_same_alignment(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrices = [rng.normal(size=(int(rng.integers(2, 9)), 4)) for _ in range(4)]
    found = similarities_within(matrices)
    assert np.array_equal(found.value, found.value.T)
    assert np.array_equal(np.diag(found.value), np.ones(4))
    for i in range(4):
        for j in range(4):
            if i == j:
                continue
            query, target = matrices[i], matrices[j][::-1, ::-1] if found.reverse[i, j] else matrices[j]
            offset = int(found.offset[i, j])
            cosines = []
            for position in range(max(0, offset), min(len(query), offset + len(target))):
                one, other = query[position], target[position - offset]
                one, other = one - one.mean(), other - other.mean()
                cosines.append(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
            assert np.mean(cosines) == pytest.approx(found.value[i, j])
