"""Choosing a few held-out loci by a stated rule, and reading their rows from the large files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.formats.attributions import open_attributions
from cistill.formats.dataset import open_dataset
from cistill.formats.predictions import open_predictions
from cistill.report.reading.prediction_tables import best_split
from cistill.report.reading.tf_results import TfResults

Floats = NDArray[np.float64]
RULES = (
    ("strongest", "most reads"),
    ("upper quartile", "at the upper quartile of reads"),
    ("median", "at the median of reads"),
    ("count too high", "the prediction is too high by the largest factor"),
    ("count too low", "the prediction is too low by the largest factor"),
    ("worst profile", "the largest profile distance among the half with more reads"),
)


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


def choose_loci(predictions: pd.DataFrame, task: str) -> tuple[dict[str, tuple[str, ...]], str]:
    """Choose loci among the peaks of the held-out split by `RULES`, each locus once.

    Parameters
    ----------
    predictions : DataFrame
        region_predictions.tsv.
    task : str
        The task whose reads and predictions decide.

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
    stronger = rows.iloc[: -(-len(rows) // 2)]
    places = {
        "strongest": 0,
        "upper quartile": len(rows) // 4,
        "median": len(rows) // 2,
        "count too high": int(np.argmax(excess)),
        "count too low": int(np.argmin(excess)),
        "worst profile": int(np.argmax(np.nan_to_num(stronger["profile_jsd"].to_numpy(float), nan=-1.0))),
    }
    chosen: dict[str, tuple[str, ...]] = {}
    for rule, _ in RULES:
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
    observed = _observed(results.file("dataset"), wanted, every)
    predicted = _predicted(results.file("predictions"), wanted, every)
    contributions = {
        head.name: _contributions(head.attributions, every)
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


def _rows_of(names: Iterable[str], wanted: list[str]) -> dict[str, int]:
    """Return region_id to row in a file, for those of the wanted that it holds."""
    asked = set(wanted)
    return {name: row for row, name in enumerate(names) if name in asked}


def _observed(file: Path | None, wanted: Mapping[str, list[str]], every: list[str]) -> dict[tuple[str, str], Floats]:
    """Return task and region to its 5' ends, (2, length); of the tasks and regions that the file holds."""
    if file is None:
        return {}
    found = {}
    with open_dataset(file) as dataset:
        rows = _rows_of(dataset.region_id, every)
        for index, task in enumerate(dataset.tasks):
            for name in [name for name in wanted.get(task, ()) if name in rows]:
                found[task, name] = dataset.windows(rows[name], rows[name] + 1)[0, index]
    return found


def _predicted(file: Path | None, wanted: Mapping[str, list[str]], every: list[str]) -> dict[tuple[str, str], Floats]:
    """Return the same of the expected 5' ends."""
    if file is None:
        return {}
    found = {}
    with open_predictions(file) as predicted:
        rows = _rows_of(predicted.region_id, every)
        for index, task in enumerate(predicted.tasks):
            for name in [name for name in wanted.get(task, ()) if name in rows]:
                found[task, name] = predicted.expected_ends(rows[name], index)
    return found


def _contributions(file: Path, wanted: list[str]) -> dict[str, tuple[Floats, int]]:
    """Return region to the contributions of the bases that are there, (length, 4), and the window's start."""
    with open_attributions(file) as reader:
        return {
            name: (reader.contributions(np.array([row]))[0], int(reader.start[row]))
            for name, row in _rows_of(reader.region_id, wanted).items()
        }
