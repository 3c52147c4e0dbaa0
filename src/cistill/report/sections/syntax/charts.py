"""Charts of the arrangement of hits: prevalence, pairs, distances, homotypic density."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup

from cistill.report.drawing.axes import log_ticks, text_width, tick_text
from cistill.report.drawing.charts import Legend, Plot
from cistill.report.drawing.heatmap import Cell, Scale, heatmap
from cistill.report.drawing.palette import BLUE, GOLD, GREEN, GREY, INK, PALE, RED, RULE, SERIES
from cistill.report.drawing.wording import count, probability, shortened
from cistill.report.reading.hit_statistics import SIGNIFICANT

STRONGEST = 2.0
"""Logarithm (base 2) of the ratio that has the full colour."""
LARGEST_DISTANCE = 150
HELIX_TURN = 10.5
PALER = 0.3
"""Strength of the colour of pairs that chance may explain."""
LINES = 5
LARGEST_NUMBER = 15


def prevalence_chart(table: pd.DataFrame, motifs: Sequence[str]) -> Markup:
    """Draw for each motif the share of regions with a hit, of all and of those with any hit."""
    columns = ["share_of_regions", "share_of_regions_with_any_hit"]
    shares = {
        str(name): row for name, row in zip(table["motif_id"], table[columns].to_numpy(float).tolist(), strict=True)
    }
    names = [shortened(name) for name in motifs]
    left = int(max((text_width(name) for name in names), default=0.0)) + 14
    plot = Plot(
        (0, 1.0),
        (-0.6, len(motifs) - 0.4),
        "Share of regions that hold a hit of each motif",
        "share of regions",
        width=430,
        height=74 + max(22 * len(motifs), 60),
        y_ticks=[],
        left=min(left, 210),
    )
    for place, motif in enumerate(reversed(motifs)):
        share, of_any = shares[motif]
        if math.isfinite(of_any):
            plot.block(0, of_any, place - 0.34, place + 0.34, PALE)
        if math.isfinite(share):
            plot.block(0, share, place - 0.34, place + 0.34, BLUE)
        plot.pixel_text(plot.left - 7, plot.py(place) + 4, names[len(motifs) - 1 - place], "end", "tick")
    plot.legend([Legend(BLUE, "of all regions"), Legend(PALE, "of regions with any hit")])
    return plot.svg()


def per_region_chart(table: pd.DataFrame) -> Markup:
    """Draw how many regions hold so many hits."""
    number = np.zeros(LARGEST_NUMBER + 1)
    for hits, regions in zip(table["hits"].astype(int), table["n_regions"].astype(float), strict=True):
        number[min(hits, LARGEST_NUMBER)] += regions
    most = int(np.flatnonzero(number).max(initial=0))
    plot = Plot(
        (-0.6, most + 0.6),
        (0, max(number.max(), 1) * 1.12),
        "Hits per region",
        "hits in a region" + (f" ({LARGEST_NUMBER}: that many or more)" if most == LARGEST_NUMBER else ""),
        "regions",
        width=430,
        height=280,
        x_ticks=range(most + 1),
    )
    places = np.arange(most + 1)
    plot.bars(places - 0.4, places + 0.4, number[: most + 1], BLUE)
    for place, value in enumerate(number[: most + 1]):
        if value:
            plot.text(place, float(value) + 0.02 * float(number.max()), count(float(value)), "middle")
    return plot.svg()


def pair_matrix(table: pd.DataFrame, motifs: Sequence[str], same: Mapping[str, str]) -> Markup:
    """Draw the ratio of observed to expected shared regions for all pairs, with q where it is small."""
    by_pair = {frozenset((row["motif_a"], row["motif_b"])): row for row in table.to_dict("records")}
    cells = []
    for one in motifs:
        row = []
        for other in motifs:
            found = by_pair.get(frozenset((one, other)))
            if found is None:
                row.append(Cell(math.nan))
                continue
            ratio = float(found["enrichment"])
            q = np.nanmin([found["q_value"], found["q_value_depleted"], 1.0])
            lines = [f"{ratio:.2f}×" if math.isfinite(ratio) else "–"]
            if q < SIGNIFICANT:
                lines.append(f"q {probability(float(q))}")
            alike = one != other and one in same and same[one] == same.get(other)
            if alike:
                row.append(Cell(math.nan, (lines[0],), muted=True))
                continue
            place = max(min(math.log2(ratio) / STRONGEST, 1.0), -1.0) if ratio > 0 else -1.0
            strength = 1.0 if q < SIGNIFICANT else PALER
            row.append(Cell(place * strength if math.isfinite(ratio) else math.nan, tuple(lines)))
        cells.append(row)
    names = [shortened(name) for name in motifs]
    scale = Scale(-1.0, ("¼ or less", "as chance", "4× or more"))
    return heatmap(cells, names, names, "Co-occurrence of motifs: observed over expected", scale)


def couple_chart(table: pd.DataFrame, a: str, b: str) -> Markup:
    """Draw the distances of a pair of motifs, one bar a base pair: same strand up, opposite strands down."""
    near = table[table["distance"] <= LARGEST_DISTANCE]
    tracks = {}
    for orientation, rows in near.groupby("orientation", sort=True):
        track = np.zeros(LARGEST_DISTANCE + 1)
        np.add.at(track, rows["distance"].to_numpy(float).astype(int), rows["n"].to_numpy(float))
        tracks[str(orientation)] = track
    up = [name for name in ("same_strand", "same_strand_a_first", "same_strand_b_first") if name in tracks]
    down = [name for name in ("convergent", "divergent") if name in tracks]
    empty = np.zeros(LARGEST_DISTANCE + 1)
    top = float(max(sum((tracks[name] for name in up), empty).max(), 1.0)) * 1.1
    bottom = float(max(sum((tracks[name] for name in down), empty).max(), 1.0)) * 1.1
    plot = Plot(
        (0, LARGEST_DISTANCE + 1),
        (-bottom, top),
        f"Distances between hits of {a} and {b}",
        "distance of centres, bp",
        "couples",
        width=430,
        height=270,
        y_text=lambda value: tick_text(abs(value)),
    )
    for turn in range(1, int(LARGEST_DISTANCE / HELIX_TURN) + 1):
        plot.rule(RULE, x=HELIX_TURN * turn + 0.5, dash="1 0")
    words = {
        "same_strand": "same strand",
        "same_strand_a_first": f"same, {shortened(a, 14)} first",
        "same_strand_b_first": f"same, {shortened(b, 14)} first",
        "convergent": "facing (→ ←)",
        "divergent": "apart (← →)",
    }
    colours = {
        "same_strand": BLUE, "same_strand_a_first": BLUE, "same_strand_b_first": GREEN, "convergent": RED,
        "divergent": GOLD,
    }  # fmt: skip
    places = np.arange(LARGEST_DISTANCE + 1)
    for names, sign in ((up, 1), (down, -1)):
        floor = empty
        for name in names:
            plot.stacked(places, places + 0.9, sign * floor, sign * (floor + tracks[name]), colours[name])
            floor = floor + tracks[name]
    plot.rule(INK, y=0.0, dash="1 0")
    plot.legend([Legend(colours[name], words[name]) for name in (*up, *down)])
    return plot.svg()


def homotypic_chart(table: pd.DataFrame, motifs: Sequence[str]) -> Markup:
    """Draw shares of regions with at least k hits of a motif, and what chance would give."""
    shown = [motif for motif in motifs if (table["motif_id"] == motif).any()][:LINES]
    rows = {motif: table[table["motif_id"] == motif].sort_values("at_least") for motif in shown}
    shares = {motif: _logs(found["share_of_regions"]) for motif, found in rows.items()}
    regions = {
        motif: (found["n_regions"] / found["share_of_regions"]).replace([np.inf], np.nan).max()
        for motif, found in rows.items()
    }
    expected = {motif: _logs(found["expected"] / regions[motif]) for motif, found in rows.items()}
    floor = min((-math.log10(float(size)) for size in regions.values() if math.isfinite(float(size))), default=-3.0)
    low = floor - 0.15
    most = max((int(found["at_least"].max()) for found in rows.values()), default=1)
    plot = Plot(
        (0.7, most + 0.3),
        (low, 0.05),
        "Share of regions with at least so many hits of a motif",
        "hits of the motif, at least",
        "share of regions",
        width=430,
        height=290,
        x_ticks=range(1, most + 1),
        y_ticks=log_ticks(low, 0.05),
        y_text=lambda value: tick_text(10**value, 3),
    )
    entries = []
    for place, motif in enumerate(shown):
        colour = SERIES[place % len(SERIES)]
        k = rows[motif]["at_least"].to_numpy(float)
        plot.line(k, np.where(expected[motif] >= low, expected[motif], np.nan), colour, 1.4, "4 3")
        plot.line(k, shares[motif], colour, 2.2)
        plot.points(k, shares[motif], colour, 7, 1.0)
        entries.append(Legend(colour, shortened(motif), "line"))
    plot.legend([*entries, Legend(GREY, "by chance", "dash")])
    return plot.svg()


def _logs(values: pd.Series) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return decimal logarithms, NaN for zero."""
    array = values.to_numpy(dtype=np.float64)
    return np.log10(np.where(array > 0, array, np.nan))
