"""Charts of measured and predicted affinities, before and after calibration, and of their errors."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from cistill.report.drawing.axes import limits, text_width
from cistill.report.drawing.charts import Legend, Plot
from cistill.report.drawing.palette import BLUE, GOLD, GREEN, GREY, INK, PALE, RED, SERIES
from cistill.report.drawing.wording import shortened

Floats = NDArray[np.float64]
SQUARE, WIDE = (400, 390), (430, 300)
MOST_CLASSES = 5
CALIBRATOR_COLOURS = {"ols": INK, "langmuir": GOLD, "excess": GREEN, "distilled": BLUE, "isotonic": RED}
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


def _dots(plot: Plot, points: pd.DataFrame, x: str, colours: dict[str, str]) -> list[Legend]:
    """Draw one dot a sequence, those that calibrators were fitted on in grey; return the legend."""
    sampled, held_out = points[points["in_sample"]], points[~points["in_sample"]]
    entries = []
    if len(sampled):
        plot.points(sampled[x], sampled["label"], GREY, 5, 0.6)
        entries.append(Legend(GREY, "calibration sample"))
    other = held_out[~held_out["class"].isin(list(colours))]
    if len(other):
        plot.points(other[x], other["label"], BLUE if not colours else INK, 5, 0.5)
        entries.append(Legend(BLUE if not colours else INK, "held out" if not colours else "no class"))
    for name, colour in colours.items():
        rows = held_out[held_out["class"] == name]
        if len(rows):
            plot.points(rows[x], rows["label"], colour, 5.5, 0.7)
            entries.append(Legend(colour, name.replace("_", " ")))
    return entries


def calibrated_chart(points: pd.DataFrame, kind: str, unit: str) -> Markup:
    """Draw measured against predicted values of sequences, with the line of equality."""
    regular = points[points["regular"]]
    low, high = limits(regular["label"], regular[kind])
    plot = Plot(
        (low, high),
        (low, high),
        "Measured against predicted affinity, after calibration",
        f"predicted, {unit}",
        f"measured, {unit}",
        *SQUARE,
    )
    plot.line([low, high], [low, high], INK, 1, "4 3")
    plot.legend(_dots(plot, regular, kind, class_colours(points)))
    return plot.svg()


def score_chart(points: pd.DataFrame, kinds: Sequence[str], unit: str) -> Markup:
    """Draw measured values against the model's scores, with the calibrators as curves."""
    regular = points[points["regular"]]
    shown = [kind for kind in kinds if kind in regular]
    plot = Plot(
        limits(regular["score"]),
        limits(regular["label"], *(regular[kind] for kind in shown[:1])),
        "Measured affinity against score, before calibration",
        "score, change of ln counts",
        f"measured, {unit}",
        *SQUARE,
    )
    _dots(plot, regular, "score", class_colours(points))
    entries = []
    for kind in shown:
        curve = regular[["score", kind]].dropna().drop_duplicates("score").sort_values("score")
        curve = curve.iloc[:: max(1, len(curve) // CURVE_POINTS)] if kind != "ols" else curve.iloc[[0, -1]]
        inside = curve[kind].where(curve[kind].between(*plot.y))
        if kind == "ols":
            inside, curve = _clipped(curve, plot.y)
        plot.line(curve["score"], inside, CALIBRATOR_COLOURS.get(kind, INK), 1.8, "" if kind != "ols" else "6 3")
        mark = "line" if kind != "ols" else "dash"
        entries.append(Legend(CALIBRATOR_COLOURS.get(kind, INK), CALIBRATOR_WORDS.get(kind, kind), mark))
    plot.legend(entries)
    return plot.svg()


def _clipped(ends: pd.DataFrame, span: tuple[float, float]) -> tuple[pd.Series, pd.DataFrame]:
    """Return a straight line's ends where they leave the chart."""
    x, y = ends["score"].to_numpy(float), ends["ols"].to_numpy(float)
    if len(x) < 2 or y[0] == y[-1]:
        return ends["ols"], ends
    clipped = np.clip(y, *span)
    at = x[0] + (clipped - y[0]) * (x[-1] - x[0]) / (y[-1] - y[0])
    found = pd.DataFrame({"score": at, "ols": clipped})
    return found["ols"], found


def error_chart(bars: Sequence[Bar], unit: str) -> Markup:
    """Draw RMSE of every family: the bar is the top motif, points are all motifs, and mean, SD and best are marked."""
    values = [np.concatenate([bar.points, [bar.top, bar.mean + bar.sd, bar.best]]) for bar in bars]
    highs = [bar.interval[1] for bar in bars if bar.interval is not None]
    _, high = limits(*values, highs, zero=True)
    names = [shortened(bar.name, 26) for bar in bars]
    left = int(min(max((text_width(name) for name in names), default=0.0) + 14, 210))
    plot = Plot(
        (0, high),
        (-0.6, len(bars) - 0.4),
        "Held-out error of the model and of what it is compared with",
        f"RMSE, {unit}",
        width=430,
        height=max(300, 84 + 26 * len(bars)),
        y_ticks=[],
        left=left,
    )
    for place, (bar, name) in enumerate(zip(reversed(bars), reversed(names), strict=True)):
        if np.isfinite(bar.top):
            plot.block(0, bar.top, place - 0.32, place + 0.32, BLUE if bar.is_model else PALE)
        several = len(bar.points) > 1
        if several:
            plot.line([max(bar.mean - bar.sd, 0), bar.mean + bar.sd], [place, place], INK, 1.6)
            plot.line([bar.mean] * 2, [place - 0.2, place + 0.2], INK, 1.6)
            offsets = np.linspace(-0.2, 0.2, len(bar.points))
            plot.points(bar.points, place + offsets, INK, 3.5, 0.5)
            plot.ring(bar.best, place, GREEN)
        elif bar.interval is not None:
            plot.line(list(bar.interval), [place, place], INK, 1.6)
        plot.pixel_text(plot.left - 7, plot.py(place) + 4, name, "end", "tick")
    entries = [Legend(BLUE, "model"), Legend(PALE, "others (top motif)")]
    if any(len(bar.points) > 1 for bar in bars):
        entries += [Legend(GREEN, "best motif", "ring"), Legend(INK, "mean ± SD, all motifs", "line")]
    plot.legend(entries)
    return plot.svg()


def range_chart(table: pd.DataFrame, series: Sequence[tuple[str, str | None, str, str]], unit: str) -> Markup:
    """Draw histograms of measured values (filled) and calibrated ones (lines).

    Parameters
    ----------
    table : pandas.DataFrame
        histograms.tsv.
    series : sequence of (source, calibrator, colour, words)
        The first is filled.
    unit : str
    """
    found = []
    for source, kind, colour, words in series:
        of_kind = table["calibrator"].isna() if kind is None else table["calibrator"] == kind
        rows = table[(table["source"] == source) & of_kind]
        if len(rows):
            found.append((rows, colour, words))
    top = max((float(rows["count"].max()) for rows, _, _ in found), default=1.0) * 1.08
    low = min((float(rows["low"].min()) for rows, _, _ in found), default=0.0)
    high = max((float(rows["high"].max()) for rows, _, _ in found), default=1.0)
    plot = Plot((low, high), (0, max(top, 1)), "Measured and predicted dynamic range", unit, "sequences", *WIDE)
    entries = []
    for place, (rows, colour, words) in enumerate(found):
        if place == 0:
            plot.bars(rows["low"], rows["high"], rows["count"], colour)
            entries.append(Legend(colour, words))
            continue
        x = np.column_stack([rows["low"], rows["high"]]).ravel()
        plot.line(x, np.repeat(rows["count"].to_numpy(float), 2), colour, 1.8)
        entries.append(Legend(colour, words, "line"))
    plot.legend(entries)
    return plot.svg()


def residual_chart(rows: Sequence[tuple[pd.DataFrame, str, str]], unit: str) -> Markup:
    """Draw mean residuals by tenths of the predicted values, with the SD within each.

    Parameters
    ----------
    rows : sequence of (rows of residuals.tsv, colour, words)
    unit : str
    """
    spread = [part["residual"] + sign * part["residual_sd"] for part, _, _ in rows for sign in (-1, 1)]
    plot = Plot(
        limits(*(part["predicted"] for part, _, _ in rows)),
        limits(*spread, zero=True),
        "Residuals by predicted value",
        f"predicted, {unit}",
        "measured less predicted",
        *WIDE,
    )
    plot.rule(INK, y=0.0)
    for part, colour, _ in rows:
        for row in part.to_dict("records"):
            ends = [row["residual"] - row["residual_sd"], row["residual"] + row["residual_sd"]]
            plot.line([row["predicted"]] * 2, ends, colour, 1.2, opacity=0.55)
        plot.line(part["predicted"], part["residual"], colour, 1.8)
        plot.points(part["predicted"], part["residual"], colour, 6, 1.0)
    plot.legend([Legend(colour, words, "line") for _, colour, words in rows])
    return plot.svg()


def additivity_chart(deviations: pd.DataFrame, unit: str) -> Markup:
    """Draw the model's deviations from additivity against the measured ones."""
    low, high = limits(deviations["observed"], deviations["model"])
    plot = Plot(
        (low, high),
        (low, high),
        "Deviations from additivity, measured and predicted",
        f"measured deviation, {unit}",
        f"predicted deviation, {unit}",
        *SQUARE,
    )
    plot.rule(GREY, x=0.0)
    plot.rule(GREY, y=0.0)
    plot.line([low, high], [low, high], INK, 1, "4 3")
    plot.points(deviations["observed"], deviations["model"], BLUE, 4.5, 0.45)
    return plot.svg()
