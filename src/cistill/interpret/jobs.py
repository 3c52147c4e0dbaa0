"""What `shap` does, from files to files."""

import logging
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from cistill.console import progress
from cistill.errors import InputError
from cistill.interpret.attributions import attribution_writer
from cistill.interpret.deepshap import HEADS, Weighting, deepshap
from cistill.interpret.shuffle import dinucleotide_shuffles
from cistill.model.batches import Dataset, read_dataset, take
from cistill.model.checkpoint import load_model
from cistill.model.device import describe_device, find_device
from cistill.model.prediction import check_fit
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
    network, record = load_model(model_file, device)
    check_fit(network, dataset, record["tasks"])
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
        "tasks": dataset.tasks,
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
            control = None if dataset.control is None else take(dataset, chosen).control
            moved = None if control is None else control.to(device)
            result = deepshap(network, codes, references, moved, weighting=weighting)
            gaps.append(result.gap)
            for index, writer in enumerate(writers):
                writer.write(first, result.hypothetical[index], codes, result.gap[index])
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
            "shuffles_equal_to_sequence": unshuffled,
            "largest_relative_gap": {head: float(gap[i].max()) for i, head in enumerate(HEADS)},
            "explaining_seconds": round(seconds, 1),
            "regions_per_second": round(len(rows) / seconds, 2),
        },
        seed,
    )


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
