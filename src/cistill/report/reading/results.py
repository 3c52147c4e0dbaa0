"""Reading the result tables of one TF. Profiles and attributions stay in their files until a figure needs rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cistill.data.splits import PARTS
from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats import motifs as store
from cistill.formats.attributions import explained_regions
from cistill.formats.dataset import open_dataset
from cistill.formats.predictions import open_predictions
from cistill.report.reading.attribution_gaps import GAP_COLUMNS, worst_gaps
from cistill.report.reading.inputs import Inputs, run_file
from cistill.report.reading.libraries import Library, read_libraries
from cistill.report.reading.motif_rows import MOTIF_COLUMNS, Motif, join_motifs
from cistill.report.reading.pooled import Callers, Merged, Syntax, read_callers, read_merged, read_syntax
from cistill.report.reading.roles import HEADS, PER_RUN, RUN_STAGES
from cistill.report.reading.runs import Run, fold_names, read_runs
from cistill.tables import read_table

REGION_COLUMNS = (
    "region_id", "chrom", "summit", "kind", "tasks", "split", "kept", "reason", "counts", "match_rank",
    "tested_in",
)  # fmt: skip
PREDICTION_COLUMNS = (
    "region_id", "kind", "split", "unseen", "task", "observed_log_count", "predicted_log_count", "profile_jsd",
)  # fmt: skip
METRIC_COLUMNS = (
    "task", "split", "regions", "metric", "strand", "value", "lower", "average", "upper", "normalised", "n",
)  # fmt: skip
CANDIDATE_COLUMNS = (
    "candidate", "fold", "kind", "restart", "stage", "task", "profile_nll", "count_mse", "profile_unexplained",
    "count_unexplained", "criterion", "chosen",
)  # fmt: skip
TRIAL_COLUMNS = (
    "trial", "learning_rate", "count_weight_factor", "count_weight", "epochs", "valid_profile_nll",
    "valid_count_mse", "criterion", "outcome", "chosen",
)  # fmt: skip
SEEN = "seen"
"""In place of `test`: regions that networks predicted which saw their chromosome."""
HIT_COLUMNS = ("chrom", "start", "end", "motif_id", "strand", "region_id", "confidence")
TEXT = dict.fromkeys(
    (
        *("region_id", "chrom", "task", "tasks", "tested_in", "candidate", "fold", "kind", "stage", "motif_id"),
        *("consensus", "match_1", "match_2", "match_3", "member", "motif_a", "motif_b", "hit_set", "other_set"),
        *(
            "site_class",
            "method",
            "family",
            "statistic",
            "motif",
            "best_motif",
            "source",
            "class",
            "sequence",
            "group",
            "model",
            "set",
            "unit",
        ),
    ),
    str,
)


@dataclass(frozen=True)
class Head:
    """What was found from the attributions of one head; `None` means that the file was not given."""

    name: str
    motifs: tuple[Motif, ...] | None
    hits: pd.DataFrame | None
    site_recall: pd.DataFrame | None
    site_curve: pd.DataFrame | None
    attributions: Path | None
    explained: frozenset[str] | None

    def motif(self, motif_id: str) -> Motif | None:
        """Return the motif of that name."""
        return next((motif for motif in self.motifs or () if motif.motif_id == motif_id), None)


@dataclass(frozen=True)
class Results:
    """Every table of one TF. `None` means that the file was not given.

    Attributes
    ----------
    folds : mapping
        Every fold that any table names, to part (`train`, `valid`, `test`) to chromosomes; empty where not known.
    predictions : DataFrame
        The regions that are scored: peaks, and backgrounds as metrics.tsv counts them. `split` is as metrics.tsv names
        it: `seen` where a test region was predicted by a network that saw its chromosome.
    explained : DataFrame or None
        shap.tsv: how far contributions are from adding up, per head and task.
    worst_gaps : tuple
        Region, task and gap of the explained regions of largest gap, if any is large.
    merged : Merged or None
        The motifs of both heads as one list.
    syntax : Syntax or None
        Statistics of the pooled hits.
    callers : mapping
        Head to the comparison of several callers.
    libraries : mapping
        Name to what is known of the affinities of a library of sequences.
    """

    inputs: Inputs
    tasks: tuple[str, ...]
    folds: Mapping[str, Mapping[str, tuple[str, ...]]]
    regions: pd.DataFrame
    runs: tuple[Run, ...]
    candidates: pd.DataFrame | None
    tuning: pd.DataFrame | None
    metrics: pd.DataFrame | None
    predictions: pd.DataFrame | None
    heads: Mapping[str, Head]
    provenance: Mapping[str, Mapping[str, Any]]
    explained: pd.DataFrame | None
    worst_gaps: tuple[tuple[str, str, float], ...]
    merged: Merged | None
    syntax: Syntax | None
    callers: Mapping[str, Callers]
    libraries: Mapping[str, Library]

    @property
    def tf(self) -> str:
        """Name of the TF."""
        return self.inputs.tf

    def file(self, role: str) -> Path | None:
        """Return the file of a role, or None."""
        return self.inputs.files.get(role)

    def stage(self, name: str, head: str = "") -> Mapping[str, Any]:
        """Return the provenance of a stage, empty if it was not given."""
        middle = f"{head}.{name}" if head else name
        return self.provenance.get(f"{self.tf}.{middle}.json", {})


def read_results(inputs: Inputs) -> Results:
    """Read and check every table.

    Raises
    ------
    InputError
        With all problems in one message.
    """
    problems: list[str] = []

    def table(file: Path | None, columns: tuple[str, ...]) -> pd.DataFrame | None:
        if file is None:
            return None
        try:
            return read_table(file, columns=columns, dtype=TEXT)
        except InputError as error:
            problems.append(str(error))
            return None

    regions = table(inputs.files["regions"], REGION_COLUMNS)
    candidates = table(inputs.files.get("candidates"), CANDIDATE_COLUMNS)
    tuning = table(inputs.files.get("tuning"), TRIAL_COLUMNS)
    metrics = table(inputs.files.get("metrics"), METRIC_COLUMNS)
    predictions = table(inputs.files.get("region_predictions"), PREDICTION_COLUMNS)
    heads = {}
    for name in HEADS:
        if name not in inputs.heads:
            continue
        hits = table(inputs.head_file(name, "hits"), HIT_COLUMNS)
        recall = table(inputs.head_file(name, "site_recall"), ("site_class", "n_sites", "n_found", "recall"))
        curve = table(inputs.head_file(name, "site_curve"), ("cut", "n_hits", "precision_any"))
        motifs = table(inputs.head_file(name, "motifs"), MOTIF_COLUMNS)
        try:
            stored = inputs.head_file(name, "motif_matrices")
            matrices = [] if stored is None else store.read_motifs(stored)
            attributions = inputs.head_file(name, "attributions")
            explained = None if attributions is None else explained_regions(attributions)
            heads[name] = Head(
                name=name,
                motifs=None if motifs is None else join_motifs(motifs, matrices),
                hits=hits,
                site_recall=recall,
                site_curve=curve,
                attributions=attributions,
                explained=explained,
            )
        except InputError as error:
            problems.append(str(error))
    provenance = {}
    for name, file in inputs.provenance.items():
        try:
            provenance[name] = json.loads(require_file(file, "provenance").read_text())
        except (ValueError, UnicodeDecodeError) as error:
            problems.append(f"{file}: not readable as JSON: {error}")
    if regions is not None:
        tables = {"region_predictions": predictions} | {f"{name}.hits": head.hits for name, head in heads.items()}
        problems += _strangers(regions, tables)
    gaps = table(inputs.files.get("shap"), GAP_COLUMNS)
    syntax, callers = read_syntax(inputs, table), read_callers(inputs, table)
    merged, libraries, worst = None, dict[str, Library](), tuple[tuple[str, str, float], ...]()
    try:
        worst = worst_gaps(inputs, gaps)
        merged, libraries = read_merged(inputs, table), read_libraries(inputs, provenance, table)
    except InputError as error:
        problems.append(str(error))
    tasks = () if problems or regions is None else _task_names(inputs, regions, predictions)
    runs = read_runs(inputs, tasks, provenance, table) if tasks else ()
    if problems or regions is None:
        raise InputError("\n".join(problems))
    regions["kept"] = _is_true(regions["kept"])
    for choice in (candidates, tuning):
        if choice is not None:
            choice["chosen"] = _is_true(choice["chosen"])
    own = {f"{inputs.tf}.{run.name}.{PER_RUN[stage]}" for run in runs for stage in RUN_STAGES}
    return Results(
        inputs=inputs,
        tasks=tasks,
        folds=_folds(inputs, provenance, regions, runs, candidates),
        regions=regions,
        runs=runs,
        candidates=candidates,
        tuning=tuning,
        metrics=metrics,
        predictions=None if predictions is None else _scored(predictions, regions),
        heads=heads,
        provenance={
            name: record for name, record in provenance.items() if name in own or run_file(inputs.tf, name) is None
        },
        explained=gaps,
        worst_gaps=worst,
        merged=merged,
        syntax=syntax,
        callers=callers,
        libraries=libraries,
    )


def _is_true(column: pd.Series) -> pd.Series:
    return column.astype(str) == "True"


def _scored(predictions: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Leave the regions that are scored, under the name of the part that metrics.tsv counts them in."""
    unseen = _is_true(predictions["unseen"])
    part = predictions["split"].mask((predictions["split"] == "test") & ~unseen, SEEN)
    # the further backgrounds of a peak are there for training alone, and are not scored where they were predicted
    further = predictions["region_id"].isin(regions.loc[regions["match_rank"] > 0, "region_id"])
    return predictions.assign(split=part, unseen=unseen)[~further]


def _folds(
    inputs: Inputs,
    provenance: Mapping[str, Mapping[str, Any]],
    regions: pd.DataFrame,
    runs: tuple[Run, ...],
    candidates: pd.DataFrame | None,
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the chromosomes of the folds that the dataset says, and the names of whatever others are used."""
    given: dict[str, dict[str, Any]] = (
        provenance.get(f"{inputs.tf}.dataset.json", {}).get("results", {}).get("folds", {})
    )
    if "dataset" in inputs.files:
        with open_dataset(inputs.files["dataset"]) as reader:
            given = dict(reader.folds)
    named = fold_names(
        given,
        [run.fold for run in runs],
        [] if candidates is None else candidates["fold"].dropna(),
        [name for cell in regions["tested_in"].dropna().unique() for name in str(cell).split(",")],
    )
    return {name: {part: tuple(given.get(name, {}).get(part, ())) for part in PARTS} for name in named}


def _strangers(regions: pd.DataFrame, tables: Mapping[str, pd.DataFrame | None]) -> list[str]:
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


def _task_names(inputs: Inputs, regions: pd.DataFrame, predictions: pd.DataFrame | None) -> tuple[str, ...]:
    """Return the names of the tasks in the order of the arrays, else in order of appearance."""
    if "dataset" in inputs.files:
        with open_dataset(inputs.files["dataset"]) as reader:
            return reader.tasks
    if "predictions" in inputs.files:
        with open_predictions(inputs.files["predictions"]) as predicted:
            return predicted.tasks
    if predictions is not None and len(predictions):
        return tuple(dict.fromkeys(predictions["task"]))
    named = regions.loc[regions["kind"] == "peak", "tasks"].dropna()
    return tuple(dict.fromkeys(name for cell in named for name in str(cell).split(",") if name))
