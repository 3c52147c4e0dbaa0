#!/usr/bin/env python3
"""Windows per second of the loader on one core, and the memory that a whole TF takes.

Usage: benchmarks/loader.py [--whole [REGIONS]]

Regions are made at random, half of them peaks. Per strand, a peak has reads at 100 positions per 1,000 bp (or at 400),
a background at 8; every task has a control, with reads at 8. Batches of 256 are shifted and reverse-complemented as in
training. Times are those of the processor on one thread, median of five epochs.

With --whole, a dataset.h5 of 20 tasks, each with a control of its own, is written for REGIONS regions (default 30,000),
each a peak of half of the tasks, and read by a process of its own; what is measured is scaled to 300,000 regions.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import h5py
import numpy as np
import torch

from cistill.data.splits import Split
from cistill.model.windows.batches import TrainingBatches, take
from cistill.model.windows.counts import CountWindows
from cistill.model.windows.dataset import Dataset, read_dataset

BATCH, EPOCHS, BACKGROUND = 256, 5, 8
WHOLE_REGIONS, WHOLE_TASKS = 300_000, 20
BAR, MEMORY_BAR = 100_000, 24 * 2**30


def random_counts(rng: np.random.Generator, mean: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return indptr, position and value of windows with reads at `mean` positions each, Poisson."""
    number = np.minimum(rng.poisson(mean), length)
    indptr = np.concatenate([[0], np.cumsum(number)])
    # positions ascend by gaps of one to twice the mean distance
    gaps = 1 + (rng.random(indptr[-1]) * np.repeat(2 * (length / np.maximum(number, 1) - 1), number)).astype(np.int64)
    total = np.cumsum(gaps)
    before = np.repeat(np.concatenate([[0], total])[indptr[:-1]], number)
    position = np.minimum(total - before - 1, length - 1)
    value = np.where(rng.random(indptr[-1]) < 0.9, 1, 2)
    return indptr, position.astype(np.uint16), value.astype(np.uint8)


def synthetic(regions: int, tasks: int, lengths: tuple[int, int], at_peaks: int, max_jitter: int) -> Dataset:
    """Return a dataset of training regions, every second one a peak of all tasks."""
    rng = np.random.default_rng(1)
    input_length, output_length = lengths
    stored = output_length + 2 * max_jitter
    is_peak = np.arange(regions) % 2 == 0
    per_strand = np.where(is_peak, at_peaks, BACKGROUND) * stored / 1000
    control = random_counts(rng, np.full(2 * regions, BACKGROUND * stored / 1000), stored)
    return Dataset(
        tf="SYNTHETIC",
        tasks=[f"task{i}" for i in range(tasks)],
        input_length=input_length,
        output_length=output_length,
        max_jitter=max_jitter,
        folds={"0": Split(("chr1",), (), ())},
        region_id=np.arange(regions).astype(str),
        chrom=np.full(regions, "chr1"),
        summit=np.arange(regions),
        kind=np.where(is_peak, "peak", "background"),
        split=np.full(regions, "train"),
        is_peak=np.repeat(is_peak[:, None], tasks, 1),
        matched_to=np.full(regions, ""),
        match_rank=np.zeros(regions, dtype=np.uint8),
        sequence=rng.integers(0, 4, (regions, input_length + 2 * max_jitter), dtype=np.uint8),
        signal=CountWindows(
            *random_counts(rng, np.repeat(per_strand, 2 * tasks), stored), tracks=tasks, of_task=np.arange(tasks)
        ),
        control=CountWindows(*control, tracks=1, of_task=np.zeros(tasks, dtype=np.int64)),
        counts=np.zeros((regions, tasks, 2)),
    )


def windows_per_second(dataset: Dataset) -> float:
    """Return the median over epochs."""
    batches = TrainingBatches(dataset, BATCH, seed=1)
    speeds = []
    for epoch in range(EPOCHS + 1):
        start = time.process_time()
        made = sum(len(batch.sequence) for batch in batches.epoch(epoch))
        speeds.append(made / (time.process_time() - start))
    return float(np.median(speeds[1:]))  # the first one touches the memory


def print_speeds() -> bool:
    """Print windows per second; return whether the bar is reached."""
    print(f"{'window, bp':>14} {'tasks':>6} {'positions with reads':>21} {'windows/s':>11} {'MB/s':>7}")
    reached = True
    for lengths, max_jitter in (((546, 200), 40), ((2114, 1000), 128)):
        for tasks, at_peaks in ((1, 100), (1, 400), (20, 100)):
            dataset = synthetic(40_000 if tasks == 1 else 4_000, tasks, lengths, at_peaks, max_jitter)
            speed = windows_per_second(dataset)
            size = 4 * lengths[0] + 2 * tasks * 2 * 4 * lengths[1]  # int8 one-hot, float32 signal and control
            name = f"{lengths[0]} -> {lengths[1]}"
            print(f"{name:>14} {tasks:>6} {at_peaks:>14} per kb {speed:>11,.0f} {speed * size / 1e6:>7,.0f}")
            if (lengths, tasks, at_peaks) == ((2114, 1000), 1, 100):
                reached = speed >= BAR
    print(f"bar: {BAR:,} windows/s at 2114 -> 1000, one task: {'reached' if reached else 'MISSED'}")
    return reached


def write_whole(path: Path, regions: int) -> None:
    """Write dataset.h5 as docs/architecture.md describes it, block by block."""
    rng = np.random.default_rng(2)
    input_length, output_length, max_jitter = 2114, 1000, 128
    stored, block = output_length + 2 * max_jitter, 3000
    is_peak = rng.random((regions, WHOLE_TASKS)) < 0.5
    names = np.array([f"chr1:{i * 1000}" for i in range(regions)], dtype=object)
    with h5py.File(path, "w") as h5:
        h5.attrs.update(format="cistill-dataset", format_version=2, tf="WHOLE", seed=0, max_jitter=max_jitter)
        h5.attrs.update(input_length=input_length, output_length=output_length)
        h5.attrs["tasks"] = json.dumps([f"task{i}" for i in range(WHOLE_TASKS)])
        h5.attrs["folds"] = json.dumps({"0": {"train": ["chr1"], "valid": [], "test": []}})
        for name, text in (("chrom", "chr1"), ("kind", "peak"), ("split", "train"), ("matched_to", "")):
            h5.create_dataset(name, data=np.full(regions, text, dtype=object), dtype=h5py.string_dtype())
        h5.create_dataset("region_id", data=names, dtype=h5py.string_dtype())
        h5["summit"] = np.arange(regions) * 1000
        h5["match_rank"] = np.zeros(regions, dtype=np.uint8)
        h5["is_peak"], h5["has_control"] = is_peak, np.ones(WHOLE_TASKS, dtype=bool)
        sequence = h5.create_dataset("sequence", (regions, input_length + 2 * max_jitter), np.uint8)
        for first in range(0, regions, block):
            size = len(is_peak[first : first + block])
            sequence[first : first + size] = rng.integers(0, 4, (size, sequence.shape[1]), dtype=np.uint8)
        for name, at_peaks in (("signal", 100), ("control", BACKGROUND)):
            mean = np.where(is_peak, at_peaks, BACKGROUND) * stored / 1000
            parts = [
                random_counts(rng, np.repeat(mean[first : first + block].ravel(), 2), stored)
                for first in range(0, regions, block)
            ]
            numbers = np.concatenate([np.diff(indptr) for indptr, _, _ in parts])
            group = h5.create_group(name)
            group["indptr"] = np.concatenate([[0], np.cumsum(numbers)])
            group["position"] = np.concatenate([position for _, position, _ in parts])
            group["value"] = np.concatenate([value for _, _, value in parts])
        h5["control/of_task"] = np.arange(WHOLE_TASKS, dtype=np.int16)


def peak_memory() -> int:
    """Return the largest resident memory of this process so far, bytes (Linux)."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return 1024 * int(line.split()[1])


def read_whole(path: Path) -> None:
    """Read a dataset and a batch of it; print as JSON what it takes (run in a process of its own)."""
    before = peak_memory()
    start = time.perf_counter()
    dataset = read_dataset(path)
    seconds = time.perf_counter() - start
    peak = peak_memory()
    batch = take(dataset, np.arange(BATCH))
    assert batch.control is not None
    sizes = [batch.sequence.nbytes, batch.signal.nbytes, batch.control.nbytes]
    assert dataset.control is not None
    entries = len(dataset.signal.value) + len(dataset.control.value)
    print(json.dumps({"before": before, "peak": peak, "batch": sum(sizes), "entries": entries, "seconds": seconds}))


def print_whole(regions: int) -> bool:
    """Print bytes on disk and in memory; return whether the bar is reached."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "WHOLE.dataset.h5"
        write_whole(path, regions)
        call = [sys.executable, __file__, "--read", str(path)]
        found = json.loads(subprocess.run(call, capture_output=True, text=True, check=True).stdout)
        size = path.stat().st_size
    scale = WHOLE_REGIONS / regions
    dense = WHOLE_REGIONS * 2 * WHOLE_TASKS * 2 * 1256
    taken = found["peak"] - found["before"]
    whole = taken * scale + found["before"]
    print(f"regions measured          {regions:,} of {WHOLE_TASKS} tasks with a control each")
    print(f"positions with reads      {found['entries']:,}")
    print(f"file                      {size / 2**20:,.0f} MiB, read in {found['seconds']:.1f} s")
    program = found["before"] / 2**20
    print(f"peak memory of reading it {taken / 2**20:,.0f} MiB beyond the {program:,.0f} MiB of the program")
    print(f"scaled to {WHOLE_REGIONS:,} regions: file {size * scale / 2**30:.2f} GiB, memory {whole / 2**30:.2f} GiB")
    print(f"(dense counts of one byte would take {dense / 2**30:.1f} GiB; a batch of {BATCH} takes "
          f"{found['batch'] / 2**20:.0f} MiB)")  # fmt: skip
    reached = whole <= MEMORY_BAR
    print(f"bar: {MEMORY_BAR / 2**30:.0f} GiB: {'reached' if reached else 'MISSED'}")
    return reached


def main() -> None:
    """Run what was asked for."""
    torch.set_num_threads(1)
    if "--read" in sys.argv:
        read_whole(Path(sys.argv[-1]))
        return
    if "--whole" in sys.argv:
        given = sys.argv[sys.argv.index("--whole") + 1 :]
        reached = print_whole(int(given[0]) if given else 30_000)
    else:
        reached = print_speeds()
    if not reached:
        sys.exit(1)


if __name__ == "__main__":
    main()
