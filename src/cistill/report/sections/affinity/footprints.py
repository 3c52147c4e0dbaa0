"""Footprints: mean predicted profiles with and without inserts, and heat maps over inserts and over peaks."""

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.report.drawing.blocks import Block, Chart, Figure, Heading, Note, SideBySide
from cistill.report.drawing.mirrored import mirrored, mirrored_table
from cistill.report.drawing.palette import BLUE, GOLD
from cistill.report.drawing.raster import RasterPanel, raster
from cistill.report.drawing.wording import plural
from cistill.report.reading.library_results import LibraryResults

ROWS = 60
"""Rows of a heat map that are drawn, the strongest."""
ALL, WITHOUT = "all", "without"
STRANDS = ("plus strand", "minus strand")


def footprint_blocks(library: LibraryResults) -> list[Block]:
    """Return what was given of footprints."""
    aggregate, rows = library.tables.get("footprint_aggregate"), library.tables.get("footprint_heatmap")
    figures: list[Chart] = []
    if aggregate is not None and len(aggregate):
        figures += _inserts(aggregate)
    peaks = library.tables.get("peak_aggregate")
    if peaks is not None and len(peaks):
        figures += _peaks(peaks)
    blocks: list[Block] = [SideBySide(tuple(figures), 2)] if figures else []
    if rows is not None and len(rows):
        blocks.append(_insert_map(rows))
    of_peaks = library.tables.get("peak_heatmap")
    if of_peaks is not None and len(of_peaks):
        blocks.append(_peak_map(of_peaks))
    return [Heading(f"affinity-{library.name}-footprints", "Footprints"), *blocks] if blocks else []


def _first_task(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    task = str(table["task"].iloc[0])
    return table[table["task"] == task], f", task {task}" if table["task"].nunique() > 1 else ""


def _tracks(table: pd.DataFrame, column: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return positions, and values of both strands (2, positions)."""
    wide = table.pivot_table(index="strand", columns="position", values=column).reindex(["+", "-"]).fillna(0.0)
    return wide.columns.to_numpy(np.int64), wide.to_numpy(np.float64)


def _mirrored(
    series: list[tuple[NDArray[np.int64], NDArray[np.float64], str, str]], x_title: str, y_title: str
) -> tuple[pd.DataFrame, alt.TopLevelMixin]:
    table = pd.concat([mirrored_table({words: values}, STRANDS, at) for at, values, _, words in series])
    colours = {words: colour for _, _, colour, words in series}
    return table.reset_index(drop=True), mirrored(table, "of", colours, (x_title, y_title))


def _inserts(table: pd.DataFrame) -> list[Chart]:
    own, task = _first_task(table)
    series = []
    number = 0
    for group, colour, words in ((WITHOUT, GOLD, "without an insert"), (ALL, BLUE, "with an insert")):
        rows = own[own["group"] == group]
        if len(rows):
            series.append((*_tracks(rows, "profile"), colour, words))
            number = int(rows["n"].iloc[0])
    if not series:
        return []
    return [
        Chart(
            *_mirrored(
                series,
                "position from the middle of the insert, bp",
                "share of reads",
            ),
            f"Mean predicted profile over backgrounds{task}, without an insert and with one "
            f"({plural(number, 'insert')}); plus strand up, minus strand down, each strand's shares "
            "add up to one over the output window. From footprint_aggregate.tsv.",
            "Footprint of the inserts",
        )
    ]


def _peaks(table: pd.DataFrame) -> list[Chart]:
    own, task = _first_task(table)
    series = []
    for source, colour in (("observed", GOLD), ("predicted", BLUE)):
        rows = own[own["source"] == source]
        if len(rows):
            series.append((*_tracks(rows, "ends"), colour, source))
    if not series:
        return []
    number = int(own["n"].max())
    return [
        Chart(
            *_mirrored(series, "position from the summit, bp", "5' ends per base"),
            f"Mean 5' ends around the summits of {plural(number, 'peak')}{task}, observed and predicted; plus strand "
            "up, minus strand down. From peak_aggregate.tsv.",
            "Footprint of the peaks",
        )
    ]


def _panels(table: pd.DataFrame, column: str, words: str) -> list[RasterPanel]:
    """Return a panel for each strand: rows by rank, positions."""
    found: list[RasterPanel] = []
    for strand, name in (("+", "plus strand"), ("-", "minus strand")):
        rows = table[table["strand"] == strand]
        wide = rows.pivot_table(index="rank", columns="position", values=column).iloc[:ROWS]
        found.append(RasterPanel(f"{words}{name}", wide.to_numpy(np.float64)))
    return [panel for panel in found if panel.values.size]


def _insert_map(table: pd.DataFrame) -> Figure:
    own, task = _first_task(table)
    panels = _panels(own, "change", "")
    shown, there_are = len(panels[0].values), int(own["rank"].max())
    span = (int(own["position"].min()), int(own["position"].max()) + 1)
    left_out = f" Drawn: {shown} of {there_are}." if shown < there_are else ""
    return Figure(
        raster(
            panels,
            span,
            "Change of the profile by each insert",
            "position from the middle of the insert, bp",
            "inserts",
        ),
        f"One row an insert{task}, the largest change of the profile on top: share of reads with it less that without, "
        f"red where it adds reads, blue where it takes some away.{left_out} From footprint_heatmap.tsv.",
        "Change by insert",
    )


def _peak_map(table: pd.DataFrame) -> Block:
    own, task = _first_task(table)
    there_are = int(own["rank"].max())
    ranks = sorted(set.intersection(*(set(rows["rank"]) for _, rows in own.groupby("source"))))
    own = own[own["rank"].isin(ranks[:ROWS])]  # the same peaks for every source
    panels = [
        panel
        for source in dict.fromkeys(own["source"])
        for panel in _panels(own[own["source"] == source], "share", f"{source}, ")
    ]
    if not panels:
        return Note("No peak has both an observed and a predicted profile.")
    shown = len(panels[0].values)
    span = (int(own["position"].min()), int(own["position"].max()) + 1)
    left_out = f" Drawn: {shown} of {there_are} in the table, those with every profile." if shown < there_are else ""
    return Figure(
        raster(panels, span, "Profiles of peaks, one row each", "position from the summit, bp", "peaks"),
        f"One row a peak{task}, that of most reads on top: share of the peak's reads on the strand, the darker the "
        f"more.{left_out} From peak_heatmap.tsv.",
        "Profiles of peaks",
    )
