"""The syntax of motif instances: how common they are, which occur together, how far apart and how densely."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cistill.report.drawing.blocks import Block, Chart, Heading, Note, Section, SideBySide, Table, Text, folded_if_long
from cistill.report.drawing.number_charts import per_region_bars
from cistill.report.drawing.wording import count, decimal, percent, probability
from cistill.report.reading.hit_statistics import Syntax
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.roles import ANY
from cistill.report.sections.syntax.charts import (
    homotypic_chart,
    per_region_table,
    prevalence_chart,
)
from cistill.report.sections.syntax.pairs import PAIRS_LISTED, distance_blocks, left_out, pair_blocks

MOTIFS_DRAWN = 20
"""Motifs in a chart or the matrix: those with most hits."""


def syntax_section(page: PageContext, summary: Mapping[str, Any]) -> Section | None:
    """Return what is known of the arrangement of hits; None without any of its tables."""
    results = page.results
    syntax = results.syntax
    if syntax is None:
        return None
    blocks: list[Block] = []
    record = summary["syntax"]
    if record["hits"] == 0:
        blocks.append(Note("There are no hits, so there is nothing to say of their arrangement.", "warn"))
    else:
        motifs = drawn_motifs(syntax)
        same = {} if results.merged is None else results.merged.merged_of()
        blocks += [*_prevalence(syntax, motifs), *pair_blocks(syntax, motifs, same)]
        blocks += [*distance_blocks(syntax, same), *_homotypic(syntax, motifs)]
    return Section(
        "syntax",
        "Syntax",
        "How the instances of the motifs are arranged: how many regions hold them, which share regions more or less "
        "often than by chance, how far apart they are. Hits of both heads, pooled.",
        tuple(blocks),
    )


def drawn_motifs(syntax: Syntax) -> list[str]:
    """Return the motifs that charts show, by falling number of hits."""
    if syntax.prevalence is not None:
        table = syntax.prevalence[syntax.prevalence["motif_id"] != ANY]
        ranked = table.sort_values(["n_hits", "motif_id"], ascending=[False, True], kind="stable")["motif_id"]
    elif syntax.pairs is not None:
        own = syntax.pairs[syntax.pairs["motif_a"] == syntax.pairs["motif_b"]]
        ranked = own.sort_values("n_a", ascending=False, kind="stable")["motif_a"]
    else:
        return []
    return [str(name) for name in ranked[:MOTIFS_DRAWN]]


def _prevalence(syntax: Syntax, motifs: list[str]) -> list[Block]:
    blocks: list[Block] = []
    table = syntax.prevalence
    if table is not None:
        blocks.append(Heading("syntax-prevalence", "Prevalence"))
        any_row = table[table["motif_id"] == ANY]
        if len(any_row):
            row = any_row.iloc[0]
            blocks.append(
                Text(
                    f"{count(row['n_hits'])} hits; {count(row['n_regions_with_hit'])} of {count(row['n_regions'])} "
                    f"regions ({percent(row['n_regions_with_hit'], row['n_regions'])}) hold at least one."
                )
            )
        rest = len(table) - len(any_row)
        figures = [
            Chart(
                *prevalence_chart(table, motifs),
                "Share of all regions that hold a hit of the motif, and of the regions with any hit."
                f"{left_out(len(motifs), rest, 'motifs')} From prevalence.tsv.",
                "How many regions hold the motif",
            )
        ]
        if syntax.per_region is not None:
            figures.append(_per_region(syntax.per_region))
        blocks += [SideBySide(tuple(figures), 2), folded_if_long(_prevalence_table(table), "Prevalence of every motif")]
    elif syntax.per_region is not None:
        blocks.append(_per_region(syntax.per_region))
    return blocks


def _per_region(table: pd.DataFrame) -> Chart:
    return Chart(
        per_region_table(table[table["motif_id"] == ANY]),
        per_region_bars(),
        "Number of regions by their number of hits, all motifs together. From hits_per_region.tsv.",
        "Hits per region",
        "hits per region of both heads",
    )


def _prevalence_table(table: pd.DataFrame) -> Table:
    rows = tuple(
        (
            str(row["motif_id"]),
            count(row["n_hits"]),
            count(row["n_regions_with_hit"]),
            decimal(row["share_of_regions"]),
            decimal(row["share_of_regions_with_any_hit"]),
            decimal(row["share_of_hits"]),
            decimal(row["hits_per_region_with_hit"], 2),
        )
        for row in table.to_dict("records")
    )
    head = (
        *("motif", "hits", "regions with a hit", "share of regions", "share of regions with any hit"),
        *("share of hits", "hits per region with one"),
    )
    return Table(
        "Each share says what it is of; any: all motifs together. From prevalence.tsv.",
        head,
        rows,
        frozenset(range(1, 7)),
    )


def _homotypic(syntax: Syntax, motifs: list[str]) -> list[Block]:
    table = syntax.homotypic
    if table is None:
        return []
    blocks: list[Block] = [Heading("syntax-homotypic", "Several hits of one motif")]
    if not len(table):
        return [*blocks, Note("No motif has a hit.")]
    ordered = motifs or [str(name) for name in dict.fromkeys(table["motif_id"])]
    blocks.append(
        Chart(
            *homotypic_chart(table, ordered),
            "Share of regions that hold at least so many hits of the motif (full line), and the share that hits placed "
            "at random in the regions would give (dashed); logarithmic scale. The motifs with most hits. From "
            "homotypic.tsv.",
            "Homotypic density",
        )
    )
    rows = tuple(
        (
            str(row["motif_id"]),
            str(row["at_least"]),
            count(row["n_regions"]),
            decimal(row["share_of_regions"]),
            decimal(row["expected"], 1),
            probability(row["p_value"]),
        )
        for row in table[table["at_least"] > 1].to_dict("records")[:PAIRS_LISTED]
    )
    listed = Table(
        "Regions with at least so many hits, as many as chance would have, and the probability of so many or more."
        f"{left_out(len(rows), int((table['at_least'] > 1).sum()), 'rows')} From homotypic.tsv.",
        ("motif", "hits at least", "regions", "share of regions", "expected", "p"),
        rows,
        frozenset(range(1, 6)),
    )
    return [*blocks, folded_if_long(listed, "Homotypic density in numbers")]
