"""Charts of the further analyses: number of backgrounds, sequences in the genome, classes of variation."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from markupsafe import Markup

from cistill.report.drawing.axes import limits, text_width, tick_text
from cistill.report.drawing.charts import Legend, Plot
from cistill.report.drawing.palette import BLUE, GOLD, GREY, INK
from cistill.report.drawing.wording import shortened

SPLIT_COLOURS = {"test": BLUE, "train": GREY, "valid": GOLD}


def background_chart(rows: pd.DataFrame, column: str, words: str, colour: str, span: tuple[float, float]) -> Markup:
    """Draw a figure against the number of backgrounds, on a logarithmic scale."""
    numbers = rows["n_backgrounds"].to_numpy(float)
    plot = Plot(
        (np.log10(numbers.min()) - 0.08, np.log10(numbers.max()) + 0.08),
        span,
        f"{words} by number of backgrounds",
        "backgrounds",
        words,
        width=430,
        height=260,
        x_ticks=np.log10(numbers).tolist(),
        x_text=lambda value: tick_text(round(10**value)),
    )
    plot.line(np.log10(numbers), rows[column], colour, 2)
    plot.points(np.log10(numbers), rows[column], colour, 7, 1.0)
    return plot.svg()


def matched_chart(table: pd.DataFrame, x: str, y: str, x_label: str, words: Mapping[str, str]) -> Markup:
    """Draw reads around sequences of the genome against what was measured of them, by part of the genome."""
    plot = Plot(
        limits(table[x]),
        limits(table[y], zero=True),
        f"Reads in the genome against {x_label}",
        x_label,
        "ln(1 + 5' ends)",
        width=430,
        height=300,
    )
    entries = []
    for split in sorted(set(table["split"].astype(str)), key=lambda name: (name != "train", name)):
        rows = table[(table["split"].astype(str) == split) & table[y].notna()]
        if not len(rows):
            continue
        colour = SPLIT_COLOURS.get(split, INK)
        plot.points(rows[x], rows[y], colour, 5.5, 0.7)
        entries.append(Legend(colour, f"{words.get(split, split)} chromosomes"))
    plot.legend(entries)
    return plot.svg()


def variation_chart(table: pd.DataFrame) -> Markup:
    """Draw the spread of the scores of each class, one row a class."""
    names = [f"{shortened(str(row['class']).replace('_', ' '), 22)} ({row['n']:,})" for row in table.to_dict("records")]
    left = int(min(max((text_width(name) for name in names), default=0.0) + 14, 190))
    plot = Plot(
        limits(table["min"], table["max"], zero=True),
        (-0.6, len(names) - 0.4),
        "Scores by class of variation",
        "score, change of ln counts",
        width=430,
        height=64 + 26 * max(len(names), 2),
        y_ticks=[],
        left=left,
        top=12,
    )
    consensus = table.loc[table["class"] == "consensus", "mean"]
    if len(consensus):
        plot.rule(GREY, x=float(consensus.iloc[0]))
    for place, (row, name) in enumerate(zip(table.to_dict("records")[::-1], names[::-1], strict=True)):
        plot.line([row["min"], row["max"]], [place, place], BLUE, 1.4, opacity=0.35)
        inner = [max(row["mean"] - row["sd"], row["min"]), min(row["mean"] + row["sd"], row["max"])]
        plot.line(inner, [place, place], BLUE, 4)
        plot.line([row["median"]] * 2, [place - 0.28, place + 0.28], INK, 2)
        plot.pixel_text(plot.left - 7, plot.py(place) + 4, name, "end", "tick")
    return plot.svg()
