"""Scan sequences with position weight matrices."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cistill.cli.declared_options import with_options
from cistill.declared import options_of, settings_from
from cistill.errors import InputError
from cistill.hits.scan.settings import ScanSettings
from cistill.hits.search_scope import Selection

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
@with_options(options_of(ScanSettings))
def main(
    motifs: Annotated[
        Path,
        typer.Option("--motifs", help="Matrices: MEME, JASPAR, HOMER, TRANSFAC, ..., or the cores of a motifs.h5."),
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
    ] = Selection.window,
    motifs_subset: Annotated[
        str,
        typer.Option(
            "--motifs_subset", help="Motifs to scan with, by name, separated by commas; wildcards are allowed."
        ),
    ] = "",
    include_weak: Annotated[
        bool, typer.Option("--include_weak", help="Of a motifs.h5: scan with motifs that are marked as weak, too.")
    ] = False,
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
    **options: Any,
) -> None:
    """Scan sequences with position weight matrices.

    Writes {prefix}.hits.bed and {prefix}.scan.json. Where there are contributions, `callhits --method scan` measures
    them at the hits.
    """
    if (fasta is None) == (dataset is None) or (dataset is not None and bed is not None):
        raise InputError("give --fasta, with --bed or without, or --dataset alone")
    from cistill.hits.scan.scan import Where, scan

    outdir.mkdir(parents=True, exist_ok=True)
    where = Where(fasta, bed, dataset, window)
    scan(prefix, outdir, motifs, where, motifs_subset, include_weak, settings_from(ScanSettings, options))
