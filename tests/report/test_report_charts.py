"""Charts: pixels, ticks and marks."""

import re

import numpy as np
import pytest

from cistill.report.drawing.axes import limits, log_ticks, nice_ticks, number, tick_text, whole_ticks
from cistill.report.drawing.bars import position_bar
from cistill.report.drawing.charts import Plot


def test_coordinates_are_written_short():
    assert [number(value) for value in (1.0, 2.04, -0.04, 3.25, 100.0)] == ["1", "2", "0", "3.2", "100"]


def test_ticks_are_round_and_within_the_range():
    assert nice_ticks(0, 1) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert nice_ticks(-3.2, 11) == [0, 5, 10]
    assert nice_ticks(0.31, 0.82, 5) == [0.4, 0.6, 0.8]


def test_logarithmic_ticks_are_round_values():
    assert [round(10**tick, 6) for tick in log_ticks(-2.5, -1.5)] == [0.005, 0.01, 0.02]
    assert log_ticks(-2.5, 1.2) == [-2, -1, 0, 1]


def test_ticks_of_epochs_are_whole():
    assert whole_ticks(0.9, 3.1) == [1, 2, 3]
    assert whole_ticks(0.5, 1.5) == [1]


def test_ticks_may_be_names():
    plot = Plot((-0.5, 1.5), (0, 1), "a chart", x_ticks=(0, 1), x_text=lambda value: ("left", "right")[int(value)])
    assert ">left</text>" in plot.svg()


def test_tick_text_has_thousands_and_a_real_minus():
    assert (tick_text(769380), tick_text(-0.25), tick_text(0.30000004)) == ("769,380", "−0.25", "0.3")


def test_limits_ignore_what_is_not_finite():
    assert limits([np.nan, 1.0, np.inf], [3.0], pad=0) == (1.0, 3.0)
    assert limits([np.nan]) == (0.0, 1.0)
    assert limits([2.0, 2.0]) == (1.5, 2.5)


def test_corners_of_the_data_are_corners_of_the_axes():
    plot = Plot((0, 10), (-1, 1), "a chart", "x", "y", width=400, height=300)
    assert (plot.px(0), plot.px(10)) == (plot.left, plot.right) == (58, 388)
    assert (plot.py(-1), plot.py(1)) == (plot.bottom, plot.top) == (256, 30)


def test_a_line_breaks_where_a_value_is_missing():
    plot = Plot((0, 3), (0, 1), "a chart")
    plot.line([0, 1, 2, 3], [0, np.nan, 1, 1], "#000")
    path = re.findall(r'<path d="([^"]*)" fill="none"', plot.svg())[-1]
    assert path.count("M") == 2
    assert "nan" not in path


def test_steps_write_a_corner_only_where_the_value_changes():
    plot = Plot((0, 6), (0, 2), "a chart", width=70, height=56, left=0, top=0, below=0)
    plot.steps(0, [0, 2, 2, 2, 0, 1], "#000")
    path = re.findall(r'<path d="([^"]*)" fill="#000"', plot.svg())[0]
    assert path.count("H") == 4  # 0, 2, 0, 1


def test_points_that_are_not_finite_are_left_out():
    plot = Plot((0, 1), (0, 1), "a chart")
    plot.points([0.5, np.nan, 0.2], [0.5, 0.1, np.inf], "#123456")
    assert re.findall(r'<path d="([^"]*)" fill="none" stroke="#123456"', plot.svg())[0].count("M") == 1


@pytest.mark.parametrize(("place", "middle"), [(0.5, "75"), (-3, "6"), (7, "144")])
def test_the_position_bar_stays_within_its_ends(place, middle):
    assert f'<circle cx="{middle}"' in position_bar(place, None, "a metric")


def test_words_of_the_user_are_escaped():
    assert "<b>" not in Plot((0, 1), (0, 1), "<b>").svg()
