"""The table of regions, and what it says with others: folds, names of tasks, regions that it does not list."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cistill.formats.dataset import PARTS, open_dataset
from cistill.formats.predictions import open_predictions
from cistill.report.reading.result_files import ResultFiles
from cistill.report.reading.training_runs import TrainingRun, fold_names

REGION_COLUMNS = (
    "region_id", "chrom", "summit", "kind", "tasks", "split", "kept", "reason", "counts", "match_rank",
    "tested_in",
)  # fmt: skip
SUFFICIENCY_COLUMNS = (
    "task", "readset", "fold", "split", "strand", "measure", "value", "lower", "upper", "n", "verdict", "advice",
)  # fmt: skip
NO_SPLIT = "none"
"""The split of regions outside all lists of chromosomes."""


def split_label(split: object) -> str:
    """Return the name of a split; a region outside all lists of chromosomes has none."""
    return NO_SPLIT if split is None or pd.isna(split) else str(split)  # type: ignore[call-overload]


def tested_by(regions: pd.DataFrame, fold: str) -> pd.Series:
    """Return which regions of regions.tsv a fold tests."""
    cells = regions["tested_in"].dropna().unique()
    return regions["tested_in"].isin([cell for cell in cells if fold in str(cell).split(",")])


def read_folds(
    inputs: ResultFiles,
    provenance: Mapping[str, Mapping[str, Any]],
    regions: pd.DataFrame,
    runs: tuple[TrainingRun, ...],
    candidates: pd.DataFrame | None,
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the chromosomes of the folds that the dataset lists, and the names of whatever others are used."""
    given: Mapping[str, Mapping[str, Any]] = (
        provenance.get(f"{inputs.tf}.dataset.json", {}).get("results", {}).get("folds", {})
    )
    if "dataset" in inputs.files:
        with open_dataset(inputs.files["dataset"]) as dataset:
            given = dict(dataset.folds)
    named = fold_names(
        given,
        [run.fold for run in runs],
        [] if candidates is None else candidates["fold"].dropna(),
        [name for cell in regions["tested_in"].dropna().unique() for name in str(cell).split(",")],
    )
    return {name: {part: tuple(given.get(name, {}).get(part, ())) for part in PARTS} for name in named}


def unlisted_regions(regions: pd.DataFrame, tables: Mapping[str, pd.DataFrame | None]) -> list[str]:
    """Return one message per table that names regions which regions.tsv lacks: files of different runs."""
    problems = []
    for name, table in tables.items():
        if table is None:
            continue
        unknown = table.loc[~table["region_id"].isin(regions["region_id"]), "region_id"]
        if len(unknown):
            problems.append(
                f"{name}: {len(unknown)} rows are of regions that regions.tsv does not list, the first one "
                f"{unknown.iloc[0]}; are the files of one run?"
            )
    return problems


def read_task_names(inputs: ResultFiles, regions: pd.DataFrame, predictions: pd.DataFrame | None) -> tuple[str, ...]:
    """Return the names of the tasks in the order of the arrays, else in order of appearance."""
    if "dataset" in inputs.files:
        with open_dataset(inputs.files["dataset"]) as dataset:
            return dataset.tasks
    if "predictions" in inputs.files:
        with open_predictions(inputs.files["predictions"]) as predicted:
            return predicted.tasks
    if predictions is not None and len(predictions):
        return tuple(dict.fromkeys(predictions["task"]))
    named = regions.loc[regions["kind"] == "peak", "tasks"].dropna()
    return tuple(dict.fromkeys(name for cell in named for name in str(cell).split(",") if name))
