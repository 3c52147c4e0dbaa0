"""Choosing a few held-out loci by a stated rule, and reading their rows from the large files."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cistill.report.reading.locus_arrays import Floats, contributions_of, observed_ends, predicted_ends
from cistill.report.reading.prediction_tables import best_split
from cistill.report.reading.tf_results import TfResults

RULES = (
    ("strongest", "most reads"),
    ("upper quartile", "at the upper quartile of reads"),
    ("median", "at the median of reads"),
    ("count too high", "the prediction is too high by the largest factor"),
    ("count too low", "the prediction is too low by the largest factor"),
    ("worst profile", "the largest profile distance among the half with more reads"),
)
"""Rules of the loci of the page."""
PAGE_RULES = tuple(name for name, _ in RULES)
FURTHER_RULES = (("weakest", "fewest reads"), ("most sites", "most hits"))
"""Rules that the page of the browser has besides."""


@dataclass(frozen=True)
class Locus:
    """One region with all that is drawn of it.

    Attributes
    ----------
    observed, predicted : array (2, length) or None
        5' ends per position of the output window, strands [+, -]; None where a file was not given.
    start : int
        Genomic position of the output window's first base.
    contributions : mapping
        Head to contributions of the bases that are there, (input_length, 4), and the input window's start.
    """

    region_id: str
    rules: tuple[str, ...]
    task: str
    split: str
    chrom: str
    summit: int
    start: int
    length: int
    observed_log_count: float
    predicted_log_count: float
    profile_jsd: float
    observed: Floats | None
    predicted: Floats | None
    contributions: Mapping[str, tuple[Floats, int]]


def choose_loci(
    predictions: pd.DataFrame,
    task: str,
    rules: Collection[str] = PAGE_RULES,
    sites: Mapping[str, int] | None = None,
) -> tuple[dict[str, tuple[str, ...]], str]:
    """Choose loci among the peaks of the held-out split by rules, each locus once.

    Parameters
    ----------
    predictions : DataFrame
        region_predictions.tsv.
    task : str
        The task whose reads and predictions decide.
    rules : collection of str
        Which of `RULES` and `FURTHER_RULES`. Those whose values are all missing choose nothing.
    sites : mapping, optional
        region_id to its number of hits, for `most sites`.

    Returns
    -------
    (dict, str)
        region_id to the names of the rules that chose it, in the rules' order; and the split they are from.
    """
    split = best_split(predictions)
    rows = predictions[
        (predictions["split"] == split) & (predictions["task"] == task) & (predictions["kind"] == "peak")
    ]
    rows = rows.sort_values(["observed_log_count", "region_id"], ascending=[False, True], kind="stable")
    if not len(rows):
        return {}, split
    excess = (rows["predicted_log_count"] - rows["observed_log_count"]).to_numpy(float)
    distances = rows["profile_jsd"].to_numpy(float)[: -(-len(rows) // 2)]
    hits = np.array([(sites or {}).get(str(name), 0) for name in rows["region_id"]])
    places = {
        "strongest": 0,
        "upper quartile": len(rows) // 4,
        "median": len(rows) // 2,
        "weakest": len(rows) - 1,
    }
    if hits.any():
        places["most sites"] = int(np.argmax(hits))
    if not np.isnan(excess).all():
        places |= {"count too high": int(np.nanargmax(excess)), "count too low": int(np.nanargmin(excess))}
    if not np.isnan(distances).all():
        places["worst profile"] = int(np.nanargmax(distances))
    chosen: dict[str, tuple[str, ...]] = {}
    for rule, _ in (*RULES, *FURTHER_RULES):
        if rule in rules and rule in places:
            region_id = str(rows["region_id"].iloc[places[rule]])
            chosen[region_id] = (*chosen.get(region_id, ()), rule)
    return chosen, split


def read_loci(results: TfResults) -> list[Locus]:
    """Choose the example loci of every task and read their rows; empty without region_predictions.tsv."""
    if results.predictions is None:
        return []
    chosen, split = {}, best_split(results.predictions)
    for task in results.tasks:
        found, _ = choose_loci(results.predictions, task)
        if found:
            chosen[task] = found
    wanted = {task: list(found) for task, found in chosen.items()}
    every = list(dict.fromkeys(name for names in wanted.values() for name in names))
    scores = results.predictions[results.predictions["region_id"].isin(set(every))].to_dict("records")
    scored = {(str(row["task"]), str(row["region_id"])): row for row in scores}
    regions = _by_region(results.regions, set(every))
    observed = observed_ends(results.file("dataset"), wanted)
    predicted = predicted_ends(results.file("predictions"), wanted)
    contributions = {
        head.name: contributions_of(head.attributions, every)
        for head in results.heads.values()
        if head.attributions is not None
    }
    loci = []
    for task, names in chosen.items():
        for region_id, rules in names.items():
            key = task, region_id
            row, region = scored[key], regions[region_id]
            tracks = [track for track in (observed.get(key), predicted.get(key)) if track is not None]
            length = tracks[0].shape[1] if tracks else 0
            summit = int(region["summit"])
            loci.append(
                Locus(
                    region_id=region_id,
                    rules=rules,
                    task=task,
                    split=split,
                    chrom=str(region["chrom"]),
                    summit=summit,
                    start=summit - length // 2,
                    length=length,
                    observed_log_count=float(row["observed_log_count"]),
                    predicted_log_count=float(row["predicted_log_count"]),
                    profile_jsd=float(row["profile_jsd"]),
                    observed=observed.get(key),
                    predicted=predicted.get(key),
                    contributions={head: rows[region_id] for head, rows in contributions.items() if region_id in rows},
                )
            )
    return loci


def _by_region(table: pd.DataFrame, wanted: set[str]) -> dict[str, dict[Any, Any]]:
    """Return region_id to row for the wanted regions."""
    return {str(row["region_id"]): row for row in table[table["region_id"].isin(wanted)].to_dict("records")}
