"""Reads to stranded counts of their 5' ends at single bases."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cistill.console import progress
from cistill.data.bam import REVERSE, Alignments, BamReader
from cistill.data.read_filter import ReadFilter
from cistill.errors import InputError
from cistill.formats.bigwig_writing import bigwig_output

PENDING = 1 << 21  # 5' ends held before equal ones are added up
PAIRED = 1


@dataclass
class ReadCounts:
    """How many reads were counted, and why the others were not.

    Attributes
    ----------
    reads, plus, minus : int
        All records of the file, and those counted on either strand.
    left_out : dict of str to int
        Reads by the first reason that applies to them.
    """

    reads: int = 0
    plus: int = 0
    minus: int = 0
    left_out: dict[str, int] = field(default_factory=dict)


class _Pile:
    """5' ends on one strand of one chromosome, added up from time to time."""

    def __init__(self) -> None:
        self._positions = np.zeros(0, dtype=np.int64)
        self._counts = np.zeros(0, dtype=np.int64)
        self._pending: list[NDArray[np.int64]] = []
        self._n_pending = 0

    def add(self, positions: NDArray[np.int64]) -> None:
        """Add 5' ends, `(reads,)`, in any order."""
        self._pending.append(positions)
        self._n_pending += len(positions)
        if self._n_pending >= PENDING:
            self.totals()

    def totals(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return ascending positions and their counts, `(positions,)`."""
        new, row = np.unique(np.concatenate([self._positions, *self._pending]), return_inverse=True)
        total = np.bincount(row[len(self._positions) :], minlength=len(new)).astype(np.int64)
        total[row[: len(self._positions)]] += self._counts
        self._positions, self._counts, self._pending, self._n_pending = new, total, [], 0
        return new, total


def five_prime_ends(
    reads: Alignments, keep: NDArray[np.bool_]
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int32]], tuple[NDArray[np.int64], NDArray[np.int32]]]:
    """Return (positions, reference numbers) of the kept reads' 5' ends on the plus and on the minus strand.

    The 5' end is the first aligned base of a forward read and the last of a reverse one (0-based).
    """
    reverse = (reads.records["flag"] & REVERSE) != 0
    forward_rows = np.flatnonzero(keep & ~reverse)
    reverse_rows = np.flatnonzero(keep & reverse)
    forward = reads.records["position"][forward_rows].astype(np.int64)
    backward = reads.ends(reverse_rows) - 1
    reference = reads.records["reference"]
    return (forward, reference[forward_rows]), (backward, reference[reverse_rows])


def choose_reads(reads: Alignments, chosen: ReadFilter, counts: ReadCounts) -> NDArray[np.bool_]:
    """Apply a filter to reads, `(reads,)`, and count what it leaves out."""
    flag = reads.records["flag"]
    keep = np.ones(len(flag), dtype=bool)
    for reason, bit in chosen.excluded_flags().items():
        hit = keep & ((flag & bit) != 0)
        counts.left_out[reason] = counts.left_out.get(reason, 0) + int(hit.sum())
        keep &= ~hit
    nowhere = keep & (reads.records["position"] < 0)
    if nowhere.any():
        counts.left_out["unmapped"] = counts.left_out.get("unmapped", 0) + int(nowhere.sum())
        keep &= ~nowhere
    low = keep & (reads.records["mapq"] < chosen.min_mapq)
    counts.left_out["low_mapq"] = counts.left_out.get("low_mapq", 0) + int(low.sum())
    counts.reads += len(flag)
    return keep & ~low


def counts_by_chromosome(bam: BamReader, chosen: ReadFilter, counts: ReadCounts) -> Iterator[tuple[str, _Pile, _Pile]]:
    """Yield the plus and minus counts of each chromosome with reads, in the header's order."""
    names = list(bam.sizes)
    current = -1
    piles = (_Pile(), _Pile())
    for reads in progress(bam.batches(), f"counting {bam.path.name}", unit="MB of reads"):
        strands = five_prime_ends(reads, choose_reads(reads, chosen, counts))
        counts.plus += len(strands[0][0])
        counts.minus += len(strands[1][0])
        for reference in sorted({*np.unique(strands[0][1]).tolist(), *np.unique(strands[1][1]).tolist()}):
            if reference != current:
                if current >= 0:
                    yield names[current], *piles
                current, piles = reference, (_Pile(), _Pile())
            for pile, (positions, references) in zip(piles, strands, strict=True):
                pile.add(positions[references == reference])
    if current >= 0:
        yield names[current], *piles


def write_coverage(
    bam_path: str | os.PathLike[str],
    plus: str | os.PathLike[str],
    minus: str | os.PathLike[str],
    chosen: ReadFilter,
) -> ReadCounts:
    """Count the 5' ends of a BAM file's reads and write them as two bigWig files.

    Parameters
    ----------
    bam_path : path
        BAM file sorted by coordinate; it needs no index.
    plus, minus : path
        The bigWigs to write; counts of the minus strand are positive too.
    chosen : ReadFilter
        Which reads count.

    Returns
    -------
    ReadCounts

    Raises
    ------
    InputError
        If the BAM file is truncated, broken or not sorted, or no read passes the filter.
    """
    counts = ReadCounts()
    with BamReader(bam_path) as bam, ExitStack() as stack:
        writers = [stack.enter_context(bigwig_output(path, bam.sizes)) for path in (plus, minus)]
        for chrom, *piles in counts_by_chromosome(bam, chosen, counts):
            for writer, pile in zip(writers, piles, strict=True):
                positions, values = pile.totals()
                if len(positions) and positions[-1] >= bam.sizes[chrom]:
                    raise InputError(
                        f"{bam.path}: a read on {chrom} reaches past its end ({bam.sizes[chrom]:,} bp); "
                        "header and reads do not belong together"
                    )
                writer.counts(chrom, positions, values)
        if not counts.plus + counts.minus:
            why = ", ".join(f"{n} {reason}" for reason, n in counts.left_out.items() if n)
            raise InputError(
                f"{bam.path}: no read passes the filters ({counts.reads} reads in the file{': ' if why else ''}{why});"
                " check that reads were aligned, or lower --min_mapq"
            )
    return counts
