"""Motif instances: how many a region holds, which motifs, how sure; and how they compare with known sites."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from cistill.report.drawing.blocks import Block, Figure, Heading, Note, Row, Section, Table, Text
from cistill.report.drawing.charts import BLUE, GREY, INK, SERIES, Legend, Plot
from cistill.report.drawing.wording import count, decimal, percent
from cistill.report.reading.results import Head, Results
from cistill.report.sections.motifs.cards import motif_anchor
from cistill.report.summary import calling, default_cut, scored_regions

MOST_HITS_DRAWN = 12
HEAD_TITLES = {"counts": "Counts head", "profile": "Profile head"}


def hit_section(results: Results, summary: Mapping[str, Any]) -> Section:
    """Return hits per region and their confidence, per head."""
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
        blocks.append(Row((_per_region(results, head, hits), _confidence(hits, numbers["cut"], numbers["fdr"]))))
    return Section(
        "hits",
        "Motif instances (hits)",
        "Where in the regions each motif stands, called from the contributions of each region.",
        tuple(blocks),
    )


def _not_called(results: Results, head: Head) -> str:
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


def _per_region(results: Results, head: Head, hits: pd.DataFrame) -> Figure:
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


def site_section(results: Results, summary: Mapping[str, Any]) -> Section:
    """Return recall of known sites per class, and the precision-recall curve."""
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
            blocks.append(Row(_curves(head.site_curve, default_cut(results, head), head.name)))
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
