"""One experiment on a simulated genome: from bound sites to read files and peaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.dna.codes import Codes
from cistill.files import atomic_output
from cistill.simulation.bam_writer import write_bam
from cistill.simulation.energies import Floats
from cistill.simulation.genome_sequence import CHROMOSOME_END, Chromosome
from cistill.simulation.measured_library import make_library
from cistill.simulation.peak_calling import MIN_ENRICHMENT, call_peaks
from cistill.simulation.reads import SITE_SHAPE, Bias, BoundSites, draw_background, draw_chip
from cistill.simulation.settings import Settings, generator

READ_LENGTH = 36
FALSE_PEAK_CHANCE = 0.6  # that a caller falls for a hotspot, if it is high enough
AFFINITY_COLUMNS = "tf,task,library,file,reader"
SHEET_COLUMNS = (
    "tf,task,bam,bigwig_plus,bigwig_minus,control_bam,control_bigwig_plus,control_bigwig_minus,peaks,known_sites,truth"
)


@dataclass(frozen=True)
class AssayTracks:
    """5' ends `(2, length)` of every chromosome: `chip[replicate][chromosome]` and `control[chromosome]`."""

    chip: list[list[NDArray[np.int32]]]
    control: list[NDArray[np.int32]]


def simulate_reads(settings: Settings, sites: list[BoundSites], bias: list[Bias], name: str = "") -> AssayTracks:
    """Draw the 5' ends of all read sets of one experiment.

    Parameters
    ----------
    settings : Settings
        Of this experiment.
    sites, bias : lists
        Of every chromosome.
    name : str
        The experiment; another name gives other random choices.
    """
    rng = generator(settings.seed, "sites", name)
    factors = [rng.gamma(SITE_SHAPE, 1 / SITE_SHAPE, len(bound.start)) for bound in sites]
    chip = []
    for replicate in range(settings.replicates):
        rng = generator(settings.seed, f"replicate {replicate + 1}", name)
        chip.append(
            [
                draw_chip(*chromosome, settings.depth, settings.background, rng)
                for chromosome in zip(sites, factors, bias, strict=True)
            ]
        )
    rng = generator(settings.seed, "control", name)
    return AssayTracks(chip, [draw_background(chromosome, settings.control, rng) for chromosome in bias])


def write_read_sets(
    seed: int, genome: list[Chromosome], files: Mapping[str, list[NDArray[np.int32]]], outdir: Path
) -> dict[str, dict[str, int]]:
    """Write 5' ends as BAM files.

    Parameters
    ----------
    seed : int
        Of the read sets.
    genome : list of Chromosome
        The genome.
    files : mapping of str to list of arrays, (2, length)
        5' ends of every chromosome, per file name.
    outdir : Path
        Where to write.

    Returns
    -------
    dict
        The numbers of reads of each sort per file.
    """
    named: list[tuple[str, Codes]] = [(chromosome.name, chromosome.codes) for chromosome in genome]
    numbers = {}
    for name, counts in files.items():
        rng = generator(seed, name)
        library = make_library([codes for _, codes in named], counts, READ_LENGTH, rng)
        write_bam(outdir / name, named, library.reads, library.unmapped, READ_LENGTH, rng)
        numbers[name] = library.numbers
    return numbers


def peaks_of(
    settings: Settings,
    genome: list[Chromosome],
    sites: list[BoundSites],
    bias: list[Bias],
    tracks: AssayTracks,
    prefix: str = "",
    name: str = "",
    local: Sequence[Floats] | None = None,
    min_enrichment: float = MIN_ENRICHMENT,
) -> pd.DataFrame:
    """Return the peaks that a caller would report of one experiment, see `call_peaks`.

    Parameters
    ----------
    settings : Settings
        Of this experiment.
    genome, sites, bias : lists
        Of every chromosome.
    tracks : AssayTracks
        The 5' ends.
    prefix : str
        Peaks are named `<prefix>_1`, ...
    name : str
        The experiment, as for `simulate_reads`.
    local : sequence of arrays, (length,), optional
        The local background of every chromosome, relative to the mean; 1 without.
    min_enrichment : float
        Over that background.
    """
    rng = generator(settings.seed, "peaks", name)
    misleading = []
    for chromosome in bias:
        inner = chromosome.hotspots[
            (chromosome.hotspots > 2 * CHROMOSOME_END)
            & (chromosome.hotspots < len(chromosome.background) - 2 * CHROMOSOME_END)
        ]
        misleading.append(inner[rng.random(len(inner)) < FALSE_PEAK_CHANCE])
    pooled = [np.asarray(np.sum(counts, axis=0), dtype=np.int32) for counts in zip(*tracks.chip, strict=True)]
    per_bp = settings.background * settings.replicates
    names = [chromosome.name for chromosome in genome]
    return call_peaks(names, sites, misleading, pooled, per_bp, rng, prefix, local, min_enrichment)


def write_samplesheet(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write the pipeline's samplesheet: a mapping of column to cell per row, paths relative to the sheet."""
    _write_sheet(path, SHEET_COLUMNS, rows)


def write_affinity_sheet(path: Path, tf: str) -> None:
    """Write the pipeline's sheet of sequences to marginalize: the variants of truth/energies.tsv."""
    row = {"tf": tf, "library": "variants", "file": "truth/energies.tsv", "reader": "simulated_energies"}
    _write_sheet(path, AFFINITY_COLUMNS, [row])


def _write_sheet(path: Path, header: str, rows: Sequence[Mapping[str, str]]) -> None:
    lines = [",".join(row.get(column, "") for column in header.split(",")) for row in rows]
    with atomic_output(path) as temporary:
        temporary.write_text("\n".join([header, *lines]) + "\n")
