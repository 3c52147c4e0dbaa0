"""Train profile models of a TF: folds, restarts, all tasks or one."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.console import requests_to_stop
from cistill.files import require_file
from cistill.presets import MODELS, preset_file

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    dataset: Annotated[Path, typer.Option(help="The TF's dataset.h5, made by `dataset`.")],
    tf: Annotated[str | None, typer.Option(help="Prefix of the output files; the dataset's TF by default.")] = None,
    preset: Annotated[
        Path | None, typer.Option(help="Network: a preset by name (profile-546, ...) or a JSON file of arguments.")
    ] = None,
    filters: Annotated[int | None, typer.Option(help="Channels of every trunk layer; 64 by default.")] = None,
    layers: Annotated[
        int | None, typer.Option(help="Dilated layers; by default what closes the dataset's windows.")
    ] = None,
    first_kernel: Annotated[
        int | None, typer.Option("--first_kernel", help="Width of the first convolution in bp; 21.")
    ] = None,
    profile_kernel: Annotated[
        int | None, typer.Option("--profile_kernel", help="Width of the profile head in bp; 75.")
    ] = None,
    last_residual: Annotated[
        bool | None,
        typer.Option(
            "--last_residual/--no_last_residual",
            help="Residual on the last layer too (the published network has none).",
        ),
    ] = None,
    fold: Annotated[
        str | None, typer.Option(help="Folds to train, comma-separated names; all folds of the dataset by default.")
    ] = None,
    restarts: Annotated[
        str, typer.Option(help="How many trainings per fold (3), or which ones (2,3 or, for one alone, 2,).")
    ] = "1",
    task: Annotated[
        str | None, typer.Option(help="Train a network for this task alone; one for all tasks by default.")
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, help="Trainings at a time, each with its share of the threads or of the GPU.")
    ] = 1,
    epochs: Annotated[int, typer.Option(min=0, help="Passes over the peaks; 0: by the size of the data.")] = 0,
    batch_size: Annotated[int, typer.Option("--batch_size", min=1, help="Regions per step.")] = 64,
    learning_rate: Annotated[
        float | None, typer.Option("--learning_rate", min=1e-8, help="Peak of the learning-rate schedule; 0.004.")
    ] = None,
    count_weight: Annotated[
        float | None,
        typer.Option("--count_weight", min=0, help="Weight of the count loss; 0 (default): from the data."),
    ] = None,
    tuned: Annotated[
        Path | None, typer.Option(help="JSON made by `tune`: learning rate and count weight, where not given.")
    ] = None,
    patience: Annotated[
        int, typer.Option(min=0, help="Stop after so many epochs without a better criterion; 0: never.")
    ] = 10,
    background_ratio: Annotated[
        float, typer.Option("--background_ratio", min=0, help="Backgrounds per peak in an epoch.")
    ] = 3.0,
    precision: Annotated[
        str, typer.Option(help="auto (fastest of the same quality on the machine), fp32, tf32 or bf16.")
    ] = "auto",
    seed: Annotated[int, typer.Option(min=0, help="Seed of initial weights and batches.")] = 1,
    use_gpu: Annotated[bool, typer.Option("--use_gpu", help="Train on a GPU; an error if none is visible.")] = False,
    checkpoint_dir: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint_dir", help="Folder that outlives the task: a killed training goes on from its state there."
        ),
    ] = None,
    outdir: Annotated[Path, typer.Option(help="Where to write.")] = Path(),
) -> None:
    """Train profile models; write the weights, training history and provenance of each run.

    A run is one training of one fold, named `all.fold_NAME.restart_K` (or with the task in place of `all`). Killed (or
    told to stop by SIGTERM, when it saves its state first and exits with 143), it goes on from where it stood when
    started again with the same --checkpoint_dir, data and settings, and ends with the same weights.
    """
    require_file(dataset, "dataset")
    from cistill.model.training.settings import TrainingSettings
    from cistill.model.training.train import TrainingJob, train
    from cistill.model.training.tune import tuned_settings

    stopped = requests_to_stop()
    network = {
        "filters": filters,
        "layers": layers,
        "first_kernel": first_kernel,
        "profile_kernel": profile_kernel,
        "last_residual": last_residual,
    }
    settings = TrainingSettings(
        epochs=epochs,
        batch_size=batch_size,
        patience=patience,
        background_ratio=background_ratio,
        precision=precision,
        seed=seed,
        **tuned_settings(tuned, learning_rate, count_weight),
    )
    preset = preset_file(preset, MODELS, "--preset")
    job = TrainingJob(dataset, tf, preset, network, settings, "cuda" if use_gpu else "cpu", checkpoint_dir, outdir)
    if not train(job, fold, restarts, task, processes, lambda: bool(stopped)):
        raise SystemExit(128 + stopped[0])
