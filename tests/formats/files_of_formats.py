"""A small file of each format, made from its declaration."""

import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from cistill.formats import modisco, motifs
from cistill.formats.hdf5 import TEXT, Layout
from cistill.formats.published import ResultTable

JSON_TEXTS = {"folds": {"0": {"train": ["c"], "valid": [], "test": []}}, "sizes": {"c": 9}}
VALUES = {"text": ["01", "x"], "int": [1, 2], "float": [0.5, 2.0], "bool": [True, False]}
ENTRIES = {"indptr": [0, 1, 1], "position": [2], "value": [3], "of_task": [-1]}
SHAPES = {
    "hyp_scores": (1, 4, 4), "input_seqs": (1, 4, 4), "log_counts": (1, 1, 2), "log_profile": (1, 1, 2, 4),
    "sequence": (1, 4), "is_peak": (1, 1), "delta": (1, 1, 1), "js_distance": (1, 1),
    "profile": (1, 1, 2, 4), "ends": (1, 1, 2, 4), "profile_without": (1, 2, 4), "ends_without": (1, 2, 4),
}  # fmt: skip


def write_layout(path: Path, layout: Layout) -> Path:
    """Write a file of one region, motif or insert with all that its layout declares."""
    if layout is motifs.LAYOUT:
        matrix = np.full((4, 4), 0.25)
        motifs.write_motifs(
            path, [motifs.Motif("a", "counts", "pos", "p", False, 1, matrix, matrix, matrix, (0, 4))], "T", "counts"
        )
        return path
    with h5py.File(path, "w") as file:
        layout.stamp(file)
        if layout is modisco.LAYOUT:
            _write_pattern(file.create_group("pos_patterns/pattern_0"))
            return path
        for name in layout.attributes:
            file.attrs[name] = json.dumps(["a"]) if name == "tasks" else 4 if "length" in name else 0
        for name, words in layout.datasets.items():
            last = name.split("/")[-1]
            if name in JSON_TEXTS:
                file.create_dataset(name, data=json.dumps(JSON_TEXTS[name]), dtype=TEXT)
            elif words.startswith("UTF-8 text"):
                file.create_dataset(name, data=["r"], dtype=TEXT)
            elif words.startswith("ASCII"):
                file[name] = np.array([b"ACGT"])
            elif last in ENTRIES:
                file[name] = np.array(ENTRIES[last])
            else:
                file[name] = np.zeros(SHAPES.get(name, (1,)), dtype=np.float32)
    return path


def _write_pattern(group: h5py.Group) -> None:
    for name in (modisco.SEQUENCE, modisco.ACTUAL, modisco.HYPOTHETICAL):
        group[name], group[f"seqlets/{name}"] = np.full((4, 4), 0.25), np.full((2, 4, 4), 0.25)
    for name in modisco.PLACE:
        group[f"seqlets/{name}"] = np.arange(2)


def row_of(table: ResultTable) -> pd.DataFrame:
    """Return two rows of a table."""
    return pd.DataFrame({column.name: VALUES[column.kind] for column in table.columns if column.pattern is None})
