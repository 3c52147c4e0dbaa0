"""Pictures of many profiles: cells, size."""

import numpy as np

from cistill.report.drawing.raster import RasterPanel, binned, raster


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
