"""Choose among trained networks and make the model of a TF of the chosen ones."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.files import require_file
from cistill.model.training.settings import Keep

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    models: Annotated[list[Path], typer.Argument(help="Files of `train` and `finetune`: all candidates of a TF.")],
    tf: Annotated[str | None, typer.Option(help="Prefix of the output files; the models' TF by default.")] = None,
    keep: Annotated[
        Keep,
        typer.Option(help="best: the best network of every fold and task; all: every restart that did not fail."),
    ] = "best",
    choice: Annotated[
        Path | None,
        typer.Option(help="An edited table of candidates, whose column `chosen` is used in place of the criterion."),
    ] = None,
    outdir: Annotated[Path, typer.Option(help="Where to write.")] = Path(),
) -> None:
    """Choose networks fold by fold and task by task; write the table of candidates and the model.

    Candidates are compared on the validation regions of their fold only: neither on training nor on test regions, and
    never across folds.
    """
    for model in models:
        require_file(model, "model")
    if choice is not None:
        require_file(choice, "choice")
    from cistill.model.training.select import select

    select(models, tf, keep, choice, outdir)
