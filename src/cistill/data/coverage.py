"""Reads to stranded counts of their 5' ends at single bases."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cistill.console import LOG, progress
from cistill.data.bam import BLOCK, REVERSE, Alignments, BamReader
from cistill.data.contigs import LEAVE_OUT, Sizes, UnknownContigs, contig_problems, problems_of, remarks_of
from cistill.data.cram import open_alignments
from cistill.data.read_filter import Mate, ReadFilter
from cistill.data.read_rows import ROWS, holds_rows, read_ends
from cistill.errors import InputError
from cistill.formats.bigwig_writing import BigWigWriter, bigwig_output

PENDING = 1 << 21  # 5' ends held before equal ones are added up
UNEQUAL_STRANDS = 2.0  # reads of one strand per read of the other, beyond what chance makes


@dataclass
class ReadCounts:
    """How many reads were counted, and why the others were not.

    Attributes
    ----------
    reads, plus, minus : int
        All records of the file, and those counted on either strand.
    left_out : dict of str to int
        Reads by the first reason that applies to them; `unknown_contig`: on a contig that the genome lacks.
    unknown_contigs : dict of str to int
        Of these the number on each contig.
    """

    reads: int = 0
    plus: int = 0
    minus: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    unknown_contigs: dict[str, int] = field(default_factory=dict)


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
        if self._pending:
            positions, counts = np.unique(np.concatenate(self._pending), return_counts=True)
            self._pending, self._n_pending = [], 0
            if len(self._positions):
                held = len(self._positions)
                new, row = np.unique(np.concatenate([self._positions, positions]), return_inverse=True)
                total = np.zeros(len(new), dtype=np.int64)
                total[row[:held]] = self._counts
                total[row[held:]] += counts
                positions, counts = new, total
            self._positions, self._counts = positions, counts
        return self._positions, self._counts


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
    for reads in progress(bam.batches(), f"counting {bam.path.name}", unit="MB of reads", size=BLOCK >> 20):
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


def counts_of_rows(
    path: Path, names: Sequence[str], counts: ReadCounts, mate: Mate = "1"
) -> Iterator[tuple[str, _Pile, _Pile]]:
    """Yield the plus and minus counts of each chromosome with rows: those of `names` in their order, then others.

    Rows may be in any order, so that all chromosomes are held: 16 bytes for each distinct 5' end.
    """
    LOG.info("%s: rows carry no flags and mapping qualities; each is counted", path.name)
    piles: dict[str, tuple[_Pile, _Pile]] = {}
    for batch in progress(read_ends(path, mate), f"counting {path.name}", unit="rows", size=ROWS):
        for chrom, ends in batch.items():
            for pile, positions in zip(piles.setdefault(chrom, (_Pile(), _Pile())), ends, strict=True):
                pile.add(positions)
            counts.plus += len(ends.plus)
            counts.minus += len(ends.minus)
            counts.reads += len(ends.plus) + len(ends.minus)
    for name in [*(name for name in names if name in piles), *(name for name in piles if name not in names)]:
        yield name, *piles.pop(name)


def write_coverage(
    bam_path: str | os.PathLike[str],
    plus: str | os.PathLike[str],
    minus: str | os.PathLike[str],
    chosen: ReadFilter,
    sizes: Sizes = None,
    unknown: UnknownContigs = LEAVE_OUT,
) -> ReadCounts:
    """Count the 5' ends of a file's reads and write them as two bigWig files.

    Parameters
    ----------
    bam_path : path
        BAM or CRAM file sorted by coordinate; it needs no index, and CRAM no reference. Or text of reads or fragments,
        as `read_ends` reads it, in any order.
    plus, minus : path
        The bigWigs to write; counts of the minus strand are positive too.
    chosen : ReadFilter
        Which reads count.
    sizes : mapping, optional
        Lengths of the genome's chromosomes in bp; reads on other contigs are left out. All contigs of the BAM file by
        default; needed for text.
    unknown : UnknownContigs
        `refuse`: reads on contigs that the genome lacks are an error.

    Returns
    -------
    ReadCounts

    Raises
    ------
    InputError
        If the file is truncated, broken, not sorted or of another genome, or no read passes the filter.
    """
    counts = ReadCounts()
    path = Path(bam_path)
    with ExitStack() as stack:
        contigs: Mapping[str, int | None] | None = None
        if holds_rows(path):
            lengths = _need_sizes(path, sizes)
            by_chromosome = counts_of_rows(path, list(lengths), counts, chosen.mate)
        else:
            bam = stack.enter_context(open_alignments(path))
            contigs = lengths = bam.sizes
            _need_fit(bam, sizes)
            by_chromosome = counts_by_chromosome(bam, chosen, counts)
        known = {name: size for name, size in lengths.items() if sizes is None or name in sizes}
        writers = [stack.enter_context(bigwig_output(file, known)) for file in (plus, minus)]
        of_contig = _write_piles(path, by_chromosome, writers, known, counts)
        found = contigs if contigs is not None else dict.fromkeys(of_contig)
        _judge(path, counts, contig_problems(found, sizes, unknown, of_contig, "reads"))
    return counts


def _write_piles(
    path: Path,
    by_chromosome: Iterator[tuple[str, _Pile, _Pile]],
    writers: Sequence[BigWigWriter],
    known: Mapping[str, int],
    counts: ReadCounts,
) -> dict[str, int]:
    """Write the counts of known chromosomes; return the number of reads on every one with reads."""
    of_contig: dict[str, int] = {}
    for chrom, *piles in by_chromosome:
        here = [int(pile.totals()[1].sum()) for pile in piles]
        of_contig[chrom] = sum(here)
        if chrom not in known:
            counts.plus, counts.minus = counts.plus - here[0], counts.minus - here[1]
            counts.unknown_contigs[chrom] = sum(here)
            counts.left_out["unknown_contig"] = counts.left_out.get("unknown_contig", 0) + sum(here)
            continue
        for writer, pile in zip(writers, piles, strict=True):
            positions, values = pile.totals()
            if len(positions) and positions[-1] >= known[chrom]:
                raise InputError(
                    f"{path}: a read on {chrom} reaches past its end ({known[chrom]:,} bp); "
                    "header and reads, or genome and reads, do not belong together"
                )
            writer.counts(chrom, positions, values)
    return of_contig


def _need_fit(bam: BamReader, sizes: Sizes) -> None:
    """Refuse a BAM file of another assembly, or without any contig of the genome."""
    if problems := problems_of(contig_problems(bam.sizes, sizes)):
        raise InputError(f"{bam.path}: {'; '.join(problems)}")


def _need_sizes(path: Path, sizes: Sizes) -> Mapping[str, int]:
    """Return the genome's sizes, which rows of text do not tell."""
    if sizes is None:
        raise InputError(f"{path}: text has no chromosome sizes; give them (--sizes genome.sizes)")
    return sizes


def _way_out(left_out: Mapping[str, int]) -> str:
    """Say what to do where no read is counted, by the reason that holds for most."""
    most = max(left_out, key=lambda reason: left_out[reason], default="")
    advice = {
        "low_mapq": "lower --min_mapq (aligners differ in what they write)",
        "other_mate": "choose the other mate (--mate)",
        "duplicate": "count duplicates too (--keep_duplicates)",
        "mate_unmapped": "count reads whose mate is unmapped (--keep_mate_unmapped)",
        "qc_fail": "count reads that failed quality control (--keep_qc_fail)",
    }
    return advice.get(most, "check that reads were aligned") if left_out.get(most) else "check that reads were aligned"


def _judge(path: Path, counts: ReadCounts, found: Sequence[str]) -> None:
    """Refuse counts that nothing can be made of; say what is odd about the others."""
    for remark in remarks_of(found):
        LOG.warning("%s: %s", path.name, remark)
    if problems := problems_of(found):
        raise InputError(f"{path}: {'; '.join(problems)}")
    if not counts.plus + counts.minus:
        why = ", ".join(f"{n} {reason}" for reason, n in counts.left_out.items() if n)
        raise InputError(
            f"{path}: no read passes the filters ({counts.reads} reads in the file{': ' if why else ''}{why});"
            f" {_way_out(counts.left_out)}"
        )
    LOG.info("%s: %d reads counted on the plus and %d on the minus strand", path.name, counts.plus, counts.minus)
    less, more = sorted((counts.plus, counts.minus))
    if less == 0:
        LOG.warning(
            "%s: no read is on the %s strand; were the strands split before?",
            path.name,
            "minus" if counts.minus == 0 else "plus",
        )
    elif more > UNEQUAL_STRANDS * less and more - less > UNEQUAL_STRANDS**2 * np.sqrt(more + less):
        LOG.warning(
            "%s: one strand has %.1f times as many reads as the other; strands of ChIP reads are about equal",
            path.name,
            more / less,
        )
