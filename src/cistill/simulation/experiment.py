"""The whole simulated experiment: from settings to the files that a user would bring, and the truth."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from cistill.simulation import truth
from cistill.simulation.assay import (
    READ_LENGTH,
    peaks_of,
    simulate_reads,
    write_affinity_sheet,
    write_read_sets,
    write_samplesheet,
)
from cistill.simulation.energies import MAIN, bind
from cistill.simulation.genome_sequence import Chromosome, chromosome_lengths, draw_chromosome, write_fasta
from cistill.simulation.peak_calling import write_narrowpeak
from cistill.simulation.planting import Planted, plant, thin_chance_matches
from cistill.simulation.reads import WEAKEST, context_bias, draw_bias
from cistill.simulation.settings import Settings, generator
from cistill.tables import write_table

LISTED = 0.02  # least recruitment of a site in truth/sites.bed


def draw_genome(settings: Settings) -> list[Chromosome]:
    """Return the chromosomes without sites."""
    rng = generator(settings.seed, "genome")
    lengths = chromosome_lengths(settings.genome_size, settings.chromosomes)
    return [draw_chromosome(f"chr{number}", length, rng) for number, length in enumerate(lengths, start=1)]


def simulate_genome(settings: Settings) -> tuple[list[Chromosome], list[Planted]]:
    """Return the chromosomes with their planted sites."""
    genome = draw_genome(settings)
    thin_chance_matches(genome, settings.chance_kept, generator(settings.seed, "thinning"))
    return genome, plant(genome, settings.arrangements(), generator(settings.seed, "planting"))


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
    files = {f"reads.rep{index}.bam": counts for index, counts in enumerate(tracks.chip, start=1)}
    numbers: dict[str, Any] = {
        "reads": write_read_sets(settings.seed, genome, {**files, "control.bam": tracks.control}, outdir)
    }
    peaks = peaks_of(settings, genome, sites, bias, tracks, prefix=f"{MAIN.name}_peak")
    write_narrowpeak(outdir / "peaks.narrowPeak", peaks)
    row = {
        "tf": MAIN.name,
        "task": MAIN.name.lower(),
        "control_bam": "control.bam",
        "peaks": "peaks.narrowPeak",
        "known_sites": "truth/sites.bed",
        "truth": "truth/truth.json",
    }
    write_samplesheet(outdir / "samplesheet.csv", [{**row, "bam": name} for name in files])
    write_affinity_sheet(outdir / "affinity.csv", MAIN.name)

    numbers["peaks"] = len(peaks)
    numbers["listed_sites"] = known["name"].value_counts().sort_index().to_dict()
    numbers["planted"] = asdict(settings.arrangements())
    numbers["hotspots"] = sum(len(chromosome.hotspots) for chromosome in bias)
    numbers["chromosomes"] = {chromosome.name: len(chromosome.codes) for chromosome in genome}
    content = {**truth.describe_biology(), "settings": asdict(settings), "numbers": numbers}
    truth.write_json(outdir / "truth" / "truth.json", content)
    return numbers
