"""The criterion on the fixed validation regions, and the bounds that it is a share of."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from toy_dataset import write_toy_dataset

from cistill.model.training.validation import Validation, training_means
from cistill.model.windows.dataset import Dataset, read_dataset

CPU = torch.device("cpu")


def with_fewer_backgrounds(dataset: Dataset, keep: int) -> Dataset:
    """Return the dataset with the first few of its training backgrounds."""
    split = dataset.split.copy()
    split[dataset.rows("train", "background")[keep:]] = "none"
    return replace(dataset, split=split)


def test_a_model_that_knows_the_training_means_leaves_everything_unexplained(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    validation = Validation(dataset, CPU)
    rows = validation.rows
    means = [np.log1p(dataset.counts[dataset.rows("train", kind), 0]).mean(0) for kind in ("peak", "background")]
    errors = (np.log1p(dataset.counts[rows]) - (means[0] + means[1]) / 2) ** 2
    scores = validation.of_regions(np.zeros((len(rows), 1)), errors.mean(2))
    assert scores.tasks["task0"].count_unexplained == pytest.approx(1)


def test_how_many_backgrounds_a_dataset_stores_does_not_move_the_bounds(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    counts = dataset.counts.copy()
    counts[dataset.kind == "background"] = 1.0  # all alike, so that only their number differs
    dataset = replace(dataset, counts=counts)
    many, few = (Validation(one, CPU).explainable[0] for one in (dataset, with_fewer_backgrounds(dataset, 2)))
    assert few.mse_mean == pytest.approx(many.mse_mean)
    alone = with_fewer_backgrounds(dataset, 0)
    peaks = np.log1p(dataset.counts[dataset.rows("train", "peak"), 0]).mean(0)
    assert training_means(alone, [0.5])[0] == pytest.approx(peaks)


def test_every_task_has_means_of_its_own_regions(tmp_path: Path) -> None:
    dataset = read_dataset(write_toy_dataset(tmp_path / "d.h5", tasks=2))
    means = training_means(dataset, [1.0, 0.25])
    for task, share in enumerate((1.0, 0.25)):
        own = [
            np.log1p(dataset.counts[dataset.rows("train", kind, task), task]).mean(0) for kind in ("peak", "background")
        ]
        assert means[task] == pytest.approx(share * own[0] + (1 - share) * own[1])
