import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from cistill.model.metrics import (
    auroc,
    jensen_shannon_distance,
    joint_profile,
    pearson,
    spearman,
    total_log_count,
)


def test_auroc_counts_pairs_and_half_of_ties() -> None:
    # pairs (3, 1), (3, 2), (2, 1) won, (2, 2) tied
    assert auroc(np.array([3.0, 2.0]), np.array([1.0, 2.0])) == 3.5 / 4
    assert np.isnan(auroc(np.array([]), np.array([1.0])))


def test_jensen_shannon_distance_is_scipys() -> None:
    random = np.random.default_rng(0)
    p, q = random.poisson(0.5, (5, 40)).astype(float), random.random((5, 40))
    p[0] = q[0]
    expected = [jensenshannon(a, b) for a, b in zip(p, q, strict=True)]
    np.testing.assert_allclose(jensen_shannon_distance(p, q), expected, atol=1e-7)


def test_jensen_shannon_distance_of_nothing_is_nan() -> None:
    assert np.isnan(jensen_shannon_distance(np.zeros(4), np.ones(4)))


def test_joint_profile_weights_strands_by_predicted_counts() -> None:
    log_profile = np.log(np.array([[0.5, 0.5], [0.1, 0.9]]))
    joint = joint_profile(log_profile, np.log(np.array([3.0, 1.0])))
    np.testing.assert_allclose(joint, [[0.375, 0.375], [0.025, 0.225]])


@given(st.floats(0, 12), st.floats(0, 12))
def test_total_log_count_adds_the_strands(a: float, b: float) -> None:
    expected = np.log1p(np.expm1(a) + np.expm1(b))
    assert total_log_count(np.array([a, b])) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_correlations_of_constants_are_undefined() -> None:
    assert np.isnan(pearson(np.ones(5), np.arange(5.0)))
    assert np.isnan(spearman(np.arange(5.0), np.ones(5)))
    assert spearman(np.array([1.0, 2, 2, 9]), np.array([0.1, 0.3, 0.3, 0.2])) == pytest.approx(1 / 3)
