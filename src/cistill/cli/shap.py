"""Explain a model's predictions by DeepSHAP: what every base contributes to the counts and to the profile."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cistill.errors import InputError
from cistill.files import require_file
from cistill.interpret.shap_settings import Dtype, Engine, ShapSettings, Weighting
from cistill.network_heads import HEADS
from cistill.seeds import LARGEST_SEED

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


class Heads(StrEnum):
    """What to explain."""

    both = "both"
    counts = "counts"
    profile = "profile"


@app.command()
def main(
    model: Annotated[Path, typer.Option(help="The TF's model.safetensors, of one network or several (their mean).")],
    dataset: Annotated[
        Path | None, typer.Option(help="Explain the peaks of this dataset.h5, made by `dataset`.")
    ] = None,
    bed: Annotated[
        Path | None, typer.Option(help="Instead: regions of your own (BED or narrowPeak), explained around summits.")
    ] = None,
    fasta: Annotated[Path | None, typer.Option(help="With --bed: the genome, plain or gzipped.")] = None,
    tf: Annotated[str | None, typer.Option(help="Prefix of the output files; by default the name of the TF.")] = None,
    n_shuffles: Annotated[
        int, typer.Option("--n_shuffles", min=1, help="Dinucleotide shuffles that each sequence is compared with.")
    ] = ShapSettings.n_shuffles,
    weighting: Annotated[
        Weighting,
        typer.Option(help="Profile weights: softmax of the explained sequence, or its mean with the reference's."),
    ] = ShapSettings.weighting,
    heads: Annotated[Heads, typer.Option(help="Outputs to explain; without the profile it is faster.")] = Heads.both,
    tasks: Annotated[
        str | None, typer.Option(help="Tasks to explain, separated by commas; their sum. All of the model by default.")
    ] = None,
    each_task: Annotated[
        bool, typer.Option("--each_task", help="Explain every task separately: files {tf}.{task}.{head}.*.")
    ] = False,
    dtype: Annotated[Dtype, typer.Option(help="Type of the scores written.")] = ShapSettings.dtype,
    bigwigs: Annotated[
        bool, typer.Option("--bigwigs", help="Also write actual contributions, a bigWig per attribution file.")
    ] = False,
    window: Annotated[
        int | None, typer.Option(min=1, help="Central bp of every region in the bigWigs; all by default.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option(help="Compute with this program, or for comparison with another's DeepLIFT (slower).")
    ] = ShapSettings.engine,
    pairs_per_batch: Annotated[
        int, typer.Option("--pairs_per_batch", min=1, help="Pairs of sequence and reference at once (memory).")
    ] = ShapSettings.pairs_per_batch,
    checkpoint_dir: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint_dir", help="Keep finished parts here until the end; an interrupted run resumes from them."
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of the shuffles, together with each region's id.")
    ] = (ShapSettings.seed),
    use_gpu: Annotated[bool, typer.Option("--use_gpu", help="Compute on a GPU; an error if none is visible.")] = False,
    outdir: Annotated[Path, typer.Option(help="Where to write.")] = Path(),
) -> None:
    """Write hypothetical contributions of every base of every region's window, one HDF5 per head."""
    if (dataset is None) == (bed is None):
        raise InputError("give either --dataset or --bed")
    if bed is not None and fasta is None:
        raise InputError("--bed needs --fasta, the genome")
    for file, what in ((dataset, "dataset"), (bed, "regions (BED)"), (fasta, "genome FASTA"), (model, "model")):
        if file is not None:
            require_file(file, what)
    from cistill.interpret.shap import Regions, shap

    settings = ShapSettings(
        n_shuffles=n_shuffles,
        weighting=weighting,
        heads=HEADS if heads is Heads.both else (heads.value,),
        tasks=None if tasks is None else tuple(name.strip() for name in tasks.split(",")),
        each_task=each_task,
        dtype=dtype,
        engine=engine,
        pairs_per_batch=pairs_per_batch,
        seed=seed,
    )
    device = "cuda" if use_gpu else "cpu"
    regions = Regions(dataset, bed, fasta)
    shap(regions, model, settings, tf, device, bigwigs, window, checkpoint_dir, outdir)
