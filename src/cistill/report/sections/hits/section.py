"""Motif instances: how many a region holds, of which motifs, how sure."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from markupsafe import Markup

from cistill.report.drawing import vega
from cistill.report.drawing.anchors import motif_link
from cistill.report.drawing.blocks import (
    MOST_RECORDS,
    Block,
    Chart,
    Heading,
    Note,
    Records,
    Section,
    SideBySide,
    Table,
    Text,
)
from cistill.report.drawing.number_charts import hits_per_region, per_region_bars
from cistill.report.drawing.palette import INK, SERIES
from cistill.report.drawing.wording import HEAD_TITLES, count, decimal, percent
from cistill.report.reading.facts import calling, scored_regions
from cistill.report.reading.head_results import Head
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.tf_results import TfResults

BINS = 40
HIT_COLUMNS = ("chrom", "start", "end", "strand", "motif", "confidence", "region")


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
        blocks.append(
            SideBySide((_per_region(results, head, hits), _confidence(head.name, hits, numbers["cut"], numbers["fdr"])))
        )
    blocks += _every_hit(heads)
    return Section(
        "hits",
        "Motif instances (hits)",
        "Where each motif is found in the regions, called from the contributions of their bases.",
        tuple(blocks),
    )


def _every_hit(heads: list[Head]) -> list[Block]:
    """Return the hits of all heads as a table that can be asked, those of most confidence where there are too many."""
    tables = [head.hits.assign(head=head.name) for head in heads if head.hits is not None and len(head.hits)]
    if not tables:
        return []
    hits = pd.concat(tables, ignore_index=True).rename(columns={"motif_id": "motif", "region_id": "region"})
    number = len(hits)
    if number > MOST_RECORDS:
        hits = hits.sort_values("confidence", ascending=False, kind="stable").head(MOST_RECORDS).sort_index()
    files = " and ".join(
        f"{head.name}.hits.bed ({count(len(head.hits))} rows)" for head in heads if head.hits is not None
    )
    left_out = f" Here: the {count(len(hits))} of most confidence." if number > len(hits) else ""
    columns = [*HIT_COLUMNS, *(("head",) if len(tables) > 1 else ())]
    return [
        Heading("hits-every", "Every hit"),
        Records(
            f"Positions are 0-based and half open. All hits: {files}.{left_out}",
            hits[columns].astype({"confidence": float}).round({"confidence": 4}),
            "Every hit",
        ),
    ]


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
                motif_link(str(motif_id)),
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


def _per_region(results: TfResults, head: Head, hits: pd.DataFrame) -> Chart:
    """Draw how many hits a region holds; regions without any are counted too."""
    scored = scored_regions(results, head)["region_id"]
    numbers = hits["region_id"].value_counts().reindex(scored, fill_value=0).to_numpy()
    return Chart(
        hits_per_region(np.bincount(numbers.astype(int), minlength=1)),
        per_region_bars(),
        "Number of regions by their number of hits, all motifs of the head together. From hits.bed and regions.tsv.",
        "Hits per region",
        f"hits per region {head.name}",
    )


def _confidence(head: str, hits: pd.DataFrame, cut: float | None, fdr: float | None) -> Chart:
    """Draw the distribution of the hits' confidence, motif by motif."""
    edges = np.linspace(0, 1, BINS + 1)
    tables = []
    for motif, group in hits.groupby("motif_id", sort=False):
        number, _ = np.histogram(group["confidence"].to_numpy(float), edges)
        tables.append(pd.DataFrame({"motif": str(motif), "from": edges[:-1], "to": edges[1:], "hits": number}))
    table = pd.concat(tables, ignore_index=True)
    table = table[table["hits"] > 0]
    bars = (
        vega.chart(height=280)
        .mark_bar()
        .encode(
            x=alt.X("from:Q", title="confidence", bin="binned", axis=alt.Axis(format=".2~f")),
            x2="to:Q",
            y=alt.Y("hits:Q", title="hits", stack="zero"),
            color=alt.Color("motif:N", legend=None if table["motif"].nunique() > len(SERIES) else alt.Legend()),
            tooltip=vega.tips(motif="", **{"from": ".3f", "to": ".3f"}, hits=",d"),
        )
    )
    words = "Confidence that the hit is an instance of its motif, 0 to 1"
    words += (
        f"; one half stands for a false discovery rate of {fdr:g} against decoy motifs." if fdr is not None else "."
    )
    if cut is not None:
        words += f" Dashed: the cut that the hits of the table passed, {cut:g}."
    return Chart(
        table,
        bars if cut is None else bars + vega.rule(x=cut, colour=INK),
        words + " From hits.bed.",
        "Confidence",
        f"confidence {head}",
    )
