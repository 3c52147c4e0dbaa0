"""What `shap` does, from files to files."""

import logging
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cistill.console import progress
from cistill.errors import InputError
from cistill.interpret.attributions import attribution_writer
from cistill.interpret.deepshap import HEADS, Weighting, deepshap
from cistill.interpret.shuffle import dinucleotide_shuffles
from cistill.model.device import describe_device, find_device
from cistill.model.ensemble import Ensemble, load_ensemble, member_control
from cistill.model.prediction.predictions import check_fit
from cistill.model.windows.batches import signal_of
from cistill.model.windows.dataset import Dataset, read_dataset
from cistill.provenance import write_provenance

LOG = logging.getLogger("cistill")
WARN_GAP, FAIL_GAP = 0.01, 0.05


def shap_command(
    dataset_file: Path,
    model_file: Path,
    tf: str | None,
    n_shuffles: int,
    weighting: Weighting,
    pairs_per_batch: int,
    device_name: str,
    seed: int,
    outdir: Path,
) -> None:
    """Explain all peaks of a dataset with both heads of a model; write attributions and provenance.

    Raises
    ------
    InputError
        If model and dataset do not fit, there is no peak, or the attributions of a region miss the difference of
        outputs by more than 5 %.
    """
    device = find_device(device_name)
    dataset = read_dataset(dataset_file)
    ensemble = load_ensemble(model_file, device)
    check_fit(ensemble, dataset)
    rows = dataset.rows(kind="peak")
    if not len(rows):
        raise InputError(f"{dataset_file}: the dataset has no peak to explain")
    outdir.mkdir(parents=True, exist_ok=True)
    prefix = tf or dataset.tf
    regions = {
        "region_id": dataset.region_id[rows],
        "chrom": dataset.chrom[rows],
        "start": dataset.summit[rows] - dataset.input_length // 2,
    }
    attributes = {
        "tf": dataset.tf,
        "tasks": ensemble.tasks,
        "n_shuffles": n_shuffles,
        "seed": seed,
        "weighting": weighting,
    }
    started, gaps, unshuffled = time.monotonic(), [], 0
    with ExitStack() as files:
        writers = [
            files.enter_context(
                attribution_writer(
                    outdir / f"{prefix}.{head}.attributions.h5", head, regions, dataset.input_length, attributes
                )
            )
            for head in HEADS
        ]
        size = max(1, pairs_per_batch // n_shuffles)
        for first in progress(range(0, len(rows), size), "explaining", len(rows), size=size):
            chosen = rows[first : first + size]
            codes = _sequence_codes(dataset, chosen)
            references = dinucleotide_shuffles(codes, n_shuffles, list(dataset.region_id[chosen]), seed)
            unshuffled += int((references == codes[:, None]).all(2).sum())
            control = signal_of(dataset, chosen)[1]
            moved = None if control is None else control.to(device)
            hypothetical, gap = explain(ensemble, codes, references, moved, dataset.tasks, weighting)
            gaps.append(gap)
            for index, writer in enumerate(writers):
                writer.write(first, hypothetical[index], codes, gap[index])
        gap = np.concatenate(gaps, 1)
        _check_gaps(gap, dataset.region_id[rows])
    seconds = time.monotonic() - started
    write_provenance(
        outdir / f"{prefix}.shap.json",
        {**attributes, "device": device_name, "pairs_per_batch": pairs_per_batch},
        {"dataset": dataset_file, "model": model_file},
        {
            "device": describe_device(device),
            "regions": len(rows),
            "members": len(ensemble.members),
            "shuffles_equal_to_sequence": unshuffled,
            "largest_relative_gap": {head: float(gap[i].max()) for i, head in enumerate(HEADS)},
            "explaining_seconds": round(seconds, 1),
            "regions_per_second": round(len(rows) / seconds, 2),
        },
        seed,
    )


def explain(
    ensemble: Ensemble,
    codes: np.ndarray,
    references: np.ndarray,
    control: Tensor | None,
    tasks: list[str],
    weighting: Weighting,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the attributions of an ensemble: summed over its tasks, for each task the mean over its networks.

    Parameters
    ----------
    ensemble : Ensemble
    codes : uint8 array, shape=(batch, input_length)
    references : uint8 array, shape=(batch, n, input_length)
    control : Tensor, shape=(batch, tasks, 2, output_length), optional
    tasks : list of str
        What the control's axis of tasks means.
    weighting : {"input", "mean"}

    Returns
    -------
    hypothetical : float32 array, shape=(2, batch, input_length, 4)
        Head axis [counts, profile].
    gap : float32 array, shape=(2, batch)
        The largest of the networks'.
    """
    hypothetical = np.zeros((len(HEADS), *codes.shape, 4), dtype=np.float32)
    gap = np.zeros((len(HEADS), len(codes)), dtype=np.float32)
    voters = {task: sum(task in member.votes for member in ensemble.members) for task in ensemble.tasks}
    everything = torch.arange(len(codes))
    for member in ensemble.members:
        own_control = member_control(member, control, everything, tasks)
        for number in sorted({voters[task] for task in member.votes}):
            own = [member.tasks.index(task) for task in member.votes if voters[task] == number]
            result = deepshap(member.network, codes, references, own_control, own, weighting)
            hypothetical += result.hypothetical / number
            np.maximum(gap, result.gap, out=gap)
    return hypothetical, gap


def _sequence_codes(dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """Return the un-jittered input windows, coded."""
    return dataset.sequence[rows, dataset.max_jitter : dataset.max_jitter + dataset.input_length]


def _check_gaps(gap: np.ndarray, region_id: np.ndarray) -> None:
    """Report regions whose contributions do not add up; fail on gross ones."""
    worst = gap.max(0)
    if (worst > FAIL_GAP).any():
        at = int(worst.argmax())
        raise InputError(
            f"the contributions of {int((worst > FAIL_GAP).sum())} regions do not add up to the difference of outputs "
            f"(worst: {region_id[at]}, {worst[at]:.1%}): the model's numbers are out of range for float32"
        )
    if (worst > WARN_GAP).any():
        LOG.warning(
            "contributions of %d regions miss the difference of outputs by over 1 %%", int((worst > WARN_GAP).sum())
        )
