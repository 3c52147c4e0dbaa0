"""Reading what coverage needs of a BAM file: whole batches of records as arrays.

The layout of a record is that of the SAM/BAM specification, section 4.2. Going through records as arrays is about
three times as fast as one Python object per read.
"""

import os
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.bgzf import BgzfFile

END_OF_FILE = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
SAMPLE = 1 << 10  # bytes at the beginning, to tell what a file is
OTHER_FORMATS = {
    b"BAI\x01": "the index of a BAM file; give the BAM file itself",
    b"CSI\x01": "the index of a BAM file; give the BAM file itself",
    b"TBI\x01": "an index of tabix; give the file itself",
    b"BAM\x01": "an uncompressed BAM file; compress it: samtools view -b",
    b"\x1f\x8b": "compressed with gzip, not in BGZF blocks; decompress it, then: samtools sort -o sorted.bam",
    b"\x26\xfc\x8f\x88": "a bigWig; give it in the columns of bigWigs",
}
BLOCK = 1 << 21  # uncompressed bytes read at once
LARGEST_RECORD = 1 << 27  # bytes: a read of some 40 Mb
REVERSE = 16
CONSUMES_REFERENCE = np.isin(np.arange(16), (0, 2, 3, 7, 8))  # CIGAR operations M, D, N, =, X
RECORD = np.dtype(
    [
        ("size", "<i4"),
        ("reference", "<i4"),
        ("position", "<i4"),
        ("name_length", "u1"),
        ("mapq", "u1"),
        ("bin", "<u2"),
        ("n_cigar", "<u2"),
        ("flag", "<u2"),
        ("rest", "V16"),
    ]
)
_read_int = struct.Struct("<i").unpack_from


@dataclass(frozen=True)
class Alignments:
    """Some consecutive records of a BAM file.

    Attributes
    ----------
    records : structured array, (reads,)
        The fixed part of each record, see `RECORD`.
    offsets : int64 array, (reads,)
        Where each record begins in `data`.
    data : uint8 array
        The bytes of the records.
    """

    records: NDArray[np.void]
    offsets: NDArray[np.int64]
    data: NDArray[np.uint8]

    def ends(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the reference end (exclusive) of the chosen reads, `(rows,)`, from their CIGARs.

        A read without aligned bases ends one base after its start, as in htslib.
        """
        chosen = self.records[rows]
        length = np.zeros(len(rows), dtype=np.int64)
        at = self.offsets[rows] + RECORD.itemsize + chosen["name_length"]
        left = chosen["n_cigar"].astype(np.int64)
        active = np.flatnonzero(left > 0)
        at = at[active]
        while len(active):
            operation = self._words(at)
            length[active] += np.where(CONSUMES_REFERENCE[operation & 15], operation >> 4, 0)
            left[active] -= 1
            more = left[active] > 0
            active, at = active[more], at[more] + 4
        return chosen["position"] + np.maximum(length, 1)

    def _words(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the 32-bit numbers that begin at these bytes."""
        low, second, third, high = (self.data[at + byte].astype(np.int64) for byte in range(4))
        return low | second << 8 | third << 16 | high << 24


class BamReader:
    """A BAM file, read from beginning to end without an index.

    Parameters
    ----------
    path : path
        The file.

    Attributes
    ----------
    sizes : dict of str to int
        Lengths of the reference sequences in bp, in the header's order.
    sort_order : str
        `SO` of the header's first line, or `unknown`.

    Raises
    ------
    InputError
        If the file is no BAM file, or ends without the block that marks a complete one.
    """

    what = "BAM"
    sizes: dict[str, int]
    sort_order: str

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = require_file(path, self.what)
        self._check_complete()
        self._open()

    def _open(self) -> None:
        """Open the file and read its header."""
        self._file = BgzfFile(self.path)
        try:
            self._read_header()
        except (OSError, struct.error, UnicodeDecodeError) as error:
            self.close()
            raise InputError(f"{self.path}: not a readable BAM file: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _check_complete(self) -> None:
        """Refuse a file that is not compressed in blocks or lacks the end-of-file block."""
        with self.path.open("rb") as handle:
            start = handle.read(SAMPLE)
            if start[:3] != b"\x1f\x8b\x08" or not start[3] & 4:
                raise InputError(f"{self.path}: not a BAM file (it is {_what_it_is(start)})")
            handle.seek(0, os.SEEK_END)
            handle.seek(max(0, handle.tell() - len(END_OF_FILE)))
            if handle.read() != END_OF_FILE:
                raise InputError(
                    f"{self.path}: the BAM file is truncated (no end-of-file block); copy it again or make it again"
                )

    def _read_header(self) -> None:
        """Read the text header and the reference sequences."""
        start = self._file.read(4)
        if start != b"BAM\x01":
            start += self._file.read(SAMPLE)
            raise InputError(f"{self.path}: not a BAM file (it is {_what_it_is(start, 'of another format')})")
        text = self._bytes(self._int()).decode(errors="replace")
        first = text.split("\n", 1)[0].split("\t")
        tags = dict(field.split(":", 1) for field in first[1:] if ":" in field) if first[0] == "@HD" else {}
        self.sort_order = tags.get("SO", "unknown")
        self.sizes = {}
        for _ in range(self._int()):
            name = self._bytes(self._int()).rstrip(b"\0").decode()
            size = self._int()
            if name in self.sizes or size < 0:
                raise InputError(f"{self.path}: the header of the BAM file has {name!r} twice or without a length")
            self.sizes[name] = size

    def _bytes(self, size: int) -> bytes:
        """Return bytes of the header; no memory is taken for more than there are."""
        pieces = []
        while size > 0 and (piece := self._file.read(min(size, BLOCK))):
            pieces.append(piece)
            size -= len(piece)
        if size:
            raise InputError(f"{self.path}: the header of the BAM file is broken; copy it again or make it again")
        return b"".join(pieces)

    def _int(self) -> int:
        return int(_read_int(self._file.read(4))[0])

    def batches(self) -> Iterator[Alignments]:
        """Yield all records in the file's order, two megabytes at a time; memory does not grow with the file.

        Raises
        ------
        InputError
            If the file is broken, or its reads are not sorted by coordinate.
        """
        rest = b""
        last = -1
        while data := self._read_block():
            data = rest + data
            offsets, end = _record_offsets(data, str(self.path))
            rest = data[end:]
            if not len(offsets):
                continue
            array = np.frombuffer(data, dtype=np.uint8)
            records = sliding_window_view(array, RECORD.itemsize)[offsets].view(RECORD)[:, 0]
            self._check_records(records)
            last = self._check_sorted(records, last)
            yield Alignments(records, offsets, array)
        if rest:
            raise InputError(f"{self.path}: the BAM file ends within a record; make it again")

    def _read_block(self) -> bytes:
        try:
            return self._file.read(BLOCK)
        except OSError as error:
            raise InputError(
                f"{self.path}: the BAM file is truncated or broken; copy it again or make it again"
            ) from error

    def _check_records(self, records: NDArray[np.void]) -> None:
        """Refuse records that are shorter than their parts, or on a sequence that the header does not have."""
        parts = RECORD.itemsize + records["name_length"].astype(np.int64) + 4 * records["n_cigar"].astype(np.int64)
        reference, position = records["reference"], records["position"]
        wrong = (parts > records["size"].astype(np.int64) + 4) | (reference < -1) | (reference >= len(self.sizes))
        if (wrong | (position < -1)).any():
            raise InputError(f"{self.path}: a record of the BAM file is broken; copy it again or make it again")

    def _place(self, record: np.void) -> str:
        """Name where a read is."""
        number = int(record["reference"])
        if number < 0:
            return "a read without a place"
        return f"a read at {list(self.sizes)[number]}:{int(record['position']) + 1:,}"

    def _check_sorted(self, records: NDArray[np.void], last: int) -> int:
        """Refuse reads out of order; return the sort key of the last one."""
        reference = np.where(records["reference"] < 0, len(self.sizes), records["reference"]).astype(np.int64)
        keys = (reference << 32) + records["position"]
        if keys[0] < last or (keys[1:] < keys[:-1]).any():
            wrong = 0 if keys[0] < last else int(np.flatnonzero(keys[1:] < keys[:-1])[0]) + 1
            raise InputError(
                f"{self.path}: the reads are not sorted by coordinate: {self._place(records[wrong])} comes after "
                f"{'reads further on' if wrong == 0 else self._place(records[wrong - 1])}"
                f"{'' if self.sort_order in ('coordinate', 'unknown') else f' (the header: SO:{self.sort_order})'}"
                f"; sort them: samtools sort -o sorted.bam {self.path.name}"
            )
        return int(keys[-1])


def _unpacked(start: bytes) -> bytes:
    """Return the first bytes of a text that may be gzipped, as far as they can be unpacked."""
    with suppress(zlib.error):
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(start)
    return start


def _what_it_is(start: bytes, otherwise: str = "not compressed in BGZF blocks") -> str:
    """Say what a file that is no BAM file seems to be, and what to do."""
    plain = _unpacked(start)
    if re.match(rb"@[^\t\n]+\n[ACGTNacgtn.]+(\n\+|$)", plain):
        return "FASTQ; align the reads first (bowtie2, bwa), then: samtools sort -o sorted.bam"
    if re.match(rb"\s*<[!?a-zA-Z]", plain):
        return "a web page or XML; download the file again"
    for magic, what in OTHER_FORMATS.items():
        if start.startswith(magic):
            return what
    if all(32 <= byte < 127 or byte in b"\t\r\n" for byte in start):
        return "text, SAM?; convert and sort it: samtools sort -o sorted.bam"
    return otherwise


def _record_offsets(data: bytes, where: str) -> tuple[NDArray[np.int64], int]:
    """Return where the whole records in `data` begin, `(records,)`, and where the last of them ends."""
    most = len(data) // RECORD.itemsize + 2
    offsets = np.fromiter(islice(_following(data), most), np.int64)
    # checked here, and not in the loop, which runs once for each read
    sizes = np.diff(offsets)
    if ((sizes < RECORD.itemsize) | (sizes > LARGEST_RECORD)).any():
        raise InputError(f"{where}: a record of the BAM file has an impossible length; copy it again or make it again")
    whole = int(np.searchsorted(offsets, len(data), side="right"))
    return offsets[: whole - 1], int(offsets[whole - 1])


def _following(data: bytes) -> Iterator[int]:
    """Yield where one record after the other begins, without end if a length leads back."""
    read, at = _read_int, 0
    with suppress(struct.error):  # the length of the next record is not in `data`
        while True:
            yield at
            at += 4 + read(data, at)[0]
