"""Reading the result tables of one TF. Profiles and attributions stay in their files until a figure needs rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import pandas as pd

from cistill.errors import InputError
from cistill.files import require_file
from cistill.motifs import store
from cistill.report.inputs import HEADS, Inputs
from cistill.tables import read_table

REGION_COLUMNS = ("region_id", "chrom", "summit", "kind", "tasks", "split", "kept", "reason", "counts")
HISTORY_COLUMNS = ("epoch", "valid_profile_nll", "valid_count_mse", "train_loss", "criterion", "best")
PREDICTION_COLUMNS = (
    "region_id",
    "kind",
    "split",
    "task",
    "observed_log_count",
    "predicted_log_count",
    "profile_jsd",
)
METRIC_COLUMNS = ("task", "split", "regions", "metric", "value", "lower", "average", "upper", "n")
MOTIF_COLUMNS = ("motif_id", "head", "sign", "n_seqlets", "consensus", "information", "weak", "weak_reason")
HIT_COLUMNS = ("chrom", "start", "end", "motif_id", "strand", "region_id", "confidence")
TEXT = dict.fromkeys(
    ("region_id", "chrom", "task", "tasks", "motif_id", "consensus", "match_1", "match_2", "match_3"), str
)


@dataclass(frozen=True)
class Motif:
    """A pattern of TF-MoDISco: its row of motifs.tsv and its matrices, `None` where motifs.h5 was not given."""

    motif_id: str
    row: Mapping[str, Any]
    matrices: store.Motif | None = None

    @property
    def weak(self) -> bool:
        """Whether it was marked as a pattern of low information."""
        return bool(self.row["weak"])

    @property
    def match(self) -> str | None:
        """Name of the best match in the database."""
        return self.text("match_1")

    def text(self, column: str) -> str | None:
        """Return a cell as text, None if it is missing or empty."""
        value = self.row.get(column)
        return None if value is None or pd.isna(value) or value == "" else str(value)

    def number(self, column: str) -> float | None:
        """Return a numeric cell, None if it is missing."""
        value = self.row.get(column)
        return None if value is None or pd.isna(value) else float(value)


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
    """Every table of one TF. `None` means that the file was not given."""

    inputs: Inputs
    tasks: tuple[str, ...]
    regions: pd.DataFrame
    history: pd.DataFrame | None
    metrics: pd.DataFrame | None
    predictions: pd.DataFrame | None
    heads: Mapping[str, Head]
    provenance: Mapping[str, Mapping[str, Any]]

    @property
    def tf(self) -> str:
        """Name of the TF."""
        return self.inputs.tf

    def file(self, role: str) -> Path | None:
        """Return the file of a role, or None."""
        return self.inputs.files.get(role)

    def peaks_of(self, task: str) -> frozenset[str]:
        """Return the region_ids of a task's peaks."""
        peaks = self.regions[self.regions["kind"] == "peak"]
        members = peaks["tasks"].fillna("").astype(str).str.split(",").map(lambda names: task in names)
        return frozenset(peaks.loc[members, "region_id"])

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
    history = table(inputs.files.get("history"), HISTORY_COLUMNS)
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
            explained = None if attributions is None else frozenset(text_column(attributions, "region_id"))
            heads[name] = Head(
                name=name,
                motifs=None if motifs is None else _motifs(motifs, matrices),
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
    if problems or regions is None:
        raise InputError("\n".join(problems))
    regions["kept"] = regions["kept"].astype(str) == "True"
    return Results(
        inputs=inputs,
        tasks=_task_names(inputs, regions, predictions),
        regions=regions,
        history=history,
        metrics=metrics,
        predictions=predictions,
        heads=heads,
        provenance=provenance,
    )


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


def open_results(file: Path) -> h5py.File:
    """Open an HDF5 file for reading.

    Raises
    ------
    InputError
        If it is missing, empty or no HDF5 file.
    """
    require_file(file, "HDF5 file")
    try:
        return h5py.File(file, "r")
    except OSError as error:
        raise InputError(f"{file}: not readable as HDF5; was its writing cut off? ({error})") from error


def text_column(file: Path, name: str) -> list[str]:
    """Return a text dataset of an HDF5 file.

    Raises
    ------
    InputError
        If the file has no such dataset.
    """
    with open_results(file) as handle:
        if name not in handle:
            raise InputError(f"{file}: the file lacks the dataset {name}")
        values = handle[name][:]
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def _task_names(inputs: Inputs, regions: pd.DataFrame, predictions: pd.DataFrame | None) -> tuple[str, ...]:
    """Return the names of the tasks in the order of the arrays, else in order of appearance."""
    for role in ("dataset", "predictions"):
        file = inputs.files.get(role)
        if file is not None:
            with open_results(file) as handle:
                if "tasks" in handle.attrs:
                    return tuple(json.loads(handle.attrs["tasks"]))
    if predictions is not None and len(predictions):
        return tuple(dict.fromkeys(predictions["task"]))
    named = regions.loc[regions["kind"] == "peak", "tasks"].dropna()
    return tuple(dict.fromkeys(name for cell in named for name in str(cell).split(",") if name))


def _motifs(table: pd.DataFrame, matrices: list[store.Motif]) -> tuple[Motif, ...]:
    """Join the rows of motifs.tsv with their matrices by motif_id, in the table's order."""
    by_id = {motif.motif_id: motif for motif in matrices}
    table = table.assign(weak=table["weak"].astype(str) == "True")
    return tuple(
        Motif(str(row["motif_id"]), {str(key): value for key, value in row.items()}, by_id.get(str(row["motif_id"])))
        for row in table.to_dict("records")
    )
