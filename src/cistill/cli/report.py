"""Make the HTML page and the summary of one TF from its result tables."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    results: Annotated[
        list[Path],
        typer.Argument(
            help="Result files of the TF, and folders that are searched with their sub-folders. Each file is known by "
            "its name ({tf}.regions.tsv, {tf}.counts.hits.bed, ...; docs/architecture.md lists them). Only "
            "{tf}.regions.tsv is needed: the page says what was not given."
        ),
    ],
    tf: Annotated[str, typer.Option(help="Name of the TF, which its files start with.")],
    motif_db: Annotated[
        Path | None,
        typer.Option(
            "--motif_db", help="Known motifs (MEME, JASPAR, HOMER, TRANSFAC, ...): draws each motif's best match."
        ),
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="truth.json of the command simulate: adds planted against found.")
    ] = None,
    link_root: Annotated[
        str | None,
        typer.Option(
            "--link_root",
            help="Path from the page to the folder of all published results, usually '..'. Links to result files and "
            "the notebook are written only if it is given.",
        ),
    ] = None,
    outdir: Annotated[Path, typer.Option(help="Folder for the results; made if it is missing.")] = Path(),
) -> None:
    """Write {tf}.report.html, one page that needs no other file and no network, and {tf}.summary.json.

    Beside them: figures for MultiQC ({tf}.*_mqc.json), and a notebook that opens the results ({tf}.explore.ipynb).

    The files are distinguished by the names that the other commands give them, so that a workflow can pass whatever it
    has staged, in any order:

        report --tf REB1 --motif_db JASPAR.meme REB1.*
        report --tf REB1 --link_root .. --outdir results/report results

    Files of other TFs are left out. Two different files of one name are an error.
    """
    from cistill.provenance import write_provenance
    from cistill.report.multiqc import write_multiqc
    from cistill.report.notebook import write_notebook
    from cistill.report.page import write_report
    from cistill.report.reading.result_files import find_inputs

    inputs = find_inputs(tf, results, motif_db, truth)
    outdir.mkdir(parents=True, exist_ok=True)
    write_multiqc(outdir, write_report(inputs, outdir, link_root))
    if link_root is not None:
        write_notebook(outdir / f"{tf}.explore.ipynb", tf, link_root, inputs.named)
    write_provenance(
        outdir / f"{tf}.report.json",
        settings={"tf": tf, "link_root": link_root},
        inputs=inputs.all_files(),
    )
