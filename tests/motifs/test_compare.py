"""Comparison of motifs with a database."""

from itertools import product

import numpy as np
import pytest

from cistill.formats.meme import NamedMatrix
from cistill.motifs.tomtom import compare_with_database


@pytest.fixture(scope="module")
def database() -> list[NamedMatrix]:
    rng = np.random.default_rng(7)
    widths = rng.integers(6, 14, size=40)
    return [NamedMatrix(f"m{i}", "", rng.dirichlet([0.5] * 4, size=int(width))) for i, width in enumerate(widths)]


def test_a_part_of_a_motif_finds_it_at_its_place(database: list[NamedMatrix]) -> None:
    found = compare_with_database(database[3].matrix[1:6], database)
    assert found.best(1) == [3]
    assert found.offset[3] == -1
    assert not found.reverse[3]


def test_a_reverse_complement_is_found_as_such(database: list[NamedMatrix]) -> None:
    found = compare_with_database(database[10].matrix[::-1, ::-1], database)
    assert found.best(1) == [10]
    assert found.offset[10] == 0
    assert found.reverse[10]


def test_p_values_agree_with_tomtom_lite(database: list[NamedMatrix]) -> None:
    # the four best of memelite 0.5.0 tomtom(..., n_target_bins=None) on the same matrices
    expected = {
        (3, 1, 6): {3: 5.35787110e-14, 25: 7.81971909e-03, 39: 9.03202515e-02, 11: 9.72937796e-02},
        (10, 0, 99): {24: 2.09505611e-03, 20: 2.39664252e-02, 13: 2.57650216e-02},
    }
    for (index, start, end), values in expected.items():
        found = compare_with_database(database[index].matrix[start:end], database)
        for target, p_value in values.items():
            assert found.p_value[target] == pytest.approx(p_value, rel=0.2)


def test_p_value_is_the_share_of_random_targets_that_align_as_well() -> None:
    # an independent slow count: every target of three columns drawn from the database's own columns, on one strand
    rng = np.random.default_rng(1)
    columns = rng.dirichlet([0.6] * 4, size=6)
    query = columns[[0, 1]]
    target = NamedMatrix("t", "", columns[[0, 2, 4]])
    database = [target, NamedMatrix("u", "", columns[[1, 3, 5]])]
    found = compare_with_database(query, database)
    pool = np.concatenate([columns, columns[:, ::-1]])
    distance = np.sqrt(((query[:, None] - pool[None]) ** 2).sum(axis=2))
    score = np.median(distance, axis=1, keepdims=True) - distance
    score = np.rint(score * 100 / (score.max() - score.min()))

    def best(chosen: tuple[int, ...]) -> float:
        # the four alignments overlap by 1, 2, 2 and 1 columns; taken as independent below
        spans = [(1, 0), (0, 0, 1, 1), (0, 1, 1, 2), (0, 2)]
        return max(sum(score[q, chosen[t]] for q, t in zip(s[::2], s[1::2], strict=True)) for s in spans)

    observed = best((0, 2, 4))
    spans = [(1,), (0, 1), (0, 1), (0,)]
    below = 1.0
    for span in spans:
        draws = [sum(values) for values in product(*(score[q] for q in span))]
        below *= np.mean(np.array(draws) < observed)
    reverse_observed = best(tuple(int(np.argmin(((pool - row) ** 2).sum(1))) for row in target.matrix[::-1, ::-1]))
    assert observed >= reverse_observed
    p_value = 1 - below
    assert found.p_value[0] == pytest.approx(p_value * (2 - p_value))


def test_random_queries_have_uniform_p_values_or_larger(database: list[NamedMatrix]) -> None:
    rng = np.random.default_rng(3)
    pool = np.concatenate([target.matrix for target in database])
    values = []
    for _ in range(30):
        values.append(compare_with_database(pool[rng.integers(0, len(pool), size=8)], database).p_value)
    share = np.mean(np.concatenate(values) < 0.05)
    assert 0.01 < share < 0.08
