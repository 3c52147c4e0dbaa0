"""What `predict` does, from files to files."""

import time
from pathlib import Path

import numpy as np
import torch

from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import named
from cistill.formats.tables.prediction import METRICS
from cistill.model.device import describe_device, find_device
from cistill.model.ensemble import Ensemble, load_ensemble
from cistill.model.prediction.bigwig_tracks import write_tracks
from cistill.model.prediction.dataset_regions import check_fit, write_predictions
from cistill.model.prediction.own_regions import read_regions, write_own_predictions
from cistill.model.prediction.prediction_blocks import MOST_THREADS
from cistill.model.windows.dataset import Dataset, read_dataset
from cistill.provenance import write_provenance

REGIONS = ("all", "held_out")


def predict(
    dataset_file: Path,
    model_file: Path,
    tf: str | None,
    regions: str,
    bigwigs: bool,
    device_name: str,
    seed: int,
    outdir: Path,
) -> None:
    """Predict regions of a dataset; write predictions, scores per region, metrics, tracks and provenance.

    Parameters
    ----------
    dataset_file, model_file : Path
        From `dataset` and `select` or `train`.
    tf : str, optional
        Prefix of the files written; the dataset's TF by default.
    regions : {"all", "held_out"}
        `held_out`: only regions that some network never saw.
    bigwigs : bool
        Whether to write tracks.
    device_name : str
        `cpu` or `cuda`.
    seed : int
        Seed of the shuffled labels.
    outdir : Path
        Where to write.

    Raises
    ------
    InputError
        If the files are not what they should be or do not fit, or no region is held out where only such are wanted.
    """
    device = find_device(device_name)
    dataset = read_dataset(dataset_file)
    ensemble = load_ensemble(model_file, device)
    check_fit(ensemble, dataset)
    rows = _rows(ensemble, dataset, regions)
    sizes = dataset.sizes if bigwigs else {}
    outdir.mkdir(parents=True, exist_ok=True)
    prefix = outdir / (tf or dataset.tf)
    predictions = named(prefix, "predictions.h5")
    began = time.monotonic()
    workers = scoring_threads()
    scorer = write_predictions(predictions, named(prefix, "region_predictions.tsv"), ensemble, dataset, rows, workers)
    seconds = time.monotonic() - began
    METRICS.write(named(prefix, "metrics.tsv"), scorer.metrics(seed))
    undefined = scorer.undefined()
    if undefined:
        some = ", ".join(f"{name} {number}" for name, number in undefined.items())
        LOG.info("peaks left out of means, since the metric is undefined there (a strand without reads): %s", some)
    if bigwigs:
        write_tracks(predictions, prefix, sizes)
    write_provenance(
        named(prefix, "predict.json"),
        {"device": device_name, "regions": regions, "bigwigs": bigwigs},
        {"dataset": dataset_file, "model": model_file},
        {
            "device": describe_device(device),
            "regions": len(rows),
            "members": len(ensemble.members),
            "unseen_regions": int(ensemble.unseen(dataset.chrom[rows], dataset.summit[rows]).sum()),
            "regions_per_second": round(len(rows) / max(seconds, 1e-9), 1),
            "undefined": undefined,
        },
        seed,
    )


def _rows(ensemble: Ensemble, dataset: Dataset, regions: str) -> np.ndarray:
    """Return the rows to predict, in the dataset's order."""
    if regions not in REGIONS:
        raise InputError(f"--regions must be one of {', '.join(REGIONS)}, not {regions!r}")
    if regions == "all":
        return np.flatnonzero(dataset.is_scored)
    rows = np.flatnonzero(dataset.is_scored & ensemble.unseen(dataset.chrom, dataset.summit))
    if not len(rows):
        raise InputError("the model holds no region of the dataset out of training: use --regions all")
    return rows


def predict_own_regions(
    bed: Path, fasta: Path, model_file: Path, tf: str | None, bigwigs: bool, device_name: str, outdir: Path
) -> None:
    """Predict regions of a BED file from their sequence; write predictions, counts, tracks and provenance."""
    device = find_device(device_name)
    regions = read_regions(bed)
    ensemble = load_ensemble(model_file, device)
    outdir.mkdir(parents=True, exist_ok=True)
    prefix = outdir / (tf or ensemble.tf)
    predictions = named(prefix, "predictions.h5")
    sizes = write_own_predictions(predictions, named(prefix, "region_predictions.tsv"), ensemble, regions, fasta)
    if bigwigs:
        write_tracks(predictions, prefix, sizes)
    write_provenance(
        named(prefix, "predict.json"),
        {"device": device_name, "bigwigs": bigwigs},
        {"bed": bed, "fasta": fasta, "model": model_file},
        {"device": describe_device(device), "regions": len(regions), "members": len(ensemble.members)},
    )


def scoring_threads() -> int:
    """Return in how many threads to score: as many as the process may use, up to MOST_THREADS."""
    return min(MOST_THREADS, torch.get_num_threads())
