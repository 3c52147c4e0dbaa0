"""Import importance scores that another program computed, as attribution files."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.errors import InputError

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    scores: Annotated[Path, typer.Option("--scores", help="The scores: HDF5, npz or npy.")],
    tf: Annotated[str, typer.Option("--tf", help="Name of the TF: prefix of the files written.")],
    layout: Annotated[
        str,
        typer.Option(
            "--layout",
            help="motif_discovery (coords_*, *hyp_scores, input_seqs), bpnet (hyp_imp/TASK/...), chrombpnet (shap/seq, "
            "raw/seq) or arrays (any names, HDF5, npz, npy); by default as the file looks.",
        ),
    ] = "auto",
    sequences: Annotated[
        Path | None, typer.Option("--sequences", help="One-hot sequences, if they are in a separate file.")
    ] = None,
    score_key: Annotated[
        str, typer.Option("--score_key", help="Name of the array of scores; of npz by default arr_0 or the only one.")
    ] = "",
    sequence_key: Annotated[str, typer.Option("--sequence_key", help="Name of the array of one-hot sequences.")] = "",
    head: Annotated[
        str,
        typer.Option(
            "--head",
            help="counts or profile: what was explained, or which of both heads to take. By default what the "
            "file or its name says.",
        ),
    ] = "",
    task: Annotated[str, typer.Option("--task", help="Task to take, of a file of several (layout bpnet).")] = "",
    contributions: Annotated[
        str,
        typer.Option(
            "--contributions",
            help="hypothetical (a score for each of the four bases) or actual (of the sequence's own base; one value "
            "per position always is).",
        ),
    ] = "hypothetical",
    peaks: Annotated[
        Path | None,
        typer.Option(
            "--peaks",
            help="narrowPeak or BED, one row per row of scores, where the file has no coordinates; where it has, only "
            "regions of these peaks are taken.",
        ),
    ] = None,
    rows: Annotated[
        Path | None,
        typer.Option("--rows", help="npy file: the peaks that the scores are of, as a mask or as row numbers from 0."),
    ] = None,
    id_column: Annotated[
        int,
        typer.Option("--id_column", help="Column of --peaks, from 1, with region ids; chrom:summit by default.", min=0),
    ] = 0,
    fasta: Annotated[
        Path | None,
        typer.Option(
            "--fasta",
            help="Genome: the sequences must be its own at the coordinates; or are taken from it, if missing.",
        ),
    ] = None,
    half_precision: Annotated[bool, typer.Option("--half_precision", help="Store float16, half the size.")] = False,
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
) -> None:
    """Import importance scores that another program computed, as attribution files.

    Writes {tf}.{head}.attributions.h5 of every head found, {tf}.regions.tsv and {tf}.importscores.json.
    """
    from cistill.interpret.imported.coordinates import Peaks
    from cistill.interpret.imported.importing import import_scores
    from cistill.interpret.imported.layouts import ACTUAL, HYPOTHETICAL, Request
    from cistill.network_heads import HEADS

    problems = []
    if head and head not in HEADS:
        problems.append(f"--head {head}: expected counts or profile")
    if contributions not in (HYPOTHETICAL, ACTUAL):
        problems.append(f"--contributions {contributions}: expected hypothetical or actual")
    if peaks is None and (rows or id_column):
        problems.append("--rows and --id_column are about --peaks, which is missing")
    if problems:
        raise InputError("\n".join(problems))
    outdir.mkdir(parents=True, exist_ok=True)
    request = Request(scores, layout, sequences, score_key, sequence_key, head, task, contributions)
    import_scores(tf, request, Peaks(peaks, rows, id_column) if peaks else None, fasta, half_precision, outdir)
