"""What the candidates of one fold and task tell: how far restarts lie apart, what fine-tuning and other tasks bring."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from cistill.report.reading.tf_results import TfResults
from cistill.report.reading.training_runs import ALL_TASKS

FINETUNED = "finetuned"


@dataclass(frozen=True)
class Contest:
    """The networks that were compared with each other: those of one fold, for one task.

    Attributes
    ----------
    fold, task : str
    candidates : DataFrame
        Rows of candidates.tsv, the smallest criterion first.
    """

    fold: str
    task: str
    candidates: pd.DataFrame

    @property
    def best(self) -> dict[Any, Any] | None:
        """The candidate of the smallest criterion."""
        known = self.candidates.dropna(subset=["criterion"])
        return known.iloc[0].to_dict() if len(known) else None

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the chosen candidates."""
        return tuple(self.candidates.loc[self.candidates["chosen"], "candidate"])

    @property
    def restarts(self) -> pd.Series:
        """Criteria of the restarts of the best candidate's kind, before fine-tuning."""
        rows = self.candidates
        if self.best is None:
            return rows["criterion"].iloc[:0]
        return rows.loc[(rows["kind"] == self.best["kind"]) & (rows["stage"] != FINETUNED), "criterion"].dropna()

    @property
    def spread(self) -> float | None:
        """Largest less smallest criterion of those restarts, None for fewer than two."""
        found = self.restarts
        return float(found.max() - found.min()) if len(found) > 1 else None

    @property
    def gains(self) -> pd.Series:
        """By how much fine-tuning lowered the criterion of each network that was fine-tuned."""
        by_stage = self.candidates.set_index(["kind", "restart"])
        tuned = by_stage["stage"] == FINETUNED
        before, after = by_stage.loc[~tuned, "criterion"], by_stage.loc[tuned, "criterion"]
        return (before[~before.index.duplicated()].reindex(after.index) - after).dropna()

    @property
    def gain(self) -> float | None:
        """Mean of the gains, None without any."""
        return float(self.gains.mean()) if len(self.gains) else None

    def best_of(self, all_tasks: bool) -> float | None:
        """Return the smallest criterion of the networks of all tasks, or of those of this task alone."""
        found = self.candidates.loc[(self.candidates["kind"] == ALL_TASKS) == all_tasks, "criterion"]
        return float(found.min()) if found.notna().any() else None


def contests(results: TfResults) -> list[Contest]:
    """Return the candidates by task and fold, in their orders; empty without candidates.tsv."""
    table = results.candidates
    if table is None:
        return []
    found = []
    for task in dict.fromkeys([*results.tasks, *table["task"]]):
        for fold in results.folds:
            rows = table[(table["task"] == task) & (table["fold"] == fold)]
            if len(rows):
                found.append(Contest(fold, task, rows.sort_values("criterion", kind="stable", ignore_index=True)))
    return found


def chosen_names(results: TfResults) -> tuple[str, ...]:
    """Return the names of the networks that are in the model; empty where that is not known."""
    if results.candidates is None:
        return ()
    return tuple(dict.fromkeys(results.candidates.loc[results.candidates["chosen"], "candidate"]))


def chosen_runs(results: TfResults) -> frozenset[str]:
    """Return the names of the runs whose network, as trained or fine-tuned, is in the model."""
    return frozenset(name.removesuffix(f".{FINETUNED}") for name in chosen_names(results))


def kind_words(results: TfResults, kind: str) -> str:
    """Return what a network predicts, in words: all tasks, or the name of its own one."""
    return kind if kind != ALL_TASKS else "all tasks" if len(results.tasks) > 1 else next(iter(results.tasks), kind)
