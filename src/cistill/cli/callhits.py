"""Call the instances of motifs in the contributions of every region."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cistill.cli.declared_options import given_options, with_options
from cistill.declared import settings_from
from cistill.hits.callers import DEFAULT, all_own_options, caller_names, settings_for, shared_options
from cistill.hits.search_scope import Selection

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
@with_options([*shared_options(), *all_own_options()])
def main(
    context: typer.Context,
    attributions: Annotated[
        Path, typer.Option("--attributions", help="Contributions of one head: {tf}.{head}.attributions.h5.")
    ],
    motifs: Annotated[Path, typer.Option("--motifs", help="Motifs of the same head: {tf}.{head}.motifs.h5.")],
    method: Annotated[
        str, typer.Option("--method", help=f"How to call: {', '.join(caller_names())}; see docs/hits.md.")
    ] = DEFAULT,
    prefix: Annotated[
        str,
        typer.Option("--prefix", help="Start of the output files' names; by default {tf}.{head} of the attributions."),
    ] = "",
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
    **options: Any,
) -> None:
    """Call the instances of motifs in the contributions of every region.

    Writes {prefix}.hits.bed and {prefix}.callhits.json. An option whose help begins with a method's name is that
    method's own.
    """
    selection = settings_from(Selection, options)
    settings = settings_for(method, options, selection, given_options(context))
    from cistill.hits.callhits import call_hits

    outdir.mkdir(parents=True, exist_ok=True)
    call_hits(prefix, outdir, attributions, motifs, method, selection, settings)
