"""Summarize motif instances: prevalence, hits per region, co-occurrence, distances."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cistill.cli.declared_options import with_options
from cistill.declared import options_of, settings_from
from cistill.hits.statistics.settings import StatisticsSettings

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
@with_options(options_of(StatisticsSettings))
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
    motifs: Annotated[
        str, typer.Option("--motifs", help="Only these motif ids, comma-separated; all by default.")
    ] = "",
    prefix: Annotated[
        str, typer.Option("--prefix", help="Start of the output files' names; by default that of the hits' file.")
    ] = "",
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
    **options: Any,
) -> None:
    """Summarize motif instances: prevalence, hits per region, co-occurrence, distances.

    Writes {prefix}.prevalence.tsv, .hits_per_region.tsv, .homotypic.tsv, .cooccurrence.tsv, .distances.tsv,
    .distance_summary.tsv and .summarizehits.json.
    """
    from cistill.hits.hit_tables import default_label
    from cistill.hits.statistics.summarizehits import summarize_hits

    outdir.mkdir(parents=True, exist_ok=True)
    stem = outdir / (prefix or default_label(hits.name))
    chosen = [name for name in motifs.split(",") if name]
    summarize_hits(stem, hits, regions, chosen, settings_from(StatisticsSettings, options), merged)
