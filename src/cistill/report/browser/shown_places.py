"""Which regions the page of the browser shows: by rule, or those that the user names."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cistill.console import LOG
from cistill.data.bed import RowProblems, bed_rows
from cistill.errors import InputError
from cistill.formats.dataset import open_dataset
from cistill.formats.predictions import open_predictions
from cistill.report.reading.tf_results import TfResults
from cistill.report.sections.loci.choice import choose_loci

WHAT = "regions of the browser"
RULES = (
    "strongest", "upper quartile", "median", "weakest", "most sites",
    "count too high", "count too low", "worst profile",
)  # fmt: skip
"""In the order of the list."""
LEAST_SHOWN = 120
"""Bases that the first view of a region spans, at least."""


@dataclass(frozen=True)
class Place:
    """A stretch of the genome that the page lists.

    Attributes
    ----------
    title : str
        Name of it in the list.
    reasons : tuple of str
        The rules that chose it, with the task where there are several; empty for a place of the user.
    chrom : str
    start, end : int
        What is shown first, 0-based, half open.
    regions : tuple of str
        The regions of the run whose data it shows.
    """

    title: str
    reasons: tuple[str, ...]
    chrom: str
    start: int
    end: int
    regions: tuple[str, ...]


def places_by_rule(results: TfResults, shown: int) -> list[Place]:
    """Choose regions of every task by all rules, those of the first rules first.

    Parameters
    ----------
    results : TfResults
    shown : int
        Bases around the summit that are shown first.
    """
    scored = results.predictions if results.predictions is not None else _unpredicted(results.regions)
    sites = hits_of_regions(results)
    reasons: dict[str, dict[str, list[str]]] = {}
    for task in results.tasks:
        chosen, _ = choose_loci(scored, task, RULES, sites)
        for region_id, rules in chosen.items():
            for rule in rules:
                reasons.setdefault(region_id, {}).setdefault(rule, []).append(task)
    first = {region_id: min(RULES.index(rule) for rule in rules) for region_id, rules in reasons.items()}
    rows = _rows(results.regions, list(reasons))
    places = []
    for region_id in sorted(reasons, key=lambda name: first[name]):
        row = rows[region_id]
        chrom, summit = str(row["chrom"]), int(row["summit"])
        start = max(0, summit - shown // 2)
        words = tuple(_worded(rule, tasks, results.tasks) for rule, tasks in reasons[region_id].items())
        places.append(Place(f"{chrom}:{summit + 1:,}", words, chrom, start, start + shown, (region_id,)))
    return places


def _worded(rule: str, tasks: Sequence[str], of: Sequence[str]) -> str:
    """Return a rule with the tasks that it holds for, where there are several."""
    return rule if len(of) == 1 else f"{rule} ({', '.join(tasks)})"


def places_of_user(results: TfResults, file: str | os.PathLike[str]) -> list[Place]:
    """Return the intervals of a BED file that overlap regions of the run, in the file's order.

    Raises
    ------
    InputError
        If the file cannot be read, a row is malformed, or no interval overlaps a region of the run.
    """
    problems = RowProblems()
    rows = list(bed_rows(file, WHAT, problems))
    if problems.number:
        raise InputError("\n".join(f"{WHAT} {file}: {line}" for line in problems.lines()))
    kept = results.regions[results.regions["kept"].astype(bool)]
    reach = window_of(results) // 2
    places, without = [], []
    for row in rows:
        near = kept[
            (kept["chrom"] == row.chrom) & (kept["summit"] + reach > row.start) & (kept["summit"] - reach < row.end)
        ]
        name = row.fields[3] if len(row.fields) > 3 and row.fields[3] not in ("", ".") else ""
        title = f"{row.chrom}:{row.start + 1:,}-{row.end:,}"
        if not len(near):
            without.append(title)
            continue
        rest = max(0, LEAST_SHOWN - (row.end - row.start))
        start = max(0, row.start - rest // 2)
        regions = tuple(str(region_id) for region_id in near["region_id"])
        places.append(
            Place(name or title, (), row.chrom, start, row.end + rest - (row.start - start), regions)
        )  # fmt: skip
    if not places:
        shown = f" (the first of them: {without[0]})" if without else ""
        raise InputError(f"{WHAT} {file}: none of its {len(rows)} intervals{shown} overlaps a region of the run")
    if without:
        LOG.warning("%s: %d intervals overlap no region of the run and are left out: %s", file, len(without), without)
    return places


def regions_problems(file: str | os.PathLike[str]) -> list[str]:
    """Say what is wrong with a file of regions by itself, a line for each problem."""
    problems = RowProblems()
    try:
        rows = list(bed_rows(file, WHAT, problems))
    except InputError as error:
        return str(error).split("\n")
    lines = [f"{WHAT} {file}: {line}" for line in problems.lines()]
    return lines or ([] if rows else [f"{WHAT} {file}: it lists no interval"])


def hits_of_regions(results: TfResults) -> Mapping[str, int]:
    """Return region_id to the number of hits of all heads in it."""
    found = [head.hits["region_id"] for head in results.heads.values() if head.hits is not None]
    return {} if not found else pd.concat(found).astype(str).value_counts().to_dict()


def window_of(results: TfResults) -> int:
    """Return the bases around a summit that the run has data of: of a stored window, else of a predicted one."""
    if (dataset := results.file("dataset")) is not None:
        with open_dataset(dataset) as stored:
            return stored.output_length + 2 * stored.max_jitter
    if (predictions := results.file("predictions")) is not None:
        with open_predictions(predictions) as predicted:
            return predicted.output_length
    return 2


def _unpredicted(regions: pd.DataFrame) -> pd.DataFrame:
    """Return the kept peaks as region_predictions.tsv has them, predictions missing."""
    peaks = regions[(regions["kind"] == "peak") & regions["kept"].astype(bool)]
    rows = peaks.assign(task=peaks["tasks"].str.split(",")).explode("task")
    return rows.assign(
        observed_log_count=np.log1p(rows["counts"].astype(float)), predicted_log_count=np.nan, profile_jsd=np.nan
    )


def _rows(regions: pd.DataFrame, wanted: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return region_id to row."""
    found = regions[regions["region_id"].isin(set(wanted))].to_dict("records")
    return {str(row["region_id"]): {str(key): value for key, value in row.items()} for row in found}
