"""How the motif instances compare with known sites."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from cistill.report.drawing import vega
from cistill.report.drawing.blocks import Block, Chart, Heading, Note, Section, SideBySide, Table
from cistill.report.drawing.palette import INK, SERIES
from cistill.report.drawing.wording import HEAD_TITLES, count, decimal
from cistill.report.reading.facts import default_cut
from cistill.report.reading.long_tables import regular_rows
from cistill.report.reading.page_context import PageContext

CUTS_DRAWN = 300


def site_section(page: PageContext, summary: Mapping[str, Any]) -> Section:
    """Return recall of known sites per class, and the precision-recall curve."""
    results = page.results
    blocks: list[Block] = []
    heads = [head for head in results.heads.values() if head.site_recall is not None]
    if not heads:
        blocks.append(
            Note(
                "No known sites were given for this TF, so it is not known how many of the hits are sites "
                "already known."
            )
        )
    for head in heads:
        blocks.append(Heading(f"sites-{head.name}", HEAD_TITLES.get(head.name, head.name)))
        blocks.append(_recall(summary["known_sites"][head.name]))
        if head.site_curve is not None and len(head.site_curve):
            blocks.append(SideBySide(_curves(head.site_curve, default_cut(results, head), head.name)))
    return Section(
        "sites",
        "Hits and known sites",
        "How many published sites the hits find, and how many of the hits lie at a published site. A hit that "
        "is at none "
        "need not be wrong: published lists are not complete.",
        tuple(blocks),
    )


def _recall(numbers: Mapping[str, Any]) -> Table:
    rows = tuple(
        (name, count(found["n_sites"]), count(found["n_found"]), decimal(found["recall"]))
        for name, found in numbers["classes"].items()
    )
    words = "Known sites within the regions' reach, and how many have the centre of a hit near their own."
    if numbers["precision_any"] is not None:
        words += (
            f" Of {count(numbers['n_hits'])} hits called at the default cut, a share of "
            f"{decimal(numbers['precision_any'])} lies at a known site of any class."
        )
    return Table(
        words + " From site_recall.tsv and site_curve.tsv.",
        ("class of sites", "sites", "found", "recall"),
        rows,
        frozenset({1, 2, 3}),
    )


def _curves(curve: pd.DataFrame, cut: float | None, head: str) -> tuple[Chart, Chart]:
    """Draw precision against recall, and both against the cut."""
    curve = curve.sort_values("cut", kind="stable")
    classes = [column.removeprefix("recall_") for column in curve.columns if column.startswith("recall_")]
    at = None
    if cut is not None and (curve["cut"] >= cut - 1e-9).any():
        at = float(curve.loc[curve["cut"] >= cut - 1e-9, "cut"].iloc[0])
    shown = regular_rows(curve, CUTS_DRAWN)
    shown = pd.concat([shown, curve[curve["cut"] == at]]).drop_duplicates("cut").sort_values("cut", kind="stable")
    colours = {name: SERIES[place % len(SERIES)] for place, name in enumerate(classes)}
    named = {"cut": shown["cut"], "precision": shown["precision_any"], "default": shown["cut"] == at}
    pairs = pd.concat(
        [pd.DataFrame({"class": name, "recall": shown[f"recall_{name}"], **named}) for name in classes],
        ignore_index=True,
    )
    base = vega.chart(height=310).encode(
        x=alt.X("recall:Q", title="recall", scale=alt.Scale(domain=[0, 1])),
        y=alt.Y("precision:Q", title="precision, any class", scale=alt.Scale(domain=[0, 1])),
        color=vega.colours("class", colours),
        tooltip=vega.tips(**{"class": "", "cut": ".3f", "recall": ".3f", "precision": ".3f"}),
    )
    rings = base.mark_point(filled=False, size=90, strokeWidth=2).transform_filter(alt.datum.default)
    ring = "; ring: the default cut" if at is not None else ""
    return (
        Chart(
            pairs,
            base.mark_line(strokeWidth=2.2).encode(order="cut:Q") + rings,
            "Share of hits at a known site of any class against share of each class found, over all "
            f"cuts{ring}. From site_curve.tsv.",
            "Precision and recall",
            f"precision and recall {head}",
            f"Precision against recall, {head} head",
        ),
        _by_cut(shown, colours, cut, head),
    )


def _by_cut(curve: pd.DataFrame, colours: Mapping[str, str], cut: float | None, head: str) -> Chart:
    """Draw the recall of each class and the precision against the cut."""
    columns = {**{name: f"recall_{name}" for name in colours}, "precision": "precision_any"}
    table = pd.concat(
        [pd.DataFrame({"of": name, "cut": curve["cut"], "share": curve[column]}) for name, column in columns.items()],
        ignore_index=True,
    )
    lines = (
        vega.chart(height=310)
        .mark_line()
        .encode(
            x=alt.X("cut:Q", title="cut on confidence"),
            y=alt.Y("share:Q", title="precision, recall", scale=alt.Scale(domain=[0, 1])),
            color=vega.colours("of", {**colours, "precision": INK}),
            tooltip=vega.tips(of="", cut=".3f", share=".3f"),
        )
    )
    return Chart(
        table,
        lines if cut is None else lines + vega.rule(x=cut),
        "The same against the cut on the hits' confidence"
        + (f"; dashed: the default cut, {cut:g}" if cut is not None else "")
        + ". From site_curve.tsv.",
        "What the cut does",
        f"precision and recall by cut {head}",
        f"Precision and recall against the cut, {head} head",
    )
