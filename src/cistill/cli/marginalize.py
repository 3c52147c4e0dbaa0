"""Score inserted sequences: the change of predicted log counts that they make in many backgrounds."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from cistill.affinity.marginalization.library_blocks import ALL, Chunk
from cistill.affinity.marginalization.settings import (
    Backgrounds,
    EngineSettings,
    MarginalizeInput,
    Outputs,
    PanelSettings,
    Precision,
    Source,
)
from cistill.errors import InputError
from cistill.files import require_file
from cistill.seeds import LARGEST_SEED

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

FORMS = (
    "pattern:IUPAC, kmers:K[:LEFT[:RIGHT]], substitutions:CONSENSUS[:MOST[:LEFT[:RIGHT]]], "
    "spacers:HALF:HALF[:SHORTEST-LONGEST[:FILLER]], repeats:SITE[:LONGEST_UNIT[:FLANK]]"
)


class Shuffle(StrEnum):
    """What is done to the sequences that backgrounds are made from."""

    auto = "auto"
    dinucleotide = "dinucleotide"
    none = "none"


@app.command()
def main(
    model: Annotated[Path | None, typer.Option(help="The TF's model.safetensors, of one network or several.")] = None,
    library: Annotated[
        Path | None,
        typer.Option(
            help="Sequences to insert: a TSV or CSV with a header (library.tsv, say) or FASTA, plain or gzip."
        ),
    ] = None,
    column: Annotated[str, typer.Option(help="Column of the table with the sequences.")] = MarginalizeInput.column,
    generate: Annotated[
        list[str] | None, typer.Option(help=f"Instead of a library, what to generate; may be repeated. {FORMS}.")
    ] = None,
    dataset: Annotated[Path | None, typer.Option(help="The TF's dataset.h5: where backgrounds come from.")] = None,
    backgrounds: Annotated[
        Path | None,
        typer.Option(help="Instead of a dataset: FASTA of sequences at least as long as the model's input."),
    ] = None,
    source: Annotated[
        Source, typer.Option(help="Make backgrounds from the dataset's peaks, or from its GC-matched other regions.")
    ] = PanelSettings.source,
    shuffle: Annotated[
        Shuffle,
        typer.Option(
            help="Shuffle them, keeping dinucleotides, or not; auto: peaks are shuffled, other sequences not."
        ),
    ] = Shuffle.auto,
    n_backgrounds: Annotated[int, typer.Option("--n_backgrounds", min=1, help="Backgrounds.")] = PanelSettings.number,
    reject: Annotated[
        str | None,
        typer.Option(
            help="Leave out backgrounds with strong hits of a consensus (IUPAC), or of the motifs of motifs.h5."
        ),
    ] = None,
    reject_mismatches: Annotated[
        int, typer.Option("--reject_mismatches", min=0, help="Mismatches with the consensus of a hit that is strong.")
    ] = Backgrounds.mismatches,
    reject_share: Annotated[
        float, typer.Option("--reject_share", help="Share of a motif's largest log-odds that makes a hit strong, 0..1.")
    ] = Backgrounds.share,
    orientations: Annotated[
        Literal["forward", "both"],
        typer.Option(help="Insert as given, or as given and reverse-complemented: the score is the mean of both."),
    ] = "both" if EngineSettings.both_orientations else "forward",
    tasks: Annotated[str | None, typer.Option(help="Comma-separated tasks; all of the model's by default.")] = None,
    precision: Annotated[
        Precision,
        typer.Option(help="Of matrix products; less than fp32 only where a test at the start finds the scores equal."),
    ] = EngineSettings.precision,
    exact_check: Annotated[
        int, typer.Option("--exact_check", min=0, help="Inserts that are compared with full passes, per network.")
    ] = EngineSettings.exact_check,
    full_passes: Annotated[
        bool, typer.Option("--full_passes", help="Predict every sequence whole instead of what an insert can change.")
    ] = False,
    deltas: Annotated[
        bool, typer.Option("--deltas", help="Also write the change in every single background (HDF5).")
    ] = False,
    footprints: Annotated[
        int, typer.Option(min=0, help="Also write mean profiles with and without an insert, for this many inserts.")
    ] = Outputs.footprints,
    write_panel: Annotated[bool, typer.Option("--write_panel", help="Also write the backgrounds as FASTA.")] = False,
    chunk: Annotated[str | None, typer.Option(help="Score part i/n of the library alone (1/8, ..., 8/8).")] = None,
    merge: Annotated[
        list[Path] | None, typer.Option(help="Join these chunk_i.scores.tsv instead of scoring; repeat for each.")
    ] = None,
    checkpoint_dir: Annotated[
        Path | None,
        typer.Option("--checkpoint_dir", help="Keep finished blocks here; an interrupted run resumes from them."),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of the choice of backgrounds and of their shuffles.")
    ] = PanelSettings.seed,
    use_gpu: Annotated[bool, typer.Option("--use_gpu", help="Compute on a GPU; an error if none is visible.")] = False,
    prefix: Annotated[str | None, typer.Option(help="Prefix of the output files; the model's TF by default.")] = None,
    outdir: Annotated[Path, typer.Option(help="Where to write.")] = Path(),
) -> None:
    """Write the score of every sequence, task by task, with its standard error over backgrounds."""
    if merge:
        if model or library or generate:
            raise InputError("--merge joins chunks: give neither a model nor a library with it")
        from cistill.affinity.marginalization.score_files import merge_chunks

        merge_chunks(merge, outdir, prefix)
        return
    if model is None:
        raise InputError("--model is needed, the TF's model.safetensors")
    require_file(model, "model")
    for path, what in ((library, "library"), (dataset, "dataset"), (backgrounds, "backgrounds")):
        if path is not None:
            require_file(path, what)
    from cistill.affinity.marginalization.score_library import score_library

    shuffled = shuffle == Shuffle.dinucleotide
    if shuffle == Shuffle.auto:
        shuffled = backgrounds is None and source == "peaks"
    panel = PanelSettings(n_backgrounds, seed, source, shuffled)
    part = ALL if chunk is None else Chunk.parse(chunk)
    score_library(
        model,
        MarginalizeInput(library, column, tuple(generate or ())),
        Backgrounds(dataset, backgrounds, panel, reject, reject_mismatches, reject_share),
        EngineSettings(precision, exact_check, orientations == "both", full_passes),
        Outputs(outdir, prefix, deltas, footprints, write_panel, part, checkpoint_dir),
        tasks,
        "cuda" if use_gpu else "cpu",
    )
