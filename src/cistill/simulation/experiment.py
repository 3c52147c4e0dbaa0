"""The whole simulated experiment: from settings to the files that a user would bring, and the truth."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.files import atomic_output
from cistill.simulation import truth
from cistill.simulation.bam import write_bam
from cistill.simulation.energies import MAIN, Codes, bind
from cistill.simulation.genome import (
    CHROMOSOME_END,
    Chromosome,
    chromosome_lengths,
    draw_chromosome,
    write_fasta,
)
from cistill.simulation.library import make_library
from cistill.simulation.peaks import call_peaks, write_narrowpeak
from cistill.simulation.planting import Counts, Planted, plant, thin_chance_matches
from cistill.simulation.reads import (
    SITE_SHAPE,
    WEAKEST,
    Bias,
    Sites,
    context_bias,
    draw_background,
    draw_bias,
    draw_chip,
)
from cistill.tables import write_table

READ_LENGTH = 36
LISTED = 0.02  # least recruitment of a site in truth/sites.bed
FALSE_PEAK_CHANCE = 0.6  # that a caller falls for a hotspot, if it is high enough
SHEET_COLUMNS = (
    "tf,task,bam,bigwig_plus,bigwig_minus,control_bam,control_bigwig_plus,control_bigwig_minus,peaks,known_sites,truth"
)


@dataclass(frozen=True)
class Settings:
    """What can be chosen of a simulated experiment.

    Attributes
    ----------
    seed : int
        Of every random choice.
    genome_size : int
        bp.
    chromosomes : int
        Number of chromosomes.
    sites : int
        Arrangements to plant that hold the main motif.
    paired : float
        Share of these with the partner where the spacing rule wants it.
    misplaced : float
        Share of these with the partner elsewhere.
    partner_alone : int
        Sites of the partner alone.
    chance_kept : float
        Share of the matches that a random genome holds by chance that stays.
    replicates : int
        ChIP read sets.
    depth : float
        Expected tags per replicate of a fully occupied site.
    background : float
        Expected background tags per base and replicate, both strands together.
    control : float
        The same for the control.
    """

    seed: int = 1
    genome_size: int = 3_600_000
    chromosomes: int = 6
    sites: int = 500
    paired: float = 0.25
    misplaced: float = 0.2
    partner_alone: int = 110
    chance_kept: float = 0.08
    replicates: int = 2
    depth: float = 600.0
    background: float = 0.02
    control: float = 0.04

    def check(self) -> None:
        """Raise InputError, naming every setting that makes no sense."""
        problems = []
        if self.genome_size < self.chromosomes * 10_000:
            problems.append(f"genome_size must be at least 10,000 bp a chromosome, not {self.genome_size}")
        if min(self.chromosomes, self.replicates) < 1:
            problems.append("chromosomes and replicates must be at least 1")
        if min(self.sites, self.partner_alone, self.seed) < 0:
            problems.append("seed, sites and partner_alone must not be negative")
        if min(self.paired, self.misplaced) < 0 or self.paired + self.misplaced > 1:
            problems.append("paired and misplaced are shares of the sites; together at most 1")
        if not 0 <= self.chance_kept <= 1:
            problems.append(f"chance_kept is a share (0..1), not {self.chance_kept}")
        if min(self.depth, self.background, self.control) <= 0:
            problems.append("depth, background and control must be positive")
        if problems:
            raise InputError("\n".join(problems))

    def arrangements(self) -> Counts:
        """Return how many arrangements of each kind to plant."""
        paired, misplaced = round(self.paired * self.sites), round(self.misplaced * self.sites)
        return Counts(self.sites - paired - misplaced, paired, misplaced, self.partner_alone)


PRESETS = {
    "tiny": Settings(genome_size=300_000, chromosomes=3, sites=60, partner_alone=14, depth=400.0),
    "demo": Settings(),
    "large": Settings(genome_size=24_000_000, chromosomes=12, sites=3_300, partner_alone=720),
}


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return the generator of one purpose; a change of one stage leaves the random choices of others."""
    return np.random.default_rng([seed, *purpose.encode()])


def simulate_genome(settings: Settings) -> tuple[list[Chromosome], list[Planted]]:
    """Return the chromosomes with their planted sites."""
    rng = generator(settings.seed, "genome")
    lengths = chromosome_lengths(settings.genome_size, settings.chromosomes)
    genome = [draw_chromosome(f"chr{number}", length, rng) for number, length in enumerate(lengths, start=1)]
    thin_chance_matches(genome, settings.chance_kept, generator(settings.seed, "thinning"))
    return genome, plant(genome, settings.arrangements(), generator(settings.seed, "planting"))


@dataclass(frozen=True)
class Tracks:
    """5' ends `(2, length)` of every chromosome: `chip[replicate][chromosome]` and `control[chromosome]`."""

    chip: list[list[NDArray[np.int32]]]
    control: list[NDArray[np.int32]]


def simulate_reads(settings: Settings, sites: list[Sites], bias: list[Bias]) -> Tracks:
    """Draw the 5' ends of all read sets."""
    rng = generator(settings.seed, "sites")
    factors = [rng.gamma(SITE_SHAPE, 1 / SITE_SHAPE, len(bound.start)) for bound in sites]
    chip = []
    for replicate in range(settings.replicates):
        rng = generator(settings.seed, f"replicate {replicate + 1}")
        chip.append(
            [
                draw_chip(*chromosome, settings.depth, settings.background, rng)
                for chromosome in zip(sites, factors, bias, strict=True)
            ]
        )
    rng = generator(settings.seed, "control")
    return Tracks(chip, [draw_background(chromosome, settings.control, rng) for chromosome in bias])


def simulate(settings: Settings, outdir: Path) -> dict[str, Any]:
    """Simulate one experiment and write all its files into `outdir`.

    Parameters
    ----------
    settings : Settings
        The choices; the same settings give the same bytes.
    outdir : Path
        A folder; made if it is missing.

    Returns
    -------
    dict
        The numbers of truth.json: peaks, sites per class, reads per file.
    """
    settings.check()
    (outdir / "truth").mkdir(parents=True, exist_ok=True)
    genome, planted = simulate_genome(settings)
    write_fasta(outdir / "genome.fa.gz", genome)

    contexts = context_bias(generator(settings.seed, "cut bias"))
    bias_rng = generator(settings.seed, "regional bias")
    bias, sites, tables = [], [], []
    for chromosome in genome:
        bias.append(draw_bias(chromosome.codes, contexts, READ_LENGTH, bias_rng))
        binding = bind(chromosome.codes)
        sites.append(truth.bound_sites(binding, WEAKEST))
        here = [site for site in planted if site.chrom == chromosome.name]
        tables.append(truth.site_table(chromosome.name, binding, here, LISTED, settings.depth))
    known = pd.concat(tables, ignore_index=True)
    write_table(outdir / "truth" / "sites.bed", known, bed=True)
    write_table(outdir / "truth" / "energies.tsv", truth.variant_energies(MAIN))
    truth.write_motifs(outdir / "motifs.meme", generator(settings.seed, "decoys"))

    tracks = simulate_reads(settings, sites, bias)
    numbers: dict[str, Any] = {"reads": write_read_sets(settings, genome, tracks, outdir)}
    peaks = _call(settings, genome, sites, bias, tracks)
    write_narrowpeak(outdir / "peaks.narrowPeak", peaks)
    write_samplesheet(outdir / "samplesheet.csv", settings.replicates)

    numbers["peaks"] = len(peaks)
    numbers["listed_sites"] = known["name"].value_counts().sort_index().to_dict()
    numbers["planted"] = asdict(settings.arrangements())
    numbers["hotspots"] = sum(len(chromosome.hotspots) for chromosome in bias)
    numbers["chromosomes"] = {chromosome.name: len(chromosome.codes) for chromosome in genome}
    content = {**truth.describe_biology(), "settings": asdict(settings), "numbers": numbers}
    truth.write_json(outdir / "truth" / "truth.json", content)
    return numbers


def write_read_sets(
    settings: Settings, genome: list[Chromosome], tracks: Tracks, outdir: Path
) -> dict[str, dict[str, int]]:
    """Write all BAM files; return the numbers of reads of each sort per file."""
    named: list[tuple[str, Codes]] = [(chromosome.name, chromosome.codes) for chromosome in genome]
    files = {f"reads.rep{index}.bam": counts for index, counts in enumerate(tracks.chip, start=1)}
    numbers = {}
    for name, counts in {**files, "control.bam": tracks.control}.items():
        rng = generator(settings.seed, name)
        library = make_library([codes for _, codes in named], counts, READ_LENGTH, rng)
        write_bam(outdir / name, named, library.reads, library.unmapped, READ_LENGTH, rng)
        numbers[name] = library.numbers
    return numbers


def _call(
    settings: Settings, genome: list[Chromosome], sites: list[Sites], bias: list[Bias], tracks: Tracks
) -> pd.DataFrame:
    rng = generator(settings.seed, "peaks")
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
    return call_peaks(names, sites, misleading, pooled, per_bp, rng, prefix=f"{MAIN.name}_peak")


def write_samplesheet(path: Path, replicates: int) -> None:
    """Write the pipeline's samplesheet: one row per replicate, paths relative to the sheet."""
    rows = [
        f"{MAIN.name},{MAIN.name.lower()},reads.rep{index}.bam,,,control.bam,,,peaks.narrowPeak,truth/sites.bed,"
        "truth/truth.json"
        for index in range(1, replicates + 1)
    ]
    with atomic_output(path) as temporary:
        temporary.write_text("\n".join([SHEET_COLUMNS, *rows]) + "\n")
