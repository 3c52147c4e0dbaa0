"""What `train` does, from files to files."""

import logging
import multiprocessing
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from cistill.checkpoints import checkpoint_folder
from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import sha256
from cistill.formats.tables.training import HISTORY
from cistill.model.device import describe_device, find_device
from cistill.model.ensemble import Ensemble, save_ensemble
from cistill.model.member import Member
from cistill.model.network.presets import network_config
from cistill.model.training.endings import TrainingInterrupted, TrainingResult
from cistill.model.training.settings import TrainingSettings, restart_seed
from cistill.model.training.state import state_in
from cistill.model.training.trainer import Trainer
from cistill.model.windows.dataset import Dataset, read_dataset
from cistill.provenance import write_provenance

ALL_TASKS = "all"


@dataclass(frozen=True)
class PlannedRun:
    """One training of many.

    Attributes
    ----------
    fold : str
    restart : int
        From 1; restarts differ in initial weights and batches.
    task : str, optional
        The only task that the network predicts; all of them by default.
    """

    fold: str
    restart: int
    task: str | None = None

    @property
    def name(self) -> str:
        """Name of the run in file names and tables: `all.fold_0.restart_1`."""
        return f"{self.task or ALL_TASKS}.fold_{self.fold}.restart_{self.restart}"


@dataclass(frozen=True)
class TrainingJob:
    """What the runs of one call have in common.

    Attributes
    ----------
    dataset_file : Path
        From `dataset`.
    tf : str, optional
        Prefix of the files written; the dataset's TF by default.
    preset : Path, optional
        JSON with arguments of the network.
    network : mapping
        Arguments of `NetworkConfig`; None: not given.
    settings : TrainingSettings
        Its seed is that of the whole job (`restart_seed` makes those of the runs).
    device_name : str
        `cpu` or `cuda`.
    checkpoint_dir : Path, optional
        Where the state of running trainings is kept, in a folder of its own for every (data, settings, code).
    outdir : Path
        Where to write.
    """

    dataset_file: Path
    tf: str | None
    preset: Path | None
    network: Mapping[str, Any]
    settings: TrainingSettings
    device_name: str
    checkpoint_dir: Path | None
    outdir: Path


def runs_of(dataset: Dataset, folds: str | None, restarts: Sequence[int], task: str | None) -> list[PlannedRun]:
    """Return the runs that a user asks for.

    Parameters
    ----------
    dataset : Dataset
        Knows its folds and tasks.
    folds : str, optional
        Comma-separated names; all folds of the dataset by default.
    restarts : sequence of int
        Which ones, from 1 on.
    task : str, optional
        Of a network for a single task.
    """
    names = [name.strip() for name in folds.split(",") if name.strip()] if folds else list(dataset.folds)
    for name in names:
        dataset.in_fold(name)
    if task is not None:
        dataset.for_task(task)
    return [PlannedRun(name, number, task) for name in names for number in restarts]


def restart_numbers(text: str) -> list[int]:
    """Return the restarts that a text asks for: `3` is 1, 2 and 3; with a comma it lists them (`2,` is 2 alone)."""
    listed = [part.strip() for part in text.split(",") if part.strip()]
    if not listed or not all(part.isdecimal() and int(part) > 0 for part in listed):
        raise InputError(f"--restarts {text}: give their number (3), or which ones (2, or 1,3 with a comma)")
    return [int(part) for part in listed] if "," in text else list(range(1, int(listed[0]) + 1))


def train(
    job: TrainingJob,
    folds: str | None,
    restarts: Sequence[int],
    task: str | None,
    processes: int,
    stop_requested: Callable[[], bool],
) -> bool:
    """Train the runs asked for; write the weights, history and provenance of each.

    Parameters
    ----------
    job : TrainingJob
    folds, restarts, task
        As for `runs_of`.
    processes : int
        Runs at a time; the threads of the machine (or the one GPU) are shared among them.
    stop_requested : callable
        True once the trainings shall stop.

    Returns
    -------
    bool
        False if they were stopped; their states are saved.
    """
    find_device(job.device_name)
    dataset = read_dataset(job.dataset_file)
    runs = runs_of(dataset, folds, restarts, task)
    job.outdir.mkdir(parents=True, exist_ok=True)
    if processes > 1 and len(runs) > 1:
        return _train_side_by_side(job, runs, min(processes, len(runs)), stop_requested)
    return all(_train_run(job, dataset, run, stop_requested) for run in runs)


def _train_run(job: TrainingJob, dataset: Dataset, run: PlannedRun, stop_requested: Callable[[], bool]) -> bool:
    """Train one run; return False if it was stopped."""
    device = find_device(job.device_name)
    torch.use_deterministic_algorithms(True, warn_only=True)
    view = dataset.in_fold(run.fold) if run.task is None else dataset.in_fold(run.fold).for_task(run.task)
    config = network_config(view, job.preset, job.network)
    settings = TrainingSettings(**{**job.settings.to_json(), "seed": restart_seed(job.settings.seed, run.restart)})
    digest = sha256(job.dataset_file)
    key = [digest, run.fold, run.task, config.to_json(), settings.to_json()]
    try:
        with checkpoint_folder(job.checkpoint_dir, f"{dataset.tf}.{run.name}", key) as folder:
            LOG.info("%s on %s: %d peaks", run.name, describe_device(device), len(view.rows("train", "peak")))
            result = Trainer(view, config, settings, device, state_in(folder), stop_requested).run()
    except TrainingInterrupted as stopped:
        LOG.info("%s %s; start again to go on", run.name, stopped)
        return False
    prefix = f"{job.tf or dataset.tf}.{run.name}"
    # seconds are measured and differ from run to run: they go to the provenance, never into a table
    HISTORY.write(job.outdir / f"{prefix}.history.tsv", HISTORY.frame(result.history))
    save_ensemble(job.outdir / f"{prefix}.model.safetensors", _trained(view, run, digest, result))
    _write_run_provenance(job, prefix, result, describe_device(device))
    return True


def _trained(dataset: Dataset, run: PlannedRun, dataset_digest: str, result: TrainingResult) -> Ensemble:
    """Return a run's network as a model of one member."""
    record = {
        "run": run.name,
        "stage": "trained",
        "kind": run.task or ALL_TASKS,
        "restart": run.restart,
        "dataset_sha256": dataset_digest,
        "training": {**result.settings.to_json(), "best_epoch": result.best_epoch + 1},
        "validation": result.scores.to_json(),
        "criterion": result.scores.criterion,
    }
    member = Member(result.network, dataset.tasks, run.fold, dataset.folds[run.fold], record)
    return Ensemble(dataset.tf, dataset.tasks, [member], {"chosen_from": 1})


def _write_run_provenance(job: TrainingJob, prefix: str, result: TrainingResult, device: str) -> None:
    seconds = sum(row["seconds"] for row in result.history)
    write_provenance(
        job.outdir / f"{prefix}.train.json",
        {"network": result.network.config.to_json(), "training": result.settings.to_json()},
        {"dataset": job.dataset_file},
        {
            "device": device,
            "epochs": len(result.history),
            "best_epoch": result.best_epoch + 1,
            "criterion": result.scores.criterion,
            "divergences": result.divergences,
            "resumed_at": {"epoch": result.resumed_from[0] + 1, "batch": result.resumed_from[1] + 1},
            "parameters": sum(p.numel() for p in result.network.parameters()),
            "training_seconds": round(seconds, 1),
            "regions_per_second": round(result.regions_per_epoch * len(result.history) / max(seconds, 1e-9), 1),
        },
        result.settings.seed,
    )


def _train_side_by_side(
    job: TrainingJob, runs: list[PlannedRun], processes: int, stop_requested: Callable[[], bool]
) -> bool:
    """Train several runs at a time, each in a process of its own with its share of the threads."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    threads = max(1, torch.get_num_threads() // processes)
    with ProcessPoolExecutor(processes, context, _start_worker, (job, stop, os.getpid(), threads)) as pool:
        waiting = [pool.submit(_train_in_worker, job, run) for run in runs]
        while not all(future.done() for future in waiting):
            if stop_requested():
                stop.set()
            time.sleep(0.2)
        return all(future.result() for future in waiting)


_WORKER: dict[str, Any] = {}


def _start_worker(job: TrainingJob, stop: Any, parent: int, threads: int) -> None:
    """Set up a worker process: it stops when told to, and when its parent is gone."""
    import signal

    logging.basicConfig(level=logging.INFO, format="%(asctime)s train: %(message)s", datefmt="%H:%M:%S")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    torch.set_num_threads(threads)
    _WORKER.update(stop=stop, parent=parent, dataset=read_dataset(job.dataset_file))


def _train_in_worker(job: TrainingJob, run: PlannedRun) -> bool:
    return _train_run(
        job, _WORKER["dataset"], run, lambda: _WORKER["stop"].is_set() or os.getppid() != _WORKER["parent"]
    )
