"""The layout of bigWig files, read without trust in anything that a file says of itself.

The layout is that of Kent et al., Bioinformatics 26:2204 (2010), supplementary tables 5 to 17. Every offset, length and
number is compared with the file before it is used, so that a broken file ends in a message; a library in C that reads
such a file may end the process.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.files import require_file

MAGIC, TREE_MAGIC, INDEX_MAGIC = 0x888FFC26, 0x78CA8C91, 0x2468ACE0
OTHER_FORMATS = {
    b"\x1f\x8b\x08\x04": "it is a BAM file, or text in BGZF blocks; give BAM files in the columns of BAM files",
    b"\x1f\x8b": "it is compressed with gzip; decompress it first: gunzip",
    b"\xeb\xf2\x89\x87": "it is a bigBed; give the bigWig of counts",
    b"\x87\x89\xf2\xeb": "it is a bigBed; give the bigWig of counts",
    b"BAM\x01": "it is a BAM file; give it in the column of BAM files",
    b"CRAM": "it is a CRAM file; give it in the column of BAM files",
}
HEADER = "IHHQQQHHQQIQ"
CHROMOSOMES_AT_MOST = 1 << 24
DEEPEST = 64  # levels of a tree; real ones have up to five
LARGEST_BLOCK = 1 << 24  # bytes of a decompressed block: 65,535 intervals need 786 kB
INDEX_ROW = np.dtype(
    [("chrom", "u4"), ("start", "u4"), ("end_chrom", "u4"), ("end", "u4"), ("offset", "u8"), ("size", "u8")]
)
INDEX_NODE = np.dtype([("_range", "V16"), ("offset", "u8")])
BED_GRAPH, VARIABLE_STEP, FIXED_STEP = 1, 2, 3
ITEMS = {
    BED_GRAPH: np.dtype([("start", "u4"), ("end", "u4"), ("value", "f4")]),
    VARIABLE_STEP: np.dtype([("start", "u4"), ("value", "f4")]),
    FIXED_STEP: np.dtype([("value", "f4")]),
}
ZOOM_ITEM = np.dtype(
    [("chrom", "u4"), ("start", "u4"), ("end", "u4"), ("covered", "u4"), ("extremes", "f4", 2), ("sums", "f4", 2)]
)
Intervals = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]


@dataclass(frozen=True)
class Summary:
    """What a bigWig says of all its values.

    Attributes
    ----------
    covered : int
        Bases with a value.
    smallest, largest, total : float
        Extreme values, and the sum over bases.
    """

    covered: int
    smallest: float
    largest: float
    total: float


class BigWigFile:
    """The parts of a bigWig file.

    Parameters
    ----------
    path : path
        The file.

    Attributes
    ----------
    sizes : dict of str to int
        Chromosome lengths in bp, in the order of the file's numbers of chromosomes.
    numbers : dict of str to int
        The number that stands for each chromosome in the index.
    summary : Summary or None
        As the file states it; None in a file without.
    zooms : list of (int, int, int)
        Bases per bin, offset of the data and offset of the index of each level of summaries.

    Raises
    ------
    InputError
        If the file is no bigWig, or broken.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if "://" in str(path):
            raise InputError(f"{path}: bigWigs are not read over a network; download the file first")
        self.path = require_file(path, "bigWig")
        self._file = self.path.open("rb")
        try:
            self._size = os.fstat(self._file.fileno()).st_size
            self._read_header()
            self._read_chromosomes()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def broken(self, what: str) -> InputError:
        """Word what is wrong with the file."""
        return InputError(f"{self.path}: not a readable bigWig file: {what}; copy it again or make it again")

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes of the file; it is an error if it has not as many."""
        if offset + size > self._size:
            raise self.broken("it is truncated")
        try:
            data = os.pread(self._file.fileno(), size, offset)
        except OSError as error:
            raise InputError(f"{self.path}: cannot be read: {error.strerror or error}") from error
        if len(data) != size:
            raise self.broken("it is truncated")
        return data

    def _unpack(self, layout: str, offset: int) -> tuple[int, ...]:
        whole = self._order + layout
        return struct.unpack(whole, self.read(offset, struct.calcsize(whole)))

    def _read_header(self) -> None:
        start = self.read(0, min(self._size, 64))
        orders: tuple[Literal["<", ">"], ...] = ("<", ">")
        found = [o for o in orders if len(start) >= 4 and struct.unpack_from(o + "I", start)[0] == MAGIC]
        if not found:
            raise InputError(f"{self.path}: not a readable bigWig file: {_what_it_is(start)}")
        self._order = found[0]
        fields = self._unpack(HEADER, 0)
        self._tree, self._blocks, self.index_offset = fields[3:6]
        self._compressed = fields[10] > 0
        zooms = (self._unpack("IIQQ", 64 + 24 * level) for level in range(fields[2]))
        self.zooms = [(reduction, data, index) for reduction, _, data, index in zooms]
        self.summary: Summary | None = None
        if fields[9]:
            (covered,) = self._unpack("Q", fields[9])
            smallest, largest, total, _ = np.frombuffer(self.read(fields[9] + 8, 32), self._order + "f8").tolist()
            self.summary = Summary(covered, smallest, largest, total)

    def _read_chromosomes(self) -> None:
        magic, _, key_size, value_size, count, _ = self._unpack("IIIIQQ", self._tree)
        if magic != TREE_MAGIC or value_size != 8 or not 0 < key_size < 1 << 16 or count > CHROMOSOMES_AT_MOST:
            raise self.broken("its list of chromosomes is damaged")
        found: dict[int, tuple[str, int]] = {}
        for leaf, data in self._nodes(self._tree + 32, key_size + 8, key_size + 8):
            if leaf:
                for at in range(0, len(data), key_size + 8):
                    name = data[at : at + key_size].rstrip(b"\0").decode("utf-8", errors="replace")
                    number, size = struct.unpack_from(self._order + "II", data, at + key_size)
                    found[number] = name, size
        ordered = sorted(found.items())
        self.sizes: dict[str, int] = {name: size for _, (name, size) in ordered}
        self.numbers: dict[str, int] = {name: number for number, (name, _) in ordered}
        if len(self.sizes) != count or not all(self.sizes) or not all(self.sizes.values()):
            raise self.broken("its list of chromosomes is damaged")

    def _nodes(self, root: int, leaf_size: int, inner_size: int) -> Iterator[tuple[bool, bytes]]:
        """Yield whether it is a leaf, and the items, of each node of a tree, from left to right."""
        read = 0  # bytes; more than the file has means that nodes overlap or go round in circles
        waiting = [(root, 0)]
        while waiting:
            offset, depth = waiting.pop()
            leaf, _, count = self._unpack("BBH", offset)
            data = self.read(offset + 4, count * (leaf_size if leaf else inner_size))
            read += 4 + len(data)
            if read > self._size or depth > DEEPEST:
                raise self.broken("its index goes round in circles")
            yield bool(leaf), data
            if not leaf:
                below = [struct.unpack_from(self._order + "Q", data, at - 8)[0] for at in _ends(data, inner_size)]
                waiting += [(child, depth + 1) for child in reversed(below)]

    def is_complete(self) -> bool:
        """Say whether the file ends with its magic number, as complete ones do, and has the blocks that it counts."""
        end = self._unpack("I", max(0, self._size - 4))
        count = self._unpack("Q", self._blocks)
        listed = len(self.index(self.index_offset)) if self.index_offset else 0
        return end == (MAGIC,) and count == (listed,)

    def index(self, offset: int) -> NDArray[np.void]:
        """Return the blocks that an index lists, see `INDEX_ROW`, in the order of the index."""
        (magic,) = self._unpack("I", offset)
        if magic != INDEX_MAGIC:
            raise self.broken("its index is damaged")
        row, inner = INDEX_ROW.newbyteorder(self._order), INDEX_NODE.newbyteorder(self._order)
        leaves = [
            np.frombuffer(data, row) for leaf, data in self._nodes(offset + 48, row.itemsize, inner.itemsize) if leaf
        ]
        blocks = np.concatenate([np.zeros(0, INDEX_ROW), *leaves]).astype(INDEX_ROW)
        ends = blocks["offset"] + blocks["size"]
        if (ends > self._size).any() or (ends < blocks["size"]).any():
            raise self.broken("it is truncated")
        return blocks

    def block(self, offset: int, size: int) -> bytes:
        """Return a decompressed block."""
        data = self.read(offset, size)
        if not self._compressed:
            return data
        decompressor = zlib.decompressobj()
        try:
            text = decompressor.decompress(data, LARGEST_BLOCK)
        except zlib.error as error:
            raise self.broken(f"a block of values is damaged ({error})") from error
        if not decompressor.eof:
            raise self.broken("a block of values is damaged")
        return text

    def intervals(self, offset: int, size: int) -> tuple[int, Intervals]:
        """Return the number of the chromosome, and the starts, ends and values `(intervals,)`, of a block."""
        data = self.block(offset, size)
        if len(data) < 24:
            raise self.broken("a block of values is damaged")
        number, first, _, step, span, kind, _, count = struct.unpack_from(self._order + "IIIIIBBH", data)
        if kind not in ITEMS or len(data) < 24 + count * ITEMS[kind].itemsize:
            raise self.broken("a block of values is damaged")
        items = np.frombuffer(data, ITEMS[kind].newbyteorder(self._order), count, 24)
        if kind == FIXED_STEP:
            starts = first + step * np.arange(count, dtype=np.int64)
        else:
            starts = items["start"].astype(np.int64)
        ends = items["end"].astype(np.int64) if kind == BED_GRAPH else starts + span
        return number, (starts, ends, items["value"].astype(np.float32))

    def zoom_items(self, offset: int, size: int) -> NDArray[np.void]:
        """Return the bins, see `ZOOM_ITEM`, of a block of summaries."""
        data = self.block(offset, size)
        if len(data) % ZOOM_ITEM.itemsize:
            raise self.broken("a block of summaries is damaged")
        return np.frombuffer(data, ZOOM_ITEM.newbyteorder(self._order))


def _ends(data: bytes, size: int) -> range:
    """Return where items of `size` bytes end."""
    return range(size, len(data) + 1, size)


def _what_it_is(start: bytes) -> str:
    """Say what a file that is no bigWig seems to be, and what to do."""
    for magic, what in OTHER_FORMATS.items():
        if start.startswith(magic):
            return what
    if start and all(32 <= byte < 127 or byte in b"\t\r\n" for byte in start):
        return "it is text (bedGraph or wig?); convert it: bedGraphToBigWig or wigToBigWig"
    return "it does not begin like one; copy it again or make it again"
