"""From 5' ends to alignments, with the reads that coverage filters must remove."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cistill.dna.codes import Codes
from cistill.simulation.bam_writer import DUPLICATE, QC_FAIL, REVERSE, SECONDARY, SimulatedAlignments, join
from cistill.simulation.reads import mappable

GOOD_MAPQ = np.array([42, 42, 42, 40, 37, 32], dtype=np.uint8)
LOW_MAPQ = np.array([0, 0, 1, 2, 4, 7], dtype=np.uint8)
# shares of the good reads that are added on top of them
LOW_MAPQ_SHARE = 0.04
SECONDARY_SHARE = 0.01
QC_FAIL_SHARE = 0.005
DUPLICATE_SHARE = 0.02
UNMAPPED_SHARE = 0.03
REPEATS_PER_MB = 8.0  # places where reads of low mapping quality pile up
REPEAT_WIDTH = 200  # bp


@dataclass(frozen=True)
class SimulatedLibrary:
    """The reads of one BAM file.

    Attributes
    ----------
    reads : SimulatedAlignments
        Mapped reads, sorted.
    unmapped : int
        Unmapped reads.
    numbers : dict of str to int
        Reads of each sort: `good`, `low_mapq`, `secondary`, `qc_fail`, `duplicate`, `unmapped`.
    """

    reads: SimulatedAlignments
    unmapped: int
    numbers: dict[str, int]


def alignments(chrom: int, counts: NDArray[np.int32], read_length: int) -> SimulatedAlignments:
    """Return unfiltered reads of mapping quality 42 for 5' ends `(2, length)` of one chromosome."""
    parts = []
    for strand, row in enumerate(counts):
        five_prime = np.repeat(np.arange(len(row)), row)
        parts.append(five_prime - strand * (read_length - 1))
    start = np.concatenate(parts).astype(np.int32)
    flag = np.repeat(np.array([0, REVERSE], dtype=np.uint16), [len(part) for part in parts])
    mapq = np.full(len(start), 42, dtype=np.uint8)
    return SimulatedAlignments(np.full(len(start), chrom, dtype=np.int32), start, flag, mapq)


def _pick(reads: SimulatedAlignments, chosen: NDArray[np.int64], extra_flag: int) -> SimulatedAlignments:
    flag = (reads.flag[chosen] | extra_flag).astype(np.uint16)
    return SimulatedAlignments(reads.chrom[chosen], reads.start[chosen], flag, reads.mapq[chosen])


def _anywhere(
    genome: list[Codes],
    number: int,
    read_length: int,
    extra_flag: int,
    mapq: NDArray[np.uint8],
    repeats: float,
    rng: np.random.Generator,
) -> SimulatedAlignments:
    """Draw reads at random places, a share `repeats` of them in a few piles."""
    lengths = np.array([len(codes) for codes in genome])
    piles = max(1, round(REPEATS_PER_MB * lengths.sum() / 1e6))
    pile = rng.integers(0, lengths.sum(), piles)
    place = np.where(
        rng.random(number) < repeats,
        pile[rng.integers(0, piles, number)] + rng.integers(0, REPEAT_WIDTH, number),
        rng.integers(0, lengths.sum(), number),
    )
    ends = np.cumsum(lengths)
    place = np.minimum(place, ends[-1] - 1)
    chrom = np.searchsorted(ends, place, side="right")
    start = place - (ends - lengths)[chrom]
    fits = np.zeros(number, dtype=np.bool_)
    for index, codes in enumerate(genome):
        here = chrom == index
        fits[here] = mappable(codes, read_length)[0, start[here]]
    kept = int(fits.sum())
    flag = (rng.integers(0, 2, kept) * REVERSE + extra_flag).astype(np.uint16)
    quality = mapq[rng.integers(0, len(mapq), kept)]
    return SimulatedAlignments(chrom[fits].astype(np.int32), start[fits].astype(np.int32), flag, quality)


def make_library(
    genome: list[Codes], counts: list[NDArray[np.int32]], read_length: int, rng: np.random.Generator
) -> SimulatedLibrary:
    """Turn 5' ends into reads and add those that filters must remove.

    Parameters
    ----------
    genome : list of arrays, (length,)
        Codes of each chromosome.
    counts : list of arrays, (2, length)
        5' ends of each chromosome; every one fits a read.
    read_length : int
        bp.
    rng : numpy Generator
        The source of chance.

    Returns
    -------
    SimulatedLibrary
        Its good reads have exactly the 5' ends of `counts`.
    """
    good = join([alignments(index, rows, read_length) for index, rows in enumerate(counts)])
    number = len(good.start)
    good = SimulatedAlignments(good.chrom, good.start, good.flag, GOOD_MAPQ[rng.integers(0, len(GOOD_MAPQ), number)])
    duplicates = np.sort(rng.integers(0, number, round(DUPLICATE_SHARE * number))) if number else np.array([], int)
    added = {
        "low_mapq": _anywhere(genome, round(LOW_MAPQ_SHARE * number), read_length, 0, LOW_MAPQ, 0.7, rng),
        "secondary": _anywhere(genome, round(SECONDARY_SHARE * number), read_length, SECONDARY, GOOD_MAPQ, 0.7, rng),
        "qc_fail": _anywhere(genome, round(QC_FAIL_SHARE * number), read_length, QC_FAIL, GOOD_MAPQ, 0.0, rng),
        "duplicate": _pick(good, duplicates, DUPLICATE),
    }
    unmapped = round(UNMAPPED_SHARE * number)
    numbers = {"good": number, **{sort: len(reads.start) for sort, reads in added.items()}}
    return SimulatedLibrary(join([good, *added.values()]), unmapped, {**numbers, "unmapped": unmapped})
