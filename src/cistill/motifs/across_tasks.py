"""Motifs of several tasks in one table: groups of alike motifs, and how often each group occurs in each task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cistill.errors import InputError
from cistill.formats.tables.regions import REGIONS
from cistill.motifs.clusters import Clustering
from cistill.motifs.sets import SetMotif
from cistill.tables import read_table

COLUMNS = ("task", "motifs", "instances", "regions")
TEXT = {"task": str, "motif_id": str, "region_id": str}


@dataclass(frozen=True)
class TaskFiles:
    """Files of one task; several of a kind for its heads.

    Attributes
    ----------
    motifs : list of Path
        motifs.h5.
    instances : list of Path
        hits.bed or seqlets.tsv: any table with `motif_id` and `region_id`.
    regions : Path or None
        regions.tsv, for the number of peaks.
    """

    motifs: list[Path]
    instances: list[Path]
    regions: Path | None


def read_sheet(path: Path) -> dict[str, TaskFiles]:
    """Read the sheet of tasks: columns `task`, `motifs`, `instances`, and optionally `regions`; one row per head.

    Files are relative to the sheet's folder.

    Raises
    ------
    InputError
        With all problems in one message.
    """
    table = read_table(path, ("task", "motifs", "instances"), dtype=dict.fromkeys(COLUMNS, str))
    folder = Path(path).parent
    problems: list[str] = []
    tasks: dict[str, TaskFiles] = {}
    for number, row in enumerate(table.to_dict("records"), start=2):
        files = {}
        for column in COLUMNS[1:]:
            value = row.get(column)
            if value is None or pd.isna(value) or not value:
                if column != "regions":
                    problems.append(f"{path}, line {number}: no {column}")
                continue
            files[column] = folder / value
            if not files[column].is_file():
                problems.append(f"{path}, line {number}, column {column}: no such file: {files[column]}")
        if pd.isna(row["task"]) or not row["task"]:
            problems.append(f"{path}, line {number}: no task")
            continue
        task = tasks.setdefault(row["task"], TaskFiles([], [], files.get("regions")))
        if files.get("regions") not in (None, task.regions):
            problems.append(f"{path}, line {number}: another regions file than in the first row of {row['task']}")
        task.motifs.extend([files["motifs"]] if "motifs" in files else [])
        task.instances.extend([files["instances"]] if "instances" in files else [])
    if problems:
        raise InputError("\n".join(problems))
    return tasks


def number_of_peaks(regions: Path, task: str) -> int:
    """Return the number of kept peaks of a task in regions.tsv; all kept peaks if the table does not name the task."""
    table = REGIONS.read(regions, ("kind", "tasks", "kept"), "regions")
    peaks = table[(table["kind"] == "peak") & table["kept"].fillna(False).astype(bool)]
    own = [task in str(cell).split(",") for cell in peaks["tasks"]]
    return sum(own) if any(own) else len(peaks)


def prevalence(motifs: Sequence[SetMotif], clusters: Clustering, tasks: Mapping[str, TaskFiles]) -> pd.DataFrame:
    """Count instances of every cluster in every task.

    Parameters
    ----------
    motifs : sequence of SetMotif
        The set of each is its task.
    clusters : Clustering
        Of these motifs.
    tasks : mapping
        Task to its files.

    Returns
    -------
    pandas.DataFrame
        One row per task and cluster, zeros included: `task, cluster, n_motifs` (of this task in the cluster),
        `n_instances`, `n_regions` (with an instance), `n_regions_any` (with one of any cluster), `n_peaks` (NA without
        a regions file), `prevalence` = n_regions / n_peaks, `prevalence_any` = n_regions / n_regions_any,
        `share_of_instances` (of the task's). The instances of a task's heads are pooled; a region counts once.

    Raises
    ------
    InputError
        If a table of instances names none of its task's motifs.
    """
    cluster_of = {index: cluster.name for cluster in clusters.clusters for index in cluster.members}
    rows = []
    for task, files in tasks.items():
        named: dict[str, str] = {}
        own = [(index, found.motif) for index, found in enumerate(motifs) if found.set_name == task]
        for index, motif in own:
            if index in cluster_of:
                # hits of the single heads carry the ids that a merged motif is of
                named |= dict.fromkeys((motif.motif_id, *motif.members), cluster_of[index])
        instances = pd.concat([_instances(file) for file in files.instances])
        known = instances.assign(cluster=instances["motif_id"].map(named)).dropna(subset=["cluster"])
        if len(instances) and own and not len(known):
            raise InputError(
                f"{', '.join(str(file) for file in files.instances)}: no instance is of a motif of {task} "
                f"({', '.join(list(named)[:3])}, ...); are the files of one run?"
            )
        any_region = known["region_id"].nunique()
        peaks = None if files.regions is None else number_of_peaks(files.regions, task)
        for cluster in clusters.clusters:
            part = known[known["cluster"] == cluster.name]
            n_regions = part["region_id"].nunique()
            rows.append(
                (
                    task, cluster.name, sum(cluster_of.get(index) == cluster.name for index, _ in own), len(part),
                    n_regions, any_region, peaks, n_regions / peaks if peaks else None,
                    n_regions / any_region if any_region else None, len(part) / len(known) if len(known) else None,
                )
            )  # fmt: skip
    columns = (
        "task", "cluster", "n_motifs", "n_instances", "n_regions", "n_regions_any", "n_peaks", "prevalence",
        "prevalence_any", "share_of_instances",
    )  # fmt: skip
    table = pd.DataFrame(rows, columns=list(columns))
    return table.astype({"n_peaks": "Int64", "prevalence": float, "prevalence_any": float, "share_of_instances": float})


def _instances(path: Path) -> pd.DataFrame:
    return read_table(path, ("motif_id", "region_id"), dtype=TEXT)[["motif_id", "region_id"]]
