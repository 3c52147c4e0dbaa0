"""Pairs of motifs: which share regions more often than chance has it, and at which distances they stand."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cistill.report.drawing.blocks import Block, Chart, Heading, Note, SideBySide, Table, Text, folded_if_long
from cistill.report.drawing.wording import count, decimal, plural, probability
from cistill.report.reading.hit_statistics import SIGNIFICANT, Syntax
from cistill.report.sections.syntax.charts import couple_chart, pair_matrix

PAIRS_DRAWN = 6
PAIRS_LISTED = 40
"""Rows of a table, at most."""


def left_out(shown: int, there_are: int, what: str) -> str:
    """Say how many of how many are shown, empty if that is all."""
    return f" Shown: {shown} of {count(there_are)} {what}." if shown < there_are else ""


def pair_blocks(syntax: Syntax, motifs: list[str], same: Mapping[str, str]) -> list[Block]:
    """Return which motifs share regions: a matrix and a table."""
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
        Chart(
            *pair_matrix(table, motifs, same),
            "Observed over expected number of regions with both motifs (on the diagonal: with two hits or more of the "
            "motif), colour on a logarithmic scale; below it q, the p-value of the more extreme side corrected over "
            "all pairs (Benjamini-Hochberg), where it is under 0.05 (else the colour is pale)."
            + (
                " Grey: one and the same motif, found from either head, which shares its regions with itself."
                if muted
                else ""
            )
            + f"{left_out(len(motifs), _number_of_motifs(table), 'motifs')} From cooccurrence.tsv.",
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
        f"than that.{left_out(len(rows), len(table), 'pairs, the least likely by chance')} From cooccurrence.tsv.",
        ("motif", "with", "regions", "regions of the other", "both", "expected", "ratio", "q more", "q fewer"),
        rows,
        frozenset(range(2, 9)),
    )


def distance_blocks(syntax: Syntax, same: Mapping[str, str]) -> list[Block]:
    """Return the distances between hits of the pairs with most couples."""
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
        Chart(
            *couple_chart(table[(table["motif_a"] == a) & (table["motif_b"] == b)], str(a), str(b)),
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
        f"{left_out(len(rows), len(spread), 'rows, those with most couples')} From distance_summary.tsv.",
        ("motif", "with", "orientation", "couples", "least", "25%", "median", "75%", "most"),
        rows,
        frozenset(range(3, 9)),
    )
    return folded_if_long(table, "Distances in numbers")
