"""Make the genome browser page, IGV session and UCSC track hub of one TF from its result files."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    results: Annotated[
        list[Path],
        typer.Argument(
            help="Result files of the TF, and folders that are searched with their sub-folders, as for the command "
            "report. Only {tf}.regions.tsv is needed: tracks of files that were not given are left out."
        ),
    ],
    tf: Annotated[str, typer.Option(help="Name of the TF, which its files start with.")],
    fasta: Annotated[
        Path | None,
        typer.Option(help="Genome (FASTA): goes with the track hub where --genome_name names no assembly."),
    ] = None,
    genome_name: Annotated[
        str | None,
        typer.Option(
            "--genome_name", help="Assembly of the genome at UCSC and in IGV (hg38, mm10, sacCer3); none: its own 2bit."
        ),
    ] = None,
    annotation: Annotated[
        Path | None, typer.Option(help="Genes (GTF, GFF3 or BED, plain or gzipped) to show as a track.")
    ] = None,
    browser_regions: Annotated[
        Path | None,
        typer.Option("--browser_regions", help="BED file of what the page shows, in place of regions chosen by rule."),
    ] = None,
    published: Annotated[
        list[str] | None,
        typer.Option(
            help="FOLDER=PATH: where bigWigs of coverage, predict or shap are, seen from the hub; ../FOLDER by default."
        ),
    ] = None,
    link_root: Annotated[
        str | None,
        typer.Option(
            "--link_root",
            help="Path from the page to the folder of all published results, usually '..'. Links are written only if "
            "it is given.",
        ),
    ] = None,
    outdir: Annotated[Path, typer.Option(help="Folder for the results; made if it is missing.")] = Path(),
) -> None:
    """Write {tf}.browser.html, a page on igv.js that needs no network, and the files for IGV and the UCSC browser.

        browser --tf REB1 --genome_name sacCer3 --link_root .. --outdir results/browser results

    The hub ({tf}.hub.txt, {tf}.genomes.txt, {tf}.trackDb.txt) and the session ({tf}.igv.xml) name the bigWigs of the
    run by paths relative to their own folder; peaks, hits and genes are written as bigBed beside them.
    """
    from cistill.errors import InputError
    from cistill.formats.tables.browser import BROWSER_PAGE, HUB, SESSION
    from cistill.provenance import write_provenance
    from cistill.report.browser.write import FOLDERS, Wishes, write_browsers
    from cistill.report.reading.result_files import bigwigs_in, find_inputs
    from cistill.report.reading.tf_results import read_results

    roots = dict(text.partition("=")[::2] for text in published or [])
    wrong = [text for text in published or [] if text.partition("=")[0] not in FOLDERS or not text.partition("=")[2]]
    if wrong:
        raise InputError(f"--published {wrong[0]}: give FOLDER=PATH, the folder one of {', '.join(FOLDERS)}")
    inputs = find_inputs(tf, results)
    outdir.mkdir(parents=True, exist_ok=True)
    wishes = Wishes(fasta, genome_name, annotation, browser_regions, roots, link_root)
    made = write_browsers(read_results(inputs), bigwigs_in(results), wishes, outdir)
    own = {f"{tf}.{file.name}" for file in (BROWSER_PAGE, HUB, SESSION)}  # of an earlier run of this command
    read = {name: file for name, file in inputs.all_files().items() if name not in own}
    given = {"fasta": fasta, "annotation": annotation, "browser_regions": browser_regions}
    write_provenance(
        outdir / f"{tf}.browser.json",
        settings={"tf": tf, "genome_name": genome_name, "published": roots, "link_root": link_root},
        inputs=read | {name: file for name, file in given.items() if file is not None},
        results=made,
    )
