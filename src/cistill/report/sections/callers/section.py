"""Several callers of motif instances side by side: hits, recall and precision, signal around hits, shared hits."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cistill.report.drawing.axes import limits
from cistill.report.drawing.blocks import Block, Figure, Heading, Note, Section, SideBySide, Table, Text
from cistill.report.drawing.charts import Legend, Plot
from cistill.report.drawing.heatmap import Cell, Scale, heatmap
from cistill.report.drawing.palette import SERIES
from cistill.report.drawing.wording import HEAD_TITLES, MISSING, count, decimal, percent
from cistill.report.reading.compared_callers import ComparedCallers
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.roles import ANY

ANY_OTHER = "any_other"
SIZE = (430, 310)


def caller_section(page: PageContext, summary: Mapping[str, Any]) -> Section | None:
    """Return the comparison of callers, per head; None without any."""
    results = page.results
    if not results.callers:
        return None
    blocks: list[Block] = []
    for head, found in results.callers.items():
        blocks.append(Heading(f"callers-{head}", HEAD_TITLES.get(head, head)))
        blocks += _head_blocks(head, found)
    return Section(
        "callers",
        "Callers side by side",
        "Motif instances of the same regions, called by several methods: how many known sites each finds, how much "
        "signal there is at its hits, and which hits they share.",
        tuple(blocks),
    )


def _head_blocks(head: str, callers: ComparedCallers) -> list[Block]:
    sets = callers.sets
    if not len(sets):
        return [Note("The comparison has no set of hits.", "warn")]
    blocks: list[Block] = []
    best = _best(sets)
    if best:
        blocks.append(Text(best))
    blocks.append(_table(callers))
    colours = {str(name): SERIES[place % len(SERIES)] for place, name in enumerate(sets["hit_set"])}
    figures: list[Figure] = []
    if callers.curve is not None and len(callers.curve):
        figures.append(_curve(sets, callers.curve, head, colours))
    if callers.footprint is not None and len(callers.footprint):
        figures.append(_footprints(callers.footprint, head, colours))
    if callers.shared is not None and len(callers.shared):
        figures.append(_shared(callers.shared, [str(name) for name in sets["hit_set"]], head))
    recall = () if callers.recall is None or not len(callers.recall) else (_recall(callers.recall),)
    if not figures:
        blocks.append(Note("Without known sites and without signal, only the numbers of hits can be compared."))
    else:
        blocks.append(SideBySide((*figures, *recall), 2))
    if callers.curve is None:
        blocks.append(Note("No known sites were given for this TF, so precision and recall are not known."))
    return blocks


def _best(sets: pd.DataFrame) -> str:
    """Say which caller has the largest area under the precision-recall curve."""
    if "average_precision" not in sets or sets["average_precision"].notna().sum() < 2:
        return ""
    ranked = sets.sort_values("average_precision", ascending=False, kind="stable", na_position="last")
    first, second = ranked.iloc[0], ranked.iloc[1]
    return (
        f"Largest area under the precision-recall curve: {first['hit_set']} ({decimal(first['average_precision'])}), "
        f"then {second['hit_set']} ({decimal(second['average_precision'])})."
    )


def _table(callers: ComparedCallers) -> Table:
    sets = callers.sets
    per_region = {}
    if callers.per_region is not None:
        own = callers.per_region[callers.per_region["motif_id"] == ANY]
        per_region = {str(row["hit_set"]): row for row in own.to_dict("records")}
    columns = {
        "recall_called": "recall",
        "precision_called": "precision",
        "average_precision": "area",
        "mean_precision_shared": "shared",
        "footprint_average_precision": "footprints",
    }
    known = [name for name in columns if name in sets]
    rows = tuple(
        (
            str(row["hit_set"]),
            count(row["n_called"]),
            decimal(per_region.get(str(row["hit_set"]), {}).get("mean"), 2),
            decimal(per_region.get(str(row["hit_set"]), {}).get("share_of_regions")),
            *(decimal(row[name]) for name in known),
        )
        for row in sets.to_dict("records")
    )
    words = "Hits at each caller's own cut, their mean number in a region, and the share of regions with one."
    if "recall_called" in known:
        words += (
            " Recall: share of the known sites in reach that a hit finds; precision: share of hits at a known site; "
            "area: under the precision-recall curve over all cuts; shared: mean precision up to the recall "
            "that all callers reach."
        )
    if "footprint_average_precision" in known:
        words += " Footprints: the same area for telling hits with much signal around from those with little."
    head = ("caller", "hits", "per region", "regions with one", *(columns[name] for name in known))
    return Table(words + " From methods.sets.tsv.", head, rows, frozenset(range(1, len(head))))


def _curve(sets: pd.DataFrame, curve: pd.DataFrame, head: str, colours: Mapping[str, str]) -> Figure:
    plot = Plot(
        (0, max(float(curve["recall_any"].max()) * 1.06, 0.05)),
        (min(0.9, float(curve["precision_any"].min()) * 0.95), 1.01),
        f"Precision against recall of several callers, {head} head",
        "recall, sites of any class",
        "precision",
        *SIZE,
    )
    entries = []
    at_cut = {str(row["hit_set"]): row for row in sets.to_dict("records")}
    for name, colour in colours.items():
        rows = curve[curve["hit_set"] == name].sort_values("cut", ascending=False, kind="stable")
        plot.line(rows["recall_any"], rows["precision_any"], colour, 2.2)
        entries.append(Legend(colour, name, "line"))
        recall, precision = (float(at_cut[name].get(f"{what}_called", np.nan)) for what in ("recall", "precision"))
        if np.isfinite(recall) and np.isfinite(precision):
            plot.ring(recall, precision, colour)
    plot.legend([*entries, Legend("#1f2a37", "own cut", "ring")])
    return Figure(
        plot.svg(),
        "Share of hits at a known site of any class against the share of all known sites in reach that are found, from "
        "the strictest cut on the left to the loosest; a line ends where a caller has no more hits; rings: each "
        "caller's own cut. From methods.sets_curve.tsv and methods.sets.tsv.",
        "Precision and recall",
    )


def _footprints(table: pd.DataFrame, head: str, colours: Mapping[str, str]) -> Figure:
    plot = Plot(
        (0, max(float(table["last_rank"].max()) * 1.03, 1)),
        limits(table["running_mean"], table["mean_footprint"], zero=True),
        f"Signal around hits by rank, {head} head",
        "hits, the highest ranked first",
        "reads at the footprint's borders",
        *SIZE,
    )
    for name, colour in colours.items():
        rows = table[table["hit_set"] == name].sort_values("last_rank", kind="stable")
        plot.line(rows["last_rank"], rows["mean_footprint"], colour, 1.1, opacity=0.4)
        plot.line(rows["last_rank"], rows["running_mean"], colour, 2.2)
    plot.legend([Legend(colour, name, "line") for name, colour in colours.items()])
    return Figure(
        plot.svg(),
        "Mean number of reads in the five bases about the borders of the footprint, of all hits up to a rank (full) "
        "and of the hits about it (faint). A caller that ranks well starts high and falls. From "
        "methods.sets_footprint.tsv.",
        "Signal around hits",
    )


def _shared(table: pd.DataFrame, names: list[str], head: str) -> Figure:
    by_pair = {(str(row["hit_set"]), str(row["other_set"])): row for row in table.to_dict("records")}
    others = [*names, *([ANY_OTHER] if (table["other_set"] == ANY_OTHER).any() else [])]
    cells = []
    for one in names:
        row = []
        for other in others:
            found = by_pair.get((one, other))
            if found is None:
                row.append(Cell(float("nan"), (MISSING,)))
                continue
            share = found["n_shared"] / found["n_hits"] if found["n_hits"] else float("nan")
            row.append(Cell(share, (percent(found["n_shared"], found["n_hits"]), f"{count(found['n_unique'])} own")))
        cells.append(row)
    words = [name.replace("_", " ") if name == ANY_OTHER else name for name in others]
    drawing = heatmap(
        cells, names, words, f"Hits shared between callers, {head} head", Scale(0.0, ("none shared", "half", "all"))
    )
    return Figure(
        drawing,
        "Of each row's hits, the share that have one of the column's at the same place, and below it the number that "
        "are the row's own. From methods.sets_shared.tsv.",
        "Shared and unique hits",
    )


def _recall(table: pd.DataFrame) -> Table:
    wide = table.pivot_table(index="site_class", columns="hit_set", values="recall", sort=False)
    sites = table.drop_duplicates("site_class").set_index("site_class")["n_sites"]
    callers = [str(name) for name in dict.fromkeys(table["hit_set"]) if name in wide.columns]
    classes = list(dict.fromkeys(table["site_class"]))
    rows = tuple(
        (
            str(name),
            count(float(sites[name])),
            *(decimal(float(wide.loc[name, caller]) if name in wide.index else None) for caller in callers),
        )
        for name in classes
    )
    return Table(
        "Recall of the known sites of each class at each caller's own cut. From methods.sets_recall.tsv.",
        ("class of sites", "sites", *callers),
        rows,
        frozenset(range(1, 2 + len(callers))),
        "Recall by class of sites",
    )
