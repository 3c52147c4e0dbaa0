"""Summarize motif instances: prevalence, hits per region, co-occurrence, distances."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    hits: Annotated[Path, typer.Option("--hits", help="Motif instances: {tf}.{head}.hits.bed.")],
    regions: Annotated[
        Path,
        typer.Option("--regions", help="Table of regions, {tf}.regions.tsv: its kept peaks are what shares are of."),
    ],
    merged: Annotated[
        Path | None,
        typer.Option("--merged", help="{tf}.merged.tsv: hits of both heads are counted by the motifs merged there."),
    ] = None,
    min_confidence: Annotated[
        float, typer.Option("--min_confidence", help="Only hits of at least this confidence.", min=0, max=1)
    ] = 0,
    motifs: Annotated[
        str, typer.Option("--motifs", help="Only these motif ids, comma-separated; all by default.")
    ] = "",
    null: Annotated[
        str,
        typer.Option(
            "--null",
            help="What chance is, for co-occurrence: exact (the distribution over all permutations, computed), "
            "permutation (random ones), fisher (the published test of pairs).",
        ),
    ] = "exact",
    permutations: Annotated[
        int, typer.Option("--permutations", help="Random permutations of --null permutation.", min=1)
    ] = 10000,
    strata: Annotated[
        str,
        typer.Option(
            "--strata",
            help="Column of the regions (counts, gc, tasks, ...): hits move among regions alike in it.",
        ),
    ] = "",
    strata_bins: Annotated[
        int, typer.Option("--strata_bins", help="Quantiles that a column of numbers is cut into.", min=2)
    ] = 5,
    max_homotypic: Annotated[
        int, typer.Option("--max_homotypic", help="Largest k of the regions with at least k hits of a motif.", min=1)
    ] = 5,
    seed: Annotated[int, typer.Option("--seed", help="Seed of permutations and of ties.", min=0)] = 0,
    prefix: Annotated[
        str, typer.Option("--prefix", help="Start of the output files' names; by default that of the hits' file.")
    ] = "",
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
) -> None:
    """Summarize motif instances: prevalence, hits per region, co-occurrence, distances.

    Writes {prefix}.prevalence.tsv, .hits_per_region.tsv, .homotypic.tsv, .cooccurrence.tsv, .distances.tsv,
    .distance_summary.tsv and .summarizehits.json.
    """
    from cistill.hits.comparison.hit_sets import default_label
    from cistill.hits.statistics.summary_files import summarize

    outdir.mkdir(parents=True, exist_ok=True)
    stem = outdir / (prefix or default_label(hits.name))
    chosen = [name for name in motifs.split(",") if name]
    summarize(
        stem,
        hits,
        regions,
        min_confidence,
        chosen,
        null,
        permutations,
        strata,
        strata_bins,
        max_homotypic,
        seed,
        merged,
    )
