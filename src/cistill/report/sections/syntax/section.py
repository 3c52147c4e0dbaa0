"""The syntax of motif instances: how common they are, which occur together, how far apart and how densely."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cistill.report.drawing.blocks import Block, Figure, Heading, Note, Section, SideBySide, Table, Text, folded_if_long
from cistill.report.drawing.wording import count, decimal, percent, plural, probability
from cistill.report.reading.hit_statistics import Syntax
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.roles import ANY
from cistill.report.sections.syntax.charts import (
    couple_chart,
    homotypic_chart,
    pair_matrix,
    per_region_chart,
    prevalence_chart,
)

MOTIFS_DRAWN = 20
"""Motifs in a chart or the matrix: those with most hits."""
PAIRS_DRAWN = 6
PAIRS_LISTED = 40
SIGNIFICANT = 0.05


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
        blocks += [*_prevalence(syntax, motifs), *_pairs(syntax, motifs, same)]
        blocks += [*_distances(syntax, same), *_homotypic(syntax, motifs)]
    return Section(
        "syntax",
        "Syntax",
        "How the instances of the motifs are arranged: how many regions hold them, which share regions more often than "
        "chance has it, at which distances they stand. Hits of both heads, pooled.",
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


def _left_out(shown: int, there_are: int, what: str) -> str:
    return f" Shown: {shown} of {count(there_are)} {what}." if shown < there_are else ""


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
            Figure(
                prevalence_chart(table, motifs),
                "Share of all regions that hold a hit of the motif, and of the regions with any hit."
                f"{_left_out(len(motifs), rest, 'motifs')} From prevalence.tsv.",
                "How many regions hold the motif",
            )
        ]
        if syntax.per_region is not None:
            figures.append(_per_region(syntax.per_region))
        blocks += [SideBySide(tuple(figures), 2), folded_if_long(_prevalence_table(table), "Prevalence of every motif")]
    elif syntax.per_region is not None:
        blocks.append(_per_region(syntax.per_region))
    return blocks


def _per_region(table: pd.DataFrame) -> Figure:
    return Figure(
        per_region_chart(table[table["motif_id"] == ANY]),
        "Number of regions that hold so many hits, all motifs together. From hits_per_region.tsv.",
        "Hits per region",
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


def _pairs(syntax: Syntax, motifs: list[str], same: Mapping[str, str]) -> list[Block]:
    table = syntax.pairs
    if table is None:
        return []
    blocks: list[Block] = [Heading("syntax-cooccurrence", "Co-occurrence")]
    if not len(table):
        return [*blocks, Note("There is no pair of motifs to look at.")]
    null = str(table["null"].iloc[0]) if "null" in table and len(table) else ""
    how = {
        "exact": "exact permutation test",
        "permutation": "permutations",
        "fisher": "Fisher's exact test, one-sided",
    }.get(null, null)
    more = int((table["q_value"] < SIGNIFICANT).sum())
    fewer = int((table["q_value_depleted"] < SIGNIFICANT).sum())
    muted = any(_is_same(row, same) for row in table[["motif_a", "motif_b"]].to_dict("records"))
    blocks.append(
        Text(
            f"Of {plural(len(table), 'pair')} (a motif with itself included), {count(more)} "
            f"{'shares' if more == 1 else 'share'} regions more often and {count(fewer)} less often than chance at a "
            f"false discovery rate of {SIGNIFICANT:g}" + (f" ({how})." if how else ".")
        )
    )
    blocks.append(
        Figure(
            pair_matrix(table, motifs, same),
            "Observed over expected number of regions with both motifs (on the diagonal: with two hits or more of the "
            "motif), colour on a logarithmic scale; below it q, the p-value of the more extreme side corrected over "
            "all pairs (Benjamini-Hochberg), where it is under 0.05 (else the colour is pale)."
            + (
                " Grey: one and the same motif, found from either head, which shares its regions with itself."
                if muted
                else ""
            )
            + f"{_left_out(len(motifs), _number_of_motifs(table), 'motifs')} From cooccurrence.tsv.",
            "Which motifs share regions",
        )
    )
    return [*blocks, folded_if_long(_pair_table(table), "Pairs of motifs")]


def _number_of_motifs(table: pd.DataFrame) -> int:
    return len(set(table["motif_a"]) | set(table["motif_b"]))


def _is_same(row: Mapping[Any, Any], same: Mapping[str, str]) -> bool:
    """Return whether two motifs of the heads are one in the merged list."""
    a, b = str(row["motif_a"]), str(row["motif_b"])
    return a != b and a in same and same[a] == same.get(b)


def _pair_table(table: pd.DataFrame) -> Table:
    smallest = table[["q_value", "q_value_depleted"]].min(axis=1)
    ranked = table.assign(smallest=smallest).sort_values("smallest", kind="stable").head(PAIRS_LISTED)
    rows = tuple(
        (
            str(row["motif_a"]),
            str(row["motif_b"]),
            count(row["n_a"]),
            count(row["n_b"]),
            count(row["n_both"]),
            decimal(row["expected"], 1),
            decimal(row["enrichment"], 2),
            probability(row["q_value"]),
            probability(row["q_value_depleted"]),
        )
        for row in ranked.to_dict("records")
    )
    return Table(
        "Regions with a hit of either motif, with both, and as many as chance would have; q for more and for fewer "
        f"than that.{_left_out(len(rows), len(table), 'pairs, the least likely by chance')} From cooccurrence.tsv.",
        ("motif", "with", "regions", "regions of the other", "both", "expected", "ratio", "q more", "q fewer"),
        rows,
        frozenset(range(2, 9)),
    )


def _distances(syntax: Syntax, same: Mapping[str, str]) -> list[Block]:
    table, spread = syntax.distances, syntax.spread
    if table is None:
        return []
    blocks: list[Block] = [Heading("syntax-distances", "Distances")]
    if not len(table):
        return [*blocks, Note("No region holds two hits that do not overlap, so there are no distances.")]
    sizes = table.groupby(["motif_a", "motif_b"], sort=True)["n"].sum()
    ranked = [
        pair
        for pair in sizes.sort_values(ascending=False, kind="stable").index
        if not _is_same({"motif_a": pair[0], "motif_b": pair[1]}, same)
    ]
    figures = tuple(
        Figure(
            couple_chart(table[(table["motif_a"] == a) & (table["motif_b"] == b)], str(a), str(b)),
            f"{plural(int(sizes[a, b]), 'couple')} of nearest hits in a region that do not overlap, by the distance of "
            "their centres, 1 bp a bar: same strand up, opposite strands down. Faint lines: whole turns of the DNA "
            "helix (10.5 bp). From distances.tsv.",
            f"{a} and {b}" if a != b else f"{a} and itself",
        )
        for a, b in ranked[:PAIRS_DRAWN]
    )
    if not figures:
        blocks.append(Note("All couples are of one motif that both heads found."))
    else:
        blocks.append(SideBySide(figures, 2))
    if len(figures) < len(ranked):
        blocks.append(Text(f"Drawn: the {len(figures)} pairs with most couples, of {len(ranked)}."))
    return blocks + ([] if spread is None or not len(spread) else [_spread_table(spread)])


def _spread_table(spread: pd.DataFrame) -> Block:
    ranked = spread[spread["orientation"] == "all"].sort_values("n", ascending=False, kind="stable")
    order = {pair: place for place, pair in enumerate(zip(ranked["motif_a"], ranked["motif_b"], strict=True))}
    places = [order.get(pair, len(order)) for pair in zip(spread["motif_a"], spread["motif_b"], strict=True)]
    listed = spread.assign(place=places).sort_values("place", kind="stable").head(PAIRS_LISTED)
    rows = tuple(
        (
            str(row["motif_a"]),
            str(row["motif_b"]),
            str(row["orientation"]).replace("_", " "),
            count(row["n"]),
            *(decimal(row[name], 1) for name in ("min", "q25", "median", "q75", "max")),
        )
        for row in listed.to_dict("records")
    )
    table = Table(
        "Distances of centres, bp: smallest, quartiles, largest."
        f"{_left_out(len(rows), len(spread), 'rows, those with most couples')} From distance_summary.tsv.",
        ("motif", "with", "orientation", "couples", "least", "25%", "median", "75%", "most"),
        rows,
        frozenset(range(3, 9)),
    )
    return folded_if_long(table, "Distances in numbers")


def _homotypic(syntax: Syntax, motifs: list[str]) -> list[Block]:
    table = syntax.homotypic
    if table is None:
        return []
    blocks: list[Block] = [Heading("syntax-homotypic", "Several hits of one motif")]
    if not len(table):
        return [*blocks, Note("No motif has a hit.")]
    ordered = motifs or [str(name) for name in dict.fromkeys(table["motif_id"])]
    blocks.append(
        Figure(
            homotypic_chart(table, ordered),
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
        f"{_left_out(len(rows), int((table['at_least'] > 1).sum()), 'rows')} From homotypic.tsv.",
        ("motif", "hits at least", "regions", "share of regions", "expected", "p"),
        rows,
        frozenset(range(1, 6)),
    )
    return [*blocks, folded_if_long(listed, "Homotypic density in numbers")]
