"""Scan sequences with position weight matrices."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.errors import InputError

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    motifs: Annotated[
        Path, typer.Option("--motifs", help="Matrices: a MEME file, or a motifs.h5, of which the cores.")
    ],
    prefix: Annotated[str, typer.Option("--prefix", help="Start of the output files' names.")],
    fasta: Annotated[
        Path | None, typer.Option("--fasta", help="Sequences, plain or gzipped; all of them without --bed.")
    ] = None,
    bed: Annotated[
        Path | None,
        typer.Option("--bed", help="Regions of --fasta (BED or narrowPeak): --window bases around their summits."),
    ] = None,
    dataset: Annotated[
        Path | None, typer.Option("--dataset", help="Instead: the peaks of a {tf}.dataset.h5, --window bases of each.")
    ] = None,
    window: Annotated[
        int, typer.Option("--window", help="Bases around every summit, with --bed and --dataset.", min=2)
    ] = 400,
    motifs_subset: Annotated[
        str,
        typer.Option(
            "--motifs_subset", help="Motifs to scan with, by name, separated by commas; wildcards are allowed."
        ),
    ] = "",
    include_weak: Annotated[
        bool, typer.Option("--include_weak", help="Of a motifs.h5: scan with motifs that are marked as weak, too.")
    ] = False,
    scoring: Annotated[
        str,
        typer.Option(
            "--scoring", help="moods (natural-log odds, exact p-values) or fimo (bins of 0.1 bits, memelite)."
        ),
    ] = "moods",
    p_value: Annotated[
        float, typer.Option("--p_value", help="Matches of at most this p-value are hits.", min=1e-12, max=1)
    ] = 1e-4,
    pseudocount: Annotated[
        float | None,
        typer.Option("--pseudocount", help="Added to frequencies; 0.01 for moods, 0.0001 a base for fimo.", min=0),
    ] = None,
    background: Annotated[
        str,
        typer.Option(
            "--background", help="Base composition: flat, regions (that of what is scanned), or A,C,G,T frequencies."
        ),
    ] = "flat",
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
) -> None:
    """Scan sequences with position weight matrices.

    Writes {prefix}.hits.bed and {prefix}.scan.json. Where there are contributions, `callhits --method scan` measures
    them at the hits.
    """
    if (fasta is None) == (dataset is None) or (dataset is not None and bed is not None):
        raise InputError("give --fasta, with --bed or without, or --dataset alone")
    from cistill.hits.scan.sequence_scan import Where, scan_and_write
    from cistill.hits.scan.settings import ScanSettings

    outdir.mkdir(parents=True, exist_ok=True)
    settings = ScanSettings(scoring, p_value, pseudocount, background)
    scan_and_write(prefix, outdir, motifs, Where(fasta, bed, dataset, window), motifs_subset, include_weak, settings)
