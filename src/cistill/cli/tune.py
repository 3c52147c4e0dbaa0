"""Search learning rate and count weight: one trial at a time, then the choice."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.console import requests_to_stop
from cistill.errors import InputError
from cistill.files import require_file
from cistill.model.training.settings import Precision, TrainingSettings
from cistill.presets import MODELS, preset_file
from cistill.seeds import LARGEST_SEED

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    trials: Annotated[
        list[Path] | None, typer.Argument(help="Tables of finished trials: choose among them, train nothing.")
    ] = None,
    dataset: Annotated[Path | None, typer.Option(help="The TF's dataset.h5, made by `dataset`.")] = None,
    trial: Annotated[
        int | None, typer.Option(min=1, help="Number of the trial to train; 1 has the default settings.")
    ] = None,
    fold: Annotated[str | None, typer.Option(help="Fold to search on; the dataset's first one by default.")] = None,
    tf: Annotated[str | None, typer.Option(help="Prefix of the output files; the dataset's TF by default.")] = None,
    preset: Annotated[
        Path | None, typer.Option(help="Network: a preset by name (profile-546, ...) or a JSON file of arguments.")
    ] = None,
    filters: Annotated[
        int | None, typer.Option(min=1, help="Channels of every trunk layer; by default those of the preset.")
    ] = None,
    layers: Annotated[
        int | None, typer.Option(min=0, help="Dilated layers; by default as many as the windows need.")
    ] = None,
    epochs: Annotated[
        int, typer.Option(min=0, help="Epochs of a trial; 0: a sixth of a full training, five at least.")
    ] = TrainingSettings.epochs,
    batch_size: Annotated[int, typer.Option("--batch_size", min=1, help="Regions per step.")] = (
        TrainingSettings.batch_size
    ),
    background_ratio: Annotated[
        float, typer.Option("--background_ratio", min=0, help="Background windows per peak in an epoch.")
    ] = TrainingSettings.background_ratio,
    precision: Annotated[
        Precision, typer.Option(help="Numbers that networks are trained in; auto: the fastest of the same quality.")
    ] = TrainingSettings.precision,
    seed: Annotated[
        int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of the drawn settings, of weights and batches.")
    ] = (TrainingSettings.seed),
    use_gpu: Annotated[bool, typer.Option("--use_gpu", help="Train on a GPU; an error if none is visible.")] = False,
    checkpoint_dir: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint_dir", help="Folder that outlives the task: an interrupted trial resumes from its state there."
        ),
    ] = None,
    outdir: Annotated[Path, typer.Option(help="Where to write.")] = Path(),
) -> None:
    """Train one trial (--dataset, --trial), or choose among the tables of finished ones.

    The choice takes the smallest criterion on the validation regions, which contains neither learning rate nor loss
    weight; `train --tuned` takes the JSON written.
    """
    if trials:
        for table in trials:
            require_file(table, "trial")
        if tf is None:
            raise InputError("--tf: name the TF whose trials these are")
        from cistill.model.training.trials import gather_trials

        gather_trials(trials, tf, outdir)
        return
    if dataset is None or trial is None:
        raise InputError("give --dataset and --trial to train a trial, or the tables of finished trials to choose")
    require_file(dataset, "dataset")
    from cistill.model.training.tune import tune

    stopped = requests_to_stop()
    settings = TrainingSettings(
        epochs=epochs, batch_size=batch_size, background_ratio=background_ratio, precision=precision, seed=seed
    )
    finished = tune(
        dataset,
        tf,
        preset_file(preset, MODELS, "--preset"),
        {"filters": filters, "layers": layers},
        settings,
        fold,
        trial,
        "cuda" if use_gpu else "cpu",
        checkpoint_dir,
        outdir,
        lambda: bool(stopped),
    )
    if not finished:
        raise SystemExit(128 + stopped[0])
