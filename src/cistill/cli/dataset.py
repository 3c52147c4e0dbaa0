"""Build the training set of a TF: windows around peaks and GC-matched background, as HDF5."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.data.contigs import LEAVE_OUT, UnknownContigs
from cistill.errors import InputError
from cistill.seeds import LARGEST_SEED, SEED

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def fields(values: list[str] | None, option: str, names: str) -> list[list[str]]:
    """Split the values of a repeatable option, TASK,FILE or TASK,FILE,FILE; names of files may hold commas."""
    rows = []
    for value in values or []:
        task, _, rest = value.partition(",")
        pairs = [(rest[:at], rest[at + 1 :]) for at, sign in enumerate(rest) if sign == ","]
        there = [pair for pair in pairs if all(Path(file).is_file() for file in pair)]
        files = [rest] if names.count(",") == 1 else [*((there or pairs) if len(there or pairs) == 1 else [()])[0]]
        if not task or not files or not all(files):
            raise InputError(f"--{option} {value}: expected {names}")
        rows.append([task, *files])
    return rows


@app.command()
def main(
    tf: Annotated[str, typer.Option(help="Name of the TF: prefix of the files written.")],
    fasta: Annotated[Path, typer.Option(help="Genome, FASTA, plain or gzipped.")],
    signal: Annotated[
        list[str],
        typer.Option(
            metavar="TASK,PLUS,MINUS",
            help="bigWigs of 5' counts of one read set; repeat for replicates, "
            "which are summed, and for further tasks.",
        ),
    ],
    peaks: Annotated[
        list[str],
        typer.Option(metavar="TASK,FILE", help="Peaks of a task: narrowPeak with summits, or BED. One for each task."),
    ],
    control: Annotated[
        list[str] | None,
        typer.Option(metavar="TASK,PLUS,MINUS", help="bigWigs of a control of a task; repeat to sum several."),
    ] = None,
    exclude: Annotated[
        Path | None,
        typer.Option(
            help="BED file of intervals without usable data; peaks whose output window overlaps one are dropped."
        ),
    ] = None,
    input_length: Annotated[int, typer.Option("--input_length", min=1, help="Input window, bp.")] = 2114,
    output_length: Annotated[int, typer.Option("--output_length", min=1, help="Output window, bp.")] = 1000,
    max_jitter: Annotated[
        int | None,
        typer.Option(
            "--max_jitter",
            min=0,
            help="Largest shift of a window in training, bp; by default a fifth of the output window, at most 128.",
        ),
    ] = None,
    splits: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folds: hg38, mm10, sacCer3, a JSON file {name: {train, valid, test}} or one fold, or a folder of "
            "such files; repeat for several."
        ),
    ] = None,
    folds: Annotated[
        str | None,
        typer.Option(
            help="Comma-separated names of folds of --splits (of the balanced folds 0, 1, ... without it), or 'all'; "
            "the first one by default."
        ),
    ] = None,
    test_chroms: Annotated[
        str | None,
        typer.Option("--test_chroms", help="Comma-separated test chromosomes, in place of --splits."),
    ] = None,
    valid_chroms: Annotated[
        str | None,
        typer.Option(
            "--valid_chroms",
            help="Comma-separated validation chromosomes; all but the mitochondrial one train.",
        ),
    ] = None,
    train_background_per_peak: Annotated[
        int,
        typer.Option(
            "--train_background_per_peak",
            min=0,
            max=255,
            help="Background windows per peak that a fold trains on, 0: 3 to 30, as many as match and small data need; "
            "validation and test use one.",
        ),
    ] = 0,
    background_margin: Annotated[
        int | None,
        typer.Option(
            "--background_margin",
            min=0,
            help="Least distance of background to peak output windows, bp; by default half an output window.",
        ),
    ] = None,
    locus_distance: Annotated[
        int,
        typer.Option(
            "--locus_distance",
            min=0,
            help="Peaks of different tasks whose summits lie within this many bp are one region; 0: the same summit.",
        ),
    ] = 50,
    allow_fractional_counts: Annotated[
        bool, typer.Option("--allow_fractional_counts", help="Accept values that are not whole numbers.")
    ] = False,
    unknown_contigs: Annotated[
        UnknownContigs,
        typer.Option(
            "--unknown_contigs", help="Leave out contigs that the genome lacks, or refuse files that have any."
        ),
    ] = LEAVE_OUT,
    seed: Annotated[
        int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of the choice of background windows.")
    ] = SEED,
    outdir: Annotated[Path, typer.Option(help="Folder for the results.")] = Path(),
) -> None:
    """Build the training set of a TF.

    Writes TF.regions.tsv (every peak and background, kept or dropped with the reason), TF.dataset.h5,
    TF.sufficiency.tsv (whether the data are enough: reads and peaks, with verdicts) and TF.dataset.json. Without
    --splits or lists of chromosomes, five balanced folds are made from the chromosome sizes. A dataset holds
    one fold or several: a model of each is trained on the same file.
    """
    from dataclasses import asdict

    from cistill.data.backgrounds import WindowShape
    from cistill.data.dataset import DatasetSettings, build_dataset
    from cistill.data.fold_files import fold_files
    from cistill.data.signals import Signals
    from cistill.data.splits import SplitChoice
    from cistill.provenance import write_provenance

    if input_length < output_length:
        raise InputError(f"--input_length {input_length} is shorter than --output_length {output_length}")
    jitter = min(128, output_length // 5) if max_jitter is None else max_jitter
    margin = output_length // 2 if background_margin is None else background_margin
    settings = DatasetSettings(
        tf,
        WindowShape(input_length, output_length, jitter),
        SplitChoice.from_texts(splits, folds, valid_chroms, test_chroms),
        train_background_per_peak,
        margin,
        locus_distance,
        allow_fractional_counts,
        unknown_contigs,
        seed,
    )
    signals = Signals.from_rows(
        fields(signal, "signal", "TASK,PLUS,MINUS"), fields(control, "control", "TASK,PLUS,MINUS")
    )
    peak_files = signals.files_of_tasks(fields(peaks, "peaks", "TASK,FILE"))
    outdir.mkdir(parents=True, exist_ok=True)
    figures = build_dataset(settings, signals, peak_files, fasta, exclude, outdir)
    inputs = {
        "fasta": fasta,
        **signals.inputs(),
        **{f"peaks {task}": file for task, file in peak_files.items()},
    }
    inputs |= {"exclude": exclude} if exclude else {}
    files = fold_files(splits or ())
    inputs |= {"splits" if len(files) == 1 else f"splits {number}": file for number, file in enumerate(files, 1)}
    write_provenance(outdir / f"{tf}.dataset.json", asdict(settings), inputs, figures, seed)
