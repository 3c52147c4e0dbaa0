"""Charts: what the page adds to a specification, the static form, the shared kinds of chart, ticks of tracks."""

import re

import altair as alt
import numpy as np
import pandas as pd
import pytest

from cistill.report.drawing import vega
from cistill.report.drawing.axes import limits, nice_ticks, number, tick_text
from cistill.report.drawing.bars import position_bar
from cistill.report.drawing.blocks import Chart
from cistill.report.drawing.chart_store import ChartStore
from cistill.report.drawing.histograms import distributions
from cistill.report.drawing.interaction import interactive
from cistill.report.drawing.matrix import matrix
from cistill.report.drawing.mirrored import mirrored, mirrored_table
from cistill.report.drawing.number_charts import hits_per_region
from cistill.report.drawing.scatter import scatter
from cistill.report.drawing.still import still
from cistill.report.drawing.stored_tables import columnar, records

TABLE = pd.DataFrame({"motif": ["a", "a", "b"], "x": [1.0, 2.0, np.nan], "y": [0.1234567891, 2, 3], "in": [True] * 3})


def points(table=TABLE):
    base = vega.chart(300, 200).encode(x="x:Q", y="y:Q", color=vega.colours("motif", {"a": "#14558f", "b": "#da7506"}))
    return base.mark_circle() + vega.rule(x=1.5), table


def test_coordinates_are_written_short():
    assert [number(value) for value in (1.0, 2.04, -0.04, 3.25, 100.0)] == ["1", "2", "0", "3.2", "100"]


def test_ticks_are_round_and_within_the_range():
    assert nice_ticks(0, 1) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert nice_ticks(-3.2, 11) == [0, 5, 10]
    assert nice_ticks(0.31, 0.82, 5) == [0.4, 0.6, 0.8]


def test_tick_text_has_thousands_and_a_real_minus():
    assert (tick_text(769380), tick_text(-0.25), tick_text(0.30000004)) == ("769,380", "−0.25", "0.3")


def test_limits_ignore_what_is_not_finite():
    assert limits([np.nan, 1.0, np.inf], [3.0], pad=0) == (1.0, 3.0)
    assert limits([np.nan]) == (0.0, 1.0)
    assert limits([2.0, 2.0]) == (1.5, 2.5)


@pytest.mark.parametrize(("place", "at"), [(0.5, "50.0%"), (-3, "0.0%"), (7, "100.0%")])
def test_the_position_bar_stays_within_its_ends(place, at):
    assert f'class="dot" style="left:{at}"' in position_bar(place, None, "a <metric>")
    assert "&lt;metric&gt;" in position_bar(place, None, "a <metric>")


def test_a_table_is_stored_by_column_with_names_once_and_six_digits():
    stored = columnar(
        pd.DataFrame({"name": ["a", "a", "a", "b"], "value": [1 / 3, 2.0, np.inf, np.nan], "n": [1, 2, 3, 4]})
    )
    assert stored == {
        "names": ["name", "value", "n"],
        "columns": [{"levels": ["a", "b"], "codes": [0, 0, 0, 1]}, [0.333333, 2, None, None], [1, 2, 3, 4]],
    }
    assert records(TABLE)[2] == {"motif": "b", "x": None, "y": 3, "in": True}


def test_every_chart_zooms_switches_series_and_marks_motifs():
    spec, table = points()
    found = interactive(spec.to_dict(validate=False), table)
    assert {param["name"] for param in found["params"]} == {"zoom_x", "zoom_y", "chosen"}
    marks, rule = found["layer"]
    assert marks["encoding"]["x"]["scale"]["domainRaw"] == {"expr": "zoom_x"}
    assert marks["params"][0] == {"name": "series", "select": {"type": "point", "fields": ["motif"]}, "bind": "legend"}
    tests = marks["encoding"]["opacity"]["condition"]["test"]["and"]
    assert tests == [{"param": "series"}, "chosen === null || datum.motif === chosen"]
    assert "opacity" not in rule["encoding"]
    assert "domainRaw" not in str(rule)


def test_names_have_no_zoom_and_a_chart_without_motifs_no_choice():
    bars = vega.chart().mark_bar().encode(x="name:N", y="n:Q")
    found = interactive(bars.to_dict(validate=False), pd.DataFrame({"name": ["a"], "n": [1]}))
    assert "scale" not in found["encoding"]["x"]
    assert [param["name"] for param in found["params"]] == ["zoom_x", "zoom_y"]


def test_the_static_form_has_every_mark_and_is_small():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.normal(size=(500, 2)), columns=["x", "y"]).assign(motif="a")
    spec, _ = points()
    text = ChartStore("TF").markup(Chart(table, spec, "Dots"))
    assert len(re.findall(r"<circle[^>]* r=", text)) >= 500
    assert len(text) < 60 * 500 + 8000
    assert "aria-label=" in text.split("<svg")[0]
    assert "chart-1" in text


def test_the_same_chart_gives_the_same_bytes_and_names_are_different():
    spec, table = points()
    store = ChartStore("TF")
    one, two = (store.markup(Chart(table, spec, "Dots", "<b>Dots</b>")) for _ in range(2))
    assert str(one).replace("chart-1", "") == str(two).replace("chart-2", "")
    text = str(store.assets()[0].markup)
    assert text.count('"levels"') == text.count('"codes"')
    assert '"file":"TF.b-dots--b"' in text
    assert '"file":"TF.b-dots--b-2"' in text


def test_words_of_the_user_are_escaped_in_both_forms():
    table = pd.DataFrame({"motif": ["</script><b>x</b>"], "x": [1.0], "y": [1.0]})
    store = ChartStore("TF")
    base = vega.chart().mark_circle().encode(x="x:Q", y="y:Q", color="motif:N")
    text = str(store.markup(Chart(table, base, '"><i>'))) + str(store.assets()[0].markup)
    assert "<b>" not in text
    assert "<i>" not in text
    assert text.count("</script>") == 1


def test_many_pairs_are_counted_in_cells():
    rng = np.random.default_rng(2)
    many = pd.DataFrame(rng.normal(size=(5000, 2)), columns=["x", "y"]).assign(kind=["a", "b"] * 2500)
    colours = {"a": "#14558f", "b": "#da7506"}
    table, _ = scatter(many, ("x", "x"), ("y", "y"), "kind", colours)
    assert len(table) < 2500
    assert table.groupby("kind")["number"].sum().to_dict() == {"a": 2500, "b": 2500}
    few, _ = scatter(many.head(10), ("x", "x"), ("y", "y"), "kind", colours)
    assert len(few) == 10


def test_distributions_count_every_value_in_the_same_bins():
    table, _ = distributions(
        {"one": np.arange(10.0), "two": np.array([9.0])}, {"one": "#14558f", "two": "#da7506"}, "x", "n"
    )
    assert table.groupby("of")["number"].sum().to_dict() == {"one": 10, "two": 1}
    assert len(table) == 60


def test_regions_of_many_hits_are_counted_together():
    table = hits_per_region(np.arange(20))
    assert table["hits"].tolist() == [*map(str, range(15)), "15+"]
    assert table["regions"].sum() == 190


def test_a_matrix_has_a_cell_for_every_pair_with_its_words():
    cells = pd.DataFrame(
        {"motif": ["<one>", "<one>"], "partner": ["a", "b"], "shade": [0.5, None], "written": ["2×\nq", "–"]}
    )
    spec = matrix(cells, "motif", "partner", vega.tips(motif=""), True).to_dict(validate=False)
    text = still({**spec, "datasets": {"table": records(cells)}}, vega.THEME, "m-")
    assert "&lt;one&gt;" in text
    for words in ("2×<", ">q<", ">–<"):
        assert words in text


def test_a_mirrored_profile_keeps_its_values_and_turns_one_strand_over():
    table = mirrored_table({"observed": np.array([[1.0, 2.0], [3.0, 4.0]])}, ("plus", "minus"), np.array([-1, 0]))
    assert table["value"].tolist() == [1, 2, 3, 4]
    spec = mirrored(table, "strand", {"plus": "#14558f", "minus": "#da7506"}, ("x", "y")).to_dict(validate=False)
    assert "datum.up ? datum.value : -datum.value" in str(spec)


def test_specifications_are_valid_vega_lite():
    spec, _ = points()
    alt.layer(spec).to_dict(validate=True)
