"""One training on a dataset, and its figures on the held-out test regions."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import numpy as np
import torch

from cistill.model.ensemble import Ensemble
from cistill.model.member import Member
from cistill.model.network.presets import network_config
from cistill.model.training.settings import TrainingSettings
from cistill.model.training.trainer import Trainer
from cistill.model.training.validation import Validation
from cistill.model.windows.batches import take
from cistill.model.windows.dataset import Dataset, read_dataset
from cistill.statistics import auroc, pearson

CPU = torch.device("cpu")


def train(file: Path, filters: int, settings: TrainingSettings, device: torch.device = CPU) -> dict[str, float]:
    """Train on the first fold of a dataset; return the criterion on its test regions, other figures, and the time."""
    dataset = read_dataset(file)
    fold = next(iter(dataset.folds))
    view = dataset.in_fold(fold)
    config = network_config(view, None, {"filters": filters})
    result = Trainer(view, config, settings, device).run()
    held_out = replace(
        view, split=np.where(view.split == "test", "valid", np.where(view.split == "valid", "none", view.split))
    )
    scores = Validation(held_out, device).score(result.network)
    seconds = sum(row["seconds"] for row in result.history)
    member = Member(result.network, view.tasks, fold, view.folds[fold])
    return {
        "criterion": scores.criterion,
        **counts_of(Ensemble(view.tf, view.tasks, [member]), view),
        "valid": result.scores.criterion,
        "epoch": result.best_epoch + 1,
        "epochs": len(result.history),
        "seconds": seconds,
    }


def counts_of(model: Ensemble, dataset: Dataset) -> dict[str, float]:
    """Return AUROC and correlations of log counts on the test regions."""
    rows = dataset.rows("test")
    predicted = []
    for first in range(0, len(rows), 256):
        block = rows[first : first + 256]
        predicted.append(model.predict(take(dataset, block), dataset.chrom[block]).log_counts.sum((1, 2)))
    total = np.concatenate(predicted)
    observed = np.log1p(dataset.counts[rows].sum((1, 2)))
    peaks = dataset.kind[rows] == "peak"
    return {
        "auroc": auroc(total[peaks], total[~peaks]),
        "r_all": pearson(observed, total),
        "r_peaks": pearson(observed[peaks], total[peaks]),
    }


def mean(rows: list[dict[str, float]]) -> dict[str, Any]:
    """Return the mean of every figure."""
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
