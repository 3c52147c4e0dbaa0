"""Whether windows hold the sequence that the genome has at their coordinates."""

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.data.genome import ONE_HOT, UNKNOWN, read_chromosomes, window_codes
from cistill.errors import InputError

SHIFTS = (-2, -1, 1, 2)


def codes_of(one_hot: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Return base codes (..., length) of one-hot sequences (..., length, 4); 4 where no base is set."""
    return np.where(one_hot.any(-1), one_hot.argmax(-1), UNKNOWN).astype(np.uint8)


def fill_sequences(sequences: h5py.Dataset, regions: pd.DataFrame, fasta: Path) -> None:
    """Write the genome's sequence of every region, one-hot, into `(regions, length, 4)`.

    Raises
    ------
    InputError
        If a chromosome is not in the FASTA file.
    """
    length = sequences.shape[1]
    for codes, rows in _by_chromosome(regions, fasta):
        for row in rows:
            window = window_codes(codes, regions["window_start"].to_numpy()[row : row + 1], length)
            sequences[row] = ONE_HOT[window[0]].astype(np.int8)


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
    for codes, rows in _by_chromosome(regions, fasta):
        for row in rows:
            own = codes_of(sequences[row])
            share = _agreement(own, window_codes(codes, start[row : row + 1], length)[0])
            if share < 1:
                hint = hint or _what_would_fit(own, codes, int(start[row]))
                wrong.append((int(row), share))
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


def _by_chromosome(regions: pd.DataFrame, fasta: Path) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int64]]]:
    """Yield the bases of each chromosome with regions, and the rows of those."""
    names = regions["chrom"].to_numpy(dtype=str)
    rows = {str(chrom): np.flatnonzero(names == chrom) for chrom in np.unique(names)}
    for chrom, codes in read_chromosomes(fasta):
        if chrom in rows:
            yield codes, rows.pop(chrom)
    if rows:
        raise InputError(f"{fasta}: it lacks the chromosome(s) {', '.join(sorted(rows)[:5])} that regions are on")


def _agreement(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the share of equal bases among those that both know; 1 if there are none."""
    known = (one != UNKNOWN) & (other != UNKNOWN)
    return float((one[known] == other[known]).mean()) if known.any() else 1.0


def _what_would_fit(own: NDArray[np.uint8], codes: NDArray[np.uint8], start: int) -> str:
    """Say which shift of the window, or orientation, would make a sequence the genome's."""
    for shift in SHIFTS:
        if _agreement(own, window_codes(codes, np.array([start + shift]), len(own))[0]) == 1:
            return f"They agree {shift:+d} bp from there: the program centred its windows otherwise."
    reverse = np.where(own[::-1] == UNKNOWN, UNKNOWN, 3 - own[::-1].astype(np.int64)).astype(np.uint8)
    if _agreement(reverse, window_codes(codes, np.array([start]), len(own))[0]) == 1:
        return "They are its reverse complement: give the scores of the plus strand."
    return ""
