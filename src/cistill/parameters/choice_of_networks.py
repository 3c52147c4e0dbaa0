"""Whether a table of chosen networks fits the TFs and tasks of a run."""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from cistill.data.balanced_folds import N_FOLDS
from cistill.data.samplesheet import named_tasks, read_samplesheet
from cistill.data.splits import ALL
from cistill.errors import InputError
from cistill.parameters.given_files import RESULTS, GivenFile

CANDIDATE = re.compile(r"(?P<kind>.+?)\.fold_(?P<fold>.+)\.restart_(?P<restart>\d+)(?P<finetuned>\.finetuned)?")
"""Networks, as `train` and `finetune` name them."""
DATASET = re.compile(r"dataset/(.+)\.dataset\.h5")
"""Datasets of an earlier run, as the pipeline names its results."""


def choice_problems(
    parameters: Mapping[str, Any], given_files: Iterable[GivenFile], samplesheet: str | os.PathLike[str] | None
) -> list[str]:
    """Say why a run cannot choose its networks by the table of `--choice`.

    A table of candidates belongs to one TF and chooses for every task of it. What else is wrong with the table or the
    sheet, their readers report.

    Parameters
    ----------
    parameters : mapping
        The pipeline's parameters by name.
    given_files : iterable of GivenFile
        Files that parameters name, with the results of an earlier run that this one starts from.
    samplesheet : path, optional
        None for a run that starts from results or simulates its data.
    """
    given = list(given_files)
    choice = next((file for file in given if file.parameter == "choice"), None)
    if choice is None or not {"all", "train"} & set(re.split(r"[,\s]+", str(parameters.get("step")))):
        return []
    from cistill.model.training.select import read_choice  # imports torch

    tasks = _tasks_of_tfs(given, samplesheet)
    where = f"parameter --choice: {choice.written}"
    if len(tasks) > 1:
        return [
            f"{where}: a table of candidates belongs to one TF, and the run has {len(tasks)} ({', '.join(tasks)}); run "
            "each TF by itself, or leave --choice out"
        ]
    with suppress(InputError):
        table = read_choice(choice.path)
        chosen = {task for _, task in table}
        for tf, own in tasks.items():
            if own and chosen != own:
                return [
                    f"{where}: the table chooses for the task(s) {', '.join(sorted(chosen))}, and {tf} has "
                    f"{', '.join(sorted(own))}; give the table of candidates of this TF's own run"
                ]
        for name in dict.fromkeys(name for name, _ in table):
            if why := _not_trained(name, parameters, next(iter(tasks.values()), set())):
                return [f"{where}: this run trains no network {name}: {why}; change the table, or the parameters"]
    return []


def _not_trained(name: str, parameters: Mapping[str, Any], tasks: set[str]) -> str:
    """Say why a run trains no network of a name; empty if it does, or may do."""
    found = CANDIDATE.fullmatch(name)
    if found is None:
        return "names are such as all.fold_0.restart_1 or all.fold_0.restart_1.finetuned"
    restarts, finetune = parameters.get("restarts"), parameters.get("finetune")
    if isinstance(restarts, int) and int(found["restart"]) > restarts:
        return f"it has {restarts} restart(s)"
    if found["finetuned"] and finetune is False:
        return "nothing is fine-tuned"
    if found["kind"] != "all" and parameters.get("single_tasks") is False:
        return "there are no networks of single tasks"
    if found["kind"] != "all" and tasks and (len(tasks) == 1 or found["kind"] not in tasks):
        return "there is no such task" if found["kind"] not in tasks else "a single task has the networks of all"
    folds = _folds(parameters)
    return f"its folds are {', '.join(folds)}" if folds and found["fold"] not in folds else ""


def _folds(parameters: Mapping[str, Any]) -> list[str]:
    """Return the names of a run's folds as far as its parameters tell; none where they do not."""
    named = [name.strip() for name in str(parameters.get("folds") or "").split(",") if name.strip()]
    if parameters.get("valid_chroms") or parameters.get("test_chroms"):
        return ["lists"]
    if named and named != [ALL]:
        return named
    balanced = not parameters.get("splits") and "folds" in parameters
    return ([str(number) for number in range(N_FOLDS)] if named else ["0"]) if balanced else []


def _tasks_of_tfs(given: Iterable[GivenFile], samplesheet: str | os.PathLike[str] | None) -> dict[str, set[str]]:
    """Return the TFs of a run with their tasks; no tasks where they are not known."""
    tasks: dict[str, set[str]] = {}
    if samplesheet is None:
        named = (DATASET.fullmatch(file.written) for file in given if file.parameter == RESULTS)
        return {found[1]: set() for found in named if found}
    with suppress(InputError):
        rows, _ = read_samplesheet(samplesheet)
        for name in named_tasks(rows):
            tf, _, task = name.partition("/")
            tasks.setdefault(tf, set()).add(task)
    return tasks
