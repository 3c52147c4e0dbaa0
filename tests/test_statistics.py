"""Statistics that several packages need."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import false_discovery_control

from cistill.statistics import (
    auroc_interval,
    average_ranks,
    benjamini_hochberg,
    correlation_interval,
    fit_monotone,
    mean_interval,
    share_interval,
)


def test_benjamini_hochberg_by_hand() -> None:
    # sorted p: 0.01, 0.02, 0.04, 0.9; times 4/rank: 0.04, 0.04, 0.0533, 0.9
    assert np.allclose(benjamini_hochberg([0.9, 0.01, 0.04, 0.02]), [0.9, 0.04, 0.16 / 3, 0.04])


def test_missing_p_values_are_no_tests() -> None:
    q = benjamini_hochberg(np.array([0.01, 0.04, np.nan, 0.03, 0.5]))
    assert q[[0, 1, 3, 4]] == pytest.approx([0.04, 0.04 * 4 / 3, 0.04 * 4 / 3, 0.5])
    assert np.isnan(q[2])
    assert len(benjamini_hochberg(np.zeros(0))) == 0


def test_tests_without_a_p_value_here_count_where_their_number_is_given() -> None:
    assert benjamini_hochberg([0.03, 0.001, 0.02], tests=10).tolist() == pytest.approx([0.1, 0.01, 0.1])


def test_q_values_are_those_of_scipy() -> None:
    p = np.random.default_rng(0).uniform(size=200) ** 3
    assert benjamini_hochberg(p) == pytest.approx(false_discovery_control(p), rel=1e-12)


@given(arrays(np.float64, st.integers(1, 60), elements=st.integers(-4, 4).map(float) | st.floats(-1e3, 1e3)))
def test_average_ranks_count_smaller_values_and_half_of_the_ties(values: np.ndarray) -> None:
    below = (values[:, None] > values).sum(1)
    equal = (values[:, None] == values).sum(1)
    assert (average_ranks(values) == below + (equal + 1) / 2).all()


def test_average_ranks_have_the_shape_of_the_values_and_are_unknown_with_one_of_them() -> None:
    assert average_ranks(np.array([[3, 1], [1, 2]])).tolist() == [[4, 1.5], [1.5, 3]]
    assert np.isnan(average_ranks(np.array([1.0, np.nan]))).all()
    assert len(average_ranks(np.zeros(0))) == 0


def test_a_monotone_fit_by_hand() -> None:
    # x = 2 twice: their mean 2 of weight 2 and the 1 at 3 violate and pool to 5/3
    fit = fit_monotone(np.array([2.0, 1.0, 3.0, 2.0, 4.0]), np.array([3.0, 0.0, 1.0, 1.0, 4.0]))
    assert fit.x.tolist() == [1, 2, 3, 4]
    assert fit.y == pytest.approx([0, 5 / 3, 5 / 3, 4])
    assert fit.blocks.tolist() == [0, 1, 3, 4]
    falling = fit_monotone(np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.array([3.0, 1.0]), increasing=False)
    assert falling.y == pytest.approx([0.25, 0.25])


@given(st.lists(st.tuples(st.integers(0, 8), st.floats(-5, 5), st.floats(0.1, 3)), min_size=1, max_size=30))
def test_no_monotone_function_of_its_means_is_nearer(points: list[tuple[int, float, float]]) -> None:
    x, y, weight = (np.array(values, dtype=float) for values in zip(*points, strict=True))
    fit = fit_monotone(x, y, weight)
    assert (np.diff(fit.y) >= 0).all()
    for first, last in zip(fit.blocks[:-1], fit.blocks[1:], strict=True):
        own = np.isin(x, fit.x[first:last])
        assert fit.y[first:last] == pytest.approx(np.average(y[own], weights=weight[own]), abs=1e-9)


def test_interval_of_a_share_is_wilsons() -> None:
    # 8 of 10, by hand: (0.8 + 0.19207) / 1.38415 -+ 1.96 sqrt(0.016 + 0.0096036) / 1.38415
    assert share_interval(8, 10) == pytest.approx((0.490162, 0.943318), abs=1e-5)
    assert share_interval(2, 2)[1] == 1
    assert np.isnan(share_interval(0, 0)).all()


def test_interval_of_an_area_of_one_of_few_regions_is_wide() -> None:
    lower, upper = auroc_interval(1.0, 2, 2)
    assert (round(lower, 2), upper) == (0.39, 1)
    assert auroc_interval(0.0, 2, 2) == pytest.approx((0, 1 - lower), abs=1e-6)
    assert np.isnan(auroc_interval(0.9, 0, 5)).all()


@given(st.floats(0, 1), st.integers(1, 500), st.integers(1, 500))
def test_interval_of_an_area_holds_it_and_is_symmetric(area: float, positives: int, negatives: int) -> None:
    lower, upper = auroc_interval(area, positives, negatives)
    assert 0 <= lower <= area + 1e-9
    assert area - 1e-9 <= upper <= 1
    mirrored = auroc_interval(1 - area, positives, negatives)
    assert mirrored == pytest.approx((1 - upper, 1 - lower), abs=1e-6)


def test_interval_of_an_area_covers_the_true_one() -> None:
    random, true, covered = np.random.default_rng(3), 0.802, 0
    for _ in range(400):
        positive, negative = random.normal(1.2, 1, 15), random.normal(0, 1, 15)
        lower, upper = auroc_interval(float((positive[:, None] > negative).mean()), 15, 15)
        covered += lower <= true <= upper
    assert covered >= 372  # 93 %


def test_intervals_of_means_and_correlations() -> None:
    assert correlation_interval(0.9, 10) == pytest.approx((0.6239, 0.9764), abs=1e-4)
    assert np.isnan(correlation_interval(0.9, 3)).all()
    assert mean_interval(np.array([1.0, 2.0, 3.0, np.nan])) == pytest.approx((-0.4841, 4.4841), abs=1e-4)
    assert np.isnan(mean_interval(np.array([1.0, 2.0]))).all()
