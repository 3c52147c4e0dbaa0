"""Writing bigBed files: sorted intervals with their further fields, for genome browsers.

The layout is that of Kent et al., Bioinformatics 26:2204 (2010), supplementary tables 1 to 8 and 13 to 17; trees and
summaries are those of bigWig, the values summarized are the number of intervals over each base.
"""

import os
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from deflate import zlib_compress
from numpy.typing import NDArray

from cistill.files import atomic_output
from cistill.formats.bigwig_layout import HEADER, INDEX_ROW, ZOOM_ITEM
from cistill.formats.bigwig_summaries import BIN, in_blocks, reduced
from cistill.formats.bigwig_trees import chromosome_tree, index_tree
from cistill.formats.bigwig_writing import COMPRESSION, MOST_ZOOMS, REDUCTION_STEP, ZOOM_ITEMS_PER_BLOCK

MAGIC = 0x8789F2EB
ITEMS_PER_BLOCK = 512
FIELD = re.compile(r"^\s*\S+ \w+;", re.MULTILINE)
FIRST_REDUCTION = 1024
"""Bases per bin of the first level of summaries."""


@dataclass(frozen=True)
class BedRecord:
    """An interval of a bigBed.

    Attributes
    ----------
    chrom : str
    start, end : int
        0-based, half open.
    rest : tuple of str
        The fields behind the first three, in the order of the autoSql.
    """

    chrom: str
    start: int
    end: int
    rest: tuple[str, ...]


def write_bigbed(
    path: str | os.PathLike[str],
    sizes: Mapping[str, int],
    intervals: Sequence[BedRecord],
    auto_sql: str,
    defined: int,
) -> None:
    """Write intervals as bigBed.

    Parameters
    ----------
    path : path
        The file; it appears whole or not at all.
    sizes : mapping
        Chromosome lengths in bp.
    intervals : sequence of BedRecord
        In any order.
    auto_sql : str
        Declaration of all fields in autoSql, one field a line.
    defined : int
        How many of the fields are those of BED.

    Raises
    ------
    ValueError
        If there are no intervals, one is off its chromosome, or has not as many fields as are declared.
    """
    if not intervals:
        raise ValueError("a bigBed holds one interval at least")
    numbers = {name: number for number, name in enumerate(sizes)}
    rows = sorted(intervals, key=lambda row: (numbers[row.chrom], row.start, row.end, row.rest))
    fields = len(FIELD.findall(auto_sql))
    for row in rows:
        if not 0 <= row.start < row.end <= sizes[row.chrom] or len(row.rest) + 3 != fields:
            raise ValueError(f"{row} does not fit its chromosome or the {fields} fields declared")
    levels = list(_levels(_depths(rows, numbers), np.array(list(sizes.values()), dtype=np.int64)))
    text = auto_sql.encode() + b"\0"
    text_at = 64 + 24 * len(levels)
    summary_at = text_at + len(text)
    tree_at = summary_at + 40
    tree = chromosome_tree(dict(sizes), tree_at)
    with atomic_output(path) as temporary, temporary.open("wb") as file:
        file.write(bytes(tree_at) + tree)
        data_at = file.tell()
        file.write(struct.pack("<Q", len(rows)))
        blocks, largest = [], 0
        for place, content in _blocks(rows, numbers):
            largest = max(largest, len(content))
            blocks.append((*place, file.tell(), file.write(zlib_compress(content, COMPRESSION))))
        index_at = file.tell()
        file.write(index_tree(np.array(blocks, dtype=INDEX_ROW), ITEMS_PER_BLOCK, index_at))
        zooms = b""
        for reduction, bins in levels:
            zoom_at, zoom_rows = file.tell(), []
            file.write(struct.pack("<I", len(bins)))
            for items in in_blocks(iter([bins]), ZOOM_ITEMS_PER_BLOCK):
                content = items.astype(ZOOM_ITEM).tobytes()
                largest = max(largest, len(content))
                place = (items["chrom"][0], items["start"][0], items["chrom"][-1], items["end"][-1])
                zoom_rows.append((*place, file.tell(), file.write(zlib_compress(content, COMPRESSION))))
            zooms += struct.pack("<IIQQ", reduction, 0, zoom_at, file.tell())
            file.write(index_tree(np.array(zoom_rows, dtype=INDEX_ROW), ZOOM_ITEMS_PER_BLOCK, file.tell()))
        file.write(struct.pack("<I", MAGIC))
        file.seek(0)
        places = (tree_at, data_at, index_at, fields, defined, text_at, summary_at)
        file.write(struct.pack("<" + HEADER, MAGIC, 4, len(levels), *places, largest, 0))
        file.write(zooms + text + _summary(levels))


def _blocks(rows: Sequence[BedRecord], numbers: Mapping[str, int]) -> Iterator[tuple[tuple[int, ...], bytes]]:
    """Yield the place and the content of blocks of intervals, each of one chromosome."""
    first = 0
    while first < len(rows):
        chrom, last = rows[first].chrom, first
        while last < min(len(rows), first + ITEMS_PER_BLOCK) and rows[last].chrom == chrom:
            last += 1
        number = numbers[chrom]
        content = b"".join(
            struct.pack("<III", number, row.start, row.end) + "\t".join(row.rest).encode() + b"\0"
            for row in rows[first:last]
        )
        yield (number, rows[first].start, number, max(row.end for row in rows[first:last])), content
        first = last


def _depths(rows: Sequence[BedRecord], numbers: Mapping[str, int]) -> NDArray[np.void]:
    """Return the stretches under one or more intervals as bins whose values are the number of intervals."""
    found = [np.zeros(0, BIN)]
    of_rows = np.array([(numbers[row.chrom], row.start, row.end) for row in rows], dtype=np.int64).reshape(-1, 3)
    for number in np.unique(of_rows[:, 0]):
        starts, ends = of_rows[of_rows[:, 0] == number, 1:].T
        places, at = np.unique(np.concatenate([starts, ends]), return_inverse=True)
        change = np.bincount(at, np.repeat([1, -1], len(starts)), len(places))
        depth = np.cumsum(change)[:-1]
        inside = depth > 0
        found.append(_bins(int(number), places[:-1][inside], places[1:][inside], depth[inside].astype(np.float64)))
    return np.concatenate(found)


def _bins(
    chrom: int | NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64], depth: NDArray[np.float64]
) -> NDArray[np.void]:
    """Return bins of constant depth."""
    bins = np.zeros(len(starts), BIN)
    length = ends - starts
    bins["chrom"], bins["start"], bins["end"], bins["covered"] = chrom, starts, ends, length
    bins["extremes"] = depth[:, None]
    bins["sums"] = np.stack([depth * length, depth**2 * length], axis=1)
    return bins


def _levels(depths: NDArray[np.void], lengths: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.void]]]:
    """Yield bases per bin, and bins, of the levels of summaries, until one block holds a level."""
    reduction, bins = FIRST_REDUCTION, _split(depths, FIRST_REDUCTION)
    for _ in range(MOST_ZOOMS):
        bins = np.concatenate(list(reduced(iter([bins]), reduction, lengths)))
        yield reduction, bins
        if len(bins) <= ZOOM_ITEMS_PER_BLOCK or reduction >= lengths.max():
            return
        reduction *= REDUCTION_STEP


def _split(depths: NDArray[np.void], size: int) -> NDArray[np.void]:
    """Return bins cut at every multiple of `size`."""
    first, last = depths["start"] // size, (depths["end"] - 1) // size
    pieces = last - first + 1
    source = np.repeat(np.arange(len(depths)), pieces)
    place = first[source] + np.arange(len(source)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    starts = np.maximum(depths["start"][source], place * size)
    ends = np.minimum(depths["end"][source], (place + 1) * size)
    return _bins(depths["chrom"][source], starts, ends, depths["extremes"][source, 0])


def _summary(levels: Sequence[tuple[int, NDArray[np.void]]]) -> bytes:
    """Return the summary of the whole file: bases covered, least and largest depth over them, sums."""
    bins = levels[0][1]
    extremes = bins["extremes"][:, 0].min(), bins["extremes"][:, 1].max()
    return struct.pack("<Qdddd", bins["covered"].sum(), *extremes, *bins["sums"].sum(0))
