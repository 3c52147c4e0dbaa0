"""Writing genomes in UCSC's 2bit format: two bits a base, runs of unknown bases listed beside them.

The layout is that of https://genome.ucsc.edu/FAQ/FAQformat.html#format7. Version 1, for files of over 4 GB, has offsets
of 64 bits. No base is written as masked: FASTA is read without regard to case.
"""

import os
import struct
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from cistill.dna.codes import UNKNOWN, Codes
from cistill.errors import InputError
from cistill.files import atomic_output

SIGNATURE = 0x1A412743
BITS = np.array([2, 1, 3, 0, 0], dtype=np.uint8)
"""Bits of each code: T 0, C 1, A 2, G 3; unknown bases as T."""
LONGEST_NAME = 255  # bytes
WIDE_FROM = 8_000_000_000  # bases from which offsets have 64 bits


def write_twobit(
    path: str | os.PathLike[str], names: Sequence[str], bases: int, sequences: Iterable[tuple[str, Codes]]
) -> None:
    """Write a genome.

    Parameters
    ----------
    path : path
        The file; it appears whole or not at all.
    names : sequence of str
        Names of all sequences, in their order.
    bases : int
        Bases of all of them.
    sequences : iterable of (str, uint8 array)
        Each name with its codes, A, C, G, T = 0..3 and 4 for anything else, in the order of `names`.

    Raises
    ------
    InputError
        If a name is longer than the format allows.
    ValueError
        If the sequences are not those of `names`.
    """
    coded = [name.encode() for name in names]
    long = [name for name, text in zip(names, coded, strict=True) if len(text) > LONGEST_NAME]
    if long:
        raise InputError(f"a 2bit file cannot hold the name {long[0][:60]}...: it has over {LONGEST_NAME} bytes")
    version, offset = (1, "<Q") if bases >= WIDE_FROM else (0, "<I")
    with atomic_output(path) as temporary, temporary.open("wb") as file:
        file.write(struct.pack("<IIII", SIGNATURE, version, len(coded), 0))
        index_at = file.tell()
        file.write(bytes(sum(1 + len(name) + struct.calcsize(offset) for name in coded)))
        offsets, found = [], []
        for name, codes in sequences:
            offsets.append(file.tell())
            found.append(name)
            _write_record(file, codes)
        if found != list(names):
            raise ValueError("the sequences are not those that were announced")
        file.seek(index_at)
        for text, at in zip(coded, offsets, strict=True):
            file.write(struct.pack("<B", len(text)) + text + struct.pack(offset, at))


def _write_record(file: BinaryIO, codes: Codes) -> None:
    """Write one sequence: length, runs of unknown bases, no masked ones, packed bases."""
    starts, lengths = unknown_runs(codes)
    file.write(struct.pack("<II", len(codes), len(starts)))
    file.write(starts.astype("<u4").tobytes() + lengths.astype("<u4").tobytes())
    file.write(struct.pack("<II", 0, 0))
    padded = np.zeros(-(-len(codes) // 4) * 4, dtype=np.uint8)
    padded[: len(codes)] = BITS[codes]
    four = padded.reshape(-1, 4)
    file.write((four[:, 0] << 6 | four[:, 1] << 4 | four[:, 2] << 2 | four[:, 3]).tobytes())


def unknown_runs(codes: Codes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return starts and lengths of the runs of unknown bases, each (runs,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (codes >= UNKNOWN).view(np.int8), [0]])))
    return edges[::2], edges[1::2] - edges[::2]
