"""Fine-tune the heads of trained networks on their frozen trunks."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.files import require_file

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    dataset: Annotated[Path, typer.Option(help="The TF's dataset.h5, which the networks were trained on.")],
    models: Annotated[list[Path], typer.Argument(help="Files of `train`, for example all restarts of a fold.")],
    tf: Annotated[str | None, typer.Option(help="Prefix of the output files; the dataset's TF by default.")] = None,
    each: Annotated[
        bool, typer.Option("--each", help="Fine-tune every network; by default the best of each fold and kind.")
    ] = False,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training peaks, at most.")] = 20,
    restarts: Annotated[int, typer.Option(min=1, help="Fine-tunings of each network; the best heads are kept.")] = 3,
    batch_size: Annotated[int, typer.Option("--batch_size", min=1, help="Regions per step.")] = 64,
    profile_rate: Annotated[
        float, typer.Option("--profile_rate", min=1e-8, help="Learning rate of the profile heads.")
    ] = 0.001,
    count_rate: Annotated[
        float, typer.Option("--count_rate", min=1e-8, help="Learning rate of the count heads.")
    ] = 0.001,
    patience: Annotated[
        int, typer.Option(min=0, help="Stop after so many epochs without any better head; 0: never.")
    ] = 5,
    background_ratio: Annotated[
        float, typer.Option("--background_ratio", min=0, help="Backgrounds per peak in an epoch.")
    ] = 3.0,
    cache_gb: Annotated[
        float, typer.Option("--cache_gb", min=0, help="Memory for the trunk's activations, GB; computed anew beyond.")
    ] = 4.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the order of regions and their shifts.")] = 1,
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
    from cistill.model.training.finetuning import FinetuneSettings

    settings = FinetuneSettings(
        epochs, restarts, batch_size, profile_rate, count_rate, patience, background_ratio, cache_gb, seed
    )
    finetune(dataset, models, tf, settings, each, "cuda" if use_gpu else "cpu", outdir)
