"""Reading a genome from FASTA, one chromosome at a time, and the base content of windows."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cistill.dna.codes import CODE_OF_BYTE, UNKNOWN
from cistill.errors import InputError
from cistill.files import atomic_output, require_file
from cistill.texts import open_bytes, reading, require_whole, text_lines

BLOCK = 1 << 24  # bytes of FASTA text read at once
LONGEST_SIZE = 15  # digits of the length of a chromosome
SPAN = 1 << 22  # bases whose cumulative sums are held at once
WHITESPACE = b" \t\r\n"
SAMPLE = 1 << 16  # bytes at the start of each sequence that must be bases
NUCLEOTIDES = b"ACGTURYSWKMBDHVNX-.*" + WHITESPACE + bytes(range(128, 256))
AMINO_ACIDS = frozenset(b"EFILPQJOZ")
NOT_FASTA = {
    b"BZh": "compressed with bzip2: decompress it, or use gzip",
    b"\xfd7zXZ": "compressed with xz: decompress it, or use gzip",
    b"\x28\xb5\x2f\xfd": "compressed with zstd: decompress it, or use gzip",
    b"PK\x03\x04": "a zip archive: unpack it",
    b"\x1a\x41\x27\x43": "a 2bit file: convert it with twoBitToFa",
    b"\x43\x27\x41\x1a": "a 2bit file: convert it with twoBitToFa",
    b"\xef\xbb\xbf": "a text with a byte-order mark: save it as plain ASCII",
    b"\xff\xfe": "a text in UTF-16: save it as plain ASCII",
    b"@": "in FASTQ or SAM format: give the genome's FASTA",
    b"LOCUS": "in GenBank format: give the genome as FASTA",
    b"ID   ": "in EMBL format: give the genome as FASTA",
    b"<": "a web page or XML: download the genome again",
    b"##gff": "an annotation (GFF): give the genome as FASTA",
    b"BAM\x01": "a BAM file: give the genome's FASTA",
}
"""First bytes of what is given for a FASTA file, and what to do about it."""
Piece = TypeVar("Piece")


def read_chromosomes(path: str | os.PathLike[str]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Read a FASTA file, plain or gzipped, one sequence at a time.

    Parameters
    ----------
    path : path
        The FASTA file. No index is needed.

    Yields
    ------
    name : str
        First word of the header.
    codes : uint8 array, (length,)
        A, C, G, T = 0..3 in either case, 4 = anything else.

    Raises
    ------
    InputError
        If the file is no FASTA, a name repeats, a sequence is empty, or the compressed data are broken.
    """
    for name, _, parts in read_pieces(path, lambda text: text.translate(CODE_OF_BYTE, WHITESPACE)):
        codes = np.frombuffer(b"".join(parts), dtype=np.uint8)
        del parts
        yield name, codes


def read_pieces(path: str | os.PathLike[str], of: Callable[[bytes], Piece]) -> Iterator[tuple[str, int, list[Piece]]]:
    """Read a FASTA file, plain or gzipped, one sequence at a time, in pieces of text.

    Parameters
    ----------
    path : path
        The FASTA file. No index is needed.
    of : callable
        What becomes of each piece of a sequence's lines.

    Yields
    ------
    name : str
        First word of the header.
    header_size : int
        Bytes of the header's line.
    pieces : list
        What `of` made of the sequence's pieces.

    Raises
    ------
    InputError
        If the file is no FASTA, a name repeats, a sequence is empty, or the compressed data are broken.
    """
    file = require_file(path, "genome FASTA")
    seen: set[str] = set()
    with reading(file, "genome FASTA"):
        require_whole(file, "genome FASTA")
        for header, parts, empty in _records(file, of):
            words = header.split()
            name = words[0].decode(errors="replace") if words else ""
            if not name:
                raise InputError(f"genome FASTA {file}: record {len(seen) + 1} has a header without a name")
            if name in seen:
                raise InputError(f"genome FASTA {file}: two sequences are named {name!r}; rename or remove one")
            seen.add(name)
            if empty and b"\r" in header.rstrip(b"\r"):
                raise InputError(f"genome FASTA {file}: lines end in carriage returns alone; convert: tr '\\r' '\\n'")
            if empty:
                raise InputError(f"genome FASTA {file}: the sequence {name!r} is empty; remove its header")
            yield name, len(header) + 2, parts
    if not seen:
        raise InputError(f"genome FASTA {file}: no sequence; a FASTA file starts with a line like '>chr1'")


def _records(file: Path, of: Callable[[bytes], Piece]) -> Iterator[tuple[bytes, list[Piece], bool]]:
    """Yield (header line without '>', pieces of the sequence, whether it is empty) of each record."""
    header: bytes | None = None
    parts: list[Piece] = []
    empty = True
    with open_bytes(file) as handle:
        at_line_start = True
        while block := handle.read(BLOCK):
            if at_line_start and header is None and not block.startswith(b">"):
                raise InputError(f"genome FASTA {file}: {_what_else(block)}")
            position = 0
            while position < len(block):
                if at_line_start and block[position : position + 1] == b">":
                    if header is not None:
                        yield header, parts, empty
                        parts, empty = [], True
                    end = block.find(b"\n", position)
                    header = block[position + 1 : end if end >= 0 else len(block)]
                    if end < 0:  # the header line goes on in the next block
                        header += handle.readline().rstrip(b"\n")
                        end = len(block) - 1
                    position = end + 1
                    at_line_start = True
                    continue
                next_header = block.find(b"\n>", position)
                end = next_header + 1 if next_header >= 0 else len(block)
                if empty:
                    _need_bases(block[position : min(end, position + SAMPLE)], header or b"", file)
                parts.append(of(block[position:end]))
                empty = empty and not block[position:end].strip(WHITESPACE)
                at_line_start = block[end - 1 : end] == b"\n"
                position = end
    if header is not None:
        yield header, parts, empty


def _what_else(start: bytes) -> str:
    """Say what a file is that does not start with '>'."""
    no_fasta = "the first character is not '>', so this is no FASTA file"
    for first, what in NOT_FASTA.items():
        if start.startswith(first):
            return f"{no_fasta}; it is {what}"
    if start[:SAMPLE].lstrip().startswith(b">"):
        return f"{no_fasta}; empty lines or blanks stand before the first '>': remove them"
    return no_fasta


def _need_bases(text: bytes, header: bytes, file: Path) -> None:
    """Refuse the start of a sequence that is not one of bases, in letters of IUPAC, gaps or the X of masked genomes."""
    other = text.upper().translate(None, NUCLEOTIDES)
    if other:
        name = header.split()[0].decode(errors="replace") if header.split() else ""
        letters = ", ".join(repr(chr(byte)) for byte in sorted(set(other))[:5])
        hint = "; these are proteins: give the genome's DNA" if set(other) <= AMINO_ACIDS else ""
        raise InputError(f"genome FASTA {file}: the sequence {name!r} holds what is no base ({letters}){hint}")


def chromosome_sizes(path: str | os.PathLike[str]) -> dict[str, int]:
    """Return the length in bp of every sequence of a FASTA file, in its order."""
    return {name: len(codes) for name, codes in read_chromosomes(path)}


def write_sizes(path: str | os.PathLike[str], sizes: dict[str, int]) -> None:
    """Write chromosome sizes as the two columns without a header that genome tools expect."""
    with atomic_output(path) as temporary:
        temporary.write_text("".join(f"{name}\t{size}\n" for name, size in sizes.items()))


def read_sizes(path: str | os.PathLike[str]) -> dict[str, int]:
    """Read chromosome sizes: name and length in bp, a line each; further columns, as of an index, are ignored."""
    sizes: dict[str, int] = {}
    for number, line in text_lines(path, "chromosome sizes"):
        fields = line.split("\t") if "\t" in line else line.split()
        if not line.strip() or line.startswith("#"):
            continue
        size = fields[1].strip() if len(fields) > 1 else ""
        if not size.isdecimal() or len(size) > LONGEST_SIZE or not int(size) or fields[0] in sizes:
            raise InputError(
                f"chromosome sizes {path}: row {number}: expected the name of a chromosome, once, and its length"
            )
        sizes[fields[0]] = int(size)
    return sizes


def window_codes(codes: NDArray[np.uint8], starts: NDArray[np.int64], length: int) -> NDArray[np.uint8]:
    """Cut windows out of a chromosome.

    Parameters
    ----------
    codes : uint8 array, (chromosome length,)
    starts : int64 array, (windows,)
        May be negative or reach past the end: what lies outside is coded 4.
    length : int
        Length of every window in bp.

    Returns
    -------
    uint8 array, (windows, length)
    """
    windows = np.full((len(starts), length), UNKNOWN, dtype=np.uint8)
    for row, start in enumerate(starts):
        first, last = max(int(start), 0), min(int(start) + length, len(codes))
        if first < last:
            windows[row, first - start : last - start] = codes[first:last]
    return windows


def base_content(
    codes: NDArray[np.uint8], starts: NDArray[np.int64], length: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count G or C, and unknown bases, in windows of one length.

    Parameters
    ----------
    codes : uint8 array, (chromosome length,)
    starts : int64 array, (windows,)
        Ascending. What lies outside the chromosome counts as neither.
    length : int
        Length of every window in bp.

    Returns
    -------
    gc, unknown : int64 arrays, (windows,)
    """
    gc = np.zeros(len(starts), dtype=np.int64)
    unknown = np.zeros(len(starts), dtype=np.int64)
    first = np.clip(starts, 0, len(codes))
    last = np.clip(starts + length, 0, len(codes))
    row = 0
    while row < len(starts):
        # All windows that end within SPAN of this one's start share one cumulative sum.
        stop = max(row + 1, int(np.searchsorted(last, first[row] + SPAN, side="right")))
        offset = first[row]
        piece = codes[offset : last[stop - 1]]
        for out, mask in ((gc, (piece == 1) | (piece == 2)), (unknown, piece == UNKNOWN)):
            total = np.concatenate([[0], np.cumsum(mask, dtype=np.int64)])
            out[row:stop] = total[last[row:stop] - offset] - total[first[row:stop] - offset]
        row = stop
    return gc, unknown
