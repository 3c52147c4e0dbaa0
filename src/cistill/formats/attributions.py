"""Attribution files: one HDF5 per head, in the layout that the field's tools read, with region ids and coordinates."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np

from cistill.data.genome import ONE_HOT
from cistill.files import atomic_output

TEXT = h5py.string_dtype()
ROWS_PER_CHUNK = 16


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
    dtype : str
        `float16` or `float32`: type of the hypothetical scores.
    """

    def __init__(
        self,
        h5: h5py.File,
        head: str,
        regions: Mapping[str, np.ndarray],
        length: int,
        attributes: Mapping[str, Any],
        dtype: str = "float16",
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
        self.scores = h5.create_dataset("hyp_scores", (n, length, 4), dtype, chunks=chunks)
        self.sequences = h5.create_dataset("input_seqs", (n, length, 4), "i1", chunks=chunks)
        self.gap = h5.create_dataset("completeness_gap", (n,), "f4")

    def write(self, first: int, hypothetical: np.ndarray, codes: np.ndarray, gap: np.ndarray) -> None:
        """Write a block of rows that starts at `first`."""
        last = first + len(codes)
        self.scores[first:last] = hypothetical
        self.sequences[first:last] = ONE_HOT[codes].astype(np.int8)
        self.gap[first:last] = gap


@contextmanager
def attribution_writer(
    path: str | os.PathLike[str],
    head: str,
    regions: Mapping[str, np.ndarray],
    length: int,
    attributes: Mapping[str, Any],
    dtype: str = "float16",
) -> Iterator[AttributionWriter]:
    """Give a writer; the file appears whole when the block ends."""
    with atomic_output(path) as temporary, h5py.File(temporary, "w") as h5:
        yield AttributionWriter(h5, head, regions, length, attributes, dtype)
