import math
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from toy_dataset import write_toy_dataset

from cistill.errors import InputError
from cistill.model.windows.batches import Batch, TrainingBatches, mean_log_counts, take
from cistill.model.windows.dataset import read_dataset, signal_blocks


def test_an_unshifted_window_is_the_middle_of_the_stored_one(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    batch = take(dataset, np.array([3]))
    assert batch.sequence.shape == (1, 4, 66)
    assert torch.equal(batch.sequence[0].argmax(0), torch.from_numpy(dataset.sequence[3, 4:-4].astype(np.int64)))
    with h5py.File(toy_dataset) as h5:
        entries = slice(*h5["signal/indptr"][6:8])  # plus strand of region 3
        stored = np.zeros(48)
        stored[h5["signal/position"][entries]] = h5["signal/value"][entries]
    assert np.array_equal(batch.signal[0, 0, 0].numpy(), stored[4:-4])


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


def same(one: Batch, other: Batch) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True) if a is not None or b is not None)


@pytest.mark.parametrize("first", [0, 2])
def test_batches_are_the_same_with_any_number_of_workers_and_after_a_resume(tmp_path: Path, first: int) -> None:
    dataset = read_dataset(write_toy_dataset(tmp_path / "d.h5", tasks=2, controls=True))
    batches = TrainingBatches(dataset, 8, seed=3)
    alone, ahead = list(batches.epoch(1, first)), list(batches.epoch(1, first, workers=8))
    assert len(alone) == len(ahead) == len(batches) - first
    assert all(same(one, other) for one, other in zip(alone, ahead, strict=True))
    assert same(alone[0], batches.batch(1, first))


def test_workers_stop_with_whoever_stops_early(toy_dataset: Path) -> None:
    batches = TrainingBatches(read_dataset(toy_dataset), 2, seed=3)
    for number, _ in enumerate(batches.epoch(0, workers=4)):
        if number == 1:
            break
    assert len(batches) > 10


def test_batches_equal_windows_cut_one_by_one(tmp_path: Path) -> None:
    dataset = read_dataset(write_toy_dataset(tmp_path / "d.h5", tasks=2, controls=True))
    batches = TrainingBatches(dataset, 16, seed=5)
    rows = batches.order(0)[:16]
    random = np.random.default_rng([5, 0, 0, 1])
    shift, flip = random.integers(-4, 4, 16, endpoint=True), random.random(16) < 0.5
    batch = batches.batch(0, 0)
    for i, (row, moved, turned) in enumerate(zip(rows, shift, flip, strict=True)):
        codes = dataset.sequence[row, 4 + moved : 4 + moved + 66].astype(int)
        sequence = np.array([[code == base for code in codes] for base in range(4)], dtype=np.int8)
        signal = dataset.signal.take(np.array([row]), np.array([4 + moved]), 40)[0]
        if turned:
            sequence, signal = sequence[::-1, ::-1], signal[:, ::-1, ::-1]
        assert np.array_equal(batch.sequence[i].numpy(), sequence)
        assert np.array_equal(batch.signal[i].numpy(), signal)


def test_a_batch_is_small_as_made_and_float_where_it_is_used(tmp_path: Path) -> None:
    dataset = read_dataset(write_toy_dataset(tmp_path / "d.h5", controls=True))
    made = take(dataset, np.arange(3))
    assert (made.sequence.dtype, made.signal.dtype) == (torch.int8, torch.float32)
    used = made.to(torch.device("cpu"))
    assert all(tensor is not None and tensor.dtype == torch.float32 for tensor in used)
    assert torch.equal(used.sequence, made.sequence.float())


def test_a_shift_beyond_what_is_stored_is_an_error(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    with pytest.raises(ValueError, match="more than the stored 4 bp"):
        take(dataset, np.array([0]), shift=np.array([5]))
    with pytest.raises(InputError, match="jitter 5 bp is more than the dataset stores"):
        TrainingBatches(dataset, 8, seed=0, jitter=5)


@pytest.mark.parametrize(("ratio", "backgrounds"), [(0.0, 0), (0.1, 2), (0.5, 12), (1.0, 24), (9.0, 24)])
def test_backgrounds_may_be_fewer_than_peaks(
    toy_dataset: Path, ratio: float, backgrounds: int, caplog: pytest.LogCaptureFixture
) -> None:
    batches = TrainingBatches(read_dataset(toy_dataset), 8, seed=0, background_ratio=ratio)
    assert ("24 training peaks have 24 backgrounds" in caplog.text) == (ratio > 1)
    for epoch in range(3):
        kinds = batches.dataset.kind[batches.order(epoch)]
        assert ((kinds == "peak").sum(), (kinds == "background").sum()) == (24, backgrounds)
    assert sum(len(batch.signal) for batch in batches.epoch(0)) == 24 + backgrounds


def test_counts_of_training_regions_start_the_count_heads(tmp_path: Path) -> None:
    dataset = read_dataset(write_toy_dataset(tmp_path / "d.h5", tasks=2))
    rows = dataset.rows("train")
    dense = np.concatenate([signal for _, signal in signal_blocks(dataset, rows, size=5)])
    np.testing.assert_allclose(mean_log_counts(dataset, rows), np.log1p(dense.sum(-1)).mean(0))


def test_a_pool_may_be_cut_to_the_first_backgrounds_of_every_peak(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    rank = np.where(dataset.kind == "background", np.arange(len(dataset)) % 3, 0)
    dataset = replace(dataset, match_rank=rank.astype(np.uint8))
    batches = TrainingBatches(dataset, 8, seed=0, background_ratio=3, pool_per_peak=2)
    drawn = np.concatenate([batches.order(epoch) for epoch in range(5)])
    backgrounds = drawn[dataset.kind[drawn] == "background"]
    wanted = dataset.rows("train", "background")
    assert set(backgrounds) == set(wanted[dataset.match_rank[wanted] < 2])
    assert set(TrainingBatches(dataset, 8, seed=0, background_ratio=3).backgrounds) == set(wanted)


@pytest.mark.parametrize(("ratio", "batches"), [(0.0, 3), (0.5, 5), (1.0, 6), (3.0, 6)])
def test_a_schedule_is_measured_in_passes_over_peaks(toy_dataset: Path, ratio: float, batches: int) -> None:
    dataset = read_dataset(toy_dataset)
    peaks = dataset.rows("train", "peak")
    dataset = replace(dataset, kind=np.where(np.isin(np.arange(len(dataset)), peaks[:12]), "background", dataset.kind))
    given = TrainingBatches(dataset, 4, seed=0, background_ratio=ratio)
    assert (len(given.peaks), len(given.backgrounds)) == (12, 36)
    assert given.of_one_background == batches
    assert len(given) == math.ceil(12 * (1 + ratio) / 4)
