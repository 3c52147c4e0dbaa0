"""Statistics that several packages need."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from cistill.statistics import benjamini_hochberg


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
