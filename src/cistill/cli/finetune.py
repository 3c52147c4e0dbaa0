"""Fine-tune the heads of trained networks on their frozen trunks."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.files import require_file
from cistill.model.training.settings import FinetuneSettings
from cistill.seeds import LARGEST_SEED

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    dataset: Annotated[Path, typer.Option(help="The TF's dataset.h5, which the networks were trained on.")],
    models: Annotated[list[Path], typer.Argument(help="Files of `train`, for example all restarts of a fold.")],
    tf: Annotated[str | None, typer.Option(help="Prefix of the output files; the dataset's TF by default.")] = None,
    each: Annotated[
        bool, typer.Option("--each", help="Fine-tune every network; by default the best of each fold and kind.")
    ] = False,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training peaks, at most.")] = (
        FinetuneSettings.epochs
    ),
    restarts: Annotated[int, typer.Option(min=1, help="Fine-tunings of each network; the best heads are kept.")] = (
        FinetuneSettings.restarts
    ),
    batch_size: Annotated[int, typer.Option("--batch_size", min=1, help="Regions per step.")] = (
        FinetuneSettings.batch_size
    ),
    profile_rate: Annotated[
        float, typer.Option("--profile_rate", min=1e-8, help="Learning rate of the profile heads.")
    ] = FinetuneSettings.profile_rate,
    count_rate: Annotated[
        float, typer.Option("--count_rate", min=1e-8, help="Learning rate of the count heads.")
    ] = FinetuneSettings.count_rate,
    patience: Annotated[
        int, typer.Option(min=0, help="Stop after this many epochs without any better head; 0: never.")
    ] = FinetuneSettings.patience,
    background_ratio: Annotated[
        float, typer.Option("--background_ratio", min=0, help="Background windows per peak in an epoch.")
    ] = FinetuneSettings.background_ratio,
    cache_gb: Annotated[
        float,
        typer.Option("--cache_gb", min=0, help="Memory for activations of the trunk, GB; computed again beyond."),
    ] = FinetuneSettings.cache_gb,
    seed: Annotated[
        int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of the order of regions and their shifts.")
    ] = (FinetuneSettings.seed),
    use_gpu: Annotated[bool, typer.Option("--use_gpu", help="Tune on a GPU; an error if none is visible.")] = False,
    outdir: Annotated[Path, typer.Option(help="Where to write.")] = Path(),
) -> None:
    """Fine-tune heads, of all tasks of a network at once; write `{run}.finetuned` weights, history and provenance.

    The trunk does not change, so its activations are computed once. A head is kept only if it scores better on the
    validation regions than the one it came from.
    """
    require_file(dataset, "dataset")
    for model in models:
        require_file(model, "model")
    from cistill.model.training.finetune import finetune

    settings = FinetuneSettings(
        epochs, restarts, batch_size, profile_rate, count_rate, patience, background_ratio, cache_gb, seed
    )
    finetune(dataset, models, tf, settings, each, "cuda" if use_gpu else "cpu", outdir)
