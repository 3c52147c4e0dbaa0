"""Tables of a made-up training: runs of folds and restarts, a search, fine-tuning, the choice among all."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cistill.tables import write_table

EPOCHS, BEST_EPOCH = 12, 9


@dataclass(frozen=True)
class Training:
    """What was trained: `folds` x `restarts` networks of all tasks, and as many of each task alone if `single`."""

    folds: tuple[str, ...] = ("0",)
    restarts: int = 1
    single: bool = False
    finetuned: bool = False
    trials: int = 0
    diverged: tuple[str, ...] = ()
    chosen_by: str = "criterion"


def criterion_of(kind: str, fold: str, restart: int, task: str, finetuned: bool) -> float:
    """Return a criterion that is simple to check: restart 2 is the best, fine-tuning gains 0.01 (0.03 for one task)."""
    single = kind != "all"
    level = 0.6 + 0.02 * int(fold) + (0.1 if task == "OTHER" else 0.0)
    spread = {1: 0.05, 2: 0.0, 3: 0.02}.get(restart, 0.04)
    return round(level + spread + 0.005 * single - finetuned * (0.03 if single else 0.01), 6)


def write_training(folder: Path, tf: str, tasks: list[str], training: Training) -> None:
    """Write everything that `tune`, `train`, `finetune` and `select` write, but weights."""
    kinds = ["all", *(tasks if training.single else [])]
    rows = []
    for kind in kinds:
        for fold in training.folds:
            for restart in range(1, training.restarts + 1):
                run = f"{kind}.fold_{fold}.restart_{restart}"
                own = tasks if kind == "all" else [kind]
                trained = [criterion_of(kind, fold, restart, task, False) for task in own]
                write_run(folder, tf, run, float(np.mean(trained)), restart, run in training.diverged)
                stages = ["trained"]
                if training.finetuned and restart in (2, training.restarts):
                    stages.append("finetuned")
                    tuned = [criterion_of(kind, fold, restart, task, True) for task in own]
                    write_finetuned(folder, tf, run, own, float(np.mean(trained)), float(np.mean(tuned)))
                for stage in stages:
                    name = run if stage == "trained" else f"{run}.finetuned"
                    for task in own:
                        score = criterion_of(kind, fold, restart, task, stage == "finetuned")
                        scores = (100 * score, 0.5 * score, score - 0.2, 0.2, score)
                        rows.append((name, fold, kind, restart, stage, task, *scores))
    columns = ["candidate", "fold", "kind", "restart", "stage", "task", "profile_nll", "count_mse"]
    columns += ["profile_unexplained", "count_unexplained", "criterion"]
    table = pd.DataFrame(rows, columns=columns)
    best = table.groupby(["fold", "task"])["criterion"].idxmin()
    table["chosen"] = table.index.isin(best)
    write_table(folder / f"{tf}.candidates.tsv", table)
    chosen = list(dict.fromkeys(table.loc[table["chosen"], "candidate"]))
    settings = {"keep": "best", "chosen_by": training.chosen_by}
    results = {"candidates": table["candidate"].nunique(), "members": chosen}
    write_record(folder / f"{tf}.select.json", "select", settings, results, 1.0)
    if training.trials:
        write_tuning(folder, tf, training.trials)


def write_record(path: Path, command: str, settings: dict, results: dict, seconds: float, seed: int = 7) -> None:
    """Write provenance as `cistill.provenance` lays it out."""
    record = {
        "command": command, "arguments": ["--name", path.name], "cistill": "0.1.0", "library": "ab" * 32,
        "versions": {"python": "3.11.7", "numpy": "2.4.6"}, "seed": seed, "settings": settings,
        "inputs": {"signal TOY 1 plus": {"name": "rep1.plus.bw", "bytes": 1234, "sha256": "cd" * 32}},
        "results": results, "seconds": seconds,
    }  # fmt: skip
    path.write_text(json.dumps(record))


def write_run(folder: Path, tf: str, run: str, criterion: float, restart: int, diverged: bool) -> None:
    """Write history and provenance of a run of twelve epochs; the ninth was the last best one."""
    epoch = np.arange(1, EPOCHS + 1)
    shape = 1.4 / epoch + 0.02 * np.maximum(epoch - BEST_EPOCH, 0)
    table = pd.DataFrame(
        {
            "epoch": epoch,
            "learning_rate": 0.001,
            "train_loss": 100 + 40 / epoch,
            "train_profile_nll": 90 + 30 / epoch + restart,
            "train_count_mse": 0.4 + 2 / epoch,
            "valid_profile_nll": 92 + 30 / epoch + restart,
            "valid_count_mse": 0.5 + 2 / epoch + 0.02 * np.maximum(epoch - BEST_EPOCH, 0),
            "criterion": criterion + shape - shape[BEST_EPOCH - 1],
            "best": epoch <= BEST_EPOCH,
        }
    )
    write_table(folder / f"{tf}.{run}.history.tsv", table)
    training = {
        "epochs": 15, "learning_rate": 0.004, "count_weight": 150.0 + restart, "count_weight_factor": 1.0,
        "precision": "bf16", "seed": 7000 + restart,
    }  # fmt: skip
    results = {
        "device": "cpu, 2 threads", "epochs": EPOCHS, "best_epoch": BEST_EPOCH, "criterion": criterion,
        "divergences": 2 if diverged else 0, "parameters": 89284, "training_seconds": 61.5,
    }  # fmt: skip
    settings = {"network": {"filters": 64}, "training": training}
    write_record(folder / f"{tf}.{run}.train.json", "train", settings, results, 65.0, 7000 + restart)


def write_finetuned(folder: Path, tf: str, run: str, tasks: list[str], before: float, after: float) -> None:
    """Write history and provenance of a fine-tuning: three restarts of four epochs, profile heads got better."""
    rows = [
        (restart, epoch, task, 60 * (before - 0.003 * epoch) / before, 0.3, epoch < 4, False)
        for restart in (1, 2, 3)
        for epoch in (1, 2, 3, 4)
        for task in tasks
    ]
    columns = ["restart", "epoch", "task", "valid_profile_nll", "valid_count_mse", "best_profile", "best_counts"]
    write_table(folder / f"{tf}.{run}.finetuned.history.tsv", pd.DataFrame(rows, columns=columns))
    results = {"device": "cpu, 2 threads", "before": before, "after": after}
    write_record(folder / f"{tf}.{run}.finetuned.json", "finetune", {"finetuning": {"epochs": 4}}, results, 5.0)


def write_tuning(folder: Path, tf: str, trials: int) -> None:
    """Write a search: trial 1 is the default, 2 the best, 3 was given up, 4 diverged."""
    rng = np.random.default_rng(1)
    number = np.arange(1, trials + 1)
    factor = np.where(number == 1, 1.0, 10 ** rng.uniform(-1, 1, trials))
    outcome = np.where(number == 3, "given up", np.where(number == 4, "diverged", "finished"))
    criterion = np.where(number == 2, 0.61, 0.7 + 0.01 * number)
    table = pd.DataFrame(
        {
            "trial": number,
            "learning_rate": np.where(number == 1, 0.004, 0.004 * 10 ** rng.uniform(-1, 0.7, trials)),
            "count_weight_factor": factor,
            "count_weight": 150 * factor,
            "epochs": np.where(number == 3, 5, 10),
            "valid_profile_nll": 100 + 4 * np.log10(factor),
            "valid_count_mse": 0.5 - 0.1 * np.log10(factor) + 0.01 * number,
            "criterion": np.where(number == 4, np.nan, np.where(number == 3, 1.98, criterion)),
            "outcome": outcome,
            "chosen": number == 2,
        }
    )
    write_table(folder / f"{tf}.tuning.tsv", table)
    (folder / f"{tf}.tuning.json").write_text(json.dumps({"tf": tf, "trial": 2}))
    for trial in number:
        settings = {"network": {}, "training": {}, "fold": "0"}
        write_record(folder / f"{tf}.trial_{trial}.json", "tune", settings, {"device": "cpu, 2 threads"}, 10.0)
