from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from toy_dataset import write_toy_dataset

from cistill.errors import InputError
from cistill.model.batches import TrainingBatches, read_dataset, take


def test_an_unshifted_window_is_the_middle_of_the_stored_one(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    batch = take(dataset, np.array([3]))
    assert batch.sequence.shape == (1, 4, 66)
    assert torch.equal(batch.sequence[0].argmax(0), torch.from_numpy(dataset.sequence[3, 4:-4].astype(np.int64)))
    assert np.array_equal(batch.signal[0].numpy(), dataset.signal[3, ..., 4:-4])


def test_reverse_complement_twice_is_the_identity(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    rows = np.arange(5)
    plain, flipped = take(dataset, rows), take(dataset, rows, flip=np.ones(5, dtype=bool))
    assert torch.equal(flipped.sequence.flip(1, 2), plain.sequence)  # A<->T, C<->G are reversed bases
    assert torch.equal(flipped.signal.flip(2, 3), plain.signal)


def test_a_shift_moves_sequence_and_signal_together(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    plain, moved = take(dataset, np.array([0])), take(dataset, np.array([0]), shift=np.array([3]))
    assert torch.equal(moved.sequence[..., :-3], plain.sequence[..., 3:])
    assert torch.equal(moved.signal[..., :-3], plain.signal[..., 3:])


def test_unknown_bases_are_all_zero(tmp_path: Path) -> None:
    path = write_toy_dataset(tmp_path / "d.h5")
    with h5py.File(path, "r+") as h5:
        h5["sequence"][0, 10] = 4
    assert take(read_dataset(path), np.array([0])).sequence[0, :, 6].sum() == 0


def test_batches_depend_on_seed_epoch_and_index_alone(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    one, other = TrainingBatches(dataset, 8, seed=3), TrainingBatches(dataset, 8, seed=3)
    other.batch(0, 0)
    assert torch.equal(one.batch(2, 1).sequence, other.batch(2, 1).sequence)
    assert not torch.equal(one.batch(2, 1).sequence, one.batch(3, 1).sequence)
    assert not torch.equal(one.batch(2, 1).sequence, TrainingBatches(dataset, 8, seed=4).batch(2, 1).sequence)


def test_an_epoch_holds_every_training_peak_once_and_its_share_of_backgrounds(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    batches = TrainingBatches(dataset, 8, seed=0, background_ratio=0.5)
    order = batches.order(5)
    peaks, backgrounds = dataset.rows("train", "peak"), dataset.rows("train", "background")
    assert sorted(order[np.isin(order, peaks)]) == sorted(peaks)
    assert np.isin(order, backgrounds).sum() == 12
    # two epochs walk through the whole pool
    seen = np.concatenate([batches.order(0), batches.order(1)])
    assert np.isin(backgrounds, seen).all()


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.h5").write_text("not HDF5")
    with pytest.raises(InputError, match="not an HDF5 file"):
        read_dataset(tmp_path / "text.h5")
    with h5py.File(tmp_path / "other.h5", "w") as h5:
        h5["x"] = 1
    with pytest.raises(InputError, match="not a dataset made by"):
        read_dataset(tmp_path / "other.h5")
