"""Leave out motif instances that do not reach thresholds, or that chance explains."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cistill.cli.declared_options import with_options
from cistill.declared import options_of, settings_from
from cistill.errors import InputError
from cistill.hits.filtering.settings import ChanceSettings, Thresholds
from cistill.hits.search_scope import Selection

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
@with_options([*options_of(Thresholds), *options_of(ChanceSettings)])
def main(
    hits: Annotated[Path, typer.Option("--hits", help="Motif instances of one head: {tf}.{head}.hits.bed.")],
    prefix: Annotated[str, typer.Option("--prefix", help="Start of the output files' names, for example {tf}.{head}.")],
    attributions: Annotated[
        Path | None,
        typer.Option(
            "--attributions", help="The contributions that the hits were called in; for the comparison with chance."
        ),
    ] = None,
    motifs: Annotated[
        Path | None,
        typer.Option("--motifs", help="The motifs.h5 that the hits were called with; for that and --motifs_subset."),
    ] = None,
    window: Annotated[
        int, typer.Option("--window", help="Central bases of every region that hits were called in.", min=2)
    ] = Selection.window,
    motifs_subset: Annotated[
        str,
        typer.Option("--motifs_subset", help="Keep hits of these motifs alone, separated by commas; as for callhits."),
    ] = "",
    no_chance: Annotated[
        bool, typer.Option("--no_chance", help="Do not compare hits with random windows: thresholds alone.")
    ] = False,
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
    **options: Any,
) -> None:
    """Leave out motif instances that do not reach thresholds, or that chance explains.

    Writes {prefix}.hits.bed, {prefix}.filter.tsv (what random windows showed, per motif) and {prefix}.filterhits.json
    (how many hits each threshold removed).
    """
    if motifs_subset and motifs is None:
        raise InputError("--motifs_subset needs --motifs, which says what motifs there are")
    from cistill.hits.filtering.filterhits import filter_hits

    outdir.mkdir(parents=True, exist_ok=True)
    thresholds = settings_from(Thresholds, options)
    chance = None if no_chance else settings_from(ChanceSettings, options)
    filter_hits(prefix, outdir, hits, attributions, motifs, motifs_subset, window, thresholds, chance)
