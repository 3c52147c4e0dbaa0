"""Simulate a genome and ChIP-exo experiments with sites of known binding energy."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from cistill.console import LOG
from cistill.errors import InputError
from cistill.seeds import LARGEST_SEED, SEED

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


class Preset(StrEnum):
    """Sizes that are known to work."""

    tiny = "tiny"
    demo = "demo"
    medium = "medium"
    large = "large"
    multitask = "multitask"


@app.command()
def main(
    outdir: Annotated[Path, typer.Option(file_okay=False, help="Folder to write to; made if it is missing.")] = Path(),
    seed: Annotated[int, typer.Option(help="Seed of every random choice.", min=0, max=LARGEST_SEED)] = SEED,
    preset: Annotated[
        Preset,
        typer.Option(
            help="tiny: 0.3 Mb and about 80 peaks, for tests. demo: 3.6 Mb, about 800 peaks. "
            "medium: 10.8 Mb, about 2,400 peaks. large: 24 Mb, about 5,200 peaks. "
            "multitask: 4.8 Mb, three tasks with about 1,500, 1,200 and 150 peaks."
        ),
    ] = Preset.demo,
    genome_size: Annotated[int | None, typer.Option("--genome_size", help="bp. [default: by preset]")] = None,
    chromosomes: Annotated[int | None, typer.Option(help="Number. [default: by preset]")] = None,
    sites: Annotated[
        int | None,
        typer.Option(
            help="Planted sites of the main factor (multitask: those that all tasks share; the others are in "
            "proportion). [default: by preset]"
        ),
    ] = None,
    paired: Annotated[
        float | None,
        typer.Option(help="Share of them with the partner where the spacing rule wants it. [default: by preset]"),
    ] = None,
    misplaced: Annotated[
        float | None, typer.Option(help="Share of them with the partner elsewhere. [default: by preset]")
    ] = None,
    partner_alone: Annotated[
        int | None, typer.Option("--partner_alone", help="Planted sites of the partner alone. [default: by preset]")
    ] = None,
    chance_kept: Annotated[
        float | None,
        typer.Option(
            "--chance_kept", help="Share (0..1) of the matches made by chance that stays. [default: by preset]"
        ),
    ] = None,
    replicates: Annotated[
        int | None, typer.Option(help="ChIP read sets; not for multitask. [default: by preset]")
    ] = None,
    depth: Annotated[
        float | None,
        typer.Option(help="Expected tags per replicate of a fully occupied site. [default: by preset]"),
    ] = None,
    background: Annotated[
        float | None,
        typer.Option(help="Background tags per bp and replicate, both strands. [default: by preset]"),
    ] = None,
    control: Annotated[
        float | None, typer.Option(help="Tags per bp of the control, both strands. [default: by preset]")
    ] = None,
) -> None:
    """Write a seeded genome, stranded reads, a control, peaks, a motif database, a sheet and the truth.

    A preset sets all sizes; any other option replaces one of them. docs/simulation.md describes what is simulated.
    """
    from dataclasses import asdict, replace

    from cistill.provenance import write_provenance
    from cistill.simulation.experiment import simulate
    from cistill.simulation.multitask import simulate_tasks
    from cistill.simulation.settings import MULTITASK, PRESETS

    chosen = {
        "genome_size": genome_size,
        "chromosomes": chromosomes,
        "sites": sites,
        "paired": paired,
        "misplaced": misplaced,
        "partner_alone": partner_alone,
        "chance_kept": chance_kept,
        "replicates": replicates,
        "depth": depth,
        "background": background,
        "control": control,
    }
    overrides: dict[str, Any] = {name: value for name, value in chosen.items() if value is not None}
    if preset is Preset.multitask:
        if replicates is not None:
            raise InputError("--replicates: each task of preset multitask has its own number; leave it out")
        tasks = replace(MULTITASK, base=replace(MULTITASK.base, seed=seed, **overrides))
        settings, numbers = asdict(tasks), simulate_tasks(tasks, outdir)
    else:
        experiment = replace(PRESETS[preset], seed=seed, **overrides)
        settings, numbers = asdict(experiment), simulate(experiment, outdir)
    LOG.info("peaks: %s, listed sites: %s", numbers["peaks"], numbers["listed_sites"])
    write_provenance(outdir / "simulate.json", settings, {}, numbers, seed=seed)
