"""How the model came about, as summary.json tells it: trainings, search for settings, choice of networks."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cistill.report.drawing.wording import plain
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.tf_results import TfResults
from cistill.report.reading.training_runs import TrainingRun
from cistill.report.sections.training.choice import Contest, chosen_names, chosen_runs, contests

OUTCOMES = ("finished", "given up", "diverged")


def training_record(page: PageContext) -> dict[str, Any]:
    """Return the search for settings, the trainings and the choice among them; None for what there was not."""
    results = page.results
    return {"tuning": _tuning(results), "training": _trainings(results), "selection": _selection(results)}


def _trainings(results: TfResults) -> dict[str, Any] | None:
    """Return a record of every run, and what they took together; None without any run."""
    if not results.runs:
        return None
    chosen = chosen_runs(results)
    known = results.candidates is not None
    devices = dict.fromkeys(str(run.result("device")) for run in results.runs if run.result("device"))
    seconds = [run.result("training_seconds") for run in results.runs if run.result("training_seconds") is not None]
    return {
        "runs": [_run_record(run, run.name in chosen if known else None) for run in results.runs],
        "seconds": plain(sum(seconds)) if seconds else None,
        "device": ", ".join(devices) or None,
    }


def _run_record(run: TrainingRun, chosen: bool | None) -> dict[str, Any]:
    return {
        "run": run.name,
        "kind": run.kind,
        "fold": run.fold,
        "restart": run.restart,
        "epochs": run.epochs,
        "best_epoch": run.best_epoch,
        "criterion": plain(run.criterion),
        "learning_rate": plain(run.setting("learning_rate")),
        "count_weight": plain(run.setting("count_weight")),
        "precision": run.setting("precision"),
        "divergences": run.result("divergences"),
        "parameters": run.result("parameters"),
        "seconds": plain(run.result("training_seconds")),
        "device": run.result("device"),
        "seed": run.record.get("seed"),
        "finetuned": _finetuned(run),
        "chosen": chosen,
    }


def _finetuned(run: TrainingRun) -> dict[str, Any] | None:
    """Return the criterion before and after fine-tuning, and how many heads of how many tasks became better."""
    if not run.is_finetuned:
        return None
    found = run.finetuned_record.get("results", {})
    history = run.finetuned_history
    return {
        "before": plain(found.get("before", run.criterion)),
        "after": plain(found.get("after")),
        "restarts": None if history is None else int(history["restart"].nunique()),
        "epochs": None if history is None else len(history[["restart", "epoch"]].drop_duplicates()),
        "better_heads": None if history is None else better_heads(history),
    }


def better_heads(history: pd.DataFrame) -> int:
    """Return how many heads, over all tasks, fine-tuning made better."""
    better = history[["best_profile", "best_counts"]]
    return int(better.groupby(history["task"]).any().to_numpy().sum())


def _tuning(results: TfResults) -> dict[str, Any] | None:
    """Return what the search tried, how that ended, and what it chose; None without a search."""
    trials = results.tuning
    if trials is None:
        return None
    best = trials[trials["chosen"]].to_dict("records")
    first = trials.loc[trials["trial"] == 1, "criterion"]
    return {
        "trials": len(trials),
        "outcomes": {name: int((trials["outcome"] == name).sum()) for name in OUTCOMES},
        "default_criterion": plain(first.iloc[0]) if len(first) else None,
        "chosen": {
            "trial": int(best[0]["trial"]),
            **{name: plain(best[0][name]) for name in ("learning_rate", "count_weight_factor", "criterion")},
        }
        if best
        else None,
    }


def _selection(results: TfResults) -> dict[str, Any] | None:
    """Return who was compared with whom, and who was chosen; None without candidates.tsv."""
    if results.candidates is None:
        return None
    settings: Mapping[str, Any] = results.stage("select").get("settings", {})
    return {
        "candidates": int(results.candidates["candidate"].nunique()),
        "chosen": list(chosen_names(results)),
        "chosen_by": settings.get("chosen_by"),
        "keep": settings.get("keep"),
        "contests": [_contest_record(contest) for contest in contests(results)],
    }


def _contest_record(contest: Contest) -> dict[str, Any]:
    best = contest.best
    return {
        "fold": contest.fold,
        "task": contest.task,
        "candidates": len(contest.candidates),
        "best": None if best is None else str(best["candidate"]),
        "criterion": None if best is None else plain(best["criterion"]),
        "restarts": len(contest.restarts),
        "spread": plain(contest.spread),
        "finetuning_gain": plain(contest.gain),
        "all_tasks": plain(contest.best_of(True)),
        "own_task": plain(contest.best_of(False)),
        "chosen": list(contest.chosen),
    }
