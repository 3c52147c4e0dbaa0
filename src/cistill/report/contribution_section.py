"""Checks of the contributions: whether they add up to what the model predicts, and which regions are unusual."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cistill.report.blocks import Block, Heading, Note, Section, Table, Text, folded_if_long
from cistill.report.results import Results
from cistill.report.wording import MISSING, count, decimal, percent, plain, plural, probability

HEADS = ("counts", "profile")
LARGE_GAP = 0.01
"""A relative gap that is told of; the command shap fails at five times as much."""
WORST = 5
EDGES = {
    "unknown_bases": "window holds bases other than A, C, G, T",
    "bases_off_contig": "window reaches beyond the end of its chromosome",
    "shuffles_equal": "a shuffle is the sequence itself: too repetitive to be told from chance",
}


def contribution_record(results: Results) -> list[dict[str, Any]] | None:
    """Return median and largest gap per head and task, as summary.json tells them; None without shap.tsv."""
    table = results.explained
    if table is None:
        return None
    rows = []
    for task, of_task in table.groupby("task", sort=False):
        for head in HEADS:
            if f"{head}_gap" in of_task:
                gap = of_task[f"{head}_gap"].astype(float)
                rows.append(
                    {
                        "head": head,
                        "task": str(task),
                        "regions": len(of_task),
                        "median_difference": plain(of_task[f"{head}_difference"].astype(float).median()),
                        "median_gap": plain(gap.median()),
                        "largest_gap": plain(gap.max()),
                        "regions_with_large_gap": int((gap > LARGE_GAP).sum()),
                    }
                )
    return rows


def contribution_section(results: Results, summary: Mapping[str, Any]) -> Section | None:
    """Return the checks of contributions; None without shap.tsv."""
    table, record = results.explained, summary["contributions"]
    if table is None or record is None:
        return None
    blocks: list[Block] = [Heading("contribution-checks", "Contribution checks")]
    if not record:
        blocks.append(Note("No region was explained: there was none to explain."))
    else:
        blocks += [Text(_verdict(record)), _gaps(record), _edges(table)]
        blocks += _worst(table)
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


def _gaps(record: list[dict[str, Any]]) -> Table:
    several = len({row["task"] for row in record}) > 1
    rows = tuple(
        (
            row["head"],
            *((row["task"],) if several else ()),
            count(row["regions"]),
            decimal(row["median_difference"], 2),
            probability(row["median_gap"]),
            probability(row["largest_gap"]),
            count(row["regions_with_large_gap"]),
        )
        for row in record
    )
    head = (
        "head",
        *(("task",) if several else ()),
        *("regions", "median difference", "median gap", "largest gap", "over 1%"),
    )
    return Table(
        "Difference: output for the region less the mean over its shuffles (counts: natural log; profile: weighted "
        "logits). Gap: how far the sum of contributions is from it, relative. From shap.tsv.",
        head,
        rows,
        frozenset(range(2 if several else 1, len(head))),
        "Do contributions add up?",
    )


def _edges(table: pd.DataFrame) -> Block:
    regions = table.drop_duplicates("region_id")
    rows = []
    for column, words in EDGES.items():
        if column in regions:
            number = int((regions[column].astype(float) > 0).sum())
            rows.append((words, count(number), percent(number, len(regions))))
    return Table(
        f"Regions that are unusual, of {count(len(regions))} explained. They are kept: unknown bases contribute "
        "nothing. From shap.tsv.",
        ("edge case", "regions", "share"),
        tuple(rows),
        frozenset({1, 2}),
        "Edge cases",
    )


def _worst(table: pd.DataFrame) -> list[Block]:
    """Return the regions of largest gap if any is large."""
    gaps = [f"{head}_gap" for head in HEADS if f"{head}_gap" in table]
    largest = table[gaps].astype(float).max(axis=1) if gaps else pd.Series(dtype=float)
    worst = table.assign(largest=largest)[largest > LARGE_GAP].sort_values("largest", ascending=False, kind="stable")
    if not len(worst):
        return []
    rows = tuple(
        (str(row["region_id"]), str(row["task"]) or MISSING, probability(float(row["largest"])))
        for row in worst.head(WORST).to_dict("records")
    )
    words = f"The regions of largest gap, {len(rows)} of {count(len(worst))} over 1%. From shap.tsv."
    return [folded_if_long(Table(words, ("region", "task", "gap"), rows, frozenset({2}), "Largest gaps"), "Gaps")]
