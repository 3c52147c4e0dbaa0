"""Writing bigWig files: what was written is read back before a file gets its name.

The files are written here, not by a library in C: pyBigWig says nothing of a full disk, or repeats a failed write
for ever.
"""

import errno
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from deflate import zlib_compress
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.files import atomic_output
from cistill.formats.bigwig_layout import (
    FIXED_STEP,
    HEADER,
    INDEX_ROW,
    ITEMS,
    MAGIC,
    VARIABLE_STEP,
    ZOOM_ITEM,
    BigWigFile,
)
from cistill.formats.bigwig_readback import Checksum, holds
from cistill.formats.bigwig_summaries import bins_of_summaries, bins_of_values, in_blocks, reduced
from cistill.formats.bigwig_trees import chromosome_tree, index_tree

BLOCK = 1 << 15  # bytes before compression
COMPRESSION = 3  # of libdeflate: files as small as those of zlib, ten times as fast
SECTION = "<IIIIIBBH"
ITEMS_PER_BLOCK = {kind: (BLOCK - struct.calcsize(SECTION)) // ITEMS[kind].itemsize for kind in ITEMS}
ZOOM_ITEMS_PER_BLOCK = BLOCK // ZOOM_ITEM.itemsize
FIRST_REDUCTION, REDUCTION_STEP, MOST_ZOOMS = 64, 4, 10  # bases per bin of the first level of summaries
SUMMARY_AT = 64 + 24 * MOST_ZOOMS
TREE_AT = SUMMARY_AT + 40


class BigWigWriter:
    """A bigWig of values at single bases, written from left to right, chromosome by chromosome. See `bigwig_output`.

    Parameters
    ----------
    path : path
        The file to write.
    sizes : mapping
        Chromosome lengths in bp, in the order of the file.
    """

    def __init__(self, path: Path, sizes: Mapping[str, int]) -> None:
        self._path = path
        self._sizes = dict(sizes)
        self._numbers = {name: number for number, name in enumerate(sizes)}
        self._written: dict[str, Checksum] = {}
        self._rows: list[tuple[int, ...]] = []
        self._zooms: list[tuple[int, int, int]] = []
        self._file = path.open("w+b")
        self._file.write(bytes(TREE_AT) + chromosome_tree(self._sizes, TREE_AT))
        self._blocks_at = self._file.tell()
        self._file.write(bytes(8))

    def counts(self, chrom: str, positions: NDArray[np.int64], counts: NDArray[np.int64 | np.float64]) -> None:
        """Add a chromosome's counts; chromosomes come in the order of the header.

        Parameters
        ----------
        chrom : str
        positions : int64 array, (entries,)
            Ascending, 0-based.
        counts : int64 or float64 array, (entries,)
            Above zero.
        """
        for at in range(0, len(positions), ITEMS_PER_BLOCK[VARIABLE_STEP]):
            part = slice(at, at + ITEMS_PER_BLOCK[VARIABLE_STEP])
            items = np.empty(len(positions[part]), ITEMS[VARIABLE_STEP])
            items["start"], items["value"] = positions[part], counts[part]
            self._add(VARIABLE_STEP, chrom, positions[part], items)

    def stretch(self, chrom: str, start: int, values: NDArray[np.float32]) -> None:
        """Add the values of consecutive bases from `start` on, float32 `(bases,)`."""
        for at in range(0, len(values), ITEMS_PER_BLOCK[FIXED_STEP]):
            part = values[at : at + ITEMS_PER_BLOCK[FIXED_STEP]]
            items = np.empty(len(part), ITEMS[FIXED_STEP])
            items["value"] = part
            self._add(FIXED_STEP, chrom, start + at + np.arange(len(part)), items)

    def _add(self, kind: int, chrom: str, positions: NDArray[np.int64], items: NDArray[np.void]) -> None:
        """Add a block of single bases and their values."""
        number, first, last = self._numbers[chrom], int(positions[0]), int(positions[-1]) + 1
        before = (self._rows[-1][0], self._rows[-1][3]) if self._rows else (0, 0)
        if (number, first) < before or first < 0 or last > self._sizes[chrom]:
            raise ValueError(f"values at {chrom}:{first}-{last} are out of order, or off the chromosome")
        if not np.isfinite(items["value"]).all():
            raise InputError(f"{self._path.name}: a value at {chrom}:{first}-{last} is no finite number")
        head = struct.pack(SECTION, number, first, last, int(kind == FIXED_STEP), 1, kind, 0, len(items))
        self._rows.append((number, first, number, last, *self._block(head + items.tobytes())))
        self._written.setdefault(chrom, Checksum()).add(positions, items["value"])

    def _block(self, content: bytes) -> tuple[int, int]:
        """Write a block; return its offset and size."""
        offset = self._file.tell()
        return offset, self._file.write(zlib_compress(content, COMPRESSION))

    def finish(self) -> None:
        """Write the index and the summaries, and read the file back.

        Raises
        ------
        OSError
            If the file cannot be written to its end, or does not hold what was written.
        """
        index_at = self._index(self._rows, ITEMS_PER_BLOCK[VARIABLE_STEP]) if self._rows else 0
        self._header(index_at)
        if self._rows:
            self._summaries()
        self._file.seek(0, os.SEEK_END)
        self._file.write(struct.pack("<I", MAGIC))
        self._header(index_at)
        self._file.close()
        try:
            sound = holds(self._path, self._sizes, self._written)
        except InputError as error:
            raise self._not_read_back() from error
        if not sound:
            raise self._not_read_back()

    def give_up(self) -> None:
        """Close the file, whatever it holds."""
        with suppress(OSError):
            self._file.close()

    def _not_read_back(self) -> OSError:
        what = "the bigWig that was written does not read back as what was written"
        return OSError(errno.EIO, what, str(self._path))

    def _index(self, rows: list[tuple[int, ...]], items_per_block: int) -> int:
        """Write the index of blocks at the end; return its offset."""
        offset = self._file.seek(0, os.SEEK_END)
        self._file.write(index_tree(np.array(rows, dtype=INDEX_ROW), items_per_block, offset))
        return offset

    def _header(self, index_at: int) -> None:
        """Write everything before the blocks that is known when these are there; the file is on the disk then."""
        of = self._written.values()
        self._file.seek(0)
        start = (MAGIC, 4, len(self._zooms), TREE_AT, self._blocks_at, index_at, 0, 0, 0, SUMMARY_AT, BLOCK, 0)
        self._file.write(struct.pack("<" + HEADER, *start))
        for reduction, data_at, zoom_index_at in self._zooms:
            self._file.write(struct.pack("<IIQQ", reduction, 0, data_at, zoom_index_at))
        self._file.seek(SUMMARY_AT)
        extremes = (min((c.smallest for c in of), default=0.0), max((c.largest for c in of), default=0.0))
        sums = (sum(c.total for c in of), sum(c.squares for c in of))
        self._file.write(struct.pack("<Qdddd", sum(c.entries for c in of), *extremes, *sums))
        self._file.seek(self._blocks_at)
        self._file.write(struct.pack("<Q", len(self._rows)))
        self._file.flush()

    def _summaries(self) -> None:
        """Write the levels of summaries, each from the one before, the first from the values."""
        lengths = np.array(list(self._sizes.values()), dtype=np.int64)
        reduction = FIRST_REDUCTION
        file = BigWigFile(self._path)
        try:
            bins = bins_of_values(file, self._rows, reduction)
            while True:
                data_at = self._file.seek(0, os.SEEK_END)
                self._file.write(bytes(4))
                bins = reduced(bins, reduction, lengths)
                rows = [self._zoom_block(items) for items in in_blocks(bins, ZOOM_ITEMS_PER_BLOCK)]
                zoom_index_at = self._index(rows, ZOOM_ITEMS_PER_BLOCK)
                self._zooms.append((reduction, data_at, zoom_index_at))
                self._file.flush()
                if len(rows) == 1 or len(self._zooms) == MOST_ZOOMS or reduction >= lengths.max():
                    return
                reduction *= REDUCTION_STEP
                file.close()
                file = BigWigFile(self._path)
                bins = bins_of_summaries(file, rows)
        finally:
            file.close()

    def _zoom_block(self, bins: NDArray[np.void]) -> tuple[int, ...]:
        """Write a block of summaries; return its row of the index."""
        place = (int(bins["chrom"][0]), int(bins["start"][0]), int(bins["chrom"][-1]), int(bins["end"][-1]))
        return (*place, *self._block(bins.astype(ZOOM_ITEM).tobytes()))


@contextmanager
def bigwig_output(path: str | os.PathLike[str], sizes: Mapping[str, int]) -> Iterator[BigWigWriter]:
    """Write a bigWig under a temporary name; it gets its name once it was read back and holds what was written.

    Parameters
    ----------
    path : path
        The final file. Its folder must exist.
    sizes : mapping
        Chromosome lengths in bp, in the order of the file.

    Yields
    ------
    BigWigWriter

    Raises
    ------
    OSError
        If the file could not be written to its end; nothing is left then.
    """
    with atomic_output(path) as temporary:
        writer = BigWigWriter(temporary, sizes)
        try:
            yield writer
            writer.finish()
        except BaseException:
            writer.give_up()
            raise
