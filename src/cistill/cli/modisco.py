"""Find recurring patterns of contributions (TF-MoDISco) and match them with a motif database."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cistill.console import LOG
from cistill.interpret.modisco_settings import (
    FOOTPRINT_WIDTH,
    MAX_REGIONS,
    OPTION_NAMES,
    PRESETS,
    WINDOW,
    modisco_settings,
)
from cistill.seeds import LARGEST_SEED, SEED

DEFAULT = PRESETS["default"]
app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


class Preset(StrEnum):
    """Sets of parameters."""

    default = "default"
    published = "published"


@app.command()
def main(
    attributions: Annotated[
        Path, typer.Option("--attributions", help="Contributions of one head: {tf}.{head}.attributions.h5.")
    ],
    motif_db: Annotated[
        Path | None,
        typer.Option(
            "--motif_db", help="Known motifs to compare with: MEME, JASPAR, HOMER, TRANSFAC, CIS-BP or others."
        ),
    ] = None,
    window: Annotated[
        int,
        typer.Option("--window", help="Central bases of every region to search; clipped to the input's length.", min=2),
    ] = WINDOW,
    preset: Annotated[
        Preset,
        typer.Option("--preset", help="Parameters of TF-MoDISco; published is default with 50 clusterings a round."),
    ] = Preset.default,
    parameters: Annotated[
        Path | None,
        typer.Option(
            "--parameters", help="JSON object of single parameters, named as tfmodisco-lite does, over the preset."
        ),
    ] = None,
    max_seqlets: Annotated[
        int | None,
        typer.Option(
            "--max_seqlets",
            help=f"At most this many seqlets of each sign; by default {DEFAULT.max_seqlets_per_metacluster:,}.",
            min=1,
        ),
    ] = None,
    max_regions: Annotated[
        int,
        typer.Option(
            "--max_regions", help="At most this many regions, drawn at random; bounds memory (30 kB each).", min=1
        ),
    ] = MAX_REGIONS,
    seqlet_fdr: Annotated[
        float | None,
        typer.Option(
            "--seqlet_fdr",
            help=f"False discovery rate of seqlets against a fitted null; by default {DEFAULT.target_seqlet_fdr}.",
            min=0,
            max=1,
        ),
    ] = None,
    leiden_runs: Annotated[
        int | None,
        typer.Option(
            "--leiden_runs",
            help=f"Clusterings tried per round; by default {DEFAULT.n_leiden_runs}.",
            min=1,
        ),
    ] = None,
    min_seqlets: Annotated[
        int | None,
        typer.Option(
            "--min_seqlets",
            help=f"Patterns of fewer seqlets are left out; by default {DEFAULT.final_min_cluster_size}.",
            min=1,
        ),
    ] = None,
    dataset: Annotated[
        Path | None, typer.Option("--dataset", help="The TF's dataset.h5: write the mean profile around seqlets.")
    ] = None,
    predictions: Annotated[
        Path | None, typer.Option("--predictions", help="The TF's predictions.h5: the same of predicted profiles.")
    ] = None,
    footprint_width: Annotated[
        int,
        typer.Option("--footprint_width", help="Width of these mean profiles, bp; at most half the output's.", min=2),
    ] = FOOTPRINT_WIDTH,
    seed: Annotated[
        int, typer.Option("--seed", help="Seed of the order in which regions are taken.", min=0, max=LARGEST_SEED)
    ] = SEED,
    prefix: Annotated[
        str,
        typer.Option("--prefix", help="Start of the output files' names; by default {tf}.{head} of the attributions."),
    ] = "",
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
) -> None:
    """Find recurring patterns of contributions (TF-MoDISco) and match them with a motif database.

    Writes {prefix}.modisco.h5 (tfmodisco-lite's layout), .motifs.tsv, .motifs.h5, .motifs.meme, .seqlets.tsv,
    .summit_distances.tsv and .modisco.json, and with --dataset or --predictions .footprints.h5. An option that is given
    goes over --parameters, and this over --preset.
    """
    from cistill.formats.attributions import open_windows
    from cistill.formats.motif_files.reader import read_database
    from cistill.motifs.discovery import discover
    from cistill.motifs.motif_footprints import open_profiles

    options = {
        "max_seqlets": max_seqlets,
        "seqlet_fdr": seqlet_fdr,
        "leiden_runs": leiden_runs,
        "min_seqlets": min_seqlets,
    }
    given = {OPTION_NAMES[name]: value for name, value in options.items()}
    settings = modisco_settings(preset.value, parameters, given)
    windows = open_windows(attributions, window)
    if windows.length < window:
        LOG.info("searching the central %d bp: windows are even and no longer than the input", windows.length)
    database = read_database(motif_db) if motif_db else []
    profiles = open_profiles(dataset, predictions)
    outdir.mkdir(parents=True, exist_ok=True)
    stem = outdir / (prefix or f"{windows.tf}.{windows.head}")
    discover(stem, windows, database, motif_db, settings, seed, max_regions, profiles, footprint_width, preset.value)
