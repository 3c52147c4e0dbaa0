"""Score what knows nothing, what knows the training means, and the observation itself: bounds of every metric."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.files import require_file
from cistill.seeds import LARGEST_SEED, SEED

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    dataset: Annotated[Path, typer.Option(help="The TF's dataset.h5, made by `dataset`.")],
    tf: Annotated[str | None, typer.Option(help="Prefix of the output files; the dataset's TF by default.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of the shuffled-label baseline.")] = SEED,
    outdir: Annotated[Path, typer.Option(help="Where to write.")] = Path(),
) -> None:
    """Write {tf}.bounds.tsv: lower bound, average and upper bound of every metric on a dataset, without a model."""
    require_file(dataset, "dataset")
    from cistill.model.prediction.bounds import bounds

    bounds(dataset, tf, seed, outdir)
