"""Train profile models of a TF: folds, restarts, all tasks or one."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.console import requests_to_stop
from cistill.files import require_file
from cistill.model.training.settings import COMPARE_AFTER, Precision, TrainingSettings
from cistill.presets import MODELS, preset_file
from cistill.seeds import LARGEST_SEED

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    dataset: Annotated[Path, typer.Option(help="The TF's dataset.h5, made by `dataset`.")],
    tf: Annotated[str | None, typer.Option(help="Prefix of the output files; the dataset's TF by default.")] = None,
    preset: Annotated[
        Path | None, typer.Option(help="Network: a preset by name (profile-546, ...) or a JSON file of arguments.")
    ] = None,
    filters: Annotated[
        int | None, typer.Option(min=1, help="Channels of every trunk layer; by default those of the preset.")
    ] = None,
    layers: Annotated[
        int | None, typer.Option(min=0, help="Dilated layers; by default as many as the dataset's windows need.")
    ] = None,
    first_kernel: Annotated[
        int | None,
        typer.Option("--first_kernel", min=1, help="Width of the first convolution, bp; that of the preset."),
    ] = None,
    profile_kernel: Annotated[
        int | None,
        typer.Option("--profile_kernel", min=1, help="Width of the profile head, bp; that of the preset."),
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
        str,
        typer.Option(metavar="INTEGER", help="Trainings of each fold. With a comma (2,3 or 2,): these restarts alone."),
    ] = "1",
    restart: Annotated[
        list[int] | None, typer.Option(min=1, help="Train this restart, from 1 on, in place of --restarts; repeatable.")
    ] = None,
    task: Annotated[
        str | None, typer.Option(help="Train a network for this task alone; one for all tasks by default.")
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, help="Trainings at a time, each with its share of the threads or of the GPU.")
    ] = 1,
    epochs: Annotated[int, typer.Option(min=0, help="Passes over the peaks; 0: by the size of the data.")] = (
        TrainingSettings.epochs
    ),
    batch_size: Annotated[int, typer.Option("--batch_size", min=1, help="Regions per step.")] = (
        TrainingSettings.batch_size
    ),
    learning_rate: Annotated[
        float | None,
        typer.Option(
            "--learning_rate",
            min=1e-8,
            help=f"Peak of the schedule; by default that of --tuned, or {TrainingSettings.learning_rate}.",
        ),
    ] = None,
    count_weight: Annotated[
        float | None,
        typer.Option(
            "--count_weight", min=0, help="Weight of the count loss; 0, as by default: of --tuned, or from the data."
        ),
    ] = None,
    tuned: Annotated[
        Path | None, typer.Option(help="JSON made by `tune`: learning rate and count weight, where not given.")
    ] = None,
    patience: Annotated[
        int, typer.Option(min=0, help="Stop after this many epochs without a better criterion; 0: never.")
    ] = TrainingSettings.patience,
    background_ratio: Annotated[
        float, typer.Option("--background_ratio", min=0, help="Background windows per peak in an epoch.")
    ] = TrainingSettings.background_ratio,
    precision: Annotated[
        Precision, typer.Option(help="Numbers that networks are trained in; auto: the fastest of the same quality.")
    ] = TrainingSettings.precision,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of initial weights and batches.")] = (
        TrainingSettings.seed
    ),
    compare_after: Annotated[
        float,
        typer.Option(
            "--compare_after",
            min=0.01,
            max=1,
            help="After this share of the epochs only the better half of a fold's restarts is trained further, half of "
            "these after twice the share; 1: all train to the end.",
        ),
    ] = COMPARE_AFTER,
    use_gpu: Annotated[bool, typer.Option("--use_gpu", help="Train on a GPU; an error if none is visible.")] = False,
    checkpoint_dir: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint_dir",
            help="Folder that outlives the task: an interrupted training resumes from its state there.",
        ),
    ] = None,
    outdir: Annotated[Path, typer.Option(help="Where to write.")] = Path(),
) -> None:
    """Train profile models; write the weights, training history and provenance of each run.

    A run is one training of one fold, named `all.fold_NAME.restart_K` (or with the task in place of `all`). Killed (or
    stopped by SIGTERM, when it saves its state first and exits with 143), it resumes from its last state when started
    again with the same --checkpoint_dir, data and settings, and ends with the same weights.
    """
    require_file(dataset, "dataset")
    from cistill.model.training.restarts import restart_numbers
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
    device = "cuda" if use_gpu else "cpu"
    job = TrainingJob(dataset, tf, preset, network, settings, device, checkpoint_dir, outdir, compare_after)
    if not train(job, fold, restart or restart_numbers(restarts), task, processes, lambda: bool(stopped)):
        raise SystemExit(128 + stopped[0])
