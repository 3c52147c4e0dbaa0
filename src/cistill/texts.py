"""Reading text that users bring: plain or compressed, in the encodings that their programs write, line by line.

Every reader of a text file goes through here, so that all of them take the same files: gzip and BGZF of one or many
members, a byte-order mark, UTF-8, UTF-16, Windows-1252 (of Excel), line ends of any system.
"""

import codecs
import gzip
import io
import json
import lzma
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from cistill.errors import InputError
from cistill.files import require_file

GZIP = b"\x1f\x8b"
BGZF = b"\x1f\x8b\x08\x04"  # with `BC` where its extra field begins
END_OF_BGZF = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
OTHER_PROGRAMS = {
    b"PK\x03\x04": "a zip archive (an Excel workbook?); save it as plain text",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls); save it as CSV UTF-8",
    b"BZh": "compressed with bzip2; decompress it, or use gzip",
    b"\xfd7zXZ": "compressed with xz; decompress it, or use gzip",
    b"\x28\xb5\x2f\xfd": "compressed with zstd; decompress it, or use gzip",
    b"\x89HDF": "an HDF5 file, not text",
    b"%PDF": "a PDF, not text",
    b"BAM\x01": "a BAM file, not text",
    b"CRAM": "a CRAM file, not text",
    b"\xeb\xf2\x89\x87": "a bigBed file, not text; make BED of it: bigBedToBed in.bb out.bed",
    b"\x87\x89\xf2\xeb": "a bigBed file, not text; make BED of it: bigBedToBed in.bb out.bed",
    b"\x26\xfc\x8f\x88": "a bigWig file, not text",
    b"\x88\x8f\xfc\x26": "a bigWig file, not text",
}
"""First bytes of what is no text, and what to do about it."""
LONGEST_LINE = 1 << 24  # characters; a longer one is no line of a table
LARGEST_TEXT = 1 << 28  # bytes that are read into memory as one text
SAMPLE = 1 << 16
SAMPLE_OF_UTF16 = 64


def is_compressed(path: str | os.PathLike[str]) -> bool:
    """Say whether a file is gzipped, by its first two bytes."""
    with Path(path).open("rb") as handle:
        return handle.read(2) == GZIP


def open_bytes(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a plain or gzipped file (of one or many members) for reading bytes; chosen by its first two bytes."""
    return cast(BinaryIO, gzip.open(path, "rb")) if is_compressed(path) else Path(path).open("rb")


def require_whole(path: str | os.PathLike[str], what: str) -> None:
    """Refuse a BGZF file without the block that ends it: what is cut off between blocks would not be missed."""
    with Path(path).open("rb") as handle:
        start = handle.read(14)
        if start[:4] != BGZF or start[12:] != b"BC":
            return
        handle.seek(-min(len(END_OF_BGZF), Path(path).stat().st_size), os.SEEK_END)
        if handle.read() != END_OF_BGZF:
            raise InputError(
                f"{what} {path}: the compressed file is cut short (no end-of-file block of bgzip); copy or make it "
                "again"
            )


@contextmanager
def reading(path: str | os.PathLike[str], what: str) -> Iterator[None]:
    """Turn what the operating system and decompressors raise while `path` is read into an `InputError`."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
        raise InputError(
            f"{what} {path}: the compressed file is broken or cut short ({error}); copy or make it again"
        ) from error
    except OSError as error:
        raise InputError(f"{what} {path}: cannot be read: {error.strerror or error}") from error


def text_lines(path: str | os.PathLike[str], what: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a text file, plain or gzipped, without their ends.

    Parameters
    ----------
    path : path
        The file. Its encoding is found from its beginning: the one that a byte-order mark tells, else UTF-8; a line
        that is no UTF-8 is taken for Windows-1252.
    what : str
        Its role, for messages.

    Yields
    ------
    number : int
        From 1.
    line : str

    Raises
    ------
    InputError
        If it is missing, empty, may not be read, is broken, is no text, or has a line of more than `LONGEST_LINE`
        characters.
    """
    file = require_file(path, what)
    with reading(file, what):
        require_whole(file, what)
    with reading(file, what), open_bytes(file) as handle:
        start = handle.read(SAMPLE)
        encoding, mark = _encoding(start, f"{what} {file}")
        rest = cast(BinaryIO, io.BufferedReader(_Joined(start[mark:], handle), SAMPLE))
        lines: Iterator[bytes] | Iterator[str]
        lines = _utf16_lines(rest, encoding, f"{what} {file}") if encoding else _byte_lines(rest)
        for number, line in enumerate(lines, 1):
            if len(line) > LONGEST_LINE:
                raise InputError(f"{what} {file}: line {number} is longer than {LONGEST_LINE:,} characters; no text")
            text = line if isinstance(line, str) else _decoded(cast(bytes, line))
            if "\x00" in text:
                raise InputError(f"{what} {file}: line {number} holds a zero byte; this is no text file")
            yield number, text


def read_text(path: str | os.PathLike[str], what: str, largest: int = LARGEST_TEXT) -> str:
    """Return a text file, as `text_lines` reads it, as one text with line feeds.

    Raises
    ------
    InputError
        As `text_lines`, and if it has more than `largest` characters.
    """
    parts: list[str] = []
    size = 0
    for _, line in text_lines(path, what):
        size += len(line) + 1
        if size > largest:
            raise InputError(f"{what} {path}: more than {largest:,} characters; this is not such a file")
        parts.append(line)
    return "\n".join(parts)


def read_json(path: str | os.PathLike[str], what: str) -> Any:
    """Return the content of a JSON file.

    Raises
    ------
    InputError
        As `read_text`, and if it is no JSON, or nested too deeply.
    """
    text = read_text(path, what)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{what} {path}: not a JSON file: {error}") from error


def read_object(path: str | os.PathLike[str], what: str) -> dict[str, Any]:
    """Return the content of a JSON file that holds an object.

    Raises
    ------
    InputError
        As `read_json`, and if it holds something else.
    """
    content = read_json(path, what)
    if not isinstance(content, dict):
        raise InputError(f"{what} {path}: expected a JSON object")
    return content


def _encoding(start: bytes, where: str) -> tuple[str, int]:
    """Return the encoding that a byte-order mark tells, empty for UTF-8, and the length of the mark."""
    for first, advice in OTHER_PROGRAMS.items():
        if start.startswith(first):
            raise InputError(f"{where}: this is {advice}")
    if start.startswith(codecs.BOM_UTF8):
        return "", len(codecs.BOM_UTF8)
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if start.startswith(mark):
            return encoding, len(mark)
    beginning = start[: min(len(start) // 2 * 2, SAMPLE_OF_UTF16)]
    for encoding, zeros in (("utf-16-le", beginning[1::2]), ("utf-16-be", beginning[::2])):
        if zeros and not any(zeros) and beginning.count(0) == len(zeros):  # Latin letters in two bytes, without a mark
            return encoding, 0
    return "", 0


def _decoded(line: bytes) -> str:
    """Return a line as text: UTF-8, else Windows-1252, which has a meaning for all bytes but five."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _byte_lines(handle: BinaryIO) -> Iterator[bytes]:
    """Yield lines that end in CR, LF or both, without their ends."""
    while line := handle.readline(LONGEST_LINE + 2):
        text = line.removesuffix(b"\n").removesuffix(b"\r")
        if b"\r" not in text:
            yield text
            continue
        yield from text.split(b"\r")


def _utf16_lines(handle: BinaryIO, encoding: str, where: str) -> Iterator[str]:
    """Yield the lines of a text in UTF-16."""
    with io.TextIOWrapper(handle, encoding=encoding, newline=None) as text:
        try:
            while line := text.readline(LONGEST_LINE + 2):
                yield line.removesuffix("\n")
        except UnicodeDecodeError as error:
            raise InputError(f"{where}: broken UTF-16 text; save it as UTF-8") from error


class _Joined(io.RawIOBase):
    """The bytes read already, then those of a handle."""

    def __init__(self, first: bytes, handle: BinaryIO) -> None:
        self._first, self._handle = first, handle

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = len(buffer)
        piece = self._first[:size] or self._handle.read(size)
        self._first = self._first[size:]
        buffer[: len(piece)] = piece
        return len(piece)
