import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cistill.model.prediction.metrics import mean_squared_error, shuffled_baseline, total_log_count
from cistill.statistics import auroc, pearson, spearman


def test_auroc_counts_pairs_and_half_of_ties() -> None:
    # pairs (3, 1), (3, 2), (2, 1) won, (2, 2) tied
    assert auroc(np.array([3.0, 2.0]), np.array([1.0, 2.0])) == 3.5 / 4
    assert np.isnan(auroc(np.array([]), np.array([1.0])))


@given(st.floats(0, 12), st.floats(0, 12))
def test_total_log_count_adds_the_strands(a: float, b: float) -> None:
    expected = np.log1p(np.expm1(a) + np.expm1(b))
    assert total_log_count(np.array([a, b])) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_correlations_of_constants_and_of_two_points_are_undefined() -> None:
    assert np.isnan(pearson(np.ones(5), np.arange(5.0)))
    assert np.isnan(spearman(np.arange(5.0), np.ones(5)))
    assert np.isnan(pearson(np.arange(2.0), np.arange(2.0)))
    assert np.isnan(mean_squared_error(np.array([]), np.array([])))
    assert spearman(np.array([1.0, 2, 2, 9]), np.array([0.1, 0.3, 0.3, 0.2])) == pytest.approx(1 / 3)


def test_correlations_are_scipys() -> None:
    random = np.random.default_rng(0)
    x, y = random.integers(0, 6, 50).astype(float), random.normal(size=50)
    assert pearson(x, y) == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-12)
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)


def test_shuffled_labels_know_the_distribution_and_nothing_else() -> None:
    observed = np.random.default_rng(1).normal(3, 2, (4000, 2))
    baseline = shuffled_baseline(observed, seed=1)
    assert abs(baseline["pearson"]) < 0.02
    assert abs(baseline["spearman"]) < 0.02
    assert baseline["mse"] == pytest.approx(2 * observed.var(), rel=0.02)
    assert baseline == shuffled_baseline(observed, seed=1)
    assert baseline != shuffled_baseline(observed, seed=2)


def test_shuffled_labels_of_a_constant_are_undefined_but_for_their_error() -> None:
    baseline = shuffled_baseline(np.full(6, 2.0), seed=1)
    assert np.isnan(baseline["pearson"])
    assert np.isnan(baseline["spearman"])
    assert baseline["mse"] == 0
