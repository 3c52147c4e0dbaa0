"""Leave out motif instances that do not reach thresholds, or that chance explains."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.errors import InputError

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    hits: Annotated[Path, typer.Option("--hits", help="Motif instances of one head: {tf}.{head}.hits.bed.")],
    prefix: Annotated[str, typer.Option("--prefix", help="Start of the output files' names, {tf}.{head} say.")],
    attributions: Annotated[
        Path | None,
        typer.Option(
            "--attributions", help="The contributions that the hits were called in; for the comparison with chance."
        ),
    ] = None,
    motifs: Annotated[
        Path | None,
        typer.Option("--motifs", help="The motifs.h5 that the hits were called with; for that and --motifs_subset."),
    ] = None,
    window: Annotated[
        int, typer.Option("--window", help="Central bases of every region that hits were called in.", min=2)
    ] = 400,
    motifs_subset: Annotated[
        str,
        typer.Option("--motifs_subset", help="Keep hits of these motifs alone, separated by commas; as for callhits."),
    ] = "",
    min_importance: Annotated[
        float | None,
        typer.Option("--min_importance", help="Least importance_total, in the unit of the contributions.", min=0),
    ] = None,
    min_importance_fraction: Annotated[
        float | None,
        typer.Option("--min_importance_fraction", help="Least importance_fraction, 0 to 1.", min=0, max=1),
    ] = None,
    min_similarity: Annotated[
        float | None, typer.Option("--min_similarity", help="Least similarity with the CWM, -1 to 1.", min=-1, max=1)
    ] = None,
    min_sequence_score: Annotated[
        float | None, typer.Option("--min_sequence_score", help="Least sequence_score, in bits.")
    ] = None,
    max_q_value: Annotated[float | None, typer.Option("--max_q_value", help="Largest q_value.", min=0, max=1)] = None,
    min_percentile: Annotated[
        float | None, typer.Option("--min_percentile", help="Least percentile (density), 0 to 1.", min=0, max=1)
    ] = None,
    min_confidence: Annotated[
        float | None, typer.Option("--min_confidence", help="Least confidence, 0 to 1.", min=0, max=1)
    ] = None,
    no_chance: Annotated[
        bool, typer.Option("--no_chance", help="Do not compare hits with random windows: thresholds alone.")
    ] = False,
    importance_probability: Annotated[
        float,
        typer.Option(
            "--importance_probability",
            help="Chance: of hits and as many random windows of this importance, at least this share must be hits.",
            min=0,
            max=1,
        ),
    ] = 0.5,
    similarity_probability: Annotated[
        float,
        typer.Option("--similarity_probability", help="Chance: the same of their similarity.", min=0, max=1),
    ] = 0.99,
    save_probability: Annotated[
        float,
        typer.Option(
            "--save_probability",
            help="Chance: hits of an importance of this probability stay, whatever their similarity.",
            min=0,
            max=1,
        ),
    ] = 0.8,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the random windows.", min=0)] = 0,
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
) -> None:
    """Leave out motif instances that do not reach thresholds, or that chance explains.

    Writes {prefix}.hits.bed, {prefix}.filter.tsv (what random windows told, per motif) and {prefix}.filterhits.json
    (how many hits each threshold removed).
    """
    if motifs_subset and motifs is None:
        raise InputError("--motifs_subset needs --motifs, which says what motifs there are")
    from cistill.hits.filtering.chance import ChanceSettings
    from cistill.hits.filtering.filter import Thresholds, filter_and_write

    outdir.mkdir(parents=True, exist_ok=True)
    thresholds = Thresholds(
        min_importance=min_importance,
        min_importance_fraction=min_importance_fraction,
        min_similarity=min_similarity,
        min_sequence_score=min_sequence_score,
        max_q_value=max_q_value,
        min_percentile=min_percentile,
        min_confidence=min_confidence,
    )
    chance = ChanceSettings(importance_probability, similarity_probability, save_probability, seed)
    filter_and_write(
        prefix, outdir, hits, attributions, motifs, motifs_subset, window, thresholds, None if no_chance else chance
    )
