"""What each input file must be: checks of its content, as lists of problems (and remarks) in words."""

import os
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from cistill.data.contigs import LEAVE_OUT, Remark, Sizes, UnknownContigs, contig_problems, some
from cistill.data.cram import open_alignments
from cistill.data.intervals import read_bed
from cistill.data.peaks import parse_peaks
from cistill.data.read_rows import holds_rows, read_ends
from cistill.data.signals import NEGATED, contigs_of_track, open_counts
from cistill.errors import InputError
from cistill.files import file_problem
from cistill.formats.bigwig import SPAN, BigWigTrack
from cistill.formats.truth import read_truth

ROWS_LOOKED_AT = 1 << 20  # of reads and fragments as text, and on until one is on a contig of the genome
LARGEST_COUNT = 1 << 24  # of one base: beyond it float32 is not exact
BAM_BATCHES = 8  # of one megabyte, whose order is looked at here; coverage looks at all
BIGWIG_PIECES = 64  # of one megabase, evenly spaced
LONGEST_READ_SHADOW = 8.0  # bp, see `read_shadow`


def file_problems(path: Path | None) -> list[str]:
    """Check that a file is there, may be read, and is not empty."""
    if path is None:
        return ["the file was not found"]
    problem = file_problem(path)
    return [problem] if problem else []


def reads_problems(path: Path, sizes: Sizes, unknown: UnknownContigs = LEAVE_OUT) -> list[str]:
    """Check a file of reads, which `coverage` counts: BAM, CRAM, or rows of reads or fragments."""
    return (rows_problems if path.is_file() and holds_rows(path) else bam_problems)(path, sizes, unknown)


def rows_problems(path: Path, sizes: Sizes, unknown: UnknownContigs = LEAVE_OUT) -> list[str]:
    """Check the first rows of reads or fragments; whether they are well-formed and fit the genome."""
    on: Counter[str] = Counter()
    last: dict[str, int] = {}
    whole = True
    try:
        for batch in read_ends(path):
            for chrom, ends in batch.items():
                on[chrom] += len(ends.plus) + len(ends.minus)
                last[chrom] = max(last.get(chrom, 0), *(int(list_.max()) for list_ in ends if len(list_)))
            if on.total() >= ROWS_LOOKED_AT and (sizes is None or any(chrom in sizes for chrom in on)):
                whole = False
                break
    except InputError as error:
        return str(error).replace(f"reads {path}: ", "").replace(f"{path}: ", "").splitlines()
    if not on:
        return ["the file holds no reads"]
    past = [chrom for chrom, at in last.items() if sizes is not None and at >= sizes.get(chrom, at + 1)]
    problems = [f"reads reach past the end of {some(past)}; give the genome that they were aligned to"] if past else []
    return problems + contig_problems(dict.fromkeys(on), sizes, unknown, dict(on) if whole else None, "5' ends")


def bam_problems(path: Path, sizes: Sizes, unknown: UnknownContigs = LEAVE_OUT) -> list[str]:
    """Check that a BAM or CRAM file is complete, sorted by coordinate, holds aligned reads and fits the genome."""
    try:
        with open_alignments(path) as bam:
            problems = contig_problems(bam.sizes, sizes, unknown)
            batches = bam.batches()
            first = next(batches, None)
            if first is None:
                return [*problems, f"the {bam.what} file holds no reads"]
            if not bam.sizes:
                return [f"the {bam.what} file holds no aligned reads (its header has no @SQ line); align them first"]
            if first.records["reference"][0] < 0:
                return [*problems, f"the {bam.what} file holds no aligned reads"]
            for _, _ in zip(range(BAM_BATCHES - 1), batches, strict=False):
                pass  # reading is the check: an unsorted or broken file raises
            return problems
    except InputError as error:
        return [_without_path(error, path)]


def bigwig_problems(
    path: Path, sizes: Sizes, allow_fractional: bool, minus: bool, unknown: UnknownContigs = LEAVE_OUT
) -> list[str]:
    """Check that a bigWig holds counts of 5' ends at single bases and fits the genome; return problems and remarks."""
    try:
        with open_counts(path, minus) as track:
            remarks: list[str] = [Remark(NEGATED)] if track.negated else []
            return remarks + contigs_of_track(track, sizes, unknown) + _value_problems(track, allow_fractional)
    except InputError as error:
        return [_without_path(error, path)]


def _value_problems(track: BigWigTrack, allow_fractional: bool) -> list[str]:
    """Look at evenly spaced pieces of a bigWig for what 5' counts cannot be."""
    total, variation, fractional = 0.0, 0.0, 0.0
    for chrom, start in _pieces(track.sizes):
        values = track.values(chrom, start, min(start + SPAN, track.sizes[chrom])).astype(np.float64)
        total += float(values.sum())
        variation += float(np.abs(np.diff(values, prepend=0, append=0)).sum())
        odd = values[values != np.rint(values)]
        fractional = fractional or (float(odd[0]) if len(odd) else 0.0)
    if total == 0 and track.total == 0:
        return ["it is zero everywhere; check that it was made from the right reads and strand"]
    problems = []
    if track.largest > LARGEST_COUNT:
        problems.append(
            f"it has values up to {track.largest:.3g}, more than there can be at one base; give unnormalised counts"
        )
    if fractional and not allow_fractional:
        problems.append(
            f"it is normalised or scaled: it has values that are not whole numbers (such as {fractional:.8g}); give "
            "unnormalised counts of reads' 5' ends, or allow fractional counts (--allow_fractional_counts)"
        )
    shadow = read_shadow(total, variation)
    if shadow > LONGEST_READ_SHADOW:
        problems.append(
            f"it is coverage of whole reads or smoothed (each read covers about {shadow:.0f} bp or more) instead of "
            "counts of 5' ends at single bases; give the BAM file, or make the bigWig with bedtools genomecov -5"
        )
    return problems


def read_shadow(total: float, variation: float) -> float:
    """Return how many bases each read seems to cover.

    A read that covers L bases adds L to the sum of a track and at most 2 to its total variation (the sum of absolute
    differences of neighbouring bases), so that L >= 2 * sum / variation would hold with equality for reads that do
    not touch. For counts of 5' ends it is 1 where reads are sparse and stays below 8 up to some 20 reads at every
    base (for Poisson counts of mean m it is 1.8 * sqrt(m)).
    """
    return 2 * total / variation if variation > 0 else 0.0


def _pieces(sizes: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return (chrom, start) of evenly spaced megabases, all of them in a small genome."""
    every = [(chrom, start) for chrom, size in sizes.items() for start in range(0, size, SPAN)]
    chosen = np.unique(np.linspace(0, len(every) - 1, min(BIGWIG_PIECES, len(every))).round().astype(int))
    return [every[i] for i in chosen.tolist()]


def peaks_problems(path: Path, sizes: Sizes, unknown: UnknownContigs = LEAVE_OUT) -> tuple[list[str], pd.DataFrame]:
    """Check peaks; return the problems, with remarks, and the peaks."""
    try:
        table, problems = parse_peaks(path)
    except InputError as error:
        return [_without_path(error, path)], pd.DataFrame(columns=["chrom", "summit"])
    on = {str(chrom): int(number) for chrom, number in table["chrom"].value_counts(sort=False).items()}
    problems += contig_problems(dict.fromkeys(on), sizes, unknown, on, "peaks")
    if sizes is not None:
        # A peak that merely sticks out is a habit of peak callers; its window decides later whether it is used.
        beyond = table[table["summit"] >= table["chrom"].map(dict(sizes))]
        if len(beyond):
            first = beyond.iloc[0]
            problems.append(
                f"{len(beyond)} peak(s) lie beyond the end of their chromosome (first: row {first['row']}, summit "
                f"{first['chrom']}:{first['summit']}, the chromosome has {sizes[first['chrom']]:,} bp); "
                "peaks and genome are of different assemblies"
            )
    return problems, table


def bed_problems(path: Path, sizes: Sizes, unknown: UnknownContigs = LEAVE_OUT) -> list[str]:
    """Check a BED file; intervals on contigs that the genome lacks are left out."""
    on, problems = _intervals_on(path)
    return problems or contig_problems(dict.fromkeys(on), sizes, unknown, on, "intervals")


def excluded_problems(path: Path, sizes: Sizes) -> list[str]:
    """Check excluded intervals: lists of a whole genome serve parts of it too, so that one shared contig is enough."""
    on, problems = _intervals_on(path)
    if problems or sizes is None or any(chrom in sizes for chrom in on):
        return problems
    return contig_problems(dict.fromkeys(on), sizes)


def _intervals_on(path: Path) -> tuple[dict[str, int], list[str]]:
    """Return the number of intervals on each contig of a BED file, and what is wrong with it."""
    try:
        on = dict(Counter(chrom for chrom, _, _ in read_bed(path, "BED file")))
    except InputError as error:
        return {}, str(error).replace(f"BED file {path}: ", "").splitlines()
    return on, [] if on else ["there is no interval in the file"]


def truth_problems(path: Path) -> list[str]:
    """Check that a file is the truth of a simulation."""
    try:
        read_truth(path)
    except InputError as error:
        return [str(error).removeprefix(f"truth of a simulation {path}: ")]
    return []


CHECK_OF_COLUMN: dict[str, Callable[[Path, Sizes, UnknownContigs], list[str]]] = {
    "bam": reads_problems,
    "control_bam": reads_problems,
    "known_sites": bed_problems,
    "truth": lambda path, _sizes, _unknown: truth_problems(path),
}


def _without_path(error: InputError, path: str | os.PathLike[str]) -> str:
    """Return an error's text without the file's name in front, which the caller adds."""
    return str(error).removeprefix(f"{path}: ")
