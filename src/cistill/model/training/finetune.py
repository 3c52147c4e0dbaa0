"""What `finetune` does, from files to files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import sha256
from cistill.formats.tables.training import FINETUNED_HISTORY
from cistill.model.device import describe_device, find_device
from cistill.model.ensemble import Ensemble, load_ensemble, save_ensemble
from cistill.model.member import Member
from cistill.model.training.finetuning import Finetuner
from cistill.model.training.settings import FinetuneSettings
from cistill.model.windows.dataset import Dataset, read_dataset
from cistill.provenance import write_provenance


def finetune(
    dataset_file: Path,
    models: Sequence[Path],
    tf: str | None,
    settings: FinetuneSettings,
    each: bool,
    device_name: str,
    outdir: Path,
) -> None:
    """Fine-tune networks; write the weights, history and provenance of each.

    Parameters
    ----------
    dataset_file : Path
        The dataset that the networks were trained on.
    models : sequence of Path
        Files of `train`, one network each.
    tf : str, optional
        Prefix of the files written.
    settings : FinetuneSettings
    each : bool
        Fine-tune every network; otherwise, of the restarts of one fold and kind, the best by validation criterion.
    device_name : str
        `cpu` or `cuda`.
    outdir : Path

    Raises
    ------
    InputError
        If a model was not trained on the dataset.
    """
    device = find_device(device_name)
    torch.use_deterministic_algorithms(True, warn_only=True)
    dataset, digest = read_dataset(dataset_file), sha256(dataset_file)
    found = {path: member for path in models for member in load_ensemble(path).members}
    for path, member in found.items():
        if member.record.get("dataset_sha256") != digest:
            raise InputError(f"{path}: was trained on another dataset than {dataset_file}")
        if member.record["stage"] != "trained":
            raise InputError(f"{path}: is fine-tuned already")
    outdir.mkdir(parents=True, exist_ok=True)
    for path, member in found.items() if each else _best_of_groups(found).items():
        _finetune(dataset, dataset_file, path, member, f"{tf or dataset.tf}", settings, device, outdir)


def _best_of_groups(found: dict[Path, Member]) -> dict[Path, Member]:
    """Return the network with the best criterion of every fold and kind."""
    best: dict[tuple[str, str], Path] = {}
    for path, member in found.items():
        group = (member.fold, member.record["kind"])
        if group not in best or member.record["criterion"] < found[best[group]].record["criterion"]:
            best[group] = path
    return {path: found[path] for path in best.values()}


def _finetune(
    dataset: Dataset,
    dataset_file: Path,
    model_file: Path,
    member: Member,
    tf: str,
    settings: FinetuneSettings,
    device: torch.device,
    outdir: Path,
) -> None:
    view = dataset.in_fold(member.fold)
    if member.record["kind"] != "all":
        view = view.for_task(member.tasks[0])
    LOG.info("fine-tuning %s on %s", member.record["run"], describe_device(device))
    result = Finetuner(member.network, view, settings, device).run()
    prefix = f"{tf}.{member.record['run']}.finetuned"
    FINETUNED_HISTORY.write(outdir / f"{prefix}.history.tsv", FINETUNED_HISTORY.frame(result.history))
    record = {
        **member.record,
        "stage": "finetuned",
        "finetuning": settings.to_json(),
        "validation": result.after.to_json(),
        "criterion": result.after.criterion,
    }
    tuned = replace(member, network=result.network, record=record)
    save_ensemble(outdir / f"{prefix}.model.safetensors", Ensemble(dataset.tf, member.tasks, [tuned]))
    write_provenance(
        outdir / f"{prefix}.json",
        {"finetuning": settings.to_json()},
        {"dataset": dataset_file, "model": model_file},
        {
            "device": describe_device(device),
            "before": member.record["criterion"],
            "after": result.after.criterion,
        },
        settings.seed,
    )
