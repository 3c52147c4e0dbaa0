"""Keep one network of a model for the page, on which people paste sequences."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.affinity.page_model_settings import PageModelSettings
from cistill.files import require_file
from cistill.seeds import LARGEST_SEED, SEED

DEFAULTS = PageModelSettings()

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    dataset: Annotated[Path, typer.Option(help="The TF's dataset.h5: where backgrounds come from.")],
    model: Annotated[Path, typer.Option(help="The TF's model.safetensors, of one network or several.")],
    tf: Annotated[str | None, typer.Option(help="Prefix of the output files; the model's TF by default.")] = None,
    n_backgrounds: Annotated[
        int, typer.Option("--n_backgrounds", min=1, max=20, help="Shuffled peaks that a pasted sequence is put into.")
    ] = DEFAULTS.backgrounds,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of the backgrounds.")] = SEED,
    outdir: Annotated[Path, typer.Option(help="Where to write.")] = Path(),
) -> None:
    """Write {tf}.page_model.json: one network of the model with 16-bit weights, and backgrounds, for `report`.

    The network is the one of the best validation criterion among those that predict most tasks. Where the weights of
    one network are too many for a page, the file says so instead.
    """
    require_file(dataset, "dataset")
    require_file(model, "model")
    from cistill.affinity.page_model import make_page_model

    make_page_model(dataset, model, tf, PageModelSettings(n_backgrounds, seed), outdir)
