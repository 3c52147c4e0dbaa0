"""List the files that samplesheet and affinity sheet name, so that they can be brought to a task."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    samplesheet: Annotated[Path | None, typer.Option(help="Samplesheet.")] = None,
    affinity: Annotated[Path | None, typer.Option(help="Affinity sheet.")] = None,
    outdir: Annotated[Path, typer.Option(help="Folder for the results.")] = Path(),
) -> None:
    """List the files that samplesheet and affinity sheet name, so that they can be brought to a task.

    Writes sheets.json: of each sheet the cells that name files, and of the samplesheet the tasks, as TF/task. A sheet
    that cannot be read names none: `check` and `checklibraries` report what is wrong with it.
    """
    import json
    from contextlib import suppress

    from cistill.affinity.libraries_sheet import named_files as tables_of
    from cistill.data.samplesheet import named_files, named_tasks, read_samplesheet
    from cistill.errors import InputError
    from cistill.files import atomic_output

    found: dict[str, dict[str, list[str]]] = {
        "samplesheet": {"files": [], "tasks": []},
        "affinity": {"files": []},
    }
    # what is wrong with a sheet is for `check` and `checklibraries` to say
    with suppress(InputError):
        if samplesheet is not None:
            rows, _ = read_samplesheet(samplesheet)
            found["samplesheet"] = {"files": named_files(rows), "tasks": named_tasks(rows)}
    with suppress(InputError):
        if affinity is not None:
            found["affinity"] = {"files": tables_of(affinity)}
    outdir.mkdir(parents=True, exist_ok=True)
    with atomic_output(outdir / "sheets.json") as temporary:
        temporary.write_text(json.dumps(found, indent=2) + "\n")
