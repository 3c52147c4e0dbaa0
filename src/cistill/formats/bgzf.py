"""Reading files compressed in BGZF blocks (SAM/BAM specification, section 4.1).

Every block's length and check sum are compared with its content, as htslib does.
"""

import struct
from pathlib import Path

from deflate import DeflateError, crc32, deflate_decompress

LARGEST_BLOCK = 1 << 16  # bytes of a decompressed block
READ_AHEAD = 1 << 20  # bytes of the compressed file
START = struct.Struct("<3sB6xH")  # magic and method, flags, (time, extra flags, system), length of the extra field
END = struct.Struct("<II")  # CRC-32 and length of the content
GZIP, HAS_EXTRA_FIELD = b"\x1f\x8b\x08", 4
SIZE_FIELD = b"BC\x02\0"


class BrokenBlock(OSError):
    """A block is cut short, or does not hold what its header and its end say."""


class BgzfFile:
    """The decompressed content of a file in BGZF blocks, read from beginning to end.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=READ_AHEAD)
        self._block: bytes | bytearray = b""
        self._at = 0

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, or what there is up to the end of the file.

        Raises
        ------
        BrokenBlock
            If a block is not sound.
        """
        parts = []
        while size > 0:
            if self._at == len(self._block):
                block = self._next_block()
                if block is None:
                    break
                self._block, self._at = block, 0
            part = memoryview(self._block)[self._at : self._at + size]
            parts.append(part)
            self._at += len(part)
            size -= len(part)
        return b"".join(parts)

    def _next_block(self) -> bytearray | None:
        """Return the content of the next block, None at the end of the file."""
        start = self._file.read(START.size)
        if not start:
            return None
        if len(start) < START.size:
            raise BrokenBlock("a block is cut short")
        magic, flags, extra_size = START.unpack(start)
        if magic != GZIP or flags != HAS_EXTRA_FIELD:
            raise BrokenBlock("what follows a block is no block")
        size = _block_size(self._file.read(extra_size)) - START.size - extra_size
        body = self._file.read(size) if size >= END.size else b""
        if len(body) != size:
            raise BrokenBlock("a block is cut short")
        check, length = END.unpack_from(body, size - END.size)
        if length > LARGEST_BLOCK:
            raise BrokenBlock("a block is longer than a block may be")
        try:
            content = deflate_decompress(memoryview(body)[: -END.size], length or 1)  # no room: nothing is read
        except DeflateError as error:
            raise BrokenBlock("a block cannot be decompressed") from error
        if len(content) != length or crc32(content) != check:
            raise BrokenBlock("the check sum of a block is wrong")
        return content


def _block_size(extra: bytes) -> int:
    """Return the size of a block in bytes, which one of the fields before its content tells; 0 if none does."""
    at = 0
    while at + 6 <= len(extra):
        length = int.from_bytes(extra[at + 2 : at + 4], "little")
        if extra[at : at + 4] == SIZE_FIELD:
            return int.from_bytes(extra[at + 4 : at + 6], "little") + 1
        at += 4 + length
    return 0
