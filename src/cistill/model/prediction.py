"""Predictions of a model for every region of a dataset, and their scores beside the bounds."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import h5py
import numpy as np
import pandas as pd
import torch

from cistill.console import progress
from cistill.errors import InputError
from cistill.files import atomic_output
from cistill.model.batches import Dataset, signal_blocks, take
from cistill.model.losses import multinomial_nll
from cistill.model.metrics import (
    auroc,
    jensen_shannon_distance,
    joint_profile,
    pearson,
    shuffled,
    spearman,
    total_log_count,
)
from cistill.model.network import ProfileNetwork
from cistill.model.validation import mean_profile

TEXT = h5py.string_dtype()


@dataclass
class Block:
    """Predictions and observations of consecutive regions.

    Attributes
    ----------
    rows : int array, shape=(batch,)
        Row numbers in the dataset.
    log_profile : array, shape=(batch, tasks, 2, output_length)
        Log-probabilities, each strand on its own.
    log_counts : array, shape=(batch, tasks, 2)
    signal : array, shape=(batch, tasks, 2, output_length)
        Observed 5' ends.
    """

    rows: np.ndarray
    log_profile: np.ndarray
    log_counts: np.ndarray
    signal: np.ndarray


def check_fit(network: ProfileNetwork, dataset: Dataset, tasks: list[str]) -> None:
    """Raise InputError if a model and a dataset do not belong together."""
    config = network.config
    problems = []
    if (config.input_length, config.output_length) != (dataset.input_length, dataset.output_length):
        problems.append(
            f"windows: the model takes {config.input_length} -> {config.output_length} bp, "
            f"the dataset holds {dataset.input_length} -> {dataset.output_length} bp"
        )
    if tasks != dataset.tasks:
        problems.append(f"tasks: the model predicts {', '.join(tasks)}, the dataset holds {', '.join(dataset.tasks)}")
    if config.controls and dataset.control is None:
        problems.append("controls: the model takes controls, the dataset has none")
    if problems:
        raise InputError("model and dataset do not fit:\n  " + "\n  ".join(problems))


def predict(network: ProfileNetwork, dataset: Dataset, device: torch.device, batch_size: int = 256) -> Iterator[Block]:
    """Predict all regions of a dataset, in its order, block by block.

    Parameters
    ----------
    network : ProfileNetwork
        In evaluation mode, on `device`.
    dataset : Dataset
        Regions and, if the network takes them, controls.
    device : torch.device
        Where to compute.
    batch_size : int
        Regions per block.
    """
    with torch.no_grad():
        for first in range(0, len(dataset), batch_size):
            rows = np.arange(first, min(first + batch_size, len(dataset)))
            batch = take(dataset, rows)
            moved = batch.to(device)
            output = network(moved.sequence, moved.control)
            log_profile = torch.log_softmax(output.profile, -1)
            yield Block(rows, log_profile.cpu().numpy(), output.log_counts.cpu().numpy(), batch.signal.numpy())


@dataclass
class PredictionScores:
    """Per-region scores, gathered block by block; `metrics` turns them into the table of metrics."""

    dataset: Dataset
    blocks: list[pd.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mean_profile = mean_profile(self.dataset)
        blocks = signal_blocks(self.dataset, self.dataset.rows("train", "peak"))
        totals = sum((signal.sum((0, 3)) for _, signal in blocks), np.zeros((len(self.dataset.tasks), 2)))
        self.mean_share = (totals / np.maximum(totals.sum(1, keepdims=True), 1))[..., None]  # (tasks, 2, 1)

    def add(self, block: Block) -> None:
        """Score a block of predictions."""
        dataset = self.dataset
        signal = block.signal.astype(np.float64)
        joint = joint_profile(block.log_profile, block.log_counts)
        average = np.broadcast_to(self.mean_profile * self.mean_share, joint.shape)
        flat = (*signal.shape[:2], -1)
        nll = multinomial_nll(torch.from_numpy(signal), torch.from_numpy(block.log_profile.astype(np.float64)))
        nll_mean = multinomial_nll(torch.from_numpy(signal), torch.from_numpy(np.log(self.mean_profile)))
        nll_uniform = multinomial_nll(torch.from_numpy(signal), torch.zeros(signal.shape, dtype=torch.float64))
        nll_self = multinomial_nll(torch.from_numpy(signal), torch.log(torch.from_numpy(signal) + 1e-30))
        uniform = np.ones_like(joint)
        columns: dict[str, np.ndarray] = {
            "observed_log_count": np.log1p(signal.sum((2, 3))),
            "predicted_log_count": total_log_count(block.log_counts.astype(np.float64)),
            "profile_jsd": jensen_shannon_distance(signal.reshape(flat), joint.reshape(flat)),
            "profile_jsd_mean": jensen_shannon_distance(signal.reshape(flat), average.reshape(flat)),
            "profile_jsd_uniform": jensen_shannon_distance(signal.reshape(flat), uniform.reshape(flat)),
            "profile_nll": nll.mean(2).numpy(),
            "profile_nll_mean": nll_mean.mean(2).numpy(),
            "profile_nll_uniform": nll_uniform.mean(2).numpy(),
            "profile_nll_self": nll_self.mean(2).numpy(),
        }
        # regions in no split have no usable counts: there is nothing to compare with
        for name, values in columns.items():
            if name != "predicted_log_count":
                values[dataset.split[block.rows] == "none"] = np.nan
        for index, task in enumerate(dataset.tasks):
            self.blocks.append(
                pd.DataFrame(
                    {
                        "region_id": dataset.region_id[block.rows],
                        "kind": dataset.kind[block.rows],
                        "split": dataset.split[block.rows],
                        "task": task,
                        "is_peak": dataset.is_peak[block.rows, index],
                        **{name: values[:, index] for name, values in columns.items()},
                    }
                )
            )

    def table(self) -> pd.DataFrame:
        """Return the scores of all regions; rows of a task are in the dataset's order."""
        return pd.concat(self.blocks, ignore_index=True)


def metrics_table(scores: pd.DataFrame, tasks: list[str], seed: int) -> pd.DataFrame:
    """Return every metric of every task and split, beside its bounds.

    Bounds of `lower` know nothing: 0.5 for the AUROC, shuffled labels for correlations, the mean for squared errors,
    the uniform profile. `average` is the mean training profile. `upper` is the observation itself.

    Parameters
    ----------
    scores : DataFrame
        From `PredictionScores.table`.
    tasks : list of str
        Task names.
    seed : int
        Seed of the shuffled labels.
    """
    rows: list[dict[str, Any]] = []
    for task in tasks:
        for split in ("test", "valid", "train"):
            chosen = scores[(scores["task"] == task) & (scores["split"] == split)]
            peaks = chosen[chosen["is_peak"]]
            backgrounds = chosen[chosen["kind"] == "background"]
            if len(peaks):
                where = {"task": task, "split": split}
                both = pd.concat([peaks, backgrounds])
                area = auroc(peaks["predicted_log_count"].to_numpy(), backgrounds["predicted_log_count"].to_numpy())
                rows.append(_row(where, "peaks+background", "auroc", area, 0.5, np.nan, 1.0, len(both)))
                rows += _count_rows(where, "peaks+background", both, seed) if len(backgrounds) else []
                rows += _count_rows(where, "peaks", peaks, seed)
                rows += [_profile_row(where, peaks, metric) for metric in ("profile_jsd", "profile_nll")]
    return pd.DataFrame(rows)


def _count_rows(where: dict[str, str], regions: str, table: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    observed = table["observed_log_count"].to_numpy()
    predicted = table["predicted_log_count"].to_numpy()
    baseline = shuffled(observed, seed)
    error = float(((observed - predicted) ** 2).mean())
    n = len(table)
    rows = [
        _row(where, regions, name, of(observed, predicted), of(baseline, predicted), np.nan, 1.0, n)
        for name, of in (("count_pearson", pearson), ("count_spearman", spearman))
    ]
    return [*rows, _row(where, regions, "count_mse", error, float(observed.var()), np.nan, 0.0, n)]


def _profile_row(where: dict[str, str], peaks: pd.DataFrame, metric: str) -> dict[str, Any]:
    value, uniform, average = (float(peaks[metric + suffix].mean()) for suffix in ("", "_uniform", "_mean"))
    upper = 0.0 if metric == "profile_jsd" else float(peaks[f"{metric}_self"].mean())
    return _row(where, "peaks", metric, value, uniform, average, upper, int(peaks[metric].notna().sum()))


def _row(
    where: dict[str, str], regions: str, metric: str, value: float, lower: float, average: float, upper: float, n: int
) -> dict[str, Any]:
    return {
        **where,
        "regions": regions,
        "metric": metric,
        "value": value,
        "lower": lower,
        "average": average,
        "upper": upper,
        "n": n,
    }


def write_predictions(
    path: str | os.PathLike[str], network: ProfileNetwork, dataset: Dataset, device: torch.device
) -> pd.DataFrame:
    """Predict all regions, write predictions.h5 and return the scores of the regions.

    Parameters
    ----------
    path : path
        The HDF5 file to write (layout in docs/architecture.md).
    network, dataset, device
        As for `predict`.
    """
    scores = PredictionScores(dataset)
    tasks, length = len(dataset.tasks), dataset.output_length
    with atomic_output(path) as temporary, h5py.File(temporary, "w") as h5:
        h5.attrs.update(format="cistill-predictions", format_version=1, tf=dataset.tf, output_length=length)
        h5.attrs["tasks"] = json.dumps(dataset.tasks)
        for name in ("region_id", "chrom", "kind", "split"):
            h5.create_dataset(name, data=getattr(dataset, name).astype(object), dtype=TEXT)
        h5.create_dataset("summit", data=dataset.summit)
        counts = h5.create_dataset("log_counts", (len(dataset), tasks, 2), "f4")
        chunk = (min(256, max(1, len(dataset))), tasks, 2, length)
        profile = h5.create_dataset("log_profile", (len(dataset), tasks, 2, length), "f2", chunks=chunk)
        blocks = progress(predict(network, dataset, device), "predicting", len(dataset), size=256)
        for block in blocks:
            counts[block.rows[0] : block.rows[-1] + 1] = block.log_counts
            profile[block.rows[0] : block.rows[-1] + 1] = block.log_profile.astype(np.float16)
            scores.add(block)
    return scores.table()
