"""Central windows of an attribution file, a block of regions at a time."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt

from cistill.errors import InputError
from cistill.files import require_file

NEEDED = ("region_id", "coords_chrom", "coords_start", "coords_end", "hyp_scores", "input_seqs")


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
        with h5py.File(self.path, "r") as file:
            scores = file["hyp_scores"][first:last, columns].astype(np.float32)
            bases = file["input_seqs"][first:last, columns].astype(np.int8)
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
        `{head}.attributions.h5` as in docs/architecture.md.
    window : int, optional
        Length of the central window in bases. It is clipped to the length of the input and made even; the whole input
        by default.

    Raises
    ------
    InputError
        If the file is missing, lacks an array, or the arrays do not fit together.
    """
    file = require_file(path, "attributions")
    try:
        with h5py.File(file, "r") as handle:
            missing = [name for name in NEEDED if name not in handle]
            if missing:
                raise InputError(f"{file}: not an attribution file: it lacks {', '.join(missing)}")
            shape = handle["hyp_scores"].shape
            _check_shapes(file, handle, shape)
            starts = handle["coords_start"][:].astype(np.int64)
            texts = {name: handle[name].asstr()[:] for name in ("region_id", "coords_chrom")}
            tf, head = (str(handle.attrs.get(name, "")) for name in ("tf", "head"))
    except (OSError, TypeError) as error:
        raise InputError(f"{file}: not a readable attribution file: {error}") from error
    full = shape[1]
    length = full if window is None else min(window - window % 2, full - full % 2)
    if length <= 0:
        raise InputError(f"a window of {window} bases is too short: give at least 2")
    offset = (full - length) // 2
    return AttributionWindows(
        path=file,
        tf=tf,
        head=head,
        region_id=texts["region_id"],
        chrom=texts["coords_chrom"],
        start=starts + offset,
        offset=offset,
        length=length,
    )


def _check_shapes(file: Path, handle: h5py.File, shape: tuple[int, ...]) -> None:
    problems = []
    if len(shape) != 3 or shape[2] != 4:
        problems.append(f"hyp_scores must be (regions, length, 4), found {shape}")
    if handle["input_seqs"].shape != shape:
        problems.append(f"input_seqs {handle['input_seqs'].shape} is not of the shape of hyp_scores {shape}")
    for name in NEEDED[:4]:
        if handle[name].shape != shape[:1]:
            problems.append(f"{name} has {handle[name].shape} entries for {shape[0]} regions")
    if problems:
        raise InputError(f"{file}: " + "; ".join(problems))
    widths = handle["coords_end"][:] - handle["coords_start"][:]
    wrong = np.flatnonzero(widths != shape[1])
    if len(wrong):
        row = int(wrong[0])
        raise InputError(
            f"{file}: row {row} ({handle['region_id'].asstr()[row]}) spans {widths[row]} bases but has scores "
            f"for {shape[1]}"
        )
    names = handle["region_id"].asstr()[:]
    if len(set(names)) < len(names):
        raise InputError(f"{file}: a region_id occurs more than once")
