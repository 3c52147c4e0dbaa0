"""Calibrate scores to measured affinities and compare them with motifs and other baselines."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.affinity.calibration.settings import CalibrateSettings, SampleSettings
from cistill.errors import InputError
from cistill.seeds import LARGEST_SEED

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    scores: Annotated[
        list[str],
        typer.Option(
            "--scores",
            help="Table of scores, [NAME=]PATH: of marginalize, or with the columns sequence and score. May be given "
            "several times; the first is the model that others are compared with.",
        ),
    ],
    library: Annotated[Path | None, typer.Option("--library", help="What was measured: library.tsv.")] = None,
    matrices: Annotated[
        list[str] | None,
        typer.Option(
            "--matrices",
            help="Motifs to compare with, [FAMILY=]PATH[#NAME,...]: motifs.h5, a PSAM, or motifs of MEME, STREME, "
            "JASPAR, HOMER, TRANSFAC, Weeder2, ... May be given several times.",
        ),
    ] = None,
    apply: Annotated[
        Path | None,
        typer.Option("--apply", help="Apply this calibrator.json to the scores instead; needs no library."),
    ] = None,
    task: Annotated[
        str | None, typer.Option("--task", help="Task whose score is the model's; by default the mean over tasks.")
    ] = None,
    consensus: Annotated[
        str | None,
        typer.Option(
            "--consensus", help="Sequence that substitutions are counted from; by default the one of class consensus."
        ),
    ] = None,
    motifs: Annotated[
        int, typer.Option("--motifs", help="Motifs of each file, from its first.", min=1)
    ] = CalibrateSettings.motifs,
    kmers: Annotated[
        int, typer.Option("--kmers", help="Longest k-mers of the k-mer baseline, bp; 0: none.", min=0, max=8)
    ] = CalibrateSettings.kmers,
    additive: Annotated[
        bool, typer.Option("--additive/--no_additive", help="Distil the additive model from the scores.")
    ] = CalibrateSettings.additive,
    distilled: Annotated[
        bool, typer.Option("--distilled/--no_distilled", help="Distil energies from the scores of log counts.")
    ] = CalibrateSettings.distilled,
    sample_share: Annotated[
        float, typer.Option("--sample_share", help="Share of the sequences to calibrate on.", min=0.001, max=0.9)
    ] = SampleSettings.share,
    sample_most: Annotated[
        int, typer.Option("--sample_most", help="Sequences to calibrate on, at most.", min=3)
    ] = SampleSettings.most,
    resamples: Annotated[
        int, typer.Option("--resamples", help="Bootstrap resamples; 0: no intervals.", min=0)
    ] = CalibrateSettings.resamples,
    repeats: Annotated[
        int, typer.Option("--repeats", help="Calibration samples drawn again, for means and SDs; 0: none.", min=0)
    ] = CalibrateSettings.repeats,
    seed: Annotated[
        int, typer.Option("--seed", help="Seed of samples and resamples.", min=0, max=LARGEST_SEED)
    ] = SampleSettings.seed,
    prefix: Annotated[str, typer.Option("--prefix", help="Start of the output files' names.")] = "affinity",
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
) -> None:
    """Calibrate scores to measured affinities and compare them with motifs and other baselines.

    Writes {prefix}.calibration.tsv, .calibrated.tsv, .calibrator.json, .repeats.tsv, .rmse_bars.tsv, .residuals.tsv,
    .largest_residuals.tsv, .dynamic_range.tsv, .histograms.tsv, .classes.tsv, .additivity.tsv, .additivity_summary.tsv
    and .calibrate.json. With --apply: {prefix}.calibrated.tsv and {prefix}.apply.json.
    """
    if (library is None) == (apply is None):
        raise InputError("give either --library, to calibrate, or --apply, to use a calibrator")
    outdir.mkdir(parents=True, exist_ok=True)
    if apply is not None:
        from cistill.affinity.calibration.apply_calibrator import apply_calibrator

        apply_calibrator(apply, scores, task, outdir / prefix)
        return
    from cistill.affinity.calibration.calibrate import calibrate

    assert library is not None
    sample = SampleSettings(seed, sample_share, sample_most)
    settings = CalibrateSettings(sample, task, consensus, motifs, kmers, additive, distilled, resamples, repeats)
    calibrate(scores, library, matrices or [], settings, outdir / prefix)
