"""Call the instances of motifs in the contributions of every region."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cistill.errors import InputError

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    context: typer.Context,
    attributions: Annotated[
        Path, typer.Option("--attributions", help="Contributions of one head: {tf}.{head}.attributions.h5.")
    ],
    motifs: Annotated[Path, typer.Option("--motifs", help="Motifs of the same head: {tf}.{head}.motifs.h5.")],
    method: Annotated[
        str, typer.Option("--method", help="How to call: cwm_scan, density, finemo or scan; see docs/hits.md.")
    ] = "cwm_scan",
    window: Annotated[
        int,
        typer.Option("--window", help="Central bases of every region to search; clipped to the input's length.", min=2),
    ] = 400,
    min_confidence: Annotated[
        float,
        typer.Option(
            "--min_confidence",
            help="Hits of at least this confidence; 0.5 is the method's own cut.",
            min=0.01,
            max=0.99,
        ),
    ] = 0.5,
    motifs_subset: Annotated[
        str,
        typer.Option(
            "--motifs_subset",
            help="Motifs to call, separated by commas: counts.pos_0, pos_0, pos_patterns/pattern_0, or with wildcards, "
            "as 'counts.pos_*'. All by default.",
        ),
    ] = "",
    include_weak: Annotated[
        bool, typer.Option("--include_weak", help="Call motifs that are marked as weak, too.")
    ] = False,
    min_information: Annotated[
        float | None,
        typer.Option(
            "--min_information",
            help="Cut the motifs' cores to the first and last position of this many bits (published: 0.2); by default "
            "they are cut by contributions, as motifs.h5 has them.",
            min=0,
            max=2,
        ),
    ] = None,
    other_head: Annotated[
        bool,
        typer.Option("--other_head", help="Allow contributions of another head or model than the motifs'."),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Seed of what is random: decoys, subsamples.", min=0)] = 0,
    fdr: Annotated[
        float,
        typer.Option(
            "--fdr", help="cwm_scan: false discovery rate against decoy motifs at a confidence of 0.5.", min=1e-6, max=1
        ),
    ] = 0.05,
    min_strength: Annotated[
        float,
        typer.Option(
            "--min_strength",
            help="cwm_scan, finemo: share of a motif's mean contributions that an instance of confidence 0.5 has at "
            "least.",
            min=0,
            max=1,
        ),
    ] = 0.1,
    decoys: Annotated[int, typer.Option("--decoys", help="cwm_scan: decoys per motif; time grows with it.", min=1)] = 4,
    lambda_: Annotated[
        float, typer.Option("--lambda", help="finemo: weight of the L1 penalty, and least similarity of a hit.")
    ] = 0.7,
    mode: Annotated[
        str,
        typer.Option(
            "--mode", help="finemo: pp, ph, hp or hh: actual (p) or hypothetical (h) motif, then contributions."
        ),
    ] = "pp",
    no_post_filter: Annotated[
        bool, typer.Option("--no_post_filter", help="finemo: keep hits less similar than --lambda.")
    ] = False,
    sqrt_transform: Annotated[
        bool, typer.Option("--sqrt_transform", help="finemo: fit signed square roots of the contributions.")
    ] = False,
    step_size_max: Annotated[float, typer.Option("--step_size_max", help="finemo: first step size.", min=0)] = 3.0,
    step_size_min: Annotated[float, typer.Option("--step_size_min", help="finemo: last step size.", min=0)] = 0.08,
    step_adjust: Annotated[
        float, typer.Option("--step_adjust", help="finemo: factor on the step size of a fit that diverges.", max=1)
    ] = 0.7,
    convergence_tol: Annotated[
        float, typer.Option("--convergence_tol", help="finemo: duality gap per base at which a fit is done.", min=0)
    ] = 0.0005,
    max_steps: Annotated[int, typer.Option("--max_steps", help="finemo: most steps of a fit.", min=1)] = 10_000,
    batch_size: Annotated[int, typer.Option("--batch_size", help="finemo: regions fitted at a time.", min=1)] = 2000,
    use_gpu: Annotated[
        bool, typer.Option("--use_gpu", help="finemo: fit on a GPU; an error if none is visible.")
    ] = False,
    scoring: Annotated[
        str,
        typer.Option(
            "--scoring", help="scan: moods (natural-log odds, exact p-values) or fimo (bins of 0.1 bits, by memelite)."
        ),
    ] = "moods",
    p_value: Annotated[
        float, typer.Option("--p_value", help="scan: matches of at most this p-value.", min=1e-12, max=1)
    ] = 1e-4,
    pseudocount: Annotated[
        float | None,
        typer.Option(
            "--pseudocount", help="scan: added to frequencies; 0.01 for moods, 0.0001 a base for fimo.", min=0
        ),
    ] = None,
    background: Annotated[
        str,
        typer.Option(
            "--background", help="scan: base composition: flat, regions (that of the windows), or A,C,G,T frequencies."
        ),
    ] = "flat",
    modisco: Annotated[
        Path | None, typer.Option("--modisco", help="density: {tf}.{head}.modisco.h5, whose seqlets define the motifs.")
    ] = None,
    sign: Annotated[str, typer.Option("--sign", help="density: patterns of which sign: both, pos or neg.")] = "both",
    motif_attributions: Annotated[
        Path | None,
        typer.Option(
            "--motif_attributions",
            help="density: the contributions that the motifs were found in, where others are searched; the base "
            "composition is theirs.",
        ),
    ] = None,
    keep_n: Annotated[
        bool, typer.Option("--keep_n", help="density: search regions with bases other than A, C, G, T, too.")
    ] = False,
    seqlet_length: Annotated[int, typer.Option("--seqlet_length", help="density: bases of a seqlet.")] = 25,
    core_length: Annotated[int, typer.Option("--core_length", help="density: bases that a seqlet grows from.")] = 5,
    target_fdr: Annotated[
        float, typer.Option("--target_fdr", help="density: share of chance among cores, by a Laplace null.")
    ] = 0.2,
    min_passing: Annotated[
        float, typer.Option("--min_passing", help="density: at least this share of windows are cores.")
    ] = 0.03,
    max_passing: Annotated[
        float, typer.Option("--max_passing", help="density: at most this share of windows are cores.")
    ] = 0.2,
    null_samples: Annotated[int, typer.Option("--null_samples", help="density: draws from the null.")] = 10_000,
    subcluster_perplexity: Annotated[
        float, typer.Option("--subcluster_perplexity", help="density: neighbours that count within a pattern.")
    ] = 50.0,
    perplexity: Annotated[
        float, typer.Option("--perplexity", help="density: neighbours that count among all seqlets.")
    ] = 10.0,
    neighbours: Annotated[
        int, typer.Option("--neighbours", help="density: most similar seqlets that one is compared with.")
    ] = 500,
    leiden_seeds: Annotated[
        int, typer.Option("--leiden_seeds", help="density: runs of the Leiden algorithm, the best is taken.")
    ] = 50,
    max_submotif_seqlets: Annotated[
        int, typer.Option("--max_submotif_seqlets", help="density: most seqlets that stand for a sub-motif.")
    ] = 100,
    min_precision: Annotated[
        float, typer.Option("--min_precision", help="density: hits of a precision above this.")
    ] = 0.0,
    random_seed: Annotated[
        int, typer.Option("--random_seed", help="density: seed of the null and of what stands for a sub-motif.")
    ] = 1234,
    threads: Annotated[int, typer.Option("--threads", help="density: threads; 0 for all. No effect on results.")] = 0,
    prefix: Annotated[
        str,
        typer.Option("--prefix", help="Start of the output files' names; by default {tf}.{head} of the attributions."),
    ] = "",
    outdir: Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")] = Path(),
) -> None:
    """Call the instances of motifs in the contributions of every region.

    Writes {prefix}.hits.bed and {prefix}.callhits.json.
    """
    from cistill.hits.call import Selection, call_and_write
    from cistill.hits.settings import CallSettings, FinemoSettings, ScanSettings

    outdir.mkdir(parents=True, exist_ok=True)
    settings = CallSettings(
        fdr=fdr,
        min_strength=min_strength,
        min_confidence=min_confidence,
        n_decoys=decoys,
        seed=seed,
        finemo=FinemoSettings(
            lambda_=lambda_,
            mode=mode,
            post_filter=not no_post_filter,
            sqrt_transform=sqrt_transform,
            step_size_max=step_size_max,
            step_size_min=step_size_min,
            step_adjust=step_adjust,
            convergence_tol=convergence_tol,
            max_steps=max_steps,
            batch_size=batch_size,
            use_gpu=use_gpu,
        ),
        scan=ScanSettings(scoring, p_value, pseudocount, background),
        density=density_settings(context, method),
    )
    selection = Selection(window, motifs_subset, include_weak, min_information, other_head)
    call_and_write(prefix, outdir, attributions, motifs, method, selection, settings)


def density_settings(context: typer.Context, method: str) -> Any:
    """Return the settings of the density caller; None, and nothing imported, where none is asked for."""
    own = (
        *("modisco", "sign", "keep_n", "seqlet_length", "core_length", "target_fdr", "min_passing", "max_passing"),
        *("null_samples", "subcluster_perplexity", "perplexity", "neighbours", "leiden_seeds", "max_submotif_seqlets"),
        *("min_precision", "random_seed", "threads", "motif_attributions"),
    )
    given = {
        name: context.params[name]
        for name in own
        if str(getattr(context.get_parameter_source(name), "name", "")) == "COMMANDLINE"
    }
    if method != "density" and not given:
        return None
    if method == "density" and "modisco" not in given:
        raise InputError("--method density needs --modisco, the {tf}.{head}.modisco.h5 that the motifs come from")
    from cistill.hits.density.settings import DensitySettings

    renamed = {"background" if name == "motif_attributions" else name: value for name, value in given.items()}
    if context.params["motifs_subset"]:
        renamed["all_compete"] = False  # as published: only the chosen patterns compete for seqlets
    if context.params["min_information"] is not None:
        renamed["min_information"] = context.params["min_information"]
    return DensitySettings(**renamed)
