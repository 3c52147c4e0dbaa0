"""Reading what coverage needs of a CRAM file, and whether it fits the genome.

Places, flags and CIGARs are decoded without the bases, so that no reference sequence is needed and none is looked for,
neither in a file nor in the network.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
import pysam
from numpy.typing import NDArray

from cistill.data.bam import RECORD, Alignments, BamReader
from cistill.data.contigs import Remark, some
from cistill.data.genome import WHITESPACE, read_pieces
from cistill.errors import InputError
from cistill.files import require_file

MAGIC = b"CRAM"
WITHOUT_BASES = 0x1FF  # `required_fields` of htslib: QNAME to TLEN; htslib makes flags from the mate's columns
READS = 1 << 16  # decoded at once
END_OF_VERSION_2 = bytes.fromhex("0b000000ffffffff0fe0454f460000000001000001000606010001000100")
END_OF_VERSION_3 = bytes.fromhex("0f000000ffffffff0fe0454f4600000000010005bdd94f0001000606010001000100ee63014b")
UPPER_CASE = bytes(range(256)).upper()


@dataclass(frozen=True)
class DecodedAlignments(Alignments):
    """Some consecutive reads of a CRAM file.

    Attributes
    ----------
    last : int64 array, (reads,)
        Reference end (exclusive) of each read.
    """

    last: NDArray[np.int64]

    def ends(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the reference end (exclusive) of the chosen reads, `(rows,)`."""
        return self.last[rows]


class CramReader(BamReader):
    """A CRAM file, read as `BamReader` reads a BAM file: from beginning to end, without index and reference.

    Parameters
    ----------
    path : path
        The file.

    Attributes
    ----------
    sizes, sort_order
        As of `BamReader`.
    md5 : dict of str to str
        MD5 of the reference sequences that the header gives (`M5`), in hexadecimal digits.

    Raises
    ------
    InputError
        If the file is no CRAM file, or ends without the container that marks a complete one.
    """

    what = "CRAM"

    def _open(self) -> None:
        """Open the file and read its header."""
        pysam.set_verbosity(0)  # htslib would write its own lines beside the one message
        try:
            self._reads = pysam.AlignmentFile(
                str(self.path), "rc", check_sq=False, format_options=[f"required_fields={WITHOUT_BASES}"]
            )
            sequences = self._reads.header.to_dict().get("SQ", [])
            self.sizes = {str(line["SN"]): int(line["LN"]) for line in sequences}
            self.md5 = {str(line["SN"]): str(line["M5"]).lower() for line in sequences if "M5" in line}
            self.sort_order = str(self._reads.header.to_dict().get("HD", {}).get("SO", "unknown"))
        except (OSError, ValueError, KeyError, AssertionError) as error:  # pysam asserts that header lines are known
            raise InputError(f"{self.path}: not a readable CRAM file: {error}") from error

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError, AttributeError):  # broken files cannot be closed in order, or were not even opened
            self._reads.close()

    def _check_complete(self) -> None:
        """Refuse a file of an unknown version, or without the container at its end."""
        with self.path.open("rb") as handle:
            start = handle.read(6)
            if start[:4] != MAGIC or len(start) < 6 or start[4] not in (2, 3):
                raise InputError(f"{self.path}: not a readable CRAM file of version 2 or 3; make it again")
            end = END_OF_VERSION_3 if start[4] == 3 else END_OF_VERSION_2
            handle.seek(0, os.SEEK_END)
            handle.seek(max(0, handle.tell() - len(end)))
            if handle.read() != end and start[4:6] != b"\x02\x00":  # version 2.0 marked no end
                raise InputError(
                    f"{self.path}: the CRAM file is truncated (no end-of-file container); copy or make it again"
                )

    def batches(self) -> Iterator[Alignments]:
        """Yield all reads in the file's order; memory does not grow with the file.

        Raises
        ------
        InputError
            If the file is broken, or its reads are not sorted by coordinate.
        """
        last = -1
        while rows := self._some_reads():
            table = np.array(rows, dtype=np.int64)  # (reads, 5)
            records = np.zeros(len(table), dtype=RECORD)
            for column, name in enumerate(("reference", "position", "mapq", "flag")):
                records[name] = table[:, column]
            last = self._check_sorted(records, last)
            yield DecodedAlignments(records, np.zeros(0, np.int64), np.zeros(0, np.uint8), table[:, 4])

    def _some_reads(self) -> list[tuple[int, int, int, int, int]]:
        """Return reference, position, mapping quality, flag and end of the next reads."""
        try:
            return [
                (
                    read.reference_id,
                    read.reference_start,
                    read.mapping_quality,
                    read.flag,
                    max(read.reference_end or 0, read.reference_start + 1),
                )
                for read in islice(self._reads, READS)
            ]
        except (OSError, ValueError, NotImplementedError) as error:  # pysam has the last one for a file without header
            raise InputError(f"{self.path}: the CRAM file is broken; copy it again or make it again") from error


def open_alignments(path: str | os.PathLike[str]) -> BamReader:
    """Open a BAM or CRAM file; chosen by its first bytes."""
    return CramReader(path) if is_cram(path) else BamReader(path)


def is_cram(path: str | os.PathLike[str]) -> bool:
    """Say whether a file starts as CRAM does."""
    with require_file(path, "BAM").open("rb") as handle:
        return handle.read(len(MAGIC)) == MAGIC


@lru_cache(maxsize=1)
def sequence_md5s(fasta: Path) -> dict[str, str]:
    """Return the MD5 of each sequence of a FASTA file as the SAM specification defines `M5`: upper case, no spaces."""
    pieces = read_pieces(fasta, lambda text: text.translate(UPPER_CASE, WHITESPACE))
    return {name: hashlib.md5(b"".join(parts), usedforsecurity=False).hexdigest() for name, _, parts in pieces}


def reference_problems(path: Path, fasta: Path) -> list[str]:
    """Compare the reference sequences of a CRAM file with the genome's, if the file gives their MD5.

    Sequences of the same names that all differ are another genome's. Some that differ are usual: Y with or without
    its pseudoautosomal regions, revised mitochondria.

    Returns
    -------
    list of str
        Problems and remarks; none for other files.
    """
    if not is_cram(path):
        return []
    with CramReader(path) as cram:
        given = cram.md5
    genome = sequence_md5s(fasta) if given else {}
    shared = [name for name in given if name in genome]
    other = [name for name in shared if given[name] != genome[name]]
    if not other:
        return []
    text = f"{len(other)} of {len(shared)} chromosomes have another sequence than in the genome (MD5): {some(other)}"
    if len(other) == len(shared):
        return [
            f"{text}; give the genome that the reads were aligned to (for one that is masked by N, convert the reads: "
            "samtools view -b -T ORIGINAL.fa -o reads.bam)"
        ]
    return [Remark(text)]
