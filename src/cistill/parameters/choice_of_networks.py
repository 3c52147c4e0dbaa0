"""Whether a table of chosen networks fits the TFs and tasks of a run."""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from cistill.data.samplesheet import named_tasks, read_samplesheet
from cistill.errors import InputError
from cistill.parameters.given_files import RESULTS, GivenFile

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
        chosen = {task for _, task in read_choice(choice.path)}
        for tf, own in tasks.items():
            if own and chosen != own:
                return [
                    f"{where}: the table chooses for the task(s) {', '.join(sorted(chosen))}, and {tf} has "
                    f"{', '.join(sorted(own))}; give the table of candidates of this TF's own run"
                ]
    return []


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
