"""Numbers as the page and the summary write them."""

import numpy as np
import pytest

from cistill.report.drawing.wording import (
    decimal,
    is_main,
    metric_words,
    plain,
    readable,
    significant,
    span,
    written_alike,
)


@pytest.mark.parametrize(
    ("value", "words"), [(0.12345, "0.123"), (-0.5, "−0.500"), (-0.0001, "0.000"), (123.45, "123.5"), (np.nan, "–")]
)
def test_a_number_has_as_many_decimals_as_it_is_worth(value, words):
    assert readable(value) == words


def test_numbers_too_small_for_decimals_are_powers_of_ten_together():
    assert written_alike([1.3e-4, 9e-5, 0.0, np.nan]) == ["1.3×10⁻⁴", "9.0×10⁻⁵", "0", "–"]
    assert written_alike([0.3, -1e-5]) == ["0.300", "0.000"]


def test_settings_keep_three_digits_and_large_ones_their_thousands():
    assert [significant(value) for value in (0.0038234, 156.042, 1186.7, None)] == ["0.00382", "156", "1,187", "–"]


def test_a_range_of_values_written_alike_is_one_value():
    assert span([151.2, 151.4, None], significant) == "151"
    assert span([151, 153, np.nan], significant) == "151 – 153"
    assert span([None], significant) == "–"


def test_the_summary_takes_finite_numbers_of_six_digits_only():
    assert plain(np.float32(0.5)) == 0.5
    assert plain(np.int64(3)) == 3
    assert plain(1 / 3) == 0.333333
    assert [plain(value) for value in (None, np.nan, np.inf, "0.5")] == [None] * 4


def test_a_metric_of_a_strand_is_named_after_the_metric_of_both():
    assert metric_words("count_pearson_minus").name == "log-count Pearson r, minus strand"
    assert metric_words("profile_js_divergence_plus").meaning == metric_words("profile_js_divergence").meaning
    assert metric_words("something_new").name == "something new"
    assert [is_main(name) for name in ("auroc", "count_mse_pooled", "profile_nll_plus")] == [True, False, False]


def test_a_decimal_of_nothing_has_no_sign():
    assert (decimal(-0.04, 1), decimal(-0.06, 1)) == ("0.0", "−0.1")
