"""Check the affinity sheet and every table that it names before anything runs."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.presets import READERS

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    sheet: Annotated[
        Path,
        typer.Option("--input", help="Affinity sheet (CSV): tf, task, library, file, reader; see docs/usage.md."),
    ],
    models: Annotated[
        str | None,
        typer.Option(help="TFs that there are models of, with their tasks: TF/task,TF/task; any TF by default."),
    ] = None,
    files: Annotated[
        Path | None,
        typer.Option(
            help="Where the sheet's files were put: two tab-separated columns, the path as in the "
            "sheet and the path here; no header."
        ),
    ] = None,
    outdir: Annotated[Path, typer.Option(help="Folder for the results.")] = Path(),
) -> None:
    """Check the affinity sheet and every table that it names before anything runs.

    All problems come in one message. If there is none, writes libraries.tsv (one row per library).
    """
    from cistill.affinity.libraries_sheet import Models, check_libraries
    from cistill.data.named_files import FileFinder

    outdir.mkdir(parents=True, exist_ok=True)
    known = None if models is None else Models.from_text(models)
    check_libraries(sheet, known, FileFinder.make(sheet, files), READERS, outdir)
