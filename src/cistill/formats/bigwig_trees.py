"""Trees of bigWig files, of chromosomes and of blocks, as bytes."""

import struct
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from cistill.formats.bigwig_layout import INDEX_MAGIC, INDEX_ROW, TREE_MAGIC

CHILDREN = 256  # of a node


def chromosome_tree(sizes: dict[str, int], offset: int) -> bytes:
    """Return the tree of chromosomes, to be written at `offset`; their numbers are their places in `sizes`."""
    numbers = {name.encode(): number for number, name in enumerate(sizes)}
    lengths = list(sizes.values())
    names = sorted(numbers)
    width = max(map(len, names), default=1)
    items = [name.ljust(width, b"\0") + struct.pack("<II", numbers[name], lengths[numbers[name]]) for name in names]
    header = struct.pack("<IIIIQQ", TREE_MAGIC, min(CHILDREN, max(1, len(names))), width, 8, len(names), 0)
    return header + _tree(items, width + 8, lambda first, _last: items[first][:width], offset + len(header))


def index_tree(rows: NDArray[np.void], items_per_block: int, offset: int) -> bytes:
    """Return the index of blocks, `rows` as in `INDEX_ROW` by ascending place, to be written at `offset`."""

    def span(first: int, last: int) -> bytes:
        return struct.pack(
            "<IIII", rows["chrom"][first], rows["start"][first], rows["end_chrom"][last - 1], rows["end"][last - 1]
        )

    content = rows.astype(INDEX_ROW.newbyteorder("<")).tobytes()
    items = [content[at : at + INDEX_ROW.itemsize] for at in range(0, len(content), INDEX_ROW.itemsize)]
    header = struct.pack("<IIQ", INDEX_MAGIC, CHILDREN, len(rows)) + span(0, len(rows))
    header += struct.pack("<QII", offset, items_per_block, 0)
    return header + _tree(items, INDEX_ROW.itemsize, span, offset + len(header))


def _tree(items: Sequence[bytes], size: int, label: Callable[[int, int], bytes], offset: int) -> bytes:
    """Return the nodes of a tree, the root first, level by level.

    Parameters
    ----------
    items : sequence of bytes
        Of the leaves, from left to right, `size` bytes each.
    label : callable
        What an inner node says of a child that holds the items [first, last).
    offset : int
        Where the root will be.
    """
    # levels from the leaves up: for each node its items or children [first, last), and the items below it
    leaves = [(at, min(at + CHILDREN, len(items))) for at in range(0, len(items), CHILDREN)] or [(0, 0)]
    levels = [[(node, node) for node in leaves]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        nodes = [(at, min(at + CHILDREN, len(below))) for at in range(0, len(below), CHILDREN)]
        levels.append([((a, b), (below[a][1][0], below[b - 1][1][1])) for a, b in nodes])
    parts = []
    child = offset
    for depth, level in reversed(list(enumerate(levels))):
        for (first, last), _ in level:
            parts.append(struct.pack("<BBH", depth == 0, 0, last - first))
            if depth == 0:
                parts += items[first:last]
        if depth == 0:
            break
        # children follow this level without gaps
        inner = len(label(0, 1)) + 8
        child += sum(4 + (last - first) * inner for (first, last), _ in level)
        at, each = child, iter(parts[-len(level) :])
        del parts[-len(level) :]
        for (first, last), _ in level:
            parts.append(next(each))
            for (a, b), (left, right) in levels[depth - 1][first:last]:
                parts.append(label(left, right) + struct.pack("<Q", at))
                at += 4 + (b - a) * (size if depth == 1 else inner)
    return b"".join(parts)
