"""Several callers of motif instances side by side: hits, recall and precision, signal around hits, shared hits."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from cistill.report.drawing import vega
from cistill.report.drawing.blocks import Block, Chart, Heading, Note, Section, SideBySide, Table, Text
from cistill.report.drawing.matrix import matrix
from cistill.report.drawing.palette import SERIES
from cistill.report.drawing.wording import HEAD_TITLES, MISSING, count, decimal, percent
from cistill.report.reading.compared_callers import ComparedCallers
from cistill.report.reading.long_tables import regular_rows
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.roles import ANY

ANY_OTHER = "any_other"
SIZE = (vega.HALF, 310)
CUTS_DRAWN = 300


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
    figures: list[Chart] = []
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


def _curve(sets: pd.DataFrame, curve: pd.DataFrame, head: str, colours: Mapping[str, str]) -> Chart:
    at_cut = {str(row["hit_set"]): row for row in sets.to_dict("records")}
    tables = []
    for name in colours:
        rows = regular_rows(curve[curve["hit_set"] == name].sort_values("cut", kind="stable"), CUTS_DRAWN)
        values = {"recall": rows["recall_any"], "precision": rows["precision_any"], "cut": rows["cut"]}
        tables.append(pd.DataFrame({"caller": name, **values, "own_cut": False}))
        recall, precision = (float(at_cut[name].get(f"{what}_called", np.nan)) for what in ("recall", "precision"))
        if np.isfinite(recall) and np.isfinite(precision):
            own = {"caller": [name], "recall": [recall], "precision": [precision], "own_cut": [True]}
            tables.append(pd.DataFrame(own))
    base = vega.chart(*SIZE).encode(
        x=alt.X("recall:Q", title="recall, sites of any class", scale=alt.Scale(zero=True)),
        y=alt.Y("precision:Q", title="precision"),
        color=vega.colours("caller", dict(colours)),
        tooltip=vega.tips(caller="", recall=".3f", precision=".3f", cut=".3f"),
    )
    lines = base.mark_line(strokeWidth=2.2).encode(order="cut:Q").transform_filter(~alt.datum.own_cut)
    rings = base.mark_point(filled=False, size=90, strokeWidth=2).transform_filter(alt.datum.own_cut)
    return Chart(
        pd.concat(tables, ignore_index=True),
        lines + rings,
        "Share of hits at a known site of any class against the share of all known sites in reach that are found, from "
        "the strictest cut on the left to the loosest; a line ends where a caller has no more hits; rings: each "
        "caller's own cut. From methods.sets_curve.tsv and methods.sets.tsv.",
        "Precision and recall",
        f"callers precision and recall {head}",
        f"Precision against recall of several callers, {head} head",
    )


def _footprints(table: pd.DataFrame, head: str, colours: Mapping[str, str]) -> Chart:
    shown = pd.concat(
        [
            regular_rows(table[table["hit_set"] == name].sort_values("last_rank", kind="stable"), CUTS_DRAWN)
            for name in colours
        ],
        ignore_index=True,
    ).rename(columns={"hit_set": "caller"})
    base = vega.chart(*SIZE).encode(
        x=alt.X("last_rank:Q", title="hits, the highest ranked first", scale=alt.Scale(zero=True)),
        color=vega.colours("caller", dict(colours)),
        tooltip=vega.tips(caller="", last_rank=",d", running_mean=".2f", mean_footprint=".2f"),
    )
    y = alt.Y("running_mean:Q", title="reads at the footprint's borders", scale=alt.Scale(zero=True))
    faint = base.mark_line(strokeWidth=1.1, strokeOpacity=0.4).encode(y=alt.Y("mean_footprint:Q"))
    return Chart(
        shown[["caller", "last_rank", "running_mean", "mean_footprint"]],
        base.mark_line(strokeWidth=2.2).encode(y=y) + faint,
        "Mean number of reads in the five bases about the borders of the footprint, of all hits up to a rank (full) "
        "and of the hits about it (faint). A caller that ranks well starts high and falls. From "
        "methods.sets_footprint.tsv.",
        "Signal around hits",
        f"signal around hits {head}",
        f"Signal around hits by rank, {head} head",
    )


def _shared(table: pd.DataFrame, names: list[str], head: str) -> Chart:
    by_pair = {(str(row["hit_set"]), str(row["other_set"])): row for row in table.to_dict("records")}
    others = [*names, *([ANY_OTHER] if (table["other_set"] == ANY_OTHER).any() else [])]
    cells = []
    for one in names:
        for other in others:
            found = by_pair.get((one, other), {"n_shared": 0, "n_hits": 0, "n_unique": 0})
            known = bool(found["n_hits"])
            words = f"{percent(found['n_shared'], found['n_hits'])}\n{count(found['n_unique'])} own"
            cells.append(
                {
                    "caller": one,
                    "other": other.replace("_", " ") if other == ANY_OTHER else other,
                    "shade": found["n_shared"] / found["n_hits"] if known else None,
                    "shared": found["n_shared"],
                    "own": found["n_unique"],
                    "written": words if known else MISSING,
                }
            )
    return Chart(
        pd.DataFrame(cells),
        matrix(pd.DataFrame(cells), "caller", "other", vega.tips(caller="", other="", shared=",d", own=",d"), False),
        "Of each row's hits, the share that have one of the column's at the same place, and below it the number that "
        "are the row's own. From methods.sets_shared.tsv.",
        "Shared and unique hits",
        f"shared hits {head}",
        f"Hits shared between callers, {head} head",
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
