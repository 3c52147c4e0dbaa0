"""Pool motif instances; where instances overlap, the best stays."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cistill.cli.declared_options import with_options
from cistill.declared import options_of, settings_from
from cistill.hits.pooling.settings import CollapseSettings

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
@with_options(options_of(CollapseSettings))
def main(
    hits: Annotated[
        list[Path], typer.Argument(help="Motif instances, hits.bed: one file, or one for each head.", metavar="HITS...")
    ],
    prefix: Annotated[str, typer.Option("--prefix", help="Start of the output files' names, for example the TF.")],
    merged: Annotated[
        Path | None,
        typer.Option("--merged", help="{tf}.merged.tsv: hits get the names of the motifs that were merged there."),
    ] = None,
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
    **options: Any,
) -> None:
    """Pool motif instances; where instances overlap, the best stays.

    Writes {prefix}.hits.bed, whose last column names the heads that saw a site, and {prefix}.collapse.json.
    """
    from cistill.hits.pooling.collapse import collapse_hits

    outdir.mkdir(parents=True, exist_ok=True)
    collapse_hits(prefix, outdir, hits, settings_from(CollapseSettings, options), merged)
