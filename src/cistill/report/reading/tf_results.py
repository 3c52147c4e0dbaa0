"""Everything that was found of one TF, read and checked; large arrays stay in their files until a figure needs rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cistill.report.reading.attribution_gaps import GAP_COLUMNS, worst_gaps
from cistill.report.reading.compared_callers import ComparedCallers, read_callers
from cistill.report.reading.head_results import Head, read_heads
from cistill.report.reading.hit_statistics import Syntax, read_syntax
from cistill.report.reading.library_results import LibraryResults, read_libraries
from cistill.report.reading.merged_motifs import MergedMotifs, read_merged
from cistill.report.reading.prediction_tables import METRIC_COLUMNS, PREDICTION_COLUMNS, scored_predictions
from cistill.report.reading.provenance_files import Record, read_provenance
from cistill.report.reading.region_table import (
    REGION_COLUMNS,
    SUFFICIENCY_COLUMNS,
    read_folds,
    read_task_names,
    unlisted_regions,
)
from cistill.report.reading.result_files import ResultFiles, run_file
from cistill.report.reading.roles import PER_RUN, RUN_STAGES
from cistill.report.reading.table_reader import TableReader
from cistill.report.reading.training_runs import CANDIDATE_COLUMNS, TRIAL_COLUMNS, TrainingRun, read_runs


@dataclass(frozen=True)
class TfResults:
    """Every table of one TF. `None` means that the file was not given.

    Attributes
    ----------
    folds : mapping
        Every fold that any table names, to part (`train`, `valid`, `test`) to chromosomes; empty where not known.
    predictions : DataFrame
        The regions that are scored: peaks, and backgrounds as metrics.tsv counts them. `split` is as metrics.tsv names
        it: `seen` where a test region was predicted by a network that saw its chromosome.
    sufficiency : DataFrame or None
        Verdicts on the data, before training.
    explained : DataFrame or None
        shap.tsv: how far contributions are from adding up, per head and task.
    worst_gaps : tuple
        Region, task and gap of the explained regions of largest gap, if any is large.
    merged : MergedMotifs or None
        The motifs of both heads as one list.
    syntax : Syntax or None
        Statistics of the pooled hits.
    callers : mapping
        Head to the comparison of several callers.
    libraries : mapping
        Name to what is known of the affinities of a library of sequences.
    """

    inputs: ResultFiles
    tasks: tuple[str, ...]
    folds: Mapping[str, Mapping[str, tuple[str, ...]]]
    regions: pd.DataFrame
    runs: tuple[TrainingRun, ...]
    candidates: pd.DataFrame | None
    tuning: pd.DataFrame | None
    sufficiency: pd.DataFrame | None
    metrics: pd.DataFrame | None
    predictions: pd.DataFrame | None
    heads: Mapping[str, Head]
    provenance: Mapping[str, Mapping[str, Any]]
    explained: pd.DataFrame | None
    worst_gaps: tuple[tuple[str, str, float], ...]
    merged: MergedMotifs | None
    syntax: Syntax | None
    callers: Mapping[str, ComparedCallers]
    libraries: Mapping[str, LibraryResults]

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


def read_results(inputs: ResultFiles) -> TfResults:
    """Read and check every table.

    Raises
    ------
    InputError
        With all problems in one message.
    """
    table = TableReader()
    regions = table(inputs.files["regions"], REGION_COLUMNS)
    candidates = table(inputs.files.get("candidates"), CANDIDATE_COLUMNS)
    tuning = table(inputs.files.get("tuning"), TRIAL_COLUMNS)
    sufficiency = table(inputs.files.get("sufficiency"), SUFFICIENCY_COLUMNS)
    metrics = table(inputs.files.get("metrics"), METRIC_COLUMNS)
    predictions = table(inputs.files.get("region_predictions"), PREDICTION_COLUMNS)
    heads = read_heads(inputs, table)
    provenance = read_provenance(inputs, table)
    if regions is not None:
        named = {"region_predictions": predictions} | {f"{name}.hits": head.hits for name, head in heads.items()}
        table.problems += unlisted_regions(regions, named)
    explained = table(inputs.files.get("shap"), GAP_COLUMNS)
    syntax, callers = read_syntax(inputs, table), read_callers(inputs, table)
    worst, merged, libraries = tuple[tuple[str, str, float], ...](), None, dict[str, LibraryResults]()
    with table.collecting():
        worst = worst_gaps(inputs, explained)
        merged, libraries = read_merged(inputs, table), read_libraries(inputs, provenance, table)
    tasks = () if table.problems or regions is None else read_task_names(inputs, regions, predictions)
    runs = read_runs(inputs, tasks, provenance, table) if tasks else ()
    table.raise_problems()
    assert regions is not None
    return TfResults(
        inputs=inputs,
        tasks=tasks,
        folds=read_folds(inputs, provenance, regions, runs, candidates),
        regions=regions,
        runs=runs,
        candidates=candidates,
        tuning=tuning,
        sufficiency=sufficiency,
        metrics=metrics,
        predictions=None if predictions is None else scored_predictions(predictions, regions),
        heads=heads,
        provenance=_of_runs(inputs.tf, provenance, runs),
        explained=explained,
        worst_gaps=worst,
        merged=merged,
        syntax=syntax,
        callers=callers,
        libraries=libraries,
    )


def _of_runs(tf: str, provenance: Mapping[str, Record], runs: tuple[TrainingRun, ...]) -> dict[str, Record]:
    """Return the records without those of trainings that are none of the TF's."""
    own = {f"{tf}.{run.name}.{PER_RUN[stage]}" for run in runs for stage in RUN_STAGES}
    return {name: record for name, record in provenance.items() if name in own or run_file(tf, name) is None}
