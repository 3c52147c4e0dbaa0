"""Check the samplesheet, the parameters and every input file before anything runs."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.data.contigs import LEAVE_OUT, UnknownContigs
from cistill.errors import InputError

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    samplesheet: Annotated[
        Path, typer.Option("--input", help="Samplesheet (CSV). Relative paths in it start from its folder.")
    ],
    fasta: Annotated[Path, typer.Option(help="Genome, FASTA, plain or gzipped.")],
    files: Annotated[
        Path | None,
        typer.Option(
            help="Where the sheet's files were put: two tab-separated columns, the path as in the "
            "sheet and the path here; no header."
        ),
    ] = None,
    params: Annotated[
        Path | None, typer.Option(help="The pipeline's parameters (JSON), checked against --schema.")
    ] = None,
    schema: Annotated[Path | None, typer.Option(help="nextflow_schema.json.")] = None,
    exclude: Annotated[Path | None, typer.Option(help="BED file of intervals without usable data.")] = None,
    splits: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folds: hg38, mm10, sacCer3, a JSON file {name: {train, valid, test}} or one fold, or a folder of "
            "such files; repeat for several."
        ),
    ] = None,
    folds: Annotated[
        str | None,
        typer.Option(help="Comma-separated names of the folds that will be used, or 'all'; the first one by default."),
    ] = None,
    test_chroms: Annotated[
        str | None, typer.Option("--test_chroms", help="Comma-separated test chromosomes, not with --splits.")
    ] = None,
    valid_chroms: Annotated[
        str | None, typer.Option("--valid_chroms", help="Comma-separated validation chromosomes.")
    ] = None,
    allow_fractional_counts: Annotated[
        bool,
        typer.Option("--allow_fractional_counts", help="Accept bigWigs of values that are not whole numbers."),
    ] = False,
    unknown_contigs: Annotated[
        UnknownContigs,
        typer.Option(
            "--unknown_contigs", help="Leave out contigs that the genome lacks, or refuse files that have any."
        ),
    ] = LEAVE_OUT,
    problems: Annotated[
        Path | None,
        typer.Option(help="Problems that `configure` found, a line each; reported together with the others."),
    ] = None,
    outdir: Annotated[Path, typer.Option(help="Folder for the results.")] = Path(),
) -> None:
    """Check the samplesheet, the parameters and every input file before anything runs.

    All problems come in one message. If there is none, writes readsets.tsv (one row per read set, defaults filled
    in) and genome.sizes.
    """
    from cistill.data.check import PipelineInputs, check_inputs
    from cistill.data.named_files import FileFinder
    from cistill.data.splits import SplitChoice
    from cistill.files import require_file
    from cistill.texts import read_object

    if (params is None) != (schema is None):
        raise InputError("--params and --schema belong together; give both or none")
    inputs = PipelineInputs(
        samplesheet=samplesheet,
        fasta=fasta,
        finder=FileFinder.make(samplesheet, files),
        splits=SplitChoice.from_texts(splits, folds, valid_chroms, test_chroms),
        exclude=exclude,
        allow_fractional_counts=allow_fractional_counts,
        unknown_contigs=unknown_contigs,
        parameters=read_object(params, "parameters") if params else None,
        schema=read_object(schema, "parameter schema") if schema else None,
        problems=tuple(require_file(problems, "problems").read_text().splitlines()) if problems else (),
    )
    outdir.mkdir(parents=True, exist_ok=True)
    check_inputs(inputs, outdir)
