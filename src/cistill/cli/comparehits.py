"""Compare sets of motif instances with each other, with known binding sites and with observed signal."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cistill.cli.declared_options import with_options
from cistill.declared import options_of, settings_from
from cistill.errors import InputError
from cistill.hits.comparison.settings import ComparisonSettings, Truth, tops_of

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
@with_options(options_of(ComparisonSettings))
def main(
    hits: Annotated[
        list[str],
        typer.Option(
            "--hits",
            metavar="[LABEL=]FILE,...",
            help="Motif instances, {tf}.{head}.hits.bed; several sets as LABEL=FILE with commas between them, or by "
            "repeating the option.",
        ),
    ],
    regions: Annotated[Path, typer.Option("--regions", help="Table of regions: {tf}.regions.tsv.")],
    known_sites: Annotated[
        Path | None, typer.Option("--known_sites", help="BED of known sites; the name (4th column) gives the class.")
    ] = None,
    truth_track: Annotated[
        str,
        typer.Option(
            "--truth_track",
            help="In place of --known_sites: bigWigs, comma-separated; the local maxima of their sum are the sites.",
        ),
    ] = "",
    dataset: Annotated[
        Path | None,
        typer.Option("--dataset", help="{tf}.dataset.h5, whose 5' ends around hits make the rank-footprint curves."),
    ] = None,
    task: Annotated[str, typer.Option("--task", help="Task of --dataset; by default the sum over tasks.")] = "",
    signal: Annotated[
        list[str] | None,
        typer.Option(
            "--signal",
            metavar="PLUS,MINUS",
            help="In place of --dataset: bigWigs of 5' ends; repeat for replicates, which are summed.",
        ),
    ] = None,
    rank_by: Annotated[
        list[str] | None,
        typer.Option(
            "--rank_by",
            metavar="[LABEL=]COLUMN,...",
            help="Column that ranks a set's hits, highest first; confidence by default.",
        ),
    ] = None,
    motifs: Annotated[
        str, typer.Option("--motifs", help="Only these motif ids, comma-separated; all by default.")
    ] = "",
    top: Annotated[
        str,
        typer.Option("--top", help="Comma-separated numbers of highest ranked hits to give precision and recall of."),
    ] = "",
    prefix: Annotated[
        str, typer.Option("--prefix", help="Start of the output files' names; by default that of the first hits' file.")
    ] = "",
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
    **options: Any,
) -> None:
    """Compare sets of motif instances with each other, with known binding sites and with observed signal.

    Writes {prefix}.sets.tsv, {prefix}.sets_*.tsv and {prefix}.comparehits.json; of a single set with --known_sites also
    {prefix}.site_recall.tsv and {prefix}.site_curve.tsv.
    """
    tracks = [Path(name) for name in truth_track.split(",") if name]
    pairs = [value.split(",") for value in signal or []]
    if known_sites and tracks:
        raise InputError("give --known_sites or --truth_track, not both")
    if dataset and signal:
        raise InputError("give --dataset or --signal, not both")
    if any(len(pair) != 2 or not all(pair) for pair in pairs):
        raise InputError("--signal: expected PLUS,MINUS")
    tops = tops_of(top)
    from cistill.hits.comparison.comparehits import compare_hits
    from cistill.hits.comparison.hit_sets import labelled_files, per_label
    from cistill.hits.comparison.observed_signal import open_signal
    from cistill.hits.hit_tables import default_label

    files = labelled_files(hits)
    source, signal_files = open_signal(dataset, task, [(Path(plus), Path(minus)) for plus, minus in pairs])
    outdir.mkdir(parents=True, exist_ok=True)
    compare_hits(
        outdir / (prefix or default_label(str(next(iter(files.values()))))),
        files,
        per_label(rank_by or [], list(files), "--rank_by", "confidence"),
        [name for name in motifs.split(",") if name],
        regions,
        Truth(known_sites, tracks),
        source,
        signal_files,
        settings_from(ComparisonSettings, options, tops=tops),
    )
