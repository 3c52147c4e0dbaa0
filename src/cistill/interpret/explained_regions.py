"""What is explained: the peaks of a dataset, or regions of a BED file and a genome; handed out a block at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from cistill.data.genome_windows import Genome
from cistill.errors import InputError
from cistill.model.ensemble import Ensemble
from cistill.model.prediction.dataset_regions import check_fit
from cistill.model.prediction.own_regions import in_genome_order, read_regions
from cistill.model.windows.counts import CountWindows
from cistill.model.windows.dataset import read_dataset


class RegionBlock(NamedTuple):
    """Consecutive regions.

    Attributes
    ----------
    first : int
        Row of the first one.
    codes : uint8 array, shape=(regions, input_length)
        Bases 0..3, 4 for anything else and for what lies off a chromosome's ends.
    control : Tensor, shape=(regions, tasks, 2, output_length), or None
    """

    first: int
    codes: np.ndarray
    control: Tensor | None


@dataclass(frozen=True)
class RegionSource:
    """Regions to explain, and their sequences.

    Attributes
    ----------
    tf : str
        Name of the TF, the default prefix of files.
    region_id, chrom : text array, (regions,)
    start : int64 array, (regions,)
        First base of the input window.
    length : int
        Length of the input window in bp.
    sizes : dict of str to int
        Lengths of the chromosomes in bp.
    control_tasks : list of str
        What the controls' axis of tasks means.
    blocks : callable
        Takes the largest number of regions at once and gives the blocks, in the order of the regions; may be called
        again.
    """

    tf: str
    region_id: np.ndarray
    chrom: np.ndarray
    start: np.ndarray
    length: int
    sizes: dict[str, int]
    control_tasks: list[str]
    blocks: Callable[[int], Iterator[RegionBlock]]

    def __len__(self) -> int:
        return len(self.region_id)

    def off_contig(self) -> np.ndarray:
        """Return how many bases of each window lie off its chromosome's ends, (regions,)."""
        size = np.array([self.sizes[name] for name in self.chrom], dtype=np.int64)
        return np.maximum(0, -self.start) + np.maximum(0, self.start + self.length - size)


def peaks_of(dataset_file: Path, ensemble: Ensemble) -> RegionSource:
    """Return the peaks of a dataset, with their controls.

    Raises
    ------
    InputError
        If model and dataset do not fit, or there is no peak.
    """
    dataset = read_dataset(dataset_file)
    check_fit(ensemble, dataset)
    rows = dataset.rows(kind="peak")
    if not len(rows):
        raise InputError(f"{dataset_file}: the dataset has no peak to explain")
    # these alone are kept in memory of what was read
    sequence, control, lengths = dataset.sequence, dataset.control, (dataset.input_length, dataset.output_length)
    jitter = dataset.max_jitter
    return RegionSource(
        tf=dataset.tf,
        region_id=dataset.region_id[rows],
        chrom=dataset.chrom[rows],
        start=dataset.summit[rows] - dataset.input_length // 2,
        length=dataset.input_length,
        sizes=dataset.sizes,
        control_tasks=dataset.tasks,
        blocks=lambda size: _of_dataset(sequence, control, rows, lengths, jitter, size),
    )


def _of_dataset(
    sequence: np.ndarray,
    control: CountWindows | None,
    rows: np.ndarray,
    lengths: tuple[int, int],
    jitter: int,
    size: int,
) -> Iterator[RegionBlock]:
    """Yield the central windows of rows of a dataset; `lengths` of input and output in bp."""
    inside = slice(jitter, jitter + lengths[0])
    for first in range(0, len(rows), size):
        chosen = rows[first : first + size]
        made = None
        if control is not None:
            made = torch.from_numpy(control.take(chosen, np.full(len(chosen), jitter), lengths[1], None))
        yield RegionBlock(first, sequence[chosen, inside], made)


def own_regions(bed: Path, fasta: Path, ensemble: Ensemble) -> RegionSource:
    """Return the regions of a BED file, in the genome's order; controls are empty, as `predict` takes them.

    Raises
    ------
    InputError
        If rows are malformed, there is none, or a chromosome is not in the genome.
    """
    genome = Genome(fasta)
    regions = in_genome_order(read_regions(bed), genome)
    chrom, length = regions["chrom"].to_numpy(), ensemble.input_length
    start = regions["summit"].to_numpy() - length // 2
    tasks = list(dict.fromkeys(task for member in ensemble.members for task in member.tasks))  # a control for each
    empty = (len(tasks), 2, ensemble.output_length)

    def blocks(size: int) -> Iterator[RegionBlock]:
        done = 0
        for name in genome.sizes:
            last = done + int((chrom == name).sum())
            for first in range(done, last, size):
                windows = genome.windows(name, start[first : min(first + size, last)], length)
                control = torch.zeros(len(windows), *empty) if ensemble.takes_controls else None
                yield RegionBlock(first, windows, control)
            done = last

    identifier = regions["region_id"].to_numpy()
    return RegionSource(ensemble.tf, identifier, chrom, start, length, genome.sizes, tasks, blocks)
