"""The weight of the count loss that the program takes from the data."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from cistill.model.training.settings import balanced_count_weight
from cistill.model.windows.counts import CountWindows
from cistill.model.windows.dataset import Dataset, read_dataset


def windows(dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """Return the signal in the middle of stored windows, (regions, tasks, 2, output_length)."""
    return dataset.signal.take(rows, np.full(len(rows), dataset.max_jitter), dataset.output_length).astype(float)


def nll(counts: np.ndarray, shares: np.ndarray) -> float:
    return -stats.multinomial(counts.sum(), shares).logpmf(counts)


def test_it_is_what_there_is_to_explain_of_profiles_over_the_variance_of_log_counts(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    rows = dataset.rows("train")
    strands = windows(dataset, dataset.rows("train", "peak"))[:, 0]
    own = strands / strands.sum(-1, keepdims=True)
    mean = own.mean(0) + 1e-6
    mean /= mean.sum(-1, keepdims=True)
    gaps = [
        nll(strand, mean[s]) - nll(strand, own[i, s]) for i, peak in enumerate(strands) for s, strand in enumerate(peak)
    ]
    log_counts = np.log1p(windows(dataset, rows)[:, 0].sum(-1))
    expected = np.mean(gaps) / log_counts.var(0).mean()
    assert expected > 1
    assert balanced_count_weight(dataset, rows) == pytest.approx(expected, rel=1e-4)
    assert balanced_count_weight(dataset, rows[::-1]) == pytest.approx(expected, rel=1e-4)


def test_more_reads_give_the_counts_more_weight(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    dense = dataset.signal.take(np.arange(len(dataset)), np.zeros(len(dataset), int), dataset.output_length + 8)
    deeper = replace(dataset, signal=CountWindows.from_dense(10 * dense), counts=10 * dataset.counts)
    rows = dataset.rows("train")
    assert balanced_count_weight(deeper, rows) > 3 * balanced_count_weight(dataset, rows)


def test_counts_that_do_not_vary_have_weight_one(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    constant = replace(dataset, counts=np.full_like(dataset.counts, 7.0))
    assert balanced_count_weight(constant, dataset.rows("train")) == 1


def test_tasks_without_regions_do_not_matter(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    backgrounds = dataset.rows("train", "background")
    assert balanced_count_weight(dataset, backgrounds) == 1
