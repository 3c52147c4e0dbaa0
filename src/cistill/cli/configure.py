"""Check the parameters and the file of options, and write the options of every command of a run."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.errors import InputError

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    params: Annotated[Path, typer.Option(help="The pipeline's parameters (JSON).")],
    schema: Annotated[Path, typer.Option(help="nextflow_schema.json.")],
    options: Annotated[
        Path | None, typer.Option(help="Options of single commands (YAML): command, option, value.")
    ] = None,
    given: Annotated[
        Path | None,
        typer.Option(
            help="Files that parameters name, to be read: parameter, file as given, and where it is; tab-separated."
        ),
    ] = None,
    samplesheet: Annotated[
        Path | None, typer.Option(help="Samplesheet, whose TFs and tasks the table of --choice must suit.")
    ] = None,
    pipeline_version: Annotated[
        str | None, typer.Option("--pipeline_version", help="Version of the pipeline, which must be that of cistill.")
    ] = None,
    pipeline_library: Annotated[
        str | None, typer.Option("--pipeline_library", help="Digest of the pipeline's src/cistill; must be the same.")
    ] = None,
    problems: Annotated[
        Path | None, typer.Option(help="Write what is wrong there, a line each, and exit with 0.")
    ] = None,
    outdir: Annotated[Path, typer.Option(help="Folder for the results.")] = Path(),
) -> None:
    """Check the parameters and the file of options, and write the options of every command of a run.

    Files that parameters name are read whole. All problems come in one message. If there is none, writes options.json:
    for each command the options that parameters and the file give it, the file's over the parameters'. With --problems
    it is written in any case, without what is wrong: the sheets are checked with it.
    """
    from cistill.cli import COMMANDS, app_of
    from cistill.files import atomic_output
    from cistill.hits.callers import caller_names, own_options
    from cistill.parameters.configure import Commands, configure, pipeline_problems, write_configuration
    from cistill.parameters.given_files import read_given_files
    from cistill.parameters.options import options_of
    from cistill.parameters.table import read_table
    from cistill.texts import read_object

    found = pipeline_problems(pipeline_version, pipeline_library)
    if not found:
        callers = {caller: frozenset(own_options(caller)) for caller in caller_names()}
        known = Commands(options_of(COMMANDS, app_of), callers, read_table())
        values, meaning = read_object(params, "parameters"), read_object(schema, "parameter schema")
        made = configure(known, values, meaning, options, read_given_files(given) if given else (), samplesheet)
        found = made.problems
        outdir.mkdir(parents=True, exist_ok=True)
        if not found or problems is not None:
            write_configuration(made, outdir / "options.json")
    if found and problems is not None:
        with atomic_output(problems) as temporary:
            temporary.write_text("".join(f"{problem}\n" for problem in found))
    elif found:
        plural = "problem" if len(found) == 1 else "problems"
        lines = [f"{len(found)} {plural} in the parameters and options; nothing was run"]
        raise InputError("\n  ".join([*lines, *found]))
