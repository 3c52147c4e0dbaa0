"""Writing simulated single-end reads as a sorted BAM file, whole blocks at a time.

All mapped records of a file have the same size, so that a structured numpy array is the file's content
(SAM/BAM specification v1, sections 4.1 and 4.2).
"""

import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cistill.dna.codes import Codes
from cistill.files import atomic_output

NAME_DIGITS = 8
QUALITY = 37
ERROR_RATE = 0.002
REVERSE, UNMAPPED, SECONDARY, QC_FAIL, DUPLICATE = 16, 4, 256, 512, 1024
NIBBLE = np.array([1, 2, 4, 8, 15], dtype=np.uint8)  # A C G T N in BAM's four-bit code
WRITE_BLOCK = 50_000  # records
BGZF_HEADER = bytes.fromhex("1f8b08040000000000ff060042430200")
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
BGZF_BLOCK = 0xFF00  # bytes, uncompressed


@dataclass(frozen=True)
class SimulatedAlignments:
    """Mapped reads, in any order.

    Attributes
    ----------
    chrom : array of int32, (reads,)
        Index of the chromosome.
    start : array of int32, (reads,)
        Leftmost aligned base.
    flag : array of uint16, (reads,)
        SAM flag.
    mapq : array of uint8, (reads,)
        Mapping quality.
    """

    chrom: NDArray[np.int32]
    start: NDArray[np.int32]
    flag: NDArray[np.uint16]
    mapq: NDArray[np.uint8]


def join(parts: Sequence[SimulatedAlignments]) -> SimulatedAlignments:
    """Return the reads of all parts, sorted by coordinate; reads at one place keep their order."""
    chrom, start, flag, mapq = (
        np.concatenate([getattr(part, field) for part in parts]) for field in ("chrom", "start", "flag", "mapq")
    )
    order = np.lexsort((start, chrom))
    return SimulatedAlignments(chrom[order], start[order], flag[order], mapq[order])


def record_type(read_length: int, mapped: bool) -> np.dtype[np.void]:
    """Return the layout of one record: fixed fields, name, CIGAR (mapped reads only), bases, qualities."""
    fields = [
        ("block_size", "<i4"),
        ("chrom", "<i4"),
        ("start", "<i4"),
        ("name_length", "u1"),
        ("mapq", "u1"),
        ("bin", "<u2"),
        ("cigar_length", "<u2"),
        ("flag", "<u2"),
        ("read_length", "<i4"),
        ("next_chrom", "<i4"),
        ("next_start", "<i4"),
        ("template_length", "<i4"),
        ("name", f"S{NAME_DIGITS + 2}"),
        *([("cigar", "<u4")] if mapped else []),
        ("bases", "u1", ((read_length + 1) // 2,)),
        ("quality", "u1", (read_length,)),
    ]
    return np.dtype(fields)


def bins(start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Return the UCSC bin of each half-open interval (specification, section 5.3)."""
    result = np.zeros(len(start), dtype=np.int64)
    for shift, first in ((26, 1), (23, 9), (20, 73), (17, 585), (14, 4681)):
        same = (start >> shift) == ((end - 1) >> shift)
        result[same] = first + (start[same] >> shift)
    return result.astype(np.uint16)


def pack_bases(codes: Codes) -> NDArray[np.uint8]:
    """Return codes `(reads, length)` as BAM's bases `(reads, (length + 1) // 2)`, two to a byte."""
    nibbles = NIBBLE[codes]
    if nibbles.shape[1] % 2:
        nibbles = np.pad(nibbles, ((0, 0), (0, 1)))
    return np.asarray(nibbles[:, ::2] << 4 | nibbles[:, 1::2], dtype=np.uint8)


def read_names(first: int, number: int) -> NDArray[np.bytes_]:
    """Return the names `r00000000`, ... of consecutive reads."""
    names = np.zeros((number, NAME_DIGITS + 2), dtype=np.uint8)
    names[:, 0] = ord("r")
    left = np.arange(first, first + number)
    for column in range(NAME_DIGITS, 0, -1):
        left, digit = np.divmod(left, 10)
        names[:, column] = ord("0") + digit
    return names.view(f"S{NAME_DIGITS + 2}").ravel()


def _records(codes: Codes, first_name: int, mapped: bool) -> NDArray[np.void]:
    number, read_length = codes.shape
    layout = record_type(read_length, mapped)
    records = np.zeros(number, dtype=layout)
    records["block_size"] = layout.itemsize - 4
    records["name_length"] = NAME_DIGITS + 2
    records["read_length"] = read_length
    records["next_chrom"] = records["next_start"] = -1
    records["name"] = read_names(first_name, number)
    records["bases"] = pack_bases(codes)
    records["quality"] = QUALITY
    return records


def _header(chromosomes: Sequence[tuple[str, int]]) -> bytes:
    lines = ["@HD\tVN:1.6\tSO:coordinate"]
    lines += [f"@SQ\tSN:{name}\tLN:{length}" for name, length in chromosomes]
    lines += ["@PG\tID:simulate\tPN:cistill-simulate"]
    text = ("\n".join(lines) + "\n").encode()
    parts = [b"BAM\1", np.int32(len(text)).tobytes(), text, np.int32(len(chromosomes)).tobytes()]
    for name, length in chromosomes:
        encoded = name.encode() + b"\0"
        parts += [np.int32(len(encoded)).tobytes(), encoded, np.int32(length).tobytes()]
    return b"".join(parts)


def write_bam(
    path: str | os.PathLike[str],
    chromosomes: Sequence[tuple[str, Codes]],
    reads: SimulatedAlignments,
    unmapped: int,
    read_length: int,
    rng: np.random.Generator,
) -> None:
    """Write a coordinate-sorted BAM file of single-end reads that match the genome but for a few errors.

    Parameters
    ----------
    path : path
        The file.
    chromosomes : sequence of (name, codes)
        The genome; codes `(length,)`.
    reads : SimulatedAlignments
        Mapped reads, sorted (`join` sorts).
    unmapped : int
        How many unmapped reads to add at the end.
    read_length : int
        bp.
    rng : numpy Generator
        For sequencing errors and unmapped reads.
    """
    with atomic_output(path) as temporary, temporary.open("wb") as handle:
        rest = b""
        for data in _contents(chromosomes, reads, unmapped, read_length, rng):
            rest += data
            whole = len(rest) // BGZF_BLOCK * BGZF_BLOCK
            handle.writelines(_block(rest[start : start + BGZF_BLOCK]) for start in range(0, whole, BGZF_BLOCK))
            rest = rest[whole:]
        handle.write(_block(rest) + BGZF_END)


def _block(data: bytes) -> bytes:
    """Return a block of BGZF; htslib as pysam opens it for writing ends the process if the file cannot be opened."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = deflate.compress(data) + deflate.flush()
    sizes = struct.pack("<H", len(BGZF_HEADER) + len(body) + 9), struct.pack("<II", zlib.crc32(data), len(data))
    return BGZF_HEADER + sizes[0] + body + sizes[1]


def _contents(
    chromosomes: Sequence[tuple[str, Codes]],
    reads: SimulatedAlignments,
    unmapped: int,
    read_length: int,
    rng: np.random.Generator,
) -> Iterator[bytes]:
    """Yield the header and all records."""
    yield _header([(name, len(codes)) for name, codes in chromosomes])
    for first in range(0, len(reads.start), WRITE_BLOCK):
        block = slice(first, first + WRITE_BLOCK)
        yield _mapped_records(chromosomes, reads, block, read_length, rng).tobytes()
    codes = rng.integers(0, 4, (unmapped, read_length), dtype=np.uint8)
    records = _records(codes, len(reads.start), mapped=False)
    records["chrom"] = records["start"] = -1
    records["bin"] = 4680  # that of an unplaced read
    records["flag"] = UNMAPPED
    yield records.tobytes()


def _mapped_records(
    chromosomes: Sequence[tuple[str, Codes]],
    reads: SimulatedAlignments,
    block: slice,
    read_length: int,
    rng: np.random.Generator,
) -> NDArray[np.void]:
    chrom, start = reads.chrom[block], reads.start[block].astype(np.int64)
    codes = np.empty((len(start), read_length), dtype=np.uint8)
    for index, (_, genome) in enumerate(chromosomes):
        here = chrom == index
        codes[here] = genome[start[here, None] + np.arange(read_length)]
    wrong = rng.random(codes.shape) < ERROR_RATE
    codes[wrong] = rng.integers(0, 4, int(wrong.sum()), dtype=np.uint8)
    records = _records(codes, block.start, mapped=True)
    records["chrom"], records["start"] = chrom, start
    records["mapq"], records["flag"] = reads.mapq[block], reads.flag[block]
    records["bin"] = bins(start, start + read_length)
    records["cigar_length"] = 1
    records["cigar"] = read_length << 4  # one operation, M
    return records
