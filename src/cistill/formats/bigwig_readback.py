"""Reading a bigWig back: does it hold what was written?"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cistill.formats.bigwig_layout import BigWigFile


@dataclass
class Checksum:
    """Entries of a chromosome, in their order.

    Attributes
    ----------
    entries : int
    positions, values : int
        CRC-32 of the bases (uint32) and of the values (float32).
    total, squares, smallest, largest : float
        Sum of the values and of their squares, and the extreme ones.
    """

    entries: int = 0
    positions: int = 0
    values: int = 0
    total: float = field(default=0.0, compare=False)
    squares: float = field(default=0.0, compare=False)
    smallest: float = field(default=np.inf, compare=False)
    largest: float = field(default=-np.inf, compare=False)

    def add(self, positions: NDArray[np.int64], values: NDArray[np.float32]) -> None:
        """Add single bases and their values, both `(entries,)`."""
        self.entries += len(positions)
        self.positions = zlib.crc32(np.ascontiguousarray(positions, dtype="<u4").tobytes(), self.positions)
        self.values = zlib.crc32(np.ascontiguousarray(values, dtype="<f4").tobytes(), self.values)
        wide = values.astype(np.float64)
        self.total += float(wide.sum())
        self.squares += float((wide**2).sum())
        self.smallest = min(self.smallest, float(wide.min()))
        self.largest = max(self.largest, float(wide.max()))


def holds(path: Path, sizes: Mapping[str, int], written: Mapping[str, Checksum]) -> bool:
    """Say whether a bigWig has these chromosomes and entries, and sound summaries of them.

    Parameters
    ----------
    path : Path
    sizes : mapping
        Chromosome lengths in bp, in the order of the file.
    written : mapping
        Chromosome to what was written of it.
    """
    file = BigWigFile(path)
    try:
        if file.sizes != sizes or list(file.sizes) != list(sizes) or file.summary is None or not file.is_complete():
            return False
        entries = sum(checksum.entries for checksum in written.values())
        total = sum(checksum.total for checksum in written.values())
        if file.summary.covered != entries or file.summary.total != total:
            return False
        if not entries:
            return True
        covered = [_covered(file, at) for *_, at in file.zooms]
        return _entries(file) == written and len(covered) > 0 and set(covered) == {entries}
    finally:
        file.close()


def _entries(file: BigWigFile) -> dict[str, Checksum]:
    """Return the entries of each chromosome, in the order of the index."""
    names = {number: name for name, number in file.numbers.items()}
    found: dict[str, Checksum] = {}
    for block in file.index(file.index_offset):
        number, (starts, ends, values) = file.intervals(int(block["offset"]), int(block["size"]))
        place = (block["chrom"], block["start"], block["end"])
        if not len(starts) or (ends != starts + 1).any() or place != (number, starts[0], ends[-1]):
            raise file.broken("a block of values is not where the index has it")
        found.setdefault(names.get(number, ""), Checksum()).add(starts, values)
    return found


def _covered(file: BigWigFile, index: int) -> int:
    """Return how many bases with a value the bins of a level of summaries count."""
    blocks = file.index(index)
    return sum(int(file.zoom_items(int(b["offset"]), int(b["size"]))["covered"].sum()) for b in blocks)
