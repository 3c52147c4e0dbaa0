"""Predict regions with a model, and score the predictions next to their bounds."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from cistill.errors import InputError
from cistill.files import require_file
from cistill.seeds import LARGEST_SEED, SEED

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    model: Annotated[Path, typer.Option(help="The TF's model.safetensors, of one network or several.")],
    dataset: Annotated[Path | None, typer.Option(help="The TF's dataset.h5, made by `dataset`.")] = None,
    bed: Annotated[
        Path | None,
        typer.Option(help="Instead of a dataset: regions of your own (BED or narrowPeak), predicted around summits."),
    ] = None,
    fasta: Annotated[Path | None, typer.Option(help="With --bed: the genome, plain or gzipped.")] = None,
    tf: Annotated[str | None, typer.Option(help="Prefix of the output files; by default the name of the TF.")] = None,
    regions: Annotated[
        Literal["all", "held_out"],
        typer.Option(
            help="Regions of the dataset: `all`, each predicted by networks that never saw its chromosome where there "
            "are any (column `unseen`), or `held_out`, only these."
        ),
    ] = "all",
    bigwigs: Annotated[
        bool, typer.Option("--bigwigs", help="Also write predicted 5' ends per base, a bigWig per task and strand.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of the shuffled-label baseline.")] = SEED,
    use_gpu: Annotated[bool, typer.Option("--use_gpu", help="Predict on a GPU; an error if none is visible.")] = False,
    outdir: Annotated[Path, typer.Option(help="Where to write.")] = Path(),
) -> None:
    """Predict profiles and counts; for regions of a dataset, write metrics with their bounds too."""
    if (dataset is None) == (bed is None):
        raise InputError("give either --dataset or --bed")
    require_file(model, "model")
    device = "cuda" if use_gpu else "cpu"
    if bed is not None:
        if fasta is None:
            raise InputError("--bed needs --fasta, the genome")
        require_file(fasta, "genome FASTA")
        from cistill.model.prediction.predict import predict_own_regions

        predict_own_regions(bed, fasta, model, tf, bigwigs, device, outdir)
        return
    if dataset is not None:
        require_file(dataset, "dataset")
        from cistill.model.prediction.predict import predict

        predict(dataset, model, tf, regions, bigwigs, device, seed, outdir)
