"""Pool motif instances; where instances overlap, the best stays."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    hits: Annotated[
        list[Path], typer.Argument(help="Motif instances, hits.bed: one file, or one for each head.", metavar="HITS...")
    ],
    prefix: Annotated[str, typer.Option("--prefix", help="Start of the output files' names, the TF say.")],
    merged: Annotated[
        Path | None,
        typer.Option("--merged", help="{tf}.merged.tsv: hits get the names of the motifs that were merged there."),
    ] = None,
    mode: Annotated[
        str,
        typer.Option("--mode", help="all: hits of all motifs compete; by_motif: those of one motif among themselves."),
    ] = "all",
    column: Annotated[
        str,
        typer.Option(
            "--column",
            help="What decides which hit is the best, higher is better: confidence is comparable between heads; "
            "published: importance_total, method_score for a scan.",
        ),
    ] = "confidence",
    rule: Annotated[
        str,
        typer.Option(
            "--rule",
            help="nms: from the best hit down, what overlaps a kept one is left out; chain: hits connected by overlaps "
            "leave one, however many they are (published).",
        ),
    ] = "nms",
    shared: Annotated[
        int,
        typer.Option(
            "--shared", help="Hits that share this many bases compete, strands aside; 0: touching is enough.", min=0
        ),
    ] = 3,
    merge_coordinates: Annotated[
        bool, typer.Option("--merge_coordinates", help="With --rule chain: the hit that is left spans its chain.")
    ] = False,
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
) -> None:
    """Pool motif instances; where instances overlap, the best stays.

    Writes {prefix}.hits.bed, whose last column names the heads that saw a site, and {prefix}.collapse.json.
    """
    from cistill.hits.pooling.collapse import collapse_and_write

    outdir.mkdir(parents=True, exist_ok=True)
    collapse_and_write(prefix, outdir, hits, mode, column, rule, shared, merge_coordinates, merged)
