"""Choosing among trained networks: restarts, all tasks or one in a network, before and after fine-tuning."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pandas as pd

from cistill.console import LOG
from cistill.data.sheet import read_rows
from cistill.errors import InputError
from cistill.formats.tables.training import CANDIDATES
from cistill.model.ensemble import Ensemble, load_ensemble, save_ensemble
from cistill.model.member import Member
from cistill.model.training.settings import Keep
from cistill.provenance import write_provenance

SCORES = ("profile_nll", "count_mse", "profile_unexplained", "count_unexplained", "criterion")
KEEP = get_args(Keep)
CHOSEN = {
    **dict.fromkeys(("true", "wahr", "vrai", "verdadero", "yes", "y", "1", "x"), True),
    **dict.fromkeys(("false", "falsch", "faux", "falso", "no", "n", "0", ""), False),
}
"""What people and spreadsheets write into the column `chosen`."""
PROBLEMS_SHOWN = 10
TOLERANCE = 1.1  # of the best criterion: a restart that did not get near it has failed


def select(models: Sequence[Path], tf: str | None, keep: str, choice: Path | None, outdir: Path) -> None:
    """Choose the networks of a TF; write the table of candidates and the model made of the chosen ones.

    Networks are compared within a fold and for a task, by the criterion on the fold's validation regions of that task
    (`Validation`): the same regions for every candidate, and none that they were trained on. Folds are not compared
    with each other: their regions differ in difficulty.

    Parameters
    ----------
    models : sequence of Path
        Files of `train` and `finetune`.
    tf : str, optional
        Prefix of the files written.
    keep : str
        `best`: the best network of every fold and task. `all`: every restart of the best kind that did not fail, the
        better one of trained and fine-tuned.
    choice : Path, optional
        An edited table of candidates: its column `chosen` is the choice.
    outdir : Path

    Raises
    ------
    InputError
        If the models do not belong together, or the choice leaves a task without a network.
    """
    if keep not in KEEP:
        raise InputError(f"--keep {keep}: give one of {', '.join(KEEP)}")
    members, whole = read_candidates(models)
    table = candidate_table(members)
    if choice is not None:
        table["chosen"] = _users_choice(table, choice)
    else:
        table["chosen"] = choose(table, keep)
    outdir.mkdir(parents=True, exist_ok=True)
    prefix = tf or whole.tf
    ensemble = assemble(whole, members, table)
    CANDIDATES.write(outdir / f"{prefix}.candidates.tsv", table[list(CANDIDATES.names)])
    save_ensemble(outdir / f"{prefix}.model.safetensors", ensemble)
    write_provenance(
        outdir / f"{prefix}.select.json",
        {"keep": keep, "chosen_by": "criterion" if choice is None else "user"},
        {str(number): path for number, path in enumerate(models, 1)},
        {"candidates": len(members), "members": [candidate_name(member) for member in ensemble.members]},
    )
    LOG.info("%d of %d networks chosen", len(ensemble.members), len(members))


def candidate_name(member: Member) -> str:
    """Return the name of a network in tables: its run, and `.finetuned` if it is."""
    run = str(member.record.get("run", "imported"))
    return f"{run}.finetuned" if member.record.get("stage") == "finetuned" else run


def read_candidates(models: Sequence[Path]) -> tuple[dict[str, Member], Ensemble]:
    """Read all networks; return them by name, and a model that says what TF and tasks they are of.

    Raises
    ------
    InputError
        If two networks have one name, or they are not of one TF and one dataset.
    """
    members: dict[str, Member] = {}
    whole: Ensemble | None = None
    for path in models:
        model = load_ensemble(path)
        for member in model.members:
            name = candidate_name(member)
            if name in members:
                raise InputError(f"{path}: the network {name} is given twice")
            if "validation" not in member.record:
                raise InputError(f"{path}: the network {name} has no validation scores to choose by")
            members[name] = member
        if whole is None or len(model.tasks) > len(whole.tasks):
            whole = model
    if whole is None:
        raise InputError("no model is given")
    for name, member in members.items():
        first = next(iter(members.values())).record
        if member.record.get("dataset_sha256") != first.get("dataset_sha256"):
            raise InputError(f"the network {name} was trained on another dataset than the others: train all on one")
    tasks = list(dict.fromkeys([*whole.tasks, *(task for member in members.values() for task in member.tasks)]))
    return members, replace(whole, tasks=tasks, members=list(members.values()))


def candidate_table(members: dict[str, Member]) -> pd.DataFrame:
    """Return a row for each network and task it predicts, with its validation scores."""
    rows = []
    for name, member in members.items():
        record = member.record
        for task in member.tasks:
            scores = record["validation"][task]
            described = (name, member.fold, record["kind"], record["restart"], record["stage"], task)
            rows.append((*described, *(scores[score] for score in SCORES)))
    table = pd.DataFrame(rows, columns=[name for name in CANDIDATES.names if name != "chosen"])
    order = ["task", "fold", "kind", "restart", "stage"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def choose(table: pd.DataFrame, keep: str) -> pd.Series:
    """Return which rows of the table of candidates are chosen, fold by fold and task by task."""
    chosen = pd.Series(False, index=table.index)
    for _, group in table.groupby(["fold", "task"], sort=False):
        known = group.dropna(subset=["criterion"])
        if not len(known):
            raise InputError(
                f"fold {group['fold'].iloc[0]}, task {group['task'].iloc[0]}: no candidate has a validation score"
            )
        known = known.sort_values("criterion", kind="stable")
        best = known.iloc[0]
        if keep == "best":
            chosen[known.index[0]] = True
            continue
        of_kind = known[known["kind"] == best["kind"]]
        near = of_kind[of_kind["criterion"] <= TOLERANCE * best["criterion"]]
        chosen[near.drop_duplicates("restart").index] = True
    return chosen


def _users_choice(table: pd.DataFrame, choice: Path) -> pd.Series:
    """Return the column `chosen` of the user's table, in the order of ours."""
    wanted = read_choice(choice)
    keys = list(wanted)
    unknown = [key for key in keys if key not in set(zip(table["candidate"], table["task"], strict=True))]
    if unknown:
        raise InputError(f"{choice}: there is no candidate {unknown[0][0]} for task {unknown[0][1]}")
    chosen = [wanted.get(key, False) for key in zip(table["candidate"], table["task"], strict=True)]
    return pd.Series(chosen, index=table.index)


def read_choice(path: Path) -> dict[tuple[str, str], bool]:
    """Read an edited table of candidates, as sheets are read: candidate and task to whether it is chosen.

    Raises
    ------
    InputError
        If the file is no such table, or chooses nothing for a task that it lists.
    """
    needed = ("candidate", "task", "chosen")
    sheet = read_rows(path, "choice", CANDIDATES.names, needed, others=True)
    problems = list(sheet.problems)
    for row in sheet.rows:
        problems += [row.problem(name, "is empty") for name in needed[:2] if not row[name]]
        if row["chosen"].lower() not in CHOSEN:
            problems.append(row.problem("chosen", f"{row['chosen']!r} is neither True nor False"))
    if problems:
        raise InputError("\n".join(f"choice {path}: {problem}" for problem in problems[:PROBLEMS_SHOWN]))
    keys = [(row["candidate"], row["task"]) for row in sheet.rows]
    values = [CHOSEN[row["chosen"].lower()] for row in sheet.rows]
    chosen: dict[tuple[str, str], bool] = {}
    for key, value in zip(keys, values, strict=True):
        chosen[key] = chosen.get(key, False) or value
    without = sorted({str(task) for _, task in keys} - {str(task) for (_, task), value in chosen.items() if value})
    if without or not chosen:
        raise InputError(f"{path}: no network is chosen for the task(s) {', '.join(without) or 'of any TF'}")
    return chosen


def assemble(whole: Ensemble, members: dict[str, Member], table: pd.DataFrame) -> Ensemble:
    """Return the model made of the chosen networks; each votes on the tasks that it was chosen for."""
    chosen = table[table["chosen"]]
    missing = [task for task in whole.tasks if task not in set(chosen["task"])]
    if missing:
        raise InputError(f"no network is chosen for the task(s) {', '.join(missing)}")
    voting = []
    for name, member in members.items():
        votes = [task for task in member.tasks if ((chosen["candidate"] == name) & (chosen["task"] == task)).any()]
        if votes:
            voting.append(replace(member, votes=votes))
    return Ensemble(whole.tf, whole.tasks, voting, {"chosen_from": len(members)})
