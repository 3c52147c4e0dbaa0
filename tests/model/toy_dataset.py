"""A small dataset, made in code."""

import json
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

TEXT = h5py.string_dtype()
MOTIF = np.array([3, 3, 0, 1, 1, 1, 2, 2], dtype=np.uint8)  # TTACCCGG
CHROMOSOMES = ("chr1", "chr2", "chr3", "chr4")
ONE_FOLD = {"0": {"train": ["chr1", "chr2"], "valid": ["chr3"], "test": ["chr4"]}}
FOUR_FOLDS = {
    str(k): {
        "train": [CHROMOSOMES[(k + 2) % 4], CHROMOSOMES[(k + 3) % 4]],
        "valid": [CHROMOSOMES[(k + 1) % 4]],
        "test": [CHROMOSOMES[k]],
    }
    for k in range(4)
}


def write_counts(h5: h5py.File, name: str, windows: np.ndarray, of_task: Sequence[int] | None = None) -> None:
    """Write dense windows (regions, tracks, 2, length) as a group of their non-zero entries."""
    group = h5.create_group(name)
    indptr, position, value = [0], [], []
    for window in windows.reshape(-1, windows.shape[-1]):
        at = np.flatnonzero(window)
        position += at.tolist()
        value += window[at].tolist()
        indptr.append(len(position))
    group["indptr"] = np.array(indptr, dtype=np.int64)
    group["position"] = np.array(position, dtype=np.uint16)
    group["value"] = np.array(value, dtype=np.float32 if windows.dtype.kind == "f" else np.uint8)
    if of_task is not None:
        group["of_task"] = np.array(of_task, dtype=np.int16)


def write_toy_dataset(
    path: Path,
    peaks: int = 48,
    tasks: int = 1,
    controls: bool = False,
    output_length: int = 40,
    seed: int = 0,
    folds: int = 1,
) -> Path:
    """Write a small dataset.h5: random sequence, a motif at the middle of peaks, reads in a footprint around it.

    Windows close for two dilated layers and a first and profile kernel of 7 and 9 bp: trim 6 + 12 + 8 = 26.
    With controls, task 0 has its own, the others share one. Background i is matched to peak i. One fold, or four.
    """
    random = np.random.default_rng(seed)
    jitter, input_length = 4, output_length + 26
    n = 2 * peaks
    sequence = random.integers(0, 4, (n, input_length + 2 * jitter), dtype=np.uint8)
    middle = sequence.shape[1] // 2
    sequence[:peaks, middle - 4 : middle + 4] = MOTIF
    stored = output_length + 2 * jitter
    rate = np.full((n, tasks, 2, stored), 0.05)
    strength = random.uniform(2, 12, (peaks, tasks))
    rate[:peaks, :, 0, stored // 2 - 8] += strength
    rate[:peaks, :, 1, stored // 2 + 8] += strength
    of_task = [min(task, 1) for task in range(tasks)]
    control = random.poisson(0.2, (n, max(of_task) + 1, 2, stored)) if controls else np.zeros((n, 0, 2, stored), int)
    signal = random.poisson(rate + 0.5 * control[:, of_task] if controls else rate)
    position = np.arange(n) * 1000 + 500
    kind = np.array(["peak"] * peaks + ["background"] * peaks)
    # 48 peaks: peak i and background i lie on one chromosome
    chrom = np.array(CHROMOSOMES)[np.arange(n) % peaks % 4]
    parts = np.array(["train", "train", "valid", "test"] if folds == 1 else ["test"] * 4)
    identifiers = [f"{'' if k == 'peak' else 'bg:'}{c}:{p}" for k, c, p in zip(kind, chrom, position, strict=True)]
    with h5py.File(path, "w") as h5:
        h5.attrs.update(format="cistill-dataset", format_version=2, tf="TOY", seed=seed, max_jitter=jitter)
        h5.attrs.update(input_length=input_length, output_length=output_length)
        h5.attrs["tasks"] = json.dumps([f"task{i}" for i in range(tasks)])
        h5.create_dataset("folds", data=json.dumps(ONE_FOLD if folds == 1 else FOUR_FOLDS), dtype=TEXT)
        h5.create_dataset("sizes", data=json.dumps(dict.fromkeys(CHROMOSOMES, 10_000_000)), dtype=TEXT)
        columns = {
            "region_id": identifiers,
            "chrom": chrom,
            "kind": kind,
            "split": parts[np.arange(n) % peaks % 4],
            "matched_to": [""] * peaks + identifiers[:peaks],
        }
        for name, values in columns.items():
            h5.create_dataset(name, data=np.array(values, dtype=object), dtype=TEXT)
        h5["summit"] = position
        h5["match_rank"] = np.zeros(n, dtype=np.uint8)
        h5["is_peak"] = np.repeat(kind[:, None] == "peak", tasks, 1)
        h5["sequence"] = sequence
        write_counts(h5, "signal", signal)
        write_counts(h5, "control", control, of_task if controls else [-1] * tasks)
        h5["has_control"] = np.full(tasks, controls)
    return path
