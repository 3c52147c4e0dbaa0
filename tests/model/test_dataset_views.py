"""A dataset in memory, and what one fold or one task sees of it."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from toy_dataset import FOUR_FOLDS, write_toy_dataset

from cistill.data.splits import Split
from cistill.errors import InputError
from cistill.model.windows.counts import CountWindows
from cistill.model.windows.dataset import Dataset, read_dataset


def small() -> Dataset:
    """Two peaks of task a, two of b, one of both; backgrounds of all but the last, two of the first."""
    region_id = np.array(["p1", "p2", "p3", "p4", "p5", "q1", "q1x", "q2", "q3", "q4"])
    is_peak = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 1]] + [[0, 0]] * 5, dtype=bool)
    n = len(region_id)
    return Dataset(
        tf="X",
        tasks=["a", "b"],
        input_length=6,
        output_length=4,
        max_jitter=1,
        folds={"0": Split(("c",), ("d",), ("e",)), "1": Split(("d",), ("e",), ("c",))},
        sizes={},
        region_id=region_id,
        chrom=np.array(["c", "d", "e", "c", "f", "c", "c", "d", "e", "c"]),
        summit=np.arange(n),
        kind=np.array(["peak"] * 5 + ["background"] * 5),
        split=np.array(["test", "valid", "test", "none", "none", "test", "test", "valid", "test", "test"]),
        is_peak=is_peak,
        matched_to=np.array([""] * 5 + ["p1", "p1", "p2", "p3", "p4"]),
        match_rank=np.array([0] * 6 + [1] + [0] * 3, dtype=np.uint8),
        sequence=np.arange(n * 8, dtype=np.uint8).reshape(n, 8) % 5,
        signal=CountWindows.from_dense(np.arange(n * 2 * 2 * 6).reshape(n, 2, 2, 6)),
        control=CountWindows(np.arange(2 * n + 1), np.zeros(2 * n, np.uint16), np.ones(2 * n), 1, np.array([-1, 0])),
        counts=np.arange(n * 4.0).reshape(n, 2, 2),
    )


def names(dataset: Dataset, *arguments: object, **more: object) -> list[str]:
    return dataset.region_id[dataset.rows(*arguments, **more)].tolist()


def test_rows_are_those_of_a_split_kind_and_task() -> None:
    dataset = small()
    assert len(dataset.rows()) == 10
    assert names(dataset, kind="background") == ["q1", "q1x", "q2", "q3", "q4"]
    assert names(dataset, task=0) == ["p1", "p2", "p5", "q1", "q1x", "q2"]
    assert names(dataset, kind="peak", task=1) == ["p3", "p4", "p5"]
    assert names(dataset, "none") == ["p4", "p5"]


def test_only_the_first_background_of_a_peak_is_scored() -> None:
    assert names(small(), "test") == ["p1", "p3", "q1", "q3", "q4"]
    assert names(small().in_fold("0"), "train") == ["p1", "q1", "q1x", "q4"]


def test_a_fold_uses_the_regions_by_their_chromosomes() -> None:
    dataset = small()
    first, second = dataset.in_fold("0"), dataset.in_fold("1")
    assert first.split.tolist() == ["train", "valid", "test", "none", "none", *["train"] * 2, "valid", "test", "train"]
    assert second.split.tolist() == ["test", "train", "valid", "none", "none", *["test"] * 2, "train", "valid", "test"]
    assert first.sequence is second.sequence
    assert first.signal is second.signal
    with pytest.raises(InputError, match="no fold '2'; its folds are 0, 1"):
        small().in_fold("2")


def test_a_single_task_has_its_peaks_and_their_backgrounds() -> None:
    dataset = small()
    one = dataset.for_task("b")
    rows = np.array([2, 3, 4, 8, 9])
    assert one.tasks == ["b"]
    assert one.region_id.tolist() == ["p3", "p4", "p5", "q3", "q4"]
    assert one.is_peak.tolist() == [[True], [True], [True], [False], [False]]
    start = np.zeros(5, dtype=int)
    np.testing.assert_array_equal(one.signal.take(np.arange(5), start, 6), dataset.signal.take(rows, start, 6)[:, 1:])
    assert one.control is not None
    assert one.control.take(np.arange(5), start, 6).sum() == 10
    assert one.counts[:, 0].tolist() == dataset.counts[rows, 1].tolist()
    assert names(one, task=0) == one.region_id.tolist()
    assert one.for_task("b") is one
    assert dataset.for_task("a").control is None
    assert names(dataset.in_fold("1").for_task("a"), "train") == ["p2", "q2"]
    with pytest.raises(InputError, match="no task 'c'; its tasks are a, b"):
        dataset.for_task("c")


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    dataset = read_dataset(write_toy_dataset(tmp_path / "d.h5", tasks=3, controls=True, folds=4))
    assert (dataset.tf, dataset.tasks) == ("TOY", ["task0", "task1", "task2"])
    assert {name: list(fold.test) for name, fold in dataset.folds.items()} == {
        k: f["test"] for k, f in FOUR_FOLDS.items()
    }
    every, jitter = np.arange(len(dataset)), np.full(len(dataset), dataset.max_jitter)
    signal = dataset.signal.take(every, jitter, dataset.output_length)
    np.testing.assert_array_equal(dataset.counts, signal.sum(-1))
    assert dataset.control is not None
    control = dataset.control.take(every, jitter, dataset.output_length)
    assert not np.array_equal(control[:, 0], control[:, 1])
    np.testing.assert_array_equal(control[:, 1], control[:, 2])  # one experiment
    assert np.array_equal(dataset.rows("train"), np.zeros(0))  # every chromosome is tested in some fold
    assert len(dataset.in_fold("2").rows("train")) == len(dataset) // 2


def test_without_controls_there_are_none(toy_dataset: Path) -> None:
    assert read_dataset(toy_dataset).control is None


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.h5").write_text("not HDF5")
    with pytest.raises(InputError, match="not an HDF5 file"):
        read_dataset(tmp_path / "text.h5")
    with h5py.File(tmp_path / "other.h5", "w") as h5:
        h5["x"] = 1
    with pytest.raises(InputError, match="not a dataset made by"):
        read_dataset(tmp_path / "other.h5")
    path = write_toy_dataset(tmp_path / "old.h5")
    with h5py.File(path, "r+") as h5:
        h5.attrs["format_version"] = 1
    with pytest.raises(InputError, match="dataset format 1, this program reads 2: make it again"):
        read_dataset(path)
