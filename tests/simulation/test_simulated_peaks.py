"""Peaks: candidates, significance, format."""

import numpy as np
from scipy.stats import false_discovery_control, poisson

from cistill.simulation.peak_calling import (
    call_peaks,
    candidate_summits,
    log_adjusted,
    log_upper_tail,
    write_narrowpeak,
)
from cistill.simulation.reads import BoundSites


def sites(*rows):
    start, recruitment = zip(*rows, strict=True)
    number = len(rows)
    return BoundSites(np.array(start), np.zeros(number, dtype=np.int64), np.full(number, "SIM1"), np.array(recruitment))


def test_a_cluster_of_sites_is_one_candidate_at_its_strongest():
    bound = sites((1000, 0.2), (1100, 0.9), (1200, 0.1), (5000, 0.3), (7000, 0.001))
    assert candidate_summits(bound).tolist() == [1105, 5005]


def test_tail_probabilities_equal_those_of_scipy_and_go_further():
    observed = np.array([10, 30, 100, 200])
    np.testing.assert_allclose(log_upper_tail(observed, 8.0), poisson.logsf(observed - 1, 8.0), rtol=1e-9)
    assert log_upper_tail(np.array([3, 8]), 8.0).tolist() == [0, 0]
    far = log_upper_tail(np.array([5000]), 8.0)[0]
    assert np.isclose(far, poisson.logpmf(5000, 8.0), rtol=1e-3)


def test_adjusted_probabilities_are_benjamini_hochberg():
    p = np.random.default_rng(0).random(50) ** 3
    np.testing.assert_allclose(np.exp(log_adjusted(np.log(p))), false_discovery_control(p))


def test_only_enriched_candidates_are_called(tmp_path):
    counts = np.zeros((2, 10_000), dtype=np.int32)
    counts[:, 1000:1010] = 20  # 400 tags, 8 expected
    counts[0, 5005] = 12  # 12 tags
    counts[1, 8000] = 100  # a hotspot
    bound = sites((1000, 0.5), (5000, 0.02))
    table = call_peaks(["c"], [bound], [np.array([8000, 1020])], [counts], 0.04, np.random.default_rng(0), "p")
    assert table["name"].tolist() == ["p_1", "p_2"]
    assert table["signalValue"].tolist() == [50.0, 12.5]
    summit = table["start"] + table["peak"]
    assert (np.abs(summit - [1005, 8000]) < 30).all()
    assert (table["qValue"] <= table["pValue"]).all()
    write_narrowpeak(tmp_path / "p.narrowPeak", table)
    lines = (tmp_path / "p.narrowPeak").read_text().splitlines()
    assert [len(line.split("\t")) for line in lines] == [10, 10]
    assert lines[0].split("\t")[:1] == ["c"]
