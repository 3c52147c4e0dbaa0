"""`attributions.h5`: contributions of one head, in the layout that the field's tools read, with names and places."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from cistill.dna.codes import ONE_HOT
from cistill.errors import InputError
from cistill.formats.hdf5 import TEXT, Layout, Opened, new_file, opened, rows_of

ROWS_PER_CHUNK = 16
NEEDED = ("region_id", "coords_chrom", "coords_start", "coords_end", "hyp_scores", "input_seqs")
LAYOUT = Layout(
    name="cistill-attributions",
    version=1,
    what="an attribution file",
    made_by="cistill shap",
    words="DeepSHAP contributions",
    attributes={
        "tf": "name of the TF",
        "head": "`counts` or `profile`",
        "tasks": "JSON list of the tasks explained",
        "n_shuffles": "shuffles of each sequence",
        "seed": "of the shuffles",
        "weighting": "of the profile head",
        "engine": "what computed them",
    },
    datasets={
        "region_id": "UTF-8 text `(regions,)`",
        "coords_chrom": "UTF-8 text `(regions,)`",
        "coords_start": "int64 `(regions,)`: first base of the input window",
        "coords_end": "int64 `(regions,)`",
        "hyp_scores": "float16 or float32 `(regions, input_length, 4)`: hypothetical scores",
        "input_seqs": "int8 `(regions, input_length, 4)`: one-hot bases",
        "completeness_gap": "float32 `(regions,)`: relative; NaN where nobody measured it",
    },
    foreign=True,
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
        LAYOUT.stamp(h5)
        h5.attrs["head"] = head
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
    with new_file(path) as h5:
        yield AttributionWriter(h5, head, regions, length, attributes, dtype)


class AttributionReader:
    """An open attribution file, of which regions are read as they are asked for.

    Parameters
    ----------
    file : Opened
        Of the layout of attributions.
    """

    def __init__(self, file: Opened) -> None:
        self.file = file

    def said(self, name: str) -> str:
        """Return the attribute `tf` or `head`; empty where the file does not say."""
        return str(self.file.handle.attrs.get(name, ""))

    @property
    def length(self) -> int:
        """Bases of a region."""
        return int(self.file["hyp_scores"].shape[1])

    @cached_property
    def region_id(self) -> npt.NDArray[np.object_]:
        """Names of the regions, (regions,) of str."""
        return self.file.text("region_id")

    @cached_property
    def chrom(self) -> npt.NDArray[np.object_]:
        """Chromosomes of the regions, (regions,) of str."""
        return self.file.text("coords_chrom")

    @cached_property
    def start(self) -> npt.NDArray[np.int64]:
        """First genomic base of each region, 0-based, (regions,)."""
        return np.asarray(self.file["coords_start"][:].astype(np.int64))

    @cached_property
    def gap(self) -> npt.NDArray[np.float64]:
        """How far contributions are from adding up, relative, (regions,)."""
        return np.asarray(self.file["completeness_gap"][:].astype(np.float64))

    def contributions(self, rows: npt.NDArray[np.int64], inside: slice = slice(None)) -> npt.NDArray[np.float64]:
        """Return the contributions of the bases that are there.

        Parameters
        ----------
        rows : int64 array, (rows,)
            Which regions, in which order.
        inside : slice
            Part of the bases.

        Returns
        -------
        float64 array, (rows, length, 4)
        """
        scores, bases = (rows_of(self.file[name], rows, inside) for name in ("hyp_scores", "input_seqs"))
        return np.asarray(scores.astype(np.float64) * bases)


@contextmanager
def open_attributions(path: str | os.PathLike[str]) -> Iterator[AttributionReader]:
    """Open an attribution file to read some of its regions.

    Raises
    ------
    InputError
        If the file is missing, damaged, no attribution file, or one of another version.
    """
    with opened(path, LAYOUT, NEEDED) as file:
        yield AttributionReader(file)


def explained_regions(path: str | os.PathLike[str]) -> frozenset[str]:
    """Return the names of the regions of an attribution file.

    Raises
    ------
    InputError
        As for `open_attributions`.
    """
    with open_attributions(path) as reader:
        return frozenset(reader.region_id)


@dataclass(frozen=True)
class AttributionWindows:
    """The central part of every region of one attribution file; the arrays stay on disk.

    Attributes
    ----------
    path : Path
        The file.
    tf, head : str
        Which TF's model, and which of its outputs was explained.
    region_id, chrom : (regions,) of str
        Names and chromosomes of the regions.
    start : (regions,) of int
        Genomic position of the first base of the window, 0-based.
    offset, length : int
        Where the window starts within the model's input, and its length in bases.
    """

    path: Path
    tf: str
    head: str
    region_id: npt.NDArray[np.object_]
    chrom: npt.NDArray[np.object_]
    start: npt.NDArray[np.int64]
    offset: int
    length: int

    def __len__(self) -> int:
        return len(self.region_id)

    def read(self, first: int, last: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int8]]:
        """Return hypothetical scores and one-hot bases of the regions `first:last`, both `(regions, length, 4)`."""
        columns = slice(self.offset, self.offset + self.length)
        with open_attributions(self.path) as reader:
            scores = reader.file["hyp_scores"][first:last, columns].astype(np.float32)
            bases = reader.file["input_seqs"][first:last, columns].astype(np.int8)
        return scores, bases

    def blocks(self, size: int = 1024) -> Iterator[tuple[slice, npt.NDArray[np.float32], npt.NDArray[np.int8]]]:
        """Yield rows, hypothetical scores and one-hot bases, `size` regions at a time."""
        for first in range(0, len(self), size):
            rows = slice(first, min(first + size, len(self)))
            yield rows, *self.read(rows.start, rows.stop)


def open_windows(path: str | os.PathLike[str], window: int | None = None) -> AttributionWindows:
    """Open an attribution file.

    Parameters
    ----------
    path : path
        `{head}.attributions.h5` as in docs/formats.md.
    window : int, optional
        Length of the central window in bases. It is clipped to the length of the input and made even; the whole input
        by default.

    Raises
    ------
    InputError
        If the file is missing, lacks an array, or the arrays do not fit together.
    """
    with open_attributions(path) as reader:
        file = reader.file.file
        shape = reader.file["hyp_scores"].shape
        _check_shapes(reader, shape)
        starts, region_id, chrom = reader.start, reader.region_id, reader.chrom
        tf, head = reader.said("tf"), reader.said("head")
    full = shape[1]
    length = full if window is None else min(window - window % 2, full - full % 2)
    if length <= 0:
        raise InputError(f"a window of {window} bases is too short: give at least 2")
    offset = (full - length) // 2
    return AttributionWindows(file, tf, head, region_id, chrom, starts + offset, offset, length)


def _check_shapes(reader: AttributionReader, shape: tuple[int, ...]) -> None:
    file, problems = reader.file, []
    if len(shape) != 3 or shape[2] != 4:
        problems.append(f"hyp_scores must be (regions, length, 4), found {shape}")
    if file["input_seqs"].shape != shape:
        problems.append(f"input_seqs {file['input_seqs'].shape} is not of the shape of hyp_scores {shape}")
    for name in NEEDED[:4]:
        if file[name].shape != shape[:1]:
            problems.append(f"{name} has {file[name].shape} entries for {shape[0]} regions")
    if problems:
        raise InputError(f"{file.file}: " + "; ".join(problems))
    names = reader.region_id
    widths = file["coords_end"][:] - file["coords_start"][:]
    wrong = np.flatnonzero(widths != shape[1])
    if len(wrong):
        row = int(wrong[0])
        raise InputError(
            f"{file.file}: row {row} ({names[row]}) spans {widths[row]} bases but has scores for {shape[1]}"
        )
    if len(set(names)) < len(names):
        raise InputError(f"{file.file}: a region_id occurs more than once")
