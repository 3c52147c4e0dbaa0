"""Read a table of in-vitro measurements, or generate sequences, into the form that other commands read."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.presets import READERS

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    table: Annotated[
        Path | None, typer.Option("--table", help="File of sequences and labels, plain or gzipped text.")
    ] = None,
    reader: Annotated[
        str | None,
        typer.Option(
            "--reader",
            help="How to read it: a name (assets/readers) or a YAML file, with its parameters after colons: "
            "betseq:protein=Pho4.",
        ),
    ] = None,
    generate: Annotated[
        str | None,
        typer.Option(
            "--generate",
            help="Generate sequences instead: pattern:IUPAC, kmers:K, substitutions:CONSENSUS[:MOST], "
            "spacers:HALF:HALF[:0-10], repeats:SITE.",
        ),
    ] = None,
    prefix: Annotated[str, typer.Option("--prefix", help="Start of the output files' names.")] = "affinity",
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
) -> None:
    """Read a table of in-vitro measurements, or generate sequences, into one form.

    Writes {prefix}.library.tsv and {prefix}.library.json.
    """
    from cistill.affinity.tables.build_library import build_library

    outdir.mkdir(parents=True, exist_ok=True)
    build_library(table, reader, generate, READERS, outdir / prefix)
