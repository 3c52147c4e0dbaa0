"""How the motif instances compare with known sites."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cistill.report.drawing.blocks import Block, Figure, Heading, Note, Section, SideBySide, Table
from cistill.report.drawing.charts import Legend, Plot
from cistill.report.drawing.palette import GREY, INK, SERIES
from cistill.report.drawing.wording import HEAD_TITLES, count, decimal
from cistill.report.reading.facts import default_cut
from cistill.report.reading.page_context import PageContext


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


def _curves(curve: pd.DataFrame, cut: float | None, head: str) -> tuple[Figure, Figure]:
    """Draw precision against recall, and both against the cut."""
    curve = curve.sort_values("cut", kind="stable")
    classes = [column.removeprefix("recall_") for column in curve.columns if column.startswith("recall_")]
    at = None
    if cut is not None and (curve["cut"] >= cut - 1e-9).any():
        at = int(np.flatnonzero(curve["cut"].to_numpy() >= cut - 1e-9)[0])
    pairs = Plot(
        (0, 1), (0, 1.02), f"Precision against recall, {head} head", "recall", "precision, any class", 430, 310
    )
    cuts = Plot(
        (float(curve["cut"].min()), max(float(curve["cut"].max()), float(curve["cut"].min()) + 1e-6)),
        (0, 1.02),
        f"Precision and recall against the cut, {head} head",
        "cut on confidence",
        "precision, recall",
        430,
        310,
    )
    entries = []
    for place, name in enumerate(classes):
        colour = SERIES[place % len(SERIES)]
        recall = curve[f"recall_{name}"]
        pairs.line(recall, curve["precision_any"], colour, 2.2)
        cuts.line(curve["cut"], recall, colour)
        entries.append(Legend(colour, name, "line"))
        if at is not None:
            pairs.ring(float(recall.iloc[at]), float(curve["precision_any"].iloc[at]), colour)
    cuts.line(curve["cut"], curve["precision_any"], INK, 1.8)
    if cut is not None:
        cuts.rule(GREY, x=cut)
    marked = [Legend(INK, "default cut", "ring")] if at is not None else []
    pairs.legend(entries + marked)
    cuts.legend([*entries, Legend(INK, "precision", "line")])
    ring = "; ring: the default cut" if at is not None else ""
    return (
        Figure(
            pairs.svg(),
            "Share of hits at a known site of any class against share of each class found, over all "
            f"cuts{ring}. From "
            "site_curve.tsv.",
            "Precision and recall",
        ),
        Figure(
            cuts.svg(),
            "The same against the cut on the hits' confidence"
            + (f"; dashed: the default cut, {cut:g}" if cut is not None else "")
            + ". From site_curve.tsv.",
            "What the cut does",
        ),
    )
