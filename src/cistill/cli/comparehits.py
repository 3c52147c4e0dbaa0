"""Compare sets of motif instances with each other, with known binding sites and with observed signal."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.errors import InputError

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
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
    tolerance: Annotated[
        int,
        typer.Option(
            "--tolerance",
            help="A hit finds a site, and two hits are the same, if their centres are at most so many bp apart.",
            min=0,
        ),
    ] = 10,
    reach: Annotated[
        int, typer.Option("--reach", help="Recall counts sites at most so many bp from a kept peak's summit.", min=0)
    ] = 100,
    class_regex: Annotated[
        str,
        typer.Option(
            "--class_regex",
            help="Regular expression whose first group is the class within a name. By default the whole name, or its "
            "last part (after | ; , : or space) if there are more than ten different names.",
        ),
    ] = "",
    recall_class: Annotated[
        str, typer.Option("--recall_class", help="Class of sites whose recall the area under the curve is of.")
    ] = "any",
    min_confidence: Annotated[
        float,
        typer.Option(
            "--min_confidence", help="Hits below count in rankings and curves, and nowhere else.", min=0, max=1
        ),
    ] = 0.5,
    top: Annotated[
        str,
        typer.Option("--top", help="Comma-separated numbers of highest ranked hits to give precision and recall of."),
    ] = "",
    track_threshold: Annotated[
        float | None, typer.Option("--track_threshold", help="Least value of --truth_track at a site.")
    ] = None,
    track_quantile: Annotated[
        float,
        typer.Option("--track_quantile", help="The same as a quantile of the values within --reach.", min=0, max=1),
    ] = 0.99,
    track_smoothing: Annotated[
        int, typer.Option("--track_smoothing", help="Moving mean over so many bp, an odd number.", min=1)
    ] = 1,
    track_apart: Annotated[
        int, typer.Option("--track_apart", help="A site is the maximum of so many bp on either side.", min=1)
    ] = 20,
    rank_bins: Annotated[
        int, typer.Option("--rank_bins", help="Points of the largest set's rank-footprint curve.", min=1)
    ] = 50,
    n_examples: Annotated[int, typer.Option("--n_examples", help="Example hits of each kind.", min=0)] = 10,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the choice of examples.", min=0)] = 0,
    prefix: Annotated[
        str, typer.Option("--prefix", help="Start of the output files' names; by default that of the first hits' file.")
    ] = "",
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
) -> None:
    """Compare sets of motif instances with each other, with known binding sites and with observed signal.

    Writes {prefix}.sets.tsv, {prefix}.sets_*.tsv and {prefix}.comparehits.json; of a single set with --known_sites also
    {prefix}.site_recall.tsv and {prefix}.site_curve.tsv.
    """
    from cistill.hits.comparison.comparison_files import ComparisonSettings, Truth, compare_sets
    from cistill.hits.comparison.hit_sets import default_label, labelled_files, per_label
    from cistill.hits.comparison.observed_signal import BigWigSignal, DatasetSignal, Signal

    files = labelled_files(hits)
    tracks = [Path(name) for name in truth_track.split(",") if name]
    if known_sites and tracks:
        raise InputError("give --known_sites or --truth_track, not both")
    if dataset and signal:
        raise InputError("give --dataset or --signal, not both")
    pairs = [value.split(",") for value in signal or []]
    if any(len(pair) != 2 or not all(pair) for pair in pairs):
        raise InputError("--signal: expected PLUS,MINUS")
    if any(not part.strip().isdecimal() or int(part) == 0 for part in top.split(",") if part):
        raise InputError(f"--top {top}: expected whole numbers above zero, with commas between them")
    source: Signal | None = None
    if dataset:
        source = DatasetSignal(dataset, task)
    elif pairs:
        source = BigWigSignal([Path(pair[0]) for pair in pairs], [Path(pair[1]) for pair in pairs])
    tops = tuple(int(part) for part in top.split(",") if part)
    settings = ComparisonSettings(
        tolerance, reach, class_regex, recall_class, min_confidence, tops, track_threshold,
        track_quantile, track_smoothing, track_apart, rank_bins, n_examples, seed,
    )  # fmt: skip
    signal_files = {"dataset": dataset} if dataset else {}
    for number, pair in enumerate(pairs, 1):
        signal_files |= {f"signal {number} plus": Path(pair[0]), f"signal {number} minus": Path(pair[1])}
    outdir.mkdir(parents=True, exist_ok=True)
    compare_sets(
        outdir / (prefix or default_label(str(next(iter(files.values()))))),
        files,
        per_label(rank_by or [], list(files), "--rank_by", "confidence"),
        [name for name in motifs.split(",") if name],
        regions,
        Truth(known_sites, tracks),
        source,
        signal_files,
        settings,
    )
