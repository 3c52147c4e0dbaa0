"""Every metric of profiles against its definition, written out with scipy for one profile at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.distance import jensenshannon

from cistill.model.prediction.distributions import Distributions, compare, profile_ranks, smooth
from cistill.model.prediction.profile_metrics import (
    NAMES,
    Predicted,
    Reads,
    add_smoothed,
    best_of_counts,
    metrics_of_counts,
    smoothed_truth,
)

LENGTH = 120


def log_softmax(values: np.ndarray) -> np.ndarray:
    """Return float32 log-probabilities, as a network gives them."""
    shifted = values - values.max(-1, keepdims=True)
    return (shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))).astype(np.float32)


def random_profiles(number: int = 12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return counts, log-probabilities and log counts; among the first are the edge cases that their names say."""
    random = np.random.default_rng(3)
    counts = random.poisson(random.gamma(0.3, 1.0, (number, 2, LENGTH))).astype(np.float32)
    log_profile = log_softmax(random.normal(0, 2, (number, 2, LENGTH)))
    counts[0] = 0  # empty
    counts[1, 0] = 0  # one strand empty
    counts[2], counts[2, 0, 7], counts[2, 1, 50] = 0, 1, 1  # one read a strand
    counts[3] = 2  # the same everywhere
    log_profile[4] = np.float32(-np.log(LENGTH))  # a prediction that is the same everywhere
    log_profile[5, 1] = np.float32(-np.log(LENGTH))
    counts[6], counts[6, :, LENGTH - 1] = 0, 300  # a pile at the end
    return counts, log_profile, random.normal(3, 1, (number, 2))


def of_one_profile(counts: np.ndarray, log_profile: np.ndarray, log_counts: np.ndarray) -> dict[str, float]:
    """Return all metrics of one profile by their definitions; NaN where a strand is empty."""
    nan = float("nan")
    counts, log_profile = counts.astype(float), log_profile.astype(float)
    found: dict[str, float] = {}
    strands: dict[str, list[float]] = {}
    truths, guesses = [], []
    for x, logs in zip(counts, log_profile, strict=True):
        total, q = x.sum(), np.exp(logs) / np.exp(logs).sum()
        exact = -stats.multinomial.logpmf(x, int(total), q / q.sum()) if total else 0.0
        strands.setdefault("nll", []).append(float(exact))
        truth = smooth_by_scipy(x / total) if total else np.full(LENGTH, nan)
        truths.append(truth)
        guesses.append(q)
        strands.setdefault("cross_entropy", []).append(float(-(x * logs).sum() / total) if total else nan)
        divergence = jensenshannon(truth, q) ** 2 if total else nan
        strands.setdefault("js_divergence", []).append(float(divergence))
        strands.setdefault("mse", []).append(float(((truth - q) ** 2).mean()))
    for name, values in strands.items():
        found[f"profile_{name}"] = float(np.mean(values))
        found[f"profile_{name}_plus"], found[f"profile_{name}_minus"] = values
    for suffix, truth, guess in (
        ("_plus", truths[0], guesses[0]),
        ("_minus", truths[1], guesses[1]),
        ("", np.concatenate(truths), np.concatenate(guesses)),
    ):
        for name, of in (("pearson", stats.pearsonr), ("spearman", stats.spearmanr)):
            # ties that only rounding breaks are ties
            truth, guess = truth.astype(np.float32).astype(float), guess.astype(np.float32).astype(float)
            undefined = np.isnan(truth).any() or np.ptp(truth) == 0 or np.ptp(guess) == 0
            found[f"profile_{name}{suffix}"] = nan if undefined else float(of(truth, guess).statistic)
    joint = np.exp(log_profile) * np.exp(log_counts - np.logaddexp(*log_counts))[:, None]
    found["profile_jsd"] = float(jensenshannon(counts.ravel(), joint.ravel())) if counts.sum() else nan
    return found


def smooth_by_scipy(values: np.ndarray) -> np.ndarray:
    return gaussian_filter1d(values, 7, truncate=80 / 14, mode="reflect")


def all_metrics(counts: np.ndarray, predicted: Predicted) -> np.ndarray:
    reads = Reads(counts)
    values = metrics_of_counts(reads, predicted)
    add_smoothed(values, reads, compare(smoothed_truth(reads), predicted.distributions()))
    return values


def test_metrics_are_scipys_on_random_profiles_and_edge_cases() -> None:
    counts, log_profile, log_counts = random_profiles()
    log_share = log_counts - np.logaddexp(log_counts[:, :1], log_counts[:, 1:])
    values = all_metrics(counts, Predicted(log_profile, log_share))
    for row in range(len(counts)):
        expected = of_one_profile(counts[row], log_profile[row], log_counts[row])
        assert set(expected) == set(NAMES)
        for place, name in enumerate(NAMES):
            # the negative log-likelihood of hundreds of reads adds up the rounding of float32 log-probabilities
            tolerance = 1e-5 if "nll" in name or name == "profile_jsd" else 2e-6
            message = f"{name} of profile {row}"
            np.testing.assert_allclose(values[row, place], expected[name], atol=tolerance, rtol=1e-5, err_msg=message)


def test_where_a_metric_is_undefined() -> None:
    counts, log_profile, log_counts = random_profiles()
    log_share = log_counts - np.logaddexp(log_counts[:, :1], log_counts[:, 1:])
    values = all_metrics(counts, Predicted(log_profile, log_share))
    defined = {name: np.isfinite(values[:, place]) for place, name in enumerate(NAMES)}
    assert defined["profile_nll"].all()
    assert values[0, NAMES.index("profile_nll")] == 0
    # row 0 is empty, row 1 on the plus strand
    assert np.flatnonzero(~defined["profile_jsd"]).tolist() == [0]
    for name in ("cross_entropy", "js_divergence", "mse"):
        assert np.flatnonzero(~defined[f"profile_{name}"]).tolist() == [0, 1]
        assert np.flatnonzero(~defined[f"profile_{name}_plus"]).tolist() == [0, 1]
        assert np.flatnonzero(~defined[f"profile_{name}_minus"]).tolist() == [0]
    # besides, a correlation is with something that varies: 3 does not observed, 4 predicted, 5 on the minus strand
    for name in ("pearson", "spearman"):
        assert np.flatnonzero(~defined[f"profile_{name}"]).tolist() == [0, 1, 3, 4]
        assert np.flatnonzero(~defined[f"profile_{name}_minus"]).tolist() == [0, 3, 4, 5]


def test_the_smoothing_has_81_taps_and_keeps_sums() -> None:
    impulse = np.zeros(201)
    impulse[100] = 1
    kernel = smooth(impulse)
    assert np.flatnonzero(kernel).tolist() == list(range(60, 141))
    assert kernel[100] == pytest.approx(0.05699, abs=5e-6)
    edge = np.zeros(201)
    edge[2] = 3
    assert smooth(edge).sum() == pytest.approx(3)


def test_a_profile_of_its_own_is_the_best() -> None:
    counts, _, _ = random_profiles()
    counts = counts[2:].astype(float)
    best = best_of_counts(Reads(counts))
    with np.errstate(divide="ignore"):
        own = np.log(counts / counts.sum(-1, keepdims=True))
    share = np.log(counts.sum(-1) / counts.sum((1, 2))[:, None])
    reached = metrics_of_counts(Reads(counts), Predicted(own, share))
    np.testing.assert_allclose(reached[:, 1:7], best[:, 1:7], atol=1e-9)
    np.testing.assert_allclose(reached[:, 0], 0, atol=1e-7)  # the root of rounding
    truth = smoothed_truth(Reads(counts))
    np.testing.assert_allclose(compare(truth, truth)[:, [0, 3]], 0, atol=1e-12)
    varied = np.flatnonzero(np.ptp(truth.share, -1).max(1) > 1e-6)
    np.testing.assert_allclose(compare(truth, truth)[varied][:, [1, 2]], 1, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.float32, (3, 2, 17), elements=st.sampled_from([-2.5, -0.0, 0.0, 1e-30, 0.25, 1.0, 3.0])))
def test_average_ranks_are_scipys(values: np.ndarray) -> None:
    pooled, within = profile_ranks(values)
    expected = stats.rankdata(values.reshape(3, -1), axis=-1).reshape(values.shape)
    np.testing.assert_array_equal(pooled + (2 * 17 + 1) / 2, expected)
    np.testing.assert_array_equal(within + (17 + 1) / 2, stats.rankdata(values, axis=-1))


def test_a_table_of_predictions_is_looked_up_by_row() -> None:
    counts, log_profile, log_counts = random_profiles()
    log_share = log_counts - np.logaddexp(log_counts[:, :1], log_counts[:, 1:])
    index = np.array([4, 9, 9, 7, 0, 1, 2, 3, 5, 6, 8, 11])
    share = np.exp(log_profile.astype(float))
    smoothed = Distributions.of(share / share.sum(-1, keepdims=True), order=log_profile)
    table = Predicted(log_profile, log_share, smoothed, index)
    direct = all_metrics(counts, Predicted(log_profile[index], log_share[index]))
    np.testing.assert_array_equal(all_metrics(counts, table), direct)
