"""What `train` does, from files to files."""

import logging
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from cistill.checkpoints import checkpoint_folder
from cistill.console import LOG
from cistill.files import sha256
from cistill.formats.tables.training import HISTORY
from cistill.model.device import describe_device, find_device
from cistill.model.ensemble import Ensemble, save_ensemble
from cistill.model.member import Member
from cistill.model.network.presets import network_config
from cistill.model.training.endings import TrainingInterrupted, TrainingResult
from cistill.model.training.restarts import ALL_TASKS, PlannedRun, Rung, best_until, going_on, rungs
from cistill.model.training.settings import TrainingSettings, epochs_of, restart_seed
from cistill.model.training.state import state_in
from cistill.model.training.trainer import Trainer
from cistill.model.windows.dataset import Dataset, read_dataset
from cistill.provenance import write_provenance

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event


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
    compare_after : float
        Share of the schedule after which the better half of a fold's restarts goes on; 1: all train to the end.
    """

    dataset_file: Path
    tf: str | None
    preset: Path | None
    network: Mapping[str, Any]
    settings: TrainingSettings
    device_name: str
    checkpoint_dir: Path | None
    outdir: Path
    compare_after: float = 1.0


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
    compared = rungs(len(restarts), job.compare_after)
    with ExitStack() as stack:
        if compared and job.checkpoint_dir is None:  # restarts that wait to be compared lie there
            states = stack.enter_context(TemporaryDirectory(prefix=".tmp.states.", dir=job.outdir))
            job = replace(job, checkpoint_dir=Path(states))
        ground = _Ground(job, dataset, sha256(job.dataset_file), compared, stop_requested)
        each = stack.enter_context(_workers(ground, min(processes, len(runs))))
        try:
            shares = _compared(runs, compared, each)
            each(_finish, [(run, shares[run]) for run in runs])
        except TrainingInterrupted as stopped:
            LOG.info("%s; start again to go on", stopped)
            return False
    return True


class _Ground(NamedTuple):
    """What every training of one call stands on."""

    job: TrainingJob
    dataset: Dataset
    digest: str
    compared: list[Rung]
    stop_requested: Callable[[], bool]


Each = Callable[[Callable[..., Any], list[tuple[Any, ...]]], list[Any]]


def _compared(runs: list[PlannedRun], compared: list[Rung], each: Each) -> dict[PlannedRun, float]:
    """Train up to each comparison; return the share of the schedule that every run shall have."""
    shares = dict.fromkeys(runs, 1.0)
    going = runs
    for rung in compared:
        criteria = dict(zip(going, each(_reach, [(run, rung.share) for run in going]), strict=True))
        kept = going_on(criteria, rung.survivors)
        shares |= {run: rung.share for run in going if run not in kept}
        going = [run for run in going if run in kept]
    return shares


def _reach(ground: _Ground, run: PlannedRun, share: float) -> float:
    """Train a run up to a share of its schedule, and keep its state; return its best criterion so far."""
    _, result = _train_run(ground, run, share)
    return best_until([row["criterion"] for row in result.history], epochs_of(share, result.settings))


def _finish(ground: _Ground, run: PlannedRun, share: float) -> None:
    """Train a run up to a share of its schedule, and write its files."""
    job = ground.job
    view, result = _train_run(ground, run, share)
    prefix = f"{job.tf or view.tf}.{run.name}"
    # seconds are measured and differ from run to run: they go to the provenance, never into a table
    HISTORY.write(job.outdir / f"{prefix}.history.tsv", HISTORY.frame(result.history))
    save_ensemble(job.outdir / f"{prefix}.model.safetensors", _trained(view, run, ground.digest, result))
    _write_run_provenance(job, prefix, result, share)


def _train_run(ground: _Ground, run: PlannedRun, share: float) -> tuple[Dataset, TrainingResult]:
    """Train one run up to a share of its schedule, from its state if there is one; return its data and its result."""
    job, dataset = ground.job, ground.dataset
    device = find_device(job.device_name)
    torch.use_deterministic_algorithms(True, warn_only=True)
    view = dataset.in_fold(run.fold) if run.task is None else dataset.in_fold(run.fold).for_task(run.task)
    config = network_config(view, job.preset, job.network)
    settings = TrainingSettings(**{**job.settings.to_json(), "seed": restart_seed(job.settings.seed, run.restart)})
    key: list[Any] = [ground.digest, run.fold, run.task, config.to_json(), settings.to_json()]
    key += [[list(rung) for rung in ground.compared]] if ground.compared else []
    try:
        with checkpoint_folder(job.checkpoint_dir, f"{dataset.tf}.{run.name}", key) as folder:
            LOG.info("%s on %s: %d peaks", run.name, describe_device(device), len(view.rows("train", "peak")))
            trainer = Trainer(view, config, settings, device, state_in(folder), ground.stop_requested)
            return view, trainer.run(share)
    except TrainingInterrupted as stopped:
        raise TrainingInterrupted(f"{run.name} {stopped}") from stopped


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


def _write_run_provenance(job: TrainingJob, prefix: str, result: TrainingResult, share: float) -> None:
    seconds = sum(row["seconds"] for row in result.history)
    write_provenance(
        job.outdir / f"{prefix}.train.json",
        {"network": result.network.config.to_json(), "training": result.settings.to_json()},
        {"dataset": job.dataset_file},
        {
            "device": describe_device(find_device(job.device_name)),
            "epochs": len(result.history),
            "compared_after": share if share < 1 else None,
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


@contextmanager
def _workers(ground: _Ground, processes: int) -> Iterator[Each]:
    """Give a function that does a work for many runs: in turn, or each in a process with its share of the threads."""
    if processes < 2:
        yield lambda work, calls: [work(ground, *given) for given in calls]
        return
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    threads = max(1, torch.get_num_threads() // processes)
    known = (ground.job, ground.digest, ground.compared, stop, os.getpid(), threads)
    with ProcessPoolExecutor(processes, context, _start_worker, known) as pool:

        def side_by_side(work: Callable[..., Any], calls: list[tuple[Any, ...]]) -> list[Any]:
            waiting = [pool.submit(_in_worker, work, given) for given in calls]
            while not all(future.done() for future in waiting):
                if ground.stop_requested():
                    stop.set()
                time.sleep(0.2)
            return [future.result() for future in waiting]

        yield side_by_side


_WORKER: dict[str, _Ground] = {}


def _start_worker(
    job: TrainingJob, digest: str, compared: list[Rung], stop: "Event", parent: int, threads: int
) -> None:
    """Set up a worker process: it stops when told to, and when its parent is gone."""
    import signal

    logging.basicConfig(level=logging.INFO, format="%(asctime)s train: %(message)s", datefmt="%H:%M:%S")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    torch.set_num_threads(threads)
    dataset = read_dataset(job.dataset_file)
    _WORKER["ground"] = _Ground(job, dataset, digest, compared, lambda: stop.is_set() or os.getppid() != parent)


def _in_worker(work: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    return work(_WORKER["ground"], *given)
