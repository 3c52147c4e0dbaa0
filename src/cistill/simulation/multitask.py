"""One factor in several cell types: its experiments, of different depth and bias, on one simulated genome."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cistill.simulation import task_truth, truth
from cistill.simulation.assay import (
    READ_LENGTH,
    peaks_of,
    simulate_reads,
    write_affinity_sheet,
    write_read_sets,
    write_samplesheet,
)
from cistill.simulation.cofactors import COFACTORS, Landscape, draw_with_cofactor
from cistill.simulation.coverage_bias import Stretches, biased, draw_stretches
from cistill.simulation.energies import MAIN, PARTNER, Binding, EnergyModel, Floats
from cistill.simulation.experiment import LISTED, draw_genome
from cistill.simulation.genome_sequence import Chromosome, write_fasta
from cistill.simulation.peak_calling import write_narrowpeak
from cistill.simulation.planting import Planted, PlantedMotif, SiteLibrary, plant_kinds, thin_chance_matches
from cistill.simulation.reads import WEAKEST, Bias, BoundSites, context_bias, draw_bias
from cistill.simulation.settings import MultitaskSettings, Task, generator
from cistill.tables import write_table


@dataclass
class CellType:
    """One task on every chromosome of the genome.

    Attributes
    ----------
    task : Task
        Its experiment.
    sites : list of BoundSites
        What is bound.
    energies : list of arrays, (sites,)
        ddG of these in kcal/mol.
    stretches : list of Stretches
        The planted bias.
    """

    task: Task
    sites: list[BoundSites]
    energies: list[Floats]
    stretches: list[Stretches]


def simulate_tasks(settings: MultitaskSettings, outdir: Path) -> dict[str, Any]:
    """Simulate all experiments and write their files into `outdir`.

    Parameters
    ----------
    settings : MultitaskSettings
        The choices; the same settings give the same bytes.
    outdir : Path
        A folder; made if it is missing.

    Returns
    -------
    dict
        The numbers of truth.json: peaks per task, sites per class, reads per file.
    """
    settings.check()
    (outdir / "truth").mkdir(parents=True, exist_ok=True)
    seed = settings.base.seed
    genome, planted = _draw_genome(settings)
    write_fasta(outdir / "genome.fa.gz", genome)
    cells = [CellType(task, [], [], _draw_stretches(settings, task, genome)) for task in settings.tasks]
    known = _bind(settings, genome, planted, cells, outdir / "truth")
    truth.write_motifs(outdir / "motifs.meme", generator(seed, "decoys"), _models(settings))

    contexts = context_bias(generator(seed, "cut bias"))
    rng = generator(seed, "regional bias")
    common = [draw_bias(chromosome.codes, contexts, READ_LENGTH, rng, settings.waves) for chromosome in genome]
    reads: dict[str, dict[str, int]] = {}
    rows, called = [], []
    for cell in cells:
        files, peaks, numbers = _experiment(settings, genome, cell, common, outdir)
        rows += files
        called.append(peaks)
        reads |= numbers
    every = pd.concat(called, ignore_index=True)
    every["peak_in"] = task_truth.tasks_at(every, [task.name for task in settings.tasks])
    write_table(outdir / "truth" / "peaks.tsv", every)
    write_samplesheet(outdir / "samplesheet.csv", rows)
    write_affinity_sheet(outdir / "affinity.csv", MAIN.name)

    result = {
        "reads": reads,
        "peaks": every["task"].value_counts(sort=False).to_dict(),
        "listed_sites": known["name"].value_counts().sort_index().to_dict(),
        "hotspots": sum(len(bias.hotspots) for bias in common),
        "chromosomes": {chromosome.name: len(chromosome.codes) for chromosome in genome},
    }
    truth.write_json(outdir / "truth" / "truth.json", {**task_truth.describe_tasks(settings), "numbers": result})
    return result


def _models(settings: MultitaskSettings) -> list[EnergyModel]:
    return [MAIN, PARTNER, *(COFACTORS[held.cofactor] for held in settings.held)]


def _draw_genome(settings: MultitaskSettings) -> tuple[list[Chromosome], list[Planted]]:
    """Return the chromosomes with their planted sites."""
    base = settings.base
    genome = draw_genome(base)
    thin_chance_matches(genome, base.chance_kept, generator(base.seed, "thinning"), _models(settings))
    libraries = (SiteLibrary(MAIN), SiteLibrary(PARTNER))
    cofactors = {held.cofactor: SiteLibrary(COFACTORS[held.cofactor]) for held in settings.held}

    def draw(kind: str, rng: np.random.Generator) -> list[PlantedMotif]:
        return draw_with_cofactor(kind, libraries, cofactors, rng)

    return genome, plant_kinds(genome, settings.kinds(), draw, generator(base.seed, "planting"))


def _draw_stretches(settings: MultitaskSettings, task: Task, genome: list[Chromosome]) -> list[Stretches]:
    """Return a task's planted bias on every chromosome."""
    rng = generator(settings.base.seed, "coverage bias", task.name)
    choices = (settings.stretch, settings.amplified, settings.amplification, settings.plus_share)
    return [draw_stretches(len(chromosome.codes), *choices, rng) for chromosome in genome]


def _bind(
    settings: MultitaskSettings,
    genome: list[Chromosome],
    planted: list[Planted],
    cells: Sequence[CellType],
    outdir: Path,
) -> pd.DataFrame:
    """Find what is bound in every cell type; write the tables of sites, cofactors, energies and planted bias.

    Returns
    -------
    pandas.DataFrame
        The table of sites.
    """
    depths = {cell.task.name: settings.base.depth * cell.task.depth * cell.task.replicates for cell in cells}
    where = {held.cofactor: held.tasks for held in settings.held}
    known, cofactors, stretches = [], [], []
    for index, chromosome in enumerate(genome):
        landscape = Landscape(chromosome.codes, list(where))
        bindings = {cell.task.name: landscape.bind(settings.cofactors_of(cell.task.name)) for cell in cells}
        for cell in cells:
            binding = bindings[cell.task.name]
            sites = truth.bound_sites(binding, WEAKEST)
            cell.sites.append(sites)
            cell.energies.append(site_energies(binding, sites))
            stretches.append(cell.stretches[index].table(chromosome.name, cell.task.name))
        here = [site for site in planted if site.chrom == chromosome.name]
        known.append(task_truth.task_sites(chromosome.name, bindings, here, depths, LISTED))
        cofactors.append(task_truth.cofactor_sites(chromosome.name, landscape.cofactors, where))
    table = pd.concat(known, ignore_index=True)
    write_table(outdir / "sites.bed", table, bed=True)
    write_table(outdir / "cofactors.bed", pd.concat(cofactors), bed=True)
    write_table(outdir / "bias.bed", pd.concat(stretches), bed=True)
    write_table(outdir / "energies.tsv", truth.variant_energies(MAIN))
    return table


def site_energies(binding: Binding, sites: BoundSites) -> Floats:
    """Return the ddG of sites in kcal/mol, `(sites,)`."""
    energies = np.empty(len(sites.start))
    for name, energy in binding.energy.items():
        chosen = sites.motif == name
        energies[chosen] = energy[sites.strand[chosen], sites.start[chosen]]
    return energies


def _experiment(
    settings: MultitaskSettings, genome: list[Chromosome], cell: CellType, common: list[Bias], outdir: Path
) -> tuple[list[dict[str, str]], pd.DataFrame, dict[str, dict[str, int]]]:
    """Write the reads and peaks of one task.

    Returns
    -------
    rows : list of dict
        Of the samplesheet.
    peaks : pandas.DataFrame
        See `task_truth.task_peaks`.
    numbers : dict
        Reads of each sort per file.
    """
    task, base = cell.task, settings.base
    own = replace(
        base, replicates=task.replicates, depth=base.depth * task.depth, background=base.background * task.background
    )
    bias = [biased(*pair) for pair in zip(common, cell.stretches, strict=True)]
    tracks = simulate_reads(own, cell.sites, bias, task.name)
    chip = {f"reads.{task.name}.rep{index}.bam": counts for index, counts in enumerate(tracks.chip, start=1)}
    control = {f"control.{task.name}.bam": tracks.control} if task.control else {}
    numbers = write_read_sets(base.seed, genome, {**chip, **control}, outdir)

    local = [stretches.along().mean(axis=0) for stretches in cell.stretches]
    prefix = f"{MAIN.name}_{task.name}_peak"
    peaks = peaks_of(own, genome, cell.sites, bias, tracks, prefix, task.name, local, task.min_enrichment)
    write_narrowpeak(outdir / f"peaks.{task.name}.narrowPeak", peaks)
    row = {
        "tf": MAIN.name,
        "task": task.name,
        "control_bam": "".join(control),
        "peaks": f"peaks.{task.name}.narrowPeak",
        "known_sites": "truth/sites.bed",
        "truth": "truth/truth.json",
    }
    causes = zip(cell.sites, cell.energies, cell.stretches, strict=True)
    made_by = {chromosome.name: cause for chromosome, cause in zip(genome, causes, strict=True)}
    table = task_truth.task_peaks(task.name, peaks, made_by, own.replicates, own.depth)
    return [{**row, "bam": file} for file in chip], table, numbers
