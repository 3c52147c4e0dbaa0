"""Whether windows hold the sequence that the genome has at their coordinates."""

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.data.genome_windows import Genome
from cistill.dna.codes import ONE_HOT, UNKNOWN, decode_one_hot, reverse_complement_codes
from cistill.errors import InputError

SHIFTS = (-2, -1, 1, 2)


def fill_sequences(sequences: h5py.Dataset, regions: pd.DataFrame, fasta: Path) -> None:
    """Write the genome's sequence of every region, one-hot, into `(regions, length, 4)`.

    Raises
    ------
    InputError
        If a chromosome is not in the FASTA file.
    """
    length = sequences.shape[1]
    genome = Genome(fasta)
    start = regions["window_start"].to_numpy()
    for chrom, row in _in_genome_order(regions, genome):
        sequences[row] = ONE_HOT[genome.windows(chrom, start[row : row + 1], length)[0]].astype(np.int8)


def check_sequences(sequences: h5py.Dataset, regions: pd.DataFrame, fasta: Path, source: Path) -> None:
    """Compare the sequences of all regions with the genome; bases that either does not know count as equal.

    Raises
    ------
    InputError
        If a chromosome is not in the FASTA file, or sequences differ; the message says what would make them equal.
    """
    length = sequences.shape[1]
    wrong: list[tuple[int, float]] = []
    hint = ""
    start = regions["window_start"].to_numpy()
    genome = Genome(fasta)
    for chrom, row in _in_genome_order(regions, genome):
        own = decode_one_hot(sequences[row])
        share = _agreement(own, genome.windows(chrom, start[row : row + 1], length)[0])
        if share < 1:
            hint = hint or _what_would_fit(own, genome, chrom, int(start[row]))
            wrong.append((row, share))
    if wrong:
        row, share = min(wrong)
        raise InputError(
            f"{source}: the sequences of {len(wrong)} of {len(regions)} regions are not the genome's ({fasta}) at "
            f"their coordinates, the first that of {regions['region_id'].iloc[row]} ({share:.1%} of its bases agree). "
            + (
                hint
                or "Is it the same assembly, and are the peaks those that the scores were computed for, in one order?"
            )
        )


def _in_genome_order(regions: pd.DataFrame, genome: Genome) -> Iterator[tuple[str, int]]:
    """Yield (chromosome, row) of all regions, the genome's first chromosome first."""
    names = regions["chrom"].astype(str)
    place = pd.Index(genome.sizes).get_indexer(pd.Index(names))
    absent = sorted(set(names[place < 0]))
    if absent:
        raise InputError(f"{genome.path}: it lacks the chromosome(s) {', '.join(absent[:5])} that regions are on")
    for row in np.argsort(place, kind="stable").tolist():
        yield str(names.iloc[row]), row


def _agreement(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the share of equal bases among those that both know; 1 if there are none."""
    known = (one != UNKNOWN) & (other != UNKNOWN)
    return float((one[known] == other[known]).mean()) if known.any() else 1.0


def _what_would_fit(own: NDArray[np.uint8], genome: Genome, chrom: str, start: int) -> str:
    """Say which shift of the window, or orientation, would make a sequence the genome's."""
    for shift in SHIFTS:
        if _agreement(own, genome.windows(chrom, np.array([start + shift]), len(own))[0]) == 1:
            return f"They agree {shift:+d} bp from there: the program centred its windows otherwise."
    if _agreement(reverse_complement_codes(own), genome.windows(chrom, np.array([start]), len(own))[0]) == 1:
        return "They are its reverse complement: give the scores of the plus strand."
    return ""
