"""Calibrators against numbers worked out by hand, scipy, and slow implementations; samples; scores of calibrations."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import curve_fit, least_squares

from cistill.affinity.calibration.calibrators import KINDS, fit, fit_isotonic, fit_line, from_parameters
from cistill.affinity.calibration.excess import FLOORS, fit_excess, log_excess
from cistill.affinity.calibration.langmuir import fit_langmuir
from cistill.affinity.calibration.logistic import fit_logistics
from cistill.affinity.calibration.sampling import draw_sample, sample_size
from cistill.affinity.calibration.scoring import Bootstrap, Ranked, measures, number_of_resamples, ranks_along
from cistill.errors import InputError


def test_a_line_through_three_points_by_hand() -> None:
    made = fit_line(np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 4.0]))
    assert (made.slope, made.intercept) == pytest.approx((1.5, 5 / 6))
    assert made.apply(np.array([4.0])) == pytest.approx([6 + 5 / 6])


def test_a_line_is_that_of_scipy_and_a_constant_score_gives_the_mean() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=40), rng.normal(size=40)
    expected = stats.linregress(x, y)
    made = fit_line(x, y)
    assert (made.slope, made.intercept) == pytest.approx((expected.slope, expected.intercept))
    flat = fit_line(np.ones(4), np.array([1.0, 2.0, 3.0, 6.0]))
    assert (flat.slope, flat.intercept) == (0.0, 3.0)


def slow_pool_adjacent_violators(x: np.ndarray, y: np.ndarray) -> dict[float, float]:
    """Return the rising fit: blocks are joined as long as a mean is above the next one's."""
    blocks = [[float(y[x == value].mean()), int((x == value).sum()), [float(value)]] for value in np.unique(x)]
    i = 0
    while i + 1 < len(blocks):
        (a, n, xs), (b, m, others) = blocks[i], blocks[i + 1]
        if a > b:
            blocks[i : i + 2] = [[(a * n + b * m) / (n + m), n + m, xs + others]]
            i = max(i - 1, 0)
        else:
            i += 1
    return {value: mean for mean, _, xs in blocks for value in xs}


def test_isotonic_by_hand_and_by_a_slow_loop() -> None:
    made = fit_isotonic(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 3.0, 2.0, 5.0]))
    given = np.array([0.0, 1.0, 2.0, 2.5, 3.0, 3.5, 4.0, 9.0])
    assert made.apply(given) == pytest.approx([1, 1, 2.5, 2.5, 2.5, 3.75, 5, 5])
    rng = np.random.default_rng(1)
    x = rng.integers(0, 15, 60).astype(float)
    y = x + rng.normal(0, 4, 60)
    expected = slow_pool_adjacent_violators(x, y)
    levels = np.array(sorted(expected))
    assert fit_isotonic(x, y).apply(levels) == pytest.approx([expected[value] for value in levels])
    assert fit_isotonic(x, -y).apply(levels) == pytest.approx([-expected[value] for value in levels])


def test_langmuir_of_intensities_finds_the_curve_that_scipy_finds() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(-3, 3, 300)
    y = 2 + 3 / (1 + np.exp(-1.7 * (x - 0.4))) + rng.normal(0, 0.1, 300)
    (made,) = fit_langmuir(x[None], y, energy=False, higher_is_tighter=True)
    parameters, _ = curve_fit(lambda s, f, h, k, m: f + h / (1 + np.exp(-k * (s - m))), x, y, p0=[2, 3, 1.7, 0.4])
    assert (made.floor, made.height, made.steepness, made.midpoint) == pytest.approx(tuple(parameters), rel=1e-3)
    assert made.apply(np.array([0.4])) == pytest.approx([3.5], abs=0.05)


def test_logistic_curves_are_those_of_a_long_search_one_by_one_and_all_at_once() -> None:
    rng = np.random.default_rng(8)
    x = np.sort(rng.normal(size=(12, 60)), axis=1) * rng.uniform(0.1, 10, (12, 1))
    y = np.exp(rng.normal(size=(12, 1))) / (1 + np.exp(-3 * x / x.std(axis=1, keepdims=True)))
    y += 0.1 * rng.normal(size=y.shape)
    found = fit_logistics(x, y)
    squares = ((y - found.curves(x)) ** 2).sum(axis=1)
    for row in range(12):
        scale = x[row].std()

        def residuals(p: np.ndarray, row: int = row) -> np.ndarray:
            return p[0] + p[1] / (1 + np.exp(-np.exp(p[3]) * (x[row] - p[2]))) - y[row]  # type: ignore[no-any-return]

        start = [y[row].min(), np.ptp(y[row]), 0.0, np.log(3 / scale)]
        slow = least_squares(residuals, start, xtol=1e-15, ftol=1e-15, gtol=1e-15, x_scale=[1, 1, scale, 1])
        assert squares[row] <= 2 * slow.cost * (1 + 1e-9)
        alone = fit_logistics(x[row : row + 1], y[row : row + 1])
        assert [values[0] for values in alone] == [values[row] for values in found]


def test_logistic_curves_of_one_x_or_one_y_are_those_of_repeated_rows() -> None:
    rng = np.random.default_rng(9)
    one, many = rng.normal(size=(1, 40)), rng.normal(size=(5, 40))
    same = np.repeat(one, 5, axis=0)
    for short, whole in zip(fit_logistics(one, many), fit_logistics(same, many), strict=True):
        assert short == pytest.approx(whole)
    for short, whole in zip(fit_logistics(many, one), fit_logistics(many, same), strict=True):
        assert short == pytest.approx(whole)
    flat = fit_logistics(np.ones((1, 4)), np.array([[1.0, 2, 3, 6], [0, 0, 0, 4]]))
    assert [values.tolist() for values in flat] == [[3, 1], [0, 0], [1, 1], [1, 1]]


@pytest.mark.parametrize("higher_is_tighter", [True, False])
def test_langmuir_of_energies_is_the_inverse_of_the_curve_where_there_is_no_noise(higher_is_tighter: bool) -> None:
    energy = np.linspace(-2, 4, 80)
    x = energy if higher_is_tighter else -energy
    score = 0.5 + 2 / (1 + np.exp(-1.2 * (x - 0.5)))
    (made,) = fit_langmuir(score[None], energy, energy=True, higher_is_tighter=higher_is_tighter)
    assert made.apply(score) == pytest.approx(energy, abs=0.02)
    assert made.apply(np.array([-5.0, 9.0])) == pytest.approx([-2, 4] if higher_is_tighter else [4, -2])


def test_langmuir_of_noisy_energies_stays_within_the_sample_and_beats_the_line() -> None:
    rng = np.random.default_rng(3)
    energy = rng.uniform(0, 6, 400)
    score = 3 / (1 + np.exp(2 * (energy - 1.5))) + rng.normal(0, 0.1, 400)
    (made,) = fit_langmuir(score[None, :100], energy[:100], energy=True, higher_is_tighter=False)
    predicted, truth = made.apply(score[100:]), energy[100:]
    assert predicted.min() >= energy[:100].min()
    assert predicted.max() <= energy[:100].max()
    line = fit_line(score[:100], energy[:100]).apply(score[100:])
    assert np.mean((predicted - truth) ** 2) < 0.8 * np.mean((line - truth) ** 2)


def test_excess_recovers_the_energies_behind_log_counts_over_a_background() -> None:
    energy = np.linspace(0, 4, 60)
    score = np.log1p(30 * np.exp(-energy / 0.593))  # 30: counts of the best site relative to the background
    made = fit_excess(score, energy)
    assert made.apply(score) == pytest.approx(energy, abs=0.05)
    assert made.slope == pytest.approx(-0.593, abs=0.02)


def test_excess_is_monotone_and_finite_everywhere() -> None:
    scores = np.array([-1e6, -3.0, -0.1, 0.0, 1e-9, 0.1, 1.0, 5.0, 29.0, 1e6])
    for floor in (FLOORS[0], FLOORS[-1]):
        values = log_excess(scores, floor)
        assert np.isfinite(values).all()
        assert (np.diff(values) >= 0).all()
    assert log_excess(np.array([math.log(3)]), 0.5) == pytest.approx([math.log(2.5)])
    assert fit_excess(np.ones(5), np.arange(5.0)).apply(np.array([7.0])) == pytest.approx([2.0])


def test_every_calibrator_is_the_same_after_its_parameters_went_through_a_file() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=50)
    y = 2 * x + rng.normal(size=50)
    new = np.linspace(-4, 4, 33)
    for kind, energy in itertools.product(KINDS, (True, False)):
        (made,) = fit(kind, x[None], y, energy, True)
        assert made.kind == kind
        assert from_parameters(kind, made.parameters()).apply(new).tolist() == made.apply(new).tolist()
    with pytest.raises(InputError, match="not as `calibrate` writes it"):
        from_parameters("ols", {"slope": 1.0})
    with pytest.raises(InputError, match="'cubic'"):
        from_parameters("cubic", {})


@pytest.mark.parametrize(
    ("number", "share", "size"),
    [
        (188, 0.1, 19),  # the first four are published
        (20_414, 0.1, 1000),
        (1_048_576, 0.1, 1000),
        (31, 0.2, 7),
        (31, 0.1, 4),
        (10, 0.1, 3),
        (5, 0.9, 4),
    ],
)
def test_sample_sizes_are_those_published(number: int, share: float, size: int) -> None:
    assert sample_size(number, share) == size


def test_a_sample_depends_on_the_sequences_and_the_seed_and_not_on_their_order() -> None:
    sequences = ["".join(bases) for bases in itertools.product("ACGT", repeat=3)]
    chosen = {sequences[row] for row in draw_sample(sequences, 10, 7)}
    turned = sequences[::-1]
    assert {turned[row] for row in draw_sample(turned, 10, 7)} == chosen
    assert len(chosen) == 10
    assert {sequences[row] for row in draw_sample(sequences, 10, 8)} != chosen
    assert {sequences[row] for row in draw_sample(sequences, 10, 7, repeat=1)} != chosen
    with pytest.raises(InputError, match="leaves none to score on"):
        draw_sample(sequences, 64, 0)


def test_measures_are_those_of_scipy() -> None:
    rng = np.random.default_rng(5)
    y = np.round(rng.normal(size=50), 1)
    p = np.round(y + rng.normal(size=50), 1)
    found = measures(y, p)
    assert found["rmse"] == pytest.approx(math.sqrt(np.mean((y - p) ** 2)))
    assert found["pearson"] == pytest.approx(stats.pearsonr(y, p).statistic)
    assert found["spearman"] == pytest.approx(stats.spearmanr(y, p).statistic)
    assert math.isnan(measures(y, np.ones(50))["pearson"])


@pytest.mark.parametrize("turn", [lambda x: 2 * x, lambda x: -x, np.round, np.abs, np.zeros_like])
def test_ranks_along_an_order_are_those_of_scipy(turn: Callable[[np.ndarray], np.ndarray]) -> None:
    x = np.random.default_rng(10).normal(size=30)
    assert ranks_along(turn(x), np.argsort(x)).tolist() == stats.rankdata(turn(x)).tolist()


def test_ranks_along_an_order_are_unknown_with_a_value() -> None:
    assert np.isnan(ranks_along(np.array([1.0, np.nan, 0.5]), np.arange(3))).all()


def test_bootstrap_intervals_are_those_of_a_loop_over_resamples() -> None:
    rng = np.random.default_rng(6)
    y = rng.normal(size=80)
    predictions = [y + rng.normal(size=80), rng.normal(size=80)]
    found = Bootstrap(Ranked.of(y), 2000, seed=1).intervals(np.array(predictions))
    own = np.random.default_rng(99)
    for prediction, interval in zip(predictions, found, strict=True):
        draws = [own.integers(80, size=80) for _ in range(2000)]
        slow = [measures(y[rows], prediction[rows]) for rows in draws]
        for measure in ("rmse", "pearson", "spearman"):
            expected = np.percentile([values[measure] for values in slow], [2.5, 97.5])
            assert interval[measure] == pytest.approx(tuple(expected), abs=0.04)
    assert Bootstrap(Ranked.of(y), 2000, seed=1).intervals(np.array(predictions)) == found


def test_the_interval_of_a_correlation_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    covered = 0
    for trial in range(100):
        y = rng.normal(size=60)
        predicted = 0.6 * y + 0.8 * rng.normal(size=(1, 60))
        low, high = Bootstrap(Ranked.of(y), 400, trial).intervals(predicted)[0]["pearson"]
        covered += low <= 0.6 <= high
    assert 86 <= covered <= 100


def test_large_sets_have_fewer_resamples() -> None:
    assert number_of_resamples(1000, 1000) == 1000
    assert number_of_resamples(1_048_576, 1000) == 95
    assert number_of_resamples(10, 0) == 0
