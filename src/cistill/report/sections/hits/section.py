"""Motif instances: how many a region holds, of which motifs, how sure."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from cistill.report.drawing.anchors import motif_anchor
from cistill.report.drawing.blocks import Block, Figure, Heading, Note, Section, SideBySide, Table, Text
from cistill.report.drawing.charts import BLUE, INK, Legend, Plot
from cistill.report.drawing.wording import HEAD_TITLES, count, decimal, percent
from cistill.report.reading.facts import calling, scored_regions
from cistill.report.reading.head_results import Head
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.tf_results import TfResults

MOST_HITS_DRAWN = 12


def hit_section(page: PageContext, summary: Mapping[str, Any]) -> Section:
    """Return hits per region and their confidence, per head."""
    results = page.results
    blocks: list[Block] = []
    heads = [head for head in results.heads.values() if head.hits is not None]
    if not heads:
        blocks.append(Note("No hits.bed was given: instances were not called, or their files were left out."))
    for head in heads:
        hits = head.hits
        assert hits is not None
        blocks.append(Heading(f"hits-{head.name}", HEAD_TITLES.get(head.name, head.name)))
        if not len(hits):
            blocks.append(Note("No motif instance passed the cut (or there was no motif to look for).", "warn"))
            continue
        numbers = summary["hits"][head.name]
        blocks.append(_by_motif(hits, numbers))
        left_out = _not_called(results, head)
        if left_out:
            blocks.append(Text(left_out))
        blocks.append(SideBySide((_per_region(results, head, hits), _confidence(hits, numbers["cut"], numbers["fdr"]))))
    return Section(
        "hits",
        "Motif instances (hits)",
        "Where each motif is found in the regions, called from the contributions of their bases.",
        tuple(blocks),
    )


def _not_called(results: TfResults, head: Head) -> str:
    """Say which motifs have no hits and why; empty if all have some, or nothing is known of it."""
    found = calling(results, head).get("results", {})
    assert head.hits is not None
    weak = [str(name) for name in found.get("weak_motifs_left_out", [])]
    silent = [str(name) for name in found.get("motifs_called", []) if name not in set(head.hits["motif_id"])]
    words = []
    if silent:
        words.append(f"No instance of {', '.join(silent)} stood out from those of decoy motifs.")
    if weak:
        words.append(f"Not called, since weak: {', '.join(weak)}.")
    return " ".join(words)


def _by_motif(hits: pd.DataFrame, numbers: Mapping[str, Any]) -> Table:
    rows: list[tuple[str | Markup, ...]] = []
    for motif_id, group in hits.groupby("motif_id", sort=False):
        regions = group["region_id"].nunique()
        rows.append(
            (
                Markup('<a href="#{}">{}</a>').format(motif_anchor(str(motif_id)), motif_id),
                count(len(group)),
                count(regions),
                percent(regions, numbers["regions_scored"]),
                decimal(float(group["confidence"].median()), 2),
            )
        )
    rows.sort(key=lambda row: -int(row[1].replace(",", "")))
    rows.append(
        (
            "all",
            count(numbers["n"]),
            count(numbers["regions_with_hit"]),
            percent(numbers["regions_with_hit"], numbers["regions_scored"]),
            decimal(numbers["median_confidence"], 2),
        )
    )
    return Table(
        f"Hits of each motif, and the regions that hold one, of {count(numbers['regions_scored'])} that were "
        "looked at. A "
        "site seen from two overlapping regions counts once. From hits.bed.",
        ("motif", "hits", "regions with a hit", "share of regions", "median confidence"),
        tuple(rows),
        frozenset({1, 2, 3, 4}),
    )


def _per_region(results: TfResults, head: Head, hits: pd.DataFrame) -> Figure:
    """Draw how many hits a region holds; regions without any are counted too."""
    scored = scored_regions(results, head)["region_id"]
    numbers = hits["region_id"].value_counts().reindex(scored, fill_value=0).to_numpy()
    shown = np.bincount(
        np.minimum(numbers, MOST_HITS_DRAWN), minlength=min(numbers.max(initial=0), MOST_HITS_DRAWN) + 1
    )
    most = len(shown) - 1
    plot = Plot(
        (-0.6, most + 0.6),
        (0, shown.max(initial=1) * 1.12),
        f"Hits per region, {head.name} head",
        "hits in a region" + (f" ({MOST_HITS_DRAWN}: that many or more)" if most == MOST_HITS_DRAWN else ""),
        "regions",
        width=430,
        height=280,
        x_ticks=range(most + 1),
    )
    places = np.arange(most + 1)
    plot.bars(places - 0.4, places + 0.4, shown, BLUE)
    for place, value in enumerate(shown):
        if value:
            plot.text(place, float(value) + 0.02 * float(shown.max()), count(float(value)), "middle")
    return Figure(
        plot.svg(),
        "Number of regions that hold so many hits, all motifs of the head together. From hits.bed and regions.tsv.",
        "Hits per region",
    )


def _confidence(hits: pd.DataFrame, cut: float | None, fdr: float | None) -> Figure:
    edges = np.linspace(0, 1, 41)
    bars, _ = np.histogram(hits["confidence"].to_numpy(float), edges)
    plot = Plot(
        (0, 1), (0, bars.max(initial=1) * 1.08), "Confidence of the hits", "confidence", "hits", width=430, height=280
    )
    plot.bars(edges[:-1], edges[1:] - 0.004, bars, BLUE)
    words = "Confidence that the hit is an instance of its motif, 0 to 1"
    words += (
        f"; one half stands for a false discovery rate of {fdr:g} against decoy motifs." if fdr is not None else "."
    )
    if cut is not None:
        plot.rule(INK, x=cut)
        plot.legend([Legend(BLUE, "hits"), Legend(INK, f"default cut {cut:g}", "dash")])
        words += " Dashed: the cut that the hits of the table passed."
    return Figure(plot.svg(), words + " From hits.bed.", "Confidence")
