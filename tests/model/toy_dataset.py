"""A small dataset, made in code."""

import json
from pathlib import Path

import h5py
import numpy as np

TEXT = h5py.string_dtype()
MOTIF = np.array([3, 3, 0, 1, 1, 1, 2, 2], dtype=np.uint8)  # TTACCCGG


def write_toy_dataset(
    path: Path, peaks: int = 48, tasks: int = 1, controls: bool = False, output_length: int = 40, seed: int = 0
) -> Path:
    """Write a small dataset.h5: random sequence, a motif at the middle of peaks, reads in a footprint around it.

    Windows close for two dilated layers and a first and profile kernel of 7 and 9 bp: trim 6 + 12 + 8 = 26.
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
    control = random.poisson(0.2, rate.shape) if controls else np.zeros(rate.shape)
    signal = random.poisson(rate + 0.5 * control)
    position = np.arange(n) * 1000 + 500
    kind = np.array(["peak"] * peaks + ["background"] * peaks)
    split = np.array(["train", "train", "valid", "test"])[np.arange(n) % 4]
    with h5py.File(path, "w") as h5:
        h5.attrs.update(format="cistill-dataset", format_version=1, tf="TOY", seed=seed, max_jitter=jitter)
        h5.attrs.update(input_length=input_length, output_length=output_length)
        h5.attrs["tasks"] = json.dumps([f"task{i}" for i in range(tasks)])
        identifiers = [("" if k == "peak" else "bg:") + f"chr1:{p}" for k, p in zip(kind, position, strict=True)]
        columns = {"region_id": identifiers, "chrom": ["chr1"] * n, "kind": kind, "split": split}
        for name, values in columns.items():
            h5.create_dataset(name, data=np.array(values, dtype=object), dtype=TEXT)
        h5["summit"] = position
        h5["is_peak"] = np.repeat(kind[:, None] == "peak", tasks, 1)
        h5["sequence"] = sequence
        h5["signal"] = signal.astype(np.uint8)
        h5["control"] = control.astype(np.uint8)
        h5["has_control"] = np.full(tasks, controls)
    return path
