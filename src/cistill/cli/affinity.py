"""Analyses of scores and affinities: backgrounds, paralogs, genomic matches, footprints, affinity matrix, variation."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cistill.affinity.calibration.settings import TEMPERATURE, SampleSettings

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Analyses of scores and affinities: number of backgrounds, specificity of paralogs, genomic matches, "
    "footprints, distilled affinity matrix, kinds of variation.",
)

Prefix = Annotated[str, typer.Option("--prefix", help="Start of the output files' names.")]
Outdir = Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")]
Task = Annotated[str | None, typer.Option("--task", help="Task whose score is taken; by default the mean over tasks.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the calibration sample.", min=0)]
Share = Annotated[
    float, typer.Option("--sample_share", help="Share of the sequences to calibrate on.", min=0.001, max=0.9)
]
Most = Annotated[int, typer.Option("--sample_most", help="Sequences to calibrate on, at most.", min=3)]


class Kind(StrEnum):
    """Calibrators, and ways to energies without one."""

    auto = "auto"
    ols = "ols"
    langmuir = "langmuir"
    isotonic = "isotonic"
    excess = "excess"
    distilled = "distilled"
    scores = "scores"


@app.command("backgrounds")
def backgrounds_command(
    deltas: Annotated[Path, typer.Option("--deltas", help="deltas.h5 of `marginalize --deltas`.")],
    library: Annotated[Path, typer.Option("--library", help="What was measured: library.tsv.")],
    task: Task = None,
    numbers: Annotated[
        str, typer.Option("--numbers", help="Numbers of backgrounds, separated by commas.")
    ] = "1,2,5,10,20,50,100",
    sample_share: Share = SampleSettings.share,
    sample_most: Most = SampleSettings.most,
    seed: Seed = SampleSettings.seed,
    prefix: Prefix = "affinity",
    outdir: Outdir = Path(),
) -> None:
    """Dynamic range and error as a function of the number of backgrounds.

    Writes {prefix}.background_numbers.tsv, .background_histograms.tsv and .background_numbers.json.
    """
    from cistill.affinity.analyses.background_numbers import analyse_backgrounds, numbers_of

    outdir.mkdir(parents=True, exist_ok=True)
    sample = SampleSettings(seed, sample_share, sample_most)
    analyse_backgrounds(outdir / prefix, deltas, library, task, numbers_of(numbers), sample)


@app.command("specificity")
def specificity_command(
    scores: Annotated[
        list[str],
        typer.Option("--scores", help="Scores of a model, MODEL=PATH; repeat, also for further libraries of a model."),
    ],
    library: Annotated[list[str], typer.Option("--library", help="Measurements, SET=PATH of library.tsv; repeat.")],
    task: Task = None,
    sample_share: Share = SampleSettings.share,
    sample_most: Most = SampleSettings.most,
    seed: Seed = SampleSettings.seed,
    prefix: Prefix = "affinity",
    outdir: Outdir = Path(),
) -> None:
    """Every model against every set of measurements: does each paralog's model fit its own factor best?

    Writes {prefix}.specificity.tsv, .specificity_differences.tsv and .specificity.json. A model and a set of the
    same name belong together.
    """
    from cistill.affinity.analyses.specificity import analyse_specificity

    outdir.mkdir(parents=True, exist_ok=True)
    analyse_specificity(outdir / prefix, scores, library, task, SampleSettings(seed, sample_share, sample_most))


@app.command("matches")
def matches_command(
    library: Annotated[Path, typer.Option("--library", help="Sequences to find: library.tsv.")],
    dataset: Annotated[Path, typer.Option("--dataset", help="The TF's dataset.h5: regions and observed counts.")],
    predictions: Annotated[
        Path | None, typer.Option("--predictions", help="The TF's predictions.h5: predicted counts.")
    ] = None,
    scores: Annotated[
        str | None, typer.Option("--scores", help="Scores of the library (of `marginalize`), to compare with both.")
    ] = None,
    task: Task = None,
    window: Annotated[
        int,
        typer.Option(
            "--window", help="bp around a match to count 5' ends in; half the output window if longer.", min=1
        ),
    ] = 100,
    regions: Annotated[
        bool, typer.Option("--peaks_only/--all_regions", help="Search peaks alone, or backgrounds too.")
    ] = True,
    prefix: Prefix = "affinity",
    outdir: Outdir = Path(),
) -> None:
    """Measured sequences where the genome has them: observed and predicted counts, by training and test chromosomes.

    Writes {prefix}.genomic_matches.tsv, .matched_sequences.tsv, .matched_summary.tsv and .genomic_matches.json.
    """
    from cistill.affinity.analyses.analyse_matches import analyse_matches

    outdir.mkdir(parents=True, exist_ok=True)
    analyse_matches(outdir / prefix, library, dataset, predictions, scores, task, window, regions)


@app.command("footprints")
def footprints_command(
    footprints: Annotated[
        Path | None, typer.Option("--footprints", help="footprints.h5 of `marginalize --footprints`.")
    ] = None,
    library: Annotated[Path | None, typer.Option("--library", help="library.tsv: the classes of its inserts.")] = None,
    dataset: Annotated[Path | None, typer.Option("--dataset", help="dataset.h5: observed profiles of peaks.")] = None,
    predictions: Annotated[
        Path | None, typer.Option("--predictions", help="predictions.h5: predicted profiles of peaks.")
    ] = None,
    width: Annotated[int, typer.Option("--width", help="Central positions to keep, bp.", min=2)] = 200,
    most: Annotated[int, typer.Option("--most", help="Rows of a heat map, the strongest.", min=1)] = 100,
    prefix: Prefix = "affinity",
    outdir: Outdir = Path(),
) -> None:
    """Aggregate and heat-map footprints of inserts and of peaks.

    Writes {prefix}.footprint_aggregate.tsv and .footprint_heatmap.tsv (inserts), .peak_aggregate.tsv and
    .peak_heatmap.tsv (peaks), and .footprint_tables.json.
    """
    from cistill.affinity.analyses.footprint_tables import analyse_footprints

    outdir.mkdir(parents=True, exist_ok=True)
    analyse_footprints(outdir / prefix, footprints, library, dataset, predictions, width, most)


@app.command("psam")
def psam_command(
    scores: Annotated[str, typer.Option("--scores", help="Scores of a consensus and its single substitutions.")],
    consensus: Annotated[
        str | None, typer.Option("--consensus", help="By default the library's one sequence of the class consensus.")
    ] = None,
    library: Annotated[Path | None, typer.Option("--library", help="library.tsv, for the consensus.")] = None,
    calibrator: Annotated[
        Path | None,
        typer.Option(
            "--calibrator", help="calibrator.json in kcal/mol; without it ddG is -RT times distilled ln affinity."
        ),
    ] = None,
    kind: Annotated[
        Kind,
        typer.Option(
            "--kind",
            help="Which of its calibrators; auto: distilled energies, else excess, else ols. Without a calibrator "
            "distilled, or scores: -RT times the change of log counts, which auto takes where there are too few.",
        ),
    ] = Kind.auto,
    temperature: Annotated[float, typer.Option("--temperature", help="K.", min=200, max=400)] = TEMPERATURE,
    if_possible: Annotated[
        bool, typer.Option("--if_possible", help="Single substitutions that have no scores are no error.")
    ] = False,
    task: Task = None,
    prefix: Prefix = "affinity",
    outdir: Outdir = Path(),
) -> None:
    """The affinity matrix distilled from the model, with the data of a ddG logo.

    Writes {prefix}.psam.csv (relative affinities), {prefix}.psam.tsv and {prefix}.psam.json. With --if_possible the
    JSON alone says why there is no matrix.
    """
    from cistill.affinity.analyses.analyse_psam import analyse_psam

    outdir.mkdir(parents=True, exist_ok=True)
    analyse_psam(outdir / prefix, scores, consensus, library, calibrator, kind.value, temperature, task, if_possible)


@app.command("energies")
def energies_command(
    scores: Annotated[str, typer.Option("--scores", help="Scores of sequences of one length.")],
    library: Annotated[
        Path | None,
        typer.Option("--library", help="library.tsv: which sequences, classes, consensus."),
    ] = None,
    temperature: Annotated[float, typer.Option("--temperature", help="K.", min=200, max=400)] = TEMPERATURE,
    if_possible: Annotated[
        bool, typer.Option("--if_possible", help="Scores that no energies can be distilled from are no error.")
    ] = False,
    task: Task = None,
    prefix: Prefix = "affinity",
    outdir: Outdir = Path(),
) -> None:
    """Binding energies from scores alone, nothing measured: ln affinities with their standard errors, and ddG.

    Writes {prefix}.energies.tsv and {prefix}.energies.json. With --if_possible the JSON alone says why there are none.
    """
    from cistill.affinity.analyses.analyse_energies import analyse_energies

    outdir.mkdir(parents=True, exist_ok=True)
    analyse_energies(outdir / prefix, scores, library, temperature, task, if_possible)


@app.command("variation")
def variation_command(
    scores: Annotated[
        list[str], typer.Option("--scores", help="Scores of the library, [NAME=]PATH; repeat to compare.")
    ],
    library: Annotated[Path, typer.Option("--library", help="library.tsv: classes and names.")],
    task: Task = None,
    prefix: Prefix = "affinity",
    outdir: Outdir = Path(),
) -> None:
    """Scores by kind of variation (substitutions, spacers, half sites), and what repeats do to the site between them.

    Writes {prefix}.variation.tsv, .variation_scores.tsv, .variation.json and, for libraries with repeats,
    .repeat_flanks.tsv.
    """
    from cistill.affinity.analyses.variation import analyse_variation

    outdir.mkdir(parents=True, exist_ok=True)
    analyse_variation(outdir / prefix, scores, library, task)
