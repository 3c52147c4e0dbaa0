"""Sequences to scan without contributions: all of a FASTA file, windows of regions in it, or the peaks of a dataset."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cistill.data.genome import chromosome_sizes, read_chromosomes, window_codes
from cistill.data.genome_windows import Genome
from cistill.dna.codes import UNKNOWN
from cistill.errors import InputError

Codes = npt.NDArray[np.uint8]
TILE = 32_768


@dataclass(frozen=True)
class Sequences:
    """Rows of one length, handed out a block at a time.

    Attributes
    ----------
    region_id, chrom : (rows,) of str
        Names of the regions, or of the sequences of a FASTA file, which a long one takes several rows of.
    start : (rows,) of int
        Position of the first base, 0-based.
    length : int
        Bases of a row; what lies off the end of a sequence is coded 4.
    own : int
        Places of a row that are its own; those further on are those of the next row, too.
    bases : (sequences,) of int
        Lengths of the sequences that are scanned.
    blocks : callable
        Takes the most rows at once; gives the first row and `(rows, length)` codes, in order. May be called again.
    """

    region_id: npt.NDArray[np.object_]
    chrom: npt.NDArray[np.object_]
    start: npt.NDArray[np.int64]
    length: int
    own: int
    bases: npt.NDArray[np.int64]
    blocks: Callable[[int], Iterator[tuple[int, Codes]]]

    def places(self, length: int) -> int:
        """Return the number of places of a motif, on one strand."""
        return int(np.maximum(self.bases - length + 1, 0).sum())

    def composition(self) -> npt.NDArray[np.float64]:
        """Return the frequencies of A, C, G, T, both strands together, `(4,)`."""
        letters = np.ones(4)
        for _, codes in self.blocks(512):
            letters += np.bincount(codes[:, : self.own].ravel(), minlength=UNKNOWN + 1)[:UNKNOWN]
        both = letters + letters[::-1]
        return np.asarray(both / both.sum())


def whole_sequences(fasta: Path, longest: int) -> Sequences:
    """Return all sequences of a FASTA file, in rows that overlap by one base less than the longest motif has."""
    sizes = chromosome_sizes(fasta)
    overlap = longest - 1
    length = min(TILE, max(sizes.values())) + overlap
    own = length - overlap
    number = [-(-size // own) for size in sizes.values()]
    names = np.repeat(np.array(list(sizes), dtype=object), number)
    start = np.concatenate([own * np.arange(count, dtype=np.int64) for count in number])

    def blocks(size: int) -> Iterator[tuple[int, Codes]]:
        first = 0
        for (_, codes), count in zip(read_chromosomes(fasta), number, strict=True):
            for row in range(0, count, size):
                starts = start[first + row : first + min(row + size, count)]
                yield first + row, window_codes(codes, starts, length)
            first += count

    return Sequences(names, names, start, length, own, np.array(list(sizes.values()), dtype=np.int64), blocks)


def windows_of_regions(bed: Path, fasta: Path, window: int) -> Sequences:
    """Return windows around the summits of a BED or narrowPeak file, in the genome's order.

    Raises
    ------
    InputError
        If rows are malformed, there is none, or a chromosome is not in the genome.
    """
    from cistill.model.prediction.own_regions import read_regions

    regions = read_regions(bed)
    genome = Genome(fasta)
    rank = {name: place for place, name in enumerate(genome.sizes)}
    absent = sorted(set(regions["chrom"]) - set(rank))
    if absent:
        raise InputError(
            f"{bed}: regions on chromosomes that {fasta} lacks: {', '.join(absent[:5])}; it has "
            f"{', '.join(list(rank)[:5])}"
        )
    regions = regions.iloc[np.argsort(regions["chrom"].map(rank).to_numpy(), kind="stable")]
    chrom = regions["chrom"].to_numpy(dtype=object)
    start = regions["summit"].to_numpy(dtype=np.int64) - window // 2

    def blocks(size: int) -> Iterator[tuple[int, Codes]]:
        done = 0
        for name in genome.sizes:
            last = done + int((chrom == name).sum())
            for first in range(done, last, size):
                yield first, genome.windows(name, start[first : min(first + size, last)], window)
            done = last

    identifier = regions["region_id"].to_numpy(dtype=object)
    return Sequences(identifier, chrom, start, window, window, np.full(len(start), window), blocks)


def peaks_of_dataset(dataset_file: Path, window: int) -> Sequences:
    """Return the central windows of the peaks of a dataset, clipped to the input's length."""
    from cistill.model.windows.dataset import read_dataset

    dataset = read_dataset(dataset_file)
    rows = dataset.rows(kind="peak")
    length = min(window, dataset.input_length)
    offset = dataset.max_jitter + dataset.input_length // 2 - length // 2

    def blocks(size: int) -> Iterator[tuple[int, Codes]]:
        for first in range(0, len(rows), size):
            yield first, dataset.sequence[rows[first : first + size], offset : offset + length]

    start = np.asarray(dataset.summit[rows] - length // 2, dtype=np.int64)
    identifier, chrom = (np.asarray(values[rows], dtype=object) for values in (dataset.region_id, dataset.chrom))
    return Sequences(identifier, chrom, start, length, length, np.full(len(rows), length), blocks)
