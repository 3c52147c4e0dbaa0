"""Matrices and pictures of many profiles: colours, cells, size."""

import re

import numpy as np

from cistill.report.drawing.heatmap import Cell, Scale, cells_of, heatmap, mixed
from cistill.report.drawing.palette import BLUE, RED
from cistill.report.drawing.raster import RasterPanel, binned, raster


def test_colours_go_from_blue_over_white_to_red():
    assert (mixed(-1.0), mixed(0.0), mixed(1.0)) == (BLUE, "#ffffff", RED)
    assert mixed(5.0) == mixed(1.0)
    assert mixed(1.0, low=0.0) == BLUE
    assert mixed(float("nan")) not in (mixed(0.0), mixed(1.0))


def test_a_matrix_has_a_cell_for_every_pair_and_names_beside_it():
    cells = [[Cell(0.5, ("2.00×",)), Cell(-1.0, ("0.25×", "q 0.01"))], [Cell(float("nan")), Cell(0.0, (), True)]]
    text = heatmap(cells, ["one", "<two>"], ["three", "four"], "a matrix", Scale(-1.0, ("few", "chance", "many")))
    assert len(re.findall(r"<rect", text)) == 4 + 9
    assert "&lt;two&gt;" in text
    assert "<two>" not in text
    for words in ("2.00×", "q 0.01", "few", "many"):
        assert f">{words}</text>" in text


def test_words_that_do_not_fit_are_left_out():
    cells = [[Cell(0.5, ("a long explanation",))] * 40]
    text = heatmap(cells, ["row"], [str(column) for column in range(40)], "a wide matrix")
    assert "a long explanation" not in text


def test_values_without_a_number_are_empty_cells():
    cells = cells_of(np.array([[0.5, np.nan]]), lambda value: value, lambda value: (f"{value:.1f}",))
    assert cells[0][0] == Cell(0.5, ("0.5",))
    assert cells[0][1].lines == ()


def test_neighbouring_positions_are_averaged_into_few_columns():
    values, size = binned(np.arange(12.0).reshape(1, 12), most=4)
    assert size == 3
    assert values.tolist() == [[1.0, 4.0, 7.0, 10.0]]


def test_a_picture_of_many_rows_stays_small():
    rng = np.random.default_rng(0)
    panels = [RasterPanel(name, rng.normal(size=(60, 200))) for name in ("plus", "minus")]
    text = raster(panels, (-100, 100), "profiles", "position, bp", "peaks")
    assert len(text) < 300_000
    assert text.count("<path") < 60
    assert ">−50</text>" in text


def test_a_picture_of_zeros_has_no_cells():
    text = raster([RasterPanel("none", np.zeros((3, 10)))], (0, 10), "nothing", "position, bp", "rows")
    assert "fill=" not in text
