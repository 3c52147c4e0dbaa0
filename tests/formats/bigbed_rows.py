"""An independent, slow reader of bigBed files, from the published layout (Kent et al. 2010, supplement)."""

import struct
import zlib
from pathlib import Path


def rows_of(path: Path) -> list[tuple[str, int, int, list[str]]]:
    """Return chromosome, start, end and further fields of every interval, in the order of the index."""
    data = path.read_bytes()
    magic, version, _, tree, _, index = struct.unpack_from("<IHHQQQ", data)
    assert (magic, version) == (0x8789F2EB, 4)
    assert struct.unpack("<I", data[-4:]) == (magic,)
    names = {number: name for name, number, _ in chromosomes(data, tree)}
    rows = []
    for offset, size in _leaves(data, index + 48):
        block, at = zlib.decompress(data[offset : offset + size]), 0
        while at < len(block):
            chrom, start, end = struct.unpack_from("<III", block, at)
            stop = block.index(b"\0", at + 12)
            rows.append((names[chrom], start, end, block[at + 12 : stop].decode().split("\t")))
            at = stop + 1
    return rows


def header(path: Path) -> dict[str, int]:
    """Return the fields of the header."""
    names = (
        "magic",
        "version",
        "zooms",
        "tree",
        "data",
        "index",
        "fields",
        "defined",
        "sql",
        "summary",
        "buffer",
        "more",
    )
    return dict(zip(names, struct.unpack_from("<IHHQQQHHQQIQ", path.read_bytes()), strict=True))


def declaration(path: Path) -> str:
    """Return the autoSql."""
    data, at = path.read_bytes(), header(path)["sql"]
    return data[at : data.index(b"\0", at)].decode()


def zooms(path: Path) -> list[tuple[int, list[tuple[int, ...]]]]:
    """Return bases per bin, and (chrom, start, end, covered, min, max, sum, squares) of each bin, of every level."""
    data, levels = path.read_bytes(), []
    for level in range(header(path)["zooms"]):
        reduction, _, at, index = struct.unpack_from("<IIQQ", data, 64 + 24 * level)
        bins = []
        for offset, size in _leaves(data, index + 48):
            bins += struct.iter_unpack("<IIIIffff", zlib.decompress(data[offset : offset + size]))
        assert struct.unpack_from("<I", data, at) == (len(bins),)
        levels.append((reduction, bins))
    return levels


def chromosomes(data: bytes, tree: int) -> list[tuple[str, int, int]]:
    """Return name, number and length of each chromosome of a tree of one leaf."""
    magic, _, key, _, count, _ = struct.unpack_from("<IIIIQQ", data, tree)
    leaf, _, items = struct.unpack_from("<BBH", data, tree + 32)
    assert (magic, leaf, items) == (0x78CA8C91, 1, count)
    found = []
    for at in range(tree + 36, tree + 36 + count * (key + 8), key + 8):
        number, length = struct.unpack_from("<II", data, at + key)
        found.append((data[at : at + key].rstrip(b"\0").decode(), number, length))
    return found


def _leaves(data: bytes, node: int) -> list[tuple[int, int]]:
    leaf, _, count = struct.unpack_from("<BBH", data, node)
    size = 32 if leaf else 24
    items = [data[node + 4 + size * i : node + 4 + size * (i + 1)] for i in range(count)]
    if leaf:
        return [struct.unpack("<QQ", item[16:]) for item in items]
    return [found for item in items for found in _leaves(data, struct.unpack("<Q", item[16:])[0])]
