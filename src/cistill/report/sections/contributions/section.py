"""Checks of the contributions: whether they add up to what the model predicts, and which regions are unusual."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cistill.report.drawing.blocks import Block, Heading, Note, Section, Table, Text
from cistill.report.drawing.wording import count, percent, plural, probability
from cistill.report.reading.page_context import PageContext

EDGES = {
    "with_unknown_bases": "window holds bases other than A, C, G, T",
    "at_contig_edges": "window reaches beyond the end of its chromosome",
    "with_shuffles_equal": "a shuffle is the sequence itself: too repetitive to be told from chance",
}


def contribution_section(page: PageContext, summary: Mapping[str, Any]) -> Section | None:
    """Return the checks of contributions; None without shap.tsv."""
    results = page.results
    table, record = results.explained, summary["contributions"]
    if table is None or record is None:
        return None
    blocks: list[Block] = [Heading("contribution-checks", "Contribution checks")]
    if not any(row["regions"] for row in record):
        blocks.append(Note("No region was explained: there was none to explain."))
    else:
        blocks += [Text(_verdict(record)), _gaps(table), _edges(table), *_worst(results.worst_gaps)]
    return Section(
        "contributions",
        "Contributions",
        "How much each base of a region adds to the model's output, against dinucleotide shuffles of the region "
        "(DeepSHAP): motifs and instances are found from them.",
        tuple(blocks),
    )


def _verdict(record: list[dict[str, Any]]) -> str:
    large = sum(row["regions_with_large_gap"] for row in record)
    largest = max((row["largest_gap"] or 0.0 for row in record), default=0.0)
    if not large:
        return (
            "The contributions of every region add up to what the model predicts for it beyond its shuffles: the "
            f"largest relative gap is {probability(largest)}."
        )
    return (
        f"In {plural(large, 'case')} the contributions of a region miss the difference of outputs by over 1%; the "
        f"largest relative gap is {probability(largest)}. Contributions of these regions are to be read with care."
    )


def _gaps(table: pd.DataFrame) -> Table:
    several = table["task"].nunique() > 1
    rows = tuple(
        (
            str(row["head"]),
            *((str(row["task"]),) if several else ()),
            count(row["regions"]),
            *(probability(row[name]) for name in ("gap_median", "gap_95", "gap_max")),
            count(row["gap_over_1_percent"]),
        )
        for row in table.to_dict("records")
    )
    head = (
        "head",
        *(("task",) if several else ()),
        *("regions", "median gap", "95th percentile", "largest gap", "over 1%"),
    )
    return Table(
        "Gap: how far the sum of a region's contributions is from the difference between its output and the mean "
        "output of its shuffles, relative to that difference. From shap.tsv.",
        head,
        rows,
        frozenset(range(2 if several else 1, len(head))),
        "Do contributions add up?",
    )


def _edges(table: pd.DataFrame) -> Table:
    """Return the regions that are unusual: the same for every head and task, so the first row tells."""
    first = table.to_dict("records")[0]
    rows = tuple(
        (words, count(first[column]), percent(first[column], first["regions"])) for column, words in EDGES.items()
    )
    return Table(
        f"Regions that are unusual, of {count(first['regions'])} explained. They are kept: unknown bases contribute "
        "nothing. From shap.tsv.",
        ("edge case", "regions", "share"),
        rows,
        frozenset({1, 2}),
        "Edge cases",
    )


def _worst(regions: Sequence[tuple[str, str, float]]) -> list[Block]:
    """Return the regions of largest gap if any is large."""
    if not regions:
        return []
    rows = tuple((region, task, probability(gap)) for region, task, gap in regions)
    words = f"The {plural(len(rows), 'region')} of largest gap among those over 1%. From region_contributions.tsv."
    return [Table(words, ("region", "task", "gap"), rows, frozenset({2}), "Largest gaps")]
