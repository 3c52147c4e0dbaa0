"""Attribution files: one HDF5 per head, in the layout that the field's tools read, with region ids and coordinates."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from cistill.errors import InputError
from cistill.files import atomic_output, require_file
from cistill.model.batches import ONE_HOT

TEXT = h5py.string_dtype()
ROWS_PER_CHUNK = 16


@dataclass
class AttributionFile:
    """An open attribution file; rows are read as needed, so memory does not grow with the number of regions."""

    path: Path
    h5: h5py.File
    tf: str
    head: str
    region_id: np.ndarray
    chrom: np.ndarray
    start: np.ndarray
    end: np.ndarray

    def __len__(self) -> int:
        return len(self.region_id)

    @property
    def length(self) -> int:
        """Length of the explained windows in bp."""
        return int(self.h5["hyp_scores"].shape[1])

    def rows(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Return hypothetical contributions (float32) and one-hot sequences (float32) of rows first..last."""
        return self.h5["hyp_scores"][first:last].astype(np.float32), self.h5["input_seqs"][first:last].astype(
            np.float32
        )


class AttributionWriter:
    """Writes attribution files block by block.

    Parameters
    ----------
    h5 : h5py.File
        Open for writing.
    head : {"counts", "profile"}
    regions : mapping
        `region_id`, `chrom` (text) and `start` (int) of every region, in the order of the blocks to come.
    length : int
        Length of the windows in bp.
    attributes : mapping
        Written as attributes of the file; lists as JSON.
    """

    def __init__(
        self, h5: h5py.File, head: str, regions: Mapping[str, np.ndarray], length: int, attributes: Mapping[str, Any]
    ) -> None:
        n = len(regions["region_id"])
        h5.attrs.update(format="cistill-attributions", format_version=1, head=head)
        for name, value in attributes.items():
            h5.attrs[name] = json.dumps(value) if isinstance(value, list | dict) else value
        h5.create_dataset("region_id", data=regions["region_id"].astype(object), dtype=TEXT)
        h5.create_dataset("coords_chrom", data=regions["chrom"].astype(object), dtype=TEXT)
        h5.create_dataset("coords_start", data=regions["start"])
        h5.create_dataset("coords_end", data=regions["start"] + length)
        chunks = (min(ROWS_PER_CHUNK, max(n, 1)), length, 4)
        self.scores = h5.create_dataset("hyp_scores", (n, length, 4), "f2", chunks=chunks)
        self.sequences = h5.create_dataset("input_seqs", (n, length, 4), "i1", chunks=chunks)
        self.gap = h5.create_dataset("completeness_gap", (n,), "f4")

    def write(self, first: int, hypothetical: np.ndarray, codes: np.ndarray, gap: np.ndarray) -> None:
        """Write a block of rows that starts at `first`."""
        last = first + len(codes)
        self.scores[first:last] = hypothetical.astype(np.float16)
        self.sequences[first:last] = ONE_HOT[codes].astype(np.int8)
        self.gap[first:last] = gap


@contextmanager
def open_attributions(path: str | os.PathLike[str]) -> Iterator[AttributionFile]:
    """Open an attribution file for reading.

    Raises
    ------
    InputError
        If the file is missing, damaged, or not an attribution file.
    """
    file = require_file(path, "attributions")
    try:
        handle = h5py.File(file, "r")
    except OSError as error:
        raise InputError(f"{file}: not an HDF5 file, or it is damaged: {error}") from error
    with handle as h5:
        missing = [
            name
            for name in ("region_id", "coords_chrom", "coords_start", "coords_end", "hyp_scores", "input_seqs")
            if name not in h5
        ]
        if missing:
            raise InputError(f"{file}: not an attribution file made by `shap`: it lacks {', '.join(missing)}")
        yield AttributionFile(
            file,
            h5,
            str(h5.attrs["tf"]),
            str(h5.attrs["head"]),
            h5["region_id"].asstr()[:].astype(str),
            h5["coords_chrom"].asstr()[:].astype(str),
            h5["coords_start"][:],
            h5["coords_end"][:],
        )


@contextmanager
def attribution_writer(
    path: str | os.PathLike[str],
    head: str,
    regions: Mapping[str, np.ndarray],
    length: int,
    attributes: Mapping[str, Any],
) -> Iterator[AttributionWriter]:
    """Give a writer; the file appears whole when the block ends."""
    with atomic_output(path) as temporary, h5py.File(temporary, "w") as h5:
        yield AttributionWriter(h5, head, regions, length, attributes)
