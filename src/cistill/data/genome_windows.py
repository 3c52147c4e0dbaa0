"""Windows of a genome in any order: by pyfaidx from plain and BGZF FASTA files, by whole chromosomes from others."""

import struct
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyfaidx import Faidx, FetchError

from cistill.data.genome import (
    WHITESPACE,
    read_chromosomes,
    read_pieces,
    window_codes,
)
from cistill.dna.codes import CODE_OF_BYTE, UNKNOWN
from cistill.formats.foreign import UNEXPECTED
from cistill.texts import is_compressed

BGZF_HEADER = 18  # bytes of a block's header, the block's size in the last two


class Genome:
    """A genome whose windows are read in any order.

    The file is scanned once. If its lines are of one length within each sequence, and it is plain or BGZF, pyfaidx then
    reads windows from their places in the file; the index is made in a temporary folder, since the genome's own may be
    read-only. Otherwise one chromosome at a time is held in memory, which is fast for windows in the genome's order.

    Parameters
    ----------
    path : path
        The FASTA file, plain or gzipped.

    Attributes
    ----------
    sizes : dict
        Name to length in bp of every sequence, in the file's order.

    Raises
    ------
    InputError
        As `cistill.data.genome.read_chromosomes` does.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        sequences = {name: _Sequence.of(size, pieces) for name, size, pieces in read_pieces(path, _Piece.of)}
        self.sizes = {name: sequence.bases for name, sequence in sequences.items()}
        self._number = {name: str(number) for number, name in enumerate(sequences)}
        self._indexed = _index(path, sequences)
        self._chromosomes: Iterator[tuple[str, NDArray[np.uint8]]] = iter(())
        self._held: tuple[str, NDArray[np.uint8]] = ("", np.zeros(0, np.uint8))

    def windows(self, chrom: str, starts: NDArray[np.int64], length: int) -> NDArray[np.uint8]:
        """Read windows of one chromosome.

        Parameters
        ----------
        chrom : str
            A name of `sizes`.
        starts : int64 array, (windows,)
            May be negative or reach past the end: what lies outside is coded 4.
        length : int
            Length of every window in bp.

        Returns
        -------
        uint8 array, (windows, length)
            A, C, G, T = 0..3 in either case, 4 = anything else.
        """
        if self._indexed is None:
            return window_codes(self._chromosome(chrom), starts, length)
        windows = np.full((len(starts), length), UNKNOWN, dtype=np.uint8)
        for row, start in enumerate(starts.tolist()):
            first, last = max(start, 0), min(start + length, self.sizes[chrom])
            if first < last:
                found = self._fetched(self._indexed, chrom, first, last)
                if found is None:
                    self._indexed = None
                    return self.windows(chrom, starts, length)
                windows[row, first - start : last - start] = found
        return windows

    def _fetched(self, indexed: Faidx, chrom: str, first: int, last: int) -> NDArray[np.uint8] | None:
        """Return bases by their numbers; None where they are not found (BGZF blocks of other sizes than they say)."""
        try:
            text: str = indexed.fetch(self._number[chrom], first + 1, last)  # it counts from 1, both ends included
            codes = np.frombuffer(text.encode("latin-1").translate(CODE_OF_BYTE, WHITESPACE), np.uint8)
        except (*UNEXPECTED, FetchError, zlib.error, struct.error):
            return None
        return codes if len(codes) == last - first else None

    def _chromosome(self, chrom: str) -> NDArray[np.uint8]:
        """Return the bases of a chromosome of a file without random access; the last one is kept."""
        for _ in range(2):  # on from where the last one was found, then once more from the file's start
            if self._held[0] == chrom:
                return self._held[1]
            for name, codes in self._chromosomes:
                if name == chrom:
                    self._held = name, codes
                    return codes
            self._chromosomes = read_chromosomes(self.path)
        return self._chromosome(chrom)


@dataclass(frozen=True)
class _Piece:
    """What an index needs of a piece of a sequence's text: bytes, bases, places of line feeds, whether it is ASCII."""

    size: int
    bases: int
    feeds: NDArray[np.int64]
    ascii: bool

    @classmethod
    def of(cls, text: bytes) -> "_Piece":
        """Return what is needed of a piece."""
        feeds = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
        return cls(len(text), len(text.translate(None, WHITESPACE)), feeds, text.isascii())


@dataclass(frozen=True)
class _Sequence:
    """One sequence of the file: bases, the bytes of its header and of its lines, and the bases of every full line.

    `line_bases` is 0 where lines differ in length, or hold white space or other text: bases cannot be found by number.
    """

    bases: int
    header_size: int
    size: int
    line_bases: int

    @classmethod
    def of(cls, header_size: int, pieces: list[_Piece]) -> "_Sequence":
        """Return what an index needs of a sequence."""
        size, bases = sum(piece.size for piece in pieces), sum(piece.bases for piece in pieces)
        before = np.cumsum([0, *(piece.size for piece in pieces)])[:-1]
        feeds = np.concatenate([start + piece.feeds for start, piece in zip(before, pieces, strict=True)])
        lengths = np.diff(feeds, prepend=-1, append=size) - 1  # bases of each line; the last is empty after a last feed
        lengths = lengths[: np.flatnonzero(lengths)[-1] + 1]  # without empty lines at the end
        regular = (
            size - bases == len(feeds)
            and bool((lengths[:-1] == lengths[0]).all())
            and lengths[-1] <= lengths[0]
            and all(piece.ascii for piece in pieces)
        )
        return cls(bases, header_size, size, int(lengths[0]) if regular else 0)


def _index(path: Path, sequences: dict[str, _Sequence]) -> Faidx | None:
    """Return pyfaidx's reader, or None for a file in which it cannot find a base by its number."""
    blocks = _bgzf_blocks(path) if is_compressed(path) else []
    if blocks is None or not all(sequence.line_bases for sequence in sequences.values()):
        return None
    rows, at = [], 0
    for number, sequence in enumerate(sequences.values()):  # by number, for names that pyfaidx could not read
        at += sequence.header_size
        rows.append(f"{number}\t{sequence.bases}\t{at}\t{sequence.line_bases}\t{sequence.line_bases + 1}\n")
        at += sequence.size
    with tempfile.TemporaryDirectory() as folder:
        # pyfaidx goes by the suffix, reads the indices at once, and takes them for old if the genome is from the future
        file = Path(folder) / ("genome.fa.gz" if blocks else "genome.fa")
        file.symlink_to(path.absolute())
        Path(f"{file}.fai").write_text("".join(rows))
        if blocks:
            places = [place for block in blocks[1:] for place in block]
            Path(f"{file}.gzi").write_bytes(struct.pack(f"<{len(places) + 1}Q", len(places) // 2, *places))
        return Faidx(file, as_raw=True)


def _bgzf_blocks(path: Path) -> list[tuple[int, int]] | None:
    """Return where the blocks of a BGZF file start, compressed and not, in bytes; None if the file is no such one.

    The format: section 4.1 of the SAM specification. The empty block at the end is left out; with empty ones before
    other blocks, as in joined files, pyfaidx cannot do.
    """
    blocks: list[tuple[int, int]] = []
    start = begin = 0
    with path.open("rb") as file:
        while header := file.read(BGZF_HEADER):
            if len(header) < BGZF_HEADER or header[:4] != b"\x1f\x8b\x08\x04" or header[10:16] != b"\x06\0BC\x02\0":
                return None
            start_of_next = start + int.from_bytes(header[16:], "little") + 1
            if start_of_next - 4 < start + BGZF_HEADER:
                return None
            file.seek(start_of_next - 4)
            size = int.from_bytes(file.read(4), "little")
            if blocks and blocks[-1][1] == begin:
                return None
            blocks.append((start, begin))
            file.seek(start_of_next)
            start, begin = start_of_next, begin + size
    return blocks[:-1] if blocks[-1][1] == begin else blocks
