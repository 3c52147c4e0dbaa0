"""Charts of measured and predicted affinities, before and after calibration, and of their errors."""

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.report.drawing import vega
from cistill.report.drawing.histograms import histogram_chart
from cistill.report.drawing.palette import BLUE, GOLD, GREEN, GREY, INK, PALE, RED, SERIES
from cistill.report.drawing.scatter import scatter

Floats = NDArray[np.float64]
SQUARE, WIDE = (400, 390), (vega.HALF, 300)
Drawn = tuple[pd.DataFrame, alt.TopLevelMixin]
MOST_CLASSES = 5
CALIBRATOR_COLOURS = {"ols": INK, "langmuir": GOLD, "excess": GREEN, "distilled": BLUE, "isotonic": RED}
SAMPLED, HELD_OUT = "calibration sample", "held out"
CALIBRATOR_WORDS = {
    "ols": "straight line",
    "langmuir": "Langmuir curve",
    "excess": "excess over background",
    "distilled": "distilled energies",
    "isotonic": "isotonic steps",
}
CURVE_POINTS = 200


class Bar(NamedTuple):
    """One row of the chart of errors: a family of motifs, or a single method.

    Attributes
    ----------
    name : str
    top, mean, sd, best : float
        Of the first motif of the file, over its motifs, and of the motif that does best.
    points : (motifs,)
        All motifs.
    interval : (float, float) or None
        Of a single method.
    is_model : bool
    """

    name: str
    top: float
    mean: float
    sd: float
    best: float
    points: Floats
    interval: tuple[float, float] | None
    is_model: bool


def class_colours(points: pd.DataFrame) -> dict[str, str]:
    """Return the colour of each class where there are two to five of them, the most frequent first."""
    numbers = points["class"].dropna().value_counts()
    names = sorted(numbers.index, key=lambda name: (-int(numbers[name]), str(name)))
    if not 2 <= len(names) <= MOST_CLASSES:
        return {}
    return {str(name): SERIES[place] for place, name in enumerate(names)}


def _kinds(points: pd.DataFrame, whole: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the points with what their dots are coloured by, and its colours: sample, class, or held out."""
    classes = class_colours(whole)
    kind = points["class"].where(points["class"].isin(list(classes)), "no class" if classes else HELD_OUT)
    kind = kind.astype(str).str.replace("_", " ").mask(points["in_sample"], SAMPLED)
    shown = {SAMPLED: GREY, HELD_OUT: BLUE, "no class": INK}
    shown |= {name.replace("_", " "): colour for name, colour in classes.items()}
    there = set(kind)
    return points.assign(kind=kind), {name: colour for name, colour in shown.items() if name in there}


def calibrated_chart(points: pd.DataFrame, kind: str, unit: str) -> Drawn:
    """Draw measured against predicted values of sequences, with the line of equality."""
    shown, by_kind = _kinds(points[points["regular"]], points)
    shown = shown.rename(columns={kind: "predicted", "label": "measured"})
    return scatter(
        shown,
        ("predicted", f"predicted, {unit}"),
        ("measured", f"measured, {unit}"),
        "kind",
        by_kind,
        ("sequence",),
        SQUARE,
    )


def score_chart(points: pd.DataFrame, kinds: Sequence[str], unit: str) -> Drawn:
    """Draw measured values against the model's scores, with the calibrators as curves."""
    regular, by_kind = _kinds(points[points["regular"]], points)
    shown = [kind for kind in kinds if kind in regular]
    span = regular[["label", *shown[:1]]].to_numpy(float)
    span = span[np.isfinite(span)]
    domain = [float(span.min()), float(span.max())] if span.size else [0.0, 1.0]
    scale = alt.Scale(domain=domain)
    dots = regular[["sequence", "kind", "score", "label"]].rename(columns={"label": "measured"})
    curves = []
    for kind in shown:
        curve = regular[["score", kind]].dropna().drop_duplicates("score").sort_values("score")
        curve = curve.iloc[:: max(1, len(curve) // CURVE_POINTS)]
        words = CALIBRATOR_WORDS.get(kind, kind)
        curves.append(pd.DataFrame({"calibrator": words, "score": curve["score"], "calibrated": curve[kind]}))
    base = vega.chart(*SQUARE).encode(x=alt.X("score:Q", title="score, change of ln counts"))
    points_layer = base.mark_circle().encode(
        y=alt.Y("measured:Q", title=f"measured, {unit}", scale=scale),
        color=vega.colours("kind", by_kind, legend=False),
        tooltip=vega.tips(sequence="", kind="", score=".3f", measured=".3f"),
    ).transform_filter("isValid(datum.measured)")  # fmt: skip
    named = {CALIBRATOR_WORDS.get(kind, kind): CALIBRATOR_COLOURS.get(kind, INK) for kind in shown}
    lines = (
        base.mark_line(strokeWidth=2, clip=True)
        .encode(
            y=alt.Y("calibrated:Q", scale=scale),
            color=vega.colours("calibrator", named),
            tooltip=vega.tips(calibrator="", score=".3f", calibrated=".3f"),
        )
        .transform_filter("isValid(datum.calibrated)")
    )
    layers = alt.layer(points_layer, lines).resolve_scale(color="independent")
    return pd.concat([dots, *curves], ignore_index=True), layers


def error_chart(bars: Sequence[Bar], unit: str) -> Drawn:
    """Draw RMSE of every family: the bar is the top motif, points are all motifs, and mean, SD and best are marked."""
    rows: list[dict[str, object]] = []
    for bar in bars:
        of = {"method": bar.name, "of": "model" if bar.is_model else "others (first motif)"}
        rows.append(of | {"statistic": "first motif", "rmse": bar.top})
        if len(bar.points) > 1:
            rows += [of | {"statistic": "every motif", "rmse": value} for value in bar.points.tolist()]
            spread = {"low": max(bar.mean - bar.sd, 0), "high": bar.mean + bar.sd}
            rows.append(of | {"statistic": "mean and SD of all motifs", "rmse": bar.mean} | spread)
            rows.append(of | {"statistic": "best motif", "rmse": bar.best})
        elif bar.interval is not None:
            low, high = bar.interval
            rows.append(of | {"statistic": "95% interval", "rmse": bar.top, "low": low, "high": high})
    table = pd.DataFrame(rows, columns=["method", "of", "statistic", "rmse", "low", "high"])
    table = table[np.isfinite(table["rmse"])].reset_index(drop=True)
    base = vega.chart(vega.HALF, max(300, vega.rows_height(len(bars), 26))).encode(
        x=alt.X("rmse:Q", title=f"RMSE, {unit}", scale=alt.Scale(zero=True)),
        y=alt.Y("method:N", title=None, sort=[bar.name for bar in bars], axis=alt.Axis(labelLimit=170)),
        tooltip=vega.tips(method="", statistic="", rmse=".3f", low=".3f", high=".3f"),
    )
    statistic = alt.datum.statistic
    first = base.mark_bar().encode(color=vega.colours("of", {"model": BLUE, "others (first motif)": PALE}))
    every = base.mark_tick(color=INK, opacity=0.5, size=10)
    spread = base.mark_rule(color=INK, strokeWidth=1.6).encode(x=alt.X("low:Q"), x2="high:Q")
    best = base.mark_point(filled=False, size=80, stroke=GREEN, strokeWidth=2)
    return table, alt.layer(
        first.transform_filter(statistic == "first motif"),
        every.transform_filter(statistic == "every motif"),
        spread.transform_filter("isValid(datum.low)"),
        best.transform_filter(statistic == "best motif"),
    )


def range_chart(table: pd.DataFrame, series: Sequence[tuple[str, str | None, str, str]], unit: str) -> Drawn:
    """Draw histograms of measured values (filled) and calibrated ones (lines).

    Parameters
    ----------
    table : pandas.DataFrame
        histograms.tsv.
    series : sequence of (source, calibrator, colour, words)
        The first is filled.
    unit : str
    """
    found, colours = [], {}
    for source, kind, colour, words in series:
        of_kind = table["calibrator"].isna() if kind is None else table["calibrator"] == kind
        rows = table[(table["source"] == source) & of_kind]
        if len(rows):
            values = {"from": rows["low"], "to": rows["high"], "number": rows["count"]}
            found.append(pd.DataFrame({"of": words, **values}))
            colours[words] = colour
    bins = pd.concat(found, ignore_index=True)
    return histogram_chart(bins, colours, unit, "sequences", *WIDE)


def residual_chart(rows: Sequence[tuple[pd.DataFrame, str, str]], unit: str) -> Drawn:
    """Draw mean residuals by tenths of the predicted values, with the SD within each.

    Parameters
    ----------
    rows : sequence of (rows of residuals.tsv, colour, words)
    unit : str
    """
    table = pd.concat([part.assign(of=words) for part, _, words in rows], ignore_index=True)
    table = table[["of", "predicted", "residual", "residual_sd"]].assign(
        low=table["residual"] - table["residual_sd"], high=table["residual"] + table["residual_sd"]
    )
    base = vega.chart(*WIDE).encode(
        x=alt.X("predicted:Q", title=f"predicted, {unit}"),
        y=alt.Y("residual:Q", title="measured less predicted"),
        color=vega.colours("of", {words: colour for _, colour, words in rows}),
        tooltip=vega.tips(of="", predicted=".3f", residual=".3f", residual_sd=".3f"),
    )
    spread = base.mark_rule(strokeOpacity=0.55).encode(y="low:Q", y2="high:Q")
    return table, base.mark_line() + base.mark_circle(size=45, opacity=1) + spread + vega.rule(y=0.0, colour=INK)


def additivity_chart(deviations: pd.DataFrame, unit: str) -> Drawn:
    """Draw the model's deviations from additivity against the measured ones."""
    shown = deviations.assign(kind="sequences").rename(columns={"observed": "measured", "model": "predicted"})
    named = ("sequence",) if "sequence" in shown else ()
    table, chart = scatter(
        shown,
        ("measured", f"measured deviation, {unit}"),
        ("predicted", f"predicted deviation, {unit}"),
        "kind",
        {"sequences": BLUE},
        named,
        SQUARE,
    )
    return table, alt.layer(chart, vega.rule(x=0.0, dashed=False), vega.rule(y=0.0, dashed=False))
