"""The trainings of a TF, each of one fold, one restart, and of all tasks or a single one; search and choice."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cistill.console import LOG
from cistill.report.reading.result_files import ResultFiles
from cistill.report.reading.roles import RUN_STAGES
from cistill.report.reading.table_reader import TableReader

ALL_TASKS = "all"
RUN_NAME = re.compile(r"(?P<kind>.+?)\.fold_(?P<fold>.+)\.restart_(?P<restart>\d+)")
HISTORY_COLUMNS = ("epoch", "valid_profile_nll", "valid_count_mse", "train_loss", "criterion", "best")
FINETUNED_COLUMNS = (
    "restart", "epoch", "task", "valid_profile_nll", "valid_count_mse", "best_profile", "best_counts",
)  # fmt: skip


CANDIDATE_COLUMNS = (
    "candidate", "fold", "kind", "restart", "stage", "task", "profile_nll", "count_mse", "profile_unexplained",
    "count_unexplained", "criterion", "chosen",
)  # fmt: skip
TRIAL_COLUMNS = (
    "trial", "learning_rate", "count_weight_factor", "count_weight", "epochs", "valid_profile_nll",
    "valid_count_mse", "criterion", "outcome", "chosen",
)  # fmt: skip


@dataclass(frozen=True)
class TrainingRun:
    """One training and, where its network was fine-tuned, that too; `None` or empty: the file was not given.

    Attributes
    ----------
    name : str
        `{kind}.fold_{fold}.restart_{restart}`.
    kind : str
        `all`, or the only task that the network predicts.
    history : DataFrame or None
        A row for each epoch.
    record, finetuned_record : mapping
        Provenance.
    finetuned_history : DataFrame or None
        A row for each restart of the fine-tuning, epoch and task.
    """

    name: str
    kind: str
    fold: str
    restart: int
    history: pd.DataFrame | None
    record: Mapping[str, Any]
    finetuned_history: pd.DataFrame | None
    finetuned_record: Mapping[str, Any]

    def setting(self, name: str) -> Any:
        """Return a setting of the training, None if it is not known."""
        return self.record.get("settings", {}).get("training", {}).get(name)

    def result(self, name: str) -> Any:
        """Return a result of the training, None if it is not known."""
        return self.record.get("results", {}).get(name)

    @property
    def epochs(self) -> int | None:
        """Epochs trained."""
        return self.result("epochs") if self.history is None else len(self.history)

    @property
    def best_epoch(self) -> int | None:
        """Epoch whose weights were kept."""
        return self.result("best_epoch") if self.history is None else best_epoch(self.history)

    @property
    def criterion(self) -> float | None:
        """Validation criterion of the network kept."""
        found = self.result("criterion")
        if found is None and self.history is not None and self.best_epoch is not None:
            found = self.history.loc[self.history["epoch"] == self.best_epoch, "criterion"].iloc[0]
        return None if found is None else float(found)

    @property
    def is_finetuned(self) -> bool:
        """Whether the network was fine-tuned."""
        return self.finetuned_history is not None or bool(self.finetuned_record)


def best_epoch(history: pd.DataFrame) -> int | None:
    """Return the epoch whose weights were kept: the last one that was the best when it ended."""
    best = history.loc[history["best"], "epoch"]
    return int(best.iloc[-1]) if len(best) else None


def run_parts(name: str) -> tuple[str, str, int] | None:
    """Return kind, fold and restart of a run's name; None if it is not one."""
    parts = RUN_NAME.fullmatch(name)
    return None if parts is None else (parts["kind"], parts["fold"], int(parts["restart"]))


def natural(name: str) -> tuple[int, int, str]:
    """Return what to sort names of folds by: numbers by value, before all others."""
    return (0, int(name), name) if name.isdecimal() else (1, 0, name)


def read_runs(
    inputs: ResultFiles,
    tasks: Collection[str],
    provenance: Mapping[str, Mapping[str, Any]],
    table: TableReader,
) -> tuple[TrainingRun, ...]:
    """Return the runs of a TF: those of all tasks first, then by task, fold and restart.

    Parameters
    ----------
    inputs : ResultFiles
        The files.
    tasks : collection of str
        The TF's tasks. A run of any other is of a TF whose name begins alike, and is left out.
    provenance : mapping
        File name to record.
    table : TableReader
    """
    order = [ALL_TASKS, *tasks]
    runs = []
    for name, files in inputs.runs.items():
        parts = run_parts(name)
        if parts is None or parts[0] not in order:
            LOG.warning("%s.%s: no run of this TF, whose tasks are %s; left out", inputs.tf, name, ", ".join(tasks))
            continue
        records = {stage: provenance.get(files[stage].name, {}) if stage in files else {} for stage in RUN_STAGES}
        runs.append(
            TrainingRun(
                name,
                *parts,
                history=table(files.get("history"), HISTORY_COLUMNS),
                record=records["train"],
                finetuned_history=table(files.get("finetuned_history"), FINETUNED_COLUMNS),
                finetuned_record=records["finetune"],
            )
        )
    return tuple(sorted(runs, key=lambda run: (order.index(run.kind), natural(run.fold), run.restart)))


def fold_names(given: Iterable[str], *others: Iterable[str]) -> tuple[str, ...]:
    """Return the names of folds: those of the dataset in its order, then what else is named anywhere."""
    known = list(dict.fromkeys(given))
    more = {name for names in others for name in names} - set(known)
    return (*known, *sorted(more, key=natural))
