"""Exact distributions of counts of regions."""

from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest

from cistill.hits.statistics.occupancy import crowded_boxes, shared_boxes, sum_of


def as_dict(null) -> dict[int, float]:
    return {null.first + i: p for i, p in enumerate(null.probability) if p > 1e-12}


def all_ways(boxes: int, balls: int, at_least: int) -> dict[int, float]:
    """Count every way to place the balls."""
    ways = Counter(
        sum(number >= at_least for number in Counter(placed).values()) for placed in product(range(boxes), repeat=balls)
    )
    return {count: number / boxes**balls for count, number in ways.items()}


@pytest.mark.parametrize(
    ("boxes", "balls", "at_least"),
    [(4, 6, 2), (3, 7, 2), (3, 7, 3), (2, 8, 3), (5, 5, 2), (4, 6, 1), (6, 3, 2), (1, 5, 2), (3, 3, 2), (2, 4, 3)],
)  # fmt: skip
def test_crowded_boxes_are_as_counting_all_ways(boxes: int, balls: int, at_least: int) -> None:
    null, ways = crowded_boxes(boxes, balls, at_least), all_ways(boxes, balls, at_least)
    assert as_dict(null) == pytest.approx(ways, abs=1e-12)
    assert null.mean == pytest.approx(sum(count * p for count, p in ways.items()))
    variance = sum(count**2 * p for count, p in ways.items()) - null.mean**2
    assert null.sd == pytest.approx(np.sqrt(max(variance, 0)), abs=1e-7)


@pytest.mark.parametrize("balls", [0, 1])
def test_fewer_balls_than_crowd_a_box(balls: int) -> None:
    assert as_dict(crowded_boxes(5, balls, 2)) == {0: 1}


def test_many_balls_add_up_and_have_the_known_mean() -> None:
    null = crowded_boxes(10000, 5000, 2)
    count = null.first + np.arange(len(null.probability))
    assert null.probability.sum() == pytest.approx(1, abs=1e-9)
    assert null.mean == pytest.approx(901.964, abs=0.001)  # N (1 - (1 - 1/N)^n - (n/N)(1 - 1/N)^(n-1))
    assert (null.probability * count).sum() == pytest.approx(null.mean, abs=1e-6)
    assert null.sd == pytest.approx(19.0, abs=0.01)


def test_far_tails_keep_their_precision() -> None:
    # 20 balls in 10 boxes: every box has two with probability 20! / (2^10 10^20)
    null = crowded_boxes(10, 20, 2)
    assert null.at(10) == pytest.approx(2432902008176640000 / (1024 * 1e20), rel=1e-10)
    # 3 of 1000 balls share one of a million boxes: about C(1000, 3) / N^2
    assert crowded_boxes(10**6, 1000, 3).above(0) == pytest.approx(1.6616e-4, rel=1e-3)


def test_one_region_and_many_hits() -> None:
    assert as_dict(crowded_boxes(1, 5000, 2)) == {1: pytest.approx(1)}


def test_shared_boxes_are_as_counting_all_subsets() -> None:
    ways = Counter(
        len(set(one) & set(other)) for one in combinations(range(6), 3) for other in combinations(range(6), 4)
    )
    null = shared_boxes(6, 3, 4)
    assert as_dict(null) == pytest.approx({count: number / 300 for count, number in ways.items()})
    assert null.mean == pytest.approx(2)
    assert null.sd == pytest.approx(np.sqrt(3 * 4 * 3 * 2 / (36 * 5)))
    assert as_dict(shared_boxes(1, 1, 1)) == {1: pytest.approx(1)}


def test_sums_of_strata() -> None:
    total = sum_of([crowded_boxes(2, 2, 2), crowded_boxes(1, 3, 2), shared_boxes(2, 1, 1)])
    assert as_dict(total) == pytest.approx({1: 0.25, 2: 0.5, 3: 0.25})
    assert total.mean == pytest.approx(2)
    assert total.sd == pytest.approx(np.sqrt(0.5))
    assert (total.below(2), total.at(2), total.above(2)) == pytest.approx((0.25, 0.5, 0.25))
