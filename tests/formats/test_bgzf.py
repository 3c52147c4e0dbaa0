"""Files in BGZF blocks: read as htslib reads them, or refused."""

import gzip
import struct
import zlib

import numpy as np
import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cistill.formats.bgzf import BgzfFile, BrokenBlock

END_OF_FILE = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def block(content, before=b"", check=None, length=None, flags=4, size=None):
    """A block written by hand; `before` are fields in front of the one with its size."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    extra = 6 + len(before)
    whole = 12 + extra + len(packed) + 8
    start = b"\x1f\x8b\x08" + bytes([flags]) + bytes(6) + struct.pack("<H", extra) + before
    start += b"BC\x02\0" + struct.pack("<H", (size or whole) - 1)
    check = zlib.crc32(content) if check is None else check
    return start + packed + struct.pack("<II", check, len(content) if length is None else length)


def content_of(path, pieces=1 << 20):
    file = BgzfFile(path)
    try:
        read = []
        while piece := file.read(pieces):
            read.append(piece)
        return b"".join(read)
    finally:
        file.close()


@pytest.mark.parametrize("size", [0, 1, 100, 65279, 65280, 65281, 300_000])
@pytest.mark.parametrize("letters", [1, 4, 256])
def test_what_htslib_writes_is_read_in_pieces_of_any_size(tmp_path, size, letters):
    content = np.random.default_rng(size).integers(0, letters, size).astype(np.uint8).tobytes()
    with pysam.BGZFile(str(tmp_path / "a"), "wb") as file:
        file.write(content)
    for pieces in (1000, 65280, 1 << 20):
        assert content_of(tmp_path / "a", pieces) == content
    if size == 100:
        assert content_of(tmp_path / "a", 1) == content


@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(1, 400))
def test_blocks_of_any_content_are_read_as_gzip_reads_them(tmp_path_factory, contents, pieces):
    path = tmp_path_factory.getbasetemp() / "blocks"
    path.write_bytes(b"".join(map(block, contents)) + END_OF_FILE)
    assert content_of(path, pieces) == gzip.decompress(path.read_bytes()) == b"".join(contents)


def test_a_piece_is_as_long_as_asked_for_up_to_the_end(tmp_path):
    (tmp_path / "a").write_bytes(block(b"abc") + END_OF_FILE + block(b"") + block(b"defgh"))
    file = BgzfFile(tmp_path / "a")
    assert [file.read(size) for size in (0, 2, 4, 9, 1)] == [b"", b"ab", b"cdef", b"gh", b""]
    file.close()


def test_fields_before_the_size_of_a_block_are_passed_over(tmp_path):
    (tmp_path / "a").write_bytes(block(b"one", before=b"RA\x03\0xyz") + block(b"two", before=b"BC\x01\0q"))
    assert content_of(tmp_path / "a") == b"onetwo"


@pytest.mark.parametrize(
    "damaged",
    [
        block(b"text", check=1),
        block(b"text", length=3),
        block(b"text", length=5),
        block(b"text", length=0),
        block(b"text", length=1 << 17),
        block(b"text", length=(1 << 32) - 1),
        block(bytes(70_000)),  # more than a block may hold
        block(b"text", flags=0),
        block(b"text", flags=4 + 8),
        block(b"text", size=20),
        block(b"text", size=1),
        block(b"text", size=1 << 16),
        block(b"text", before=b"RA\xff\xff"),
        block(b"text")[:-1],
        block(b"text")[:17],
        block(b"text")[:5],
        gzip.compress(b"text", mtime=0),
        b"\0" * 200,
        b"text",
    ],
)
def test_a_damaged_block_is_refused_and_the_ones_before_are_not(tmp_path, damaged):
    (tmp_path / "a").write_bytes(block(b"sound") + damaged)
    file = BgzfFile(tmp_path / "a")
    assert file.read(5) == b"sound"
    with pytest.raises(BrokenBlock):
        file.read(1)
    file.close()


def test_no_changed_bit_changes_what_is_read(tmp_path):
    whole = block(b"ACGTACGTTTT")
    refused = set()
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        (tmp_path / "a").write_bytes(changed)
        try:
            assert content_of(tmp_path / "a") == b"ACGTACGTTTT"
        except BrokenBlock:
            refused.add(bit // 8)
    assert refused == set(range(len(whole))) - set(range(4, 10))  # time, extra flags, system: nothing of the content
