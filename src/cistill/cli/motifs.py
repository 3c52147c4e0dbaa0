"""Export, match, cluster and merge motifs; sub-clusters, reproducibility, motifs across tasks, mean profiles."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.cli.motif_options import (
    CentreOption,
    Database,
    DistanceOption,
    GroupsOption,
    KOption,
    Linkage,
    LinkageOption,
    MeasureOption,
    Method,
    MotifSets,
    MotifsFile,
    Orientation,
    Outdir,
    Prefix,
    Sign,
    SignOption,
    Trim,
    Weak,
    WeakOption,
)
from cistill.interpret.modisco_settings import FOOTPRINT_WIDTH
from cistill.motifs.settings import LeidenSettings, MergeSettings
from cistill.seeds import LARGEST_SEED

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Export, match, cluster and merge motifs; sub-clusters, reproducibility, motifs across tasks, mean profiles.",
)


@app.command("export")
def export_command(
    motifs: MotifsFile,
    trim: Annotated[
        Trim, typer.Option("--trim", help="core: where contributions are. information: by --min_information.")
    ] = Trim.core,
    min_information: Annotated[
        float, typer.Option("--min_information", help="Bits of the first and last position kept.", min=0, max=2)
    ] = 0.2,
    pad: Annotated[int, typer.Option("--pad", help="Positions added on both sides of the trimmed motif.", min=0)] = 0,
    orientation: Annotated[
        Orientation, typer.Option("--orientation", help="As stored, or purine-rich strand first; all matrices alike.")
    ] = Orientation.stored,
    sign: SignOption = Sign.all,
    weak: WeakOption = Weak.keep,
    prefix: Prefix = "",
    outdir: Outdir = Path(),
) -> None:
    """Write motifs as text: {prefix}.meme, .pfm.tsv, .cwm.tsv, .hcwm.tsv, .export.tsv and .export.json."""
    from cistill.motifs.commands import export_motifs, stem_of

    settings = {
        "trim": trim.value, "min_information": min_information, "pad": pad, "orientation": orientation.value,
        "sign": sign.value, "weak": weak is Weak.keep,
    }  # fmt: skip
    export_motifs(stem_of(outdir, prefix, motifs), motifs, settings)


@app.command("match")
def match_command(
    motifs: MotifsFile,
    motif_db: Database = None,
    others: Annotated[
        list[str] | None, typer.Option("--others", help="NAME=motifs.h5 of other motifs; may be given repeatedly.")
    ] = None,
    top: Annotated[int, typer.Option("--top", help="Matches listed per motif, and per set.", min=1)] = 10,
    max_q: Annotated[float, typer.Option("--max_q", help="Largest q-value of a match listed.", min=0, max=1)] = 0.5,
    pair: Annotated[
        float, typer.Option("--pair", help="Similarity from which motifs of two sets are paired.", min=-1, max=1)
    ] = 0.9,
    measure: MeasureOption = "rows",
    centre: CentreOption = True,
    sign: SignOption = Sign.all,
    weak: WeakOption = Weak.keep,
    prefix: Prefix = "",
    outdir: Outdir = Path(),
) -> None:
    """Match motifs with a database and with other sets: {prefix}.matches.tsv, .set_matches.tsv and .match.json."""
    from cistill.motifs.commands import match_motifs, stem_of

    settings = {
        "top": top, "max_q": max_q, "pair": pair, "measure": measure, "centre": centre, "sign": sign.value,
        "weak": weak is Weak.keep,
    }  # fmt: skip
    match_motifs(stem_of(outdir, prefix, motifs), motifs, motif_db, others or [], settings)


@app.command("cluster")
def cluster_command(
    motifs: MotifSets,
    k: KOption = None,
    distance: DistanceOption = None,
    groups: GroupsOption = None,
    linkage: LinkageOption = Linkage.average,
    measure: MeasureOption = "rows",
    centre: CentreOption = True,
    motif_db: Database = None,
    sign: SignOption = Sign.pos,
    weak: WeakOption = Weak.drop,
    prefix: Prefix = "sets",
    outdir: Outdir = Path(),
) -> None:
    """Cluster motifs of several sets.

    Writes {prefix}.clusters.tsv, .similarity.tsv, .dendrogram.tsv, the clusters' averages as .motifs.h5, .tsv and
    .meme, and .cluster.json.
    """
    from cistill.motifs.commands import cluster_sets

    settings = {
        "k": k, "distance": distance, "linkage": linkage.value, "measure": measure, "centre": centre,
        "sign": sign.value, "weak": weak is Weak.keep,
    }  # fmt: skip
    outdir.mkdir(parents=True, exist_ok=True)
    cluster_sets(outdir / prefix, motifs, groups, motif_db, settings)


@app.command("merge-heads")
def merge_command(
    counts: Annotated[Path, typer.Option("--counts", help="motifs.h5 of the counts head.")],
    profile: Annotated[Path, typer.Option("--profile", help="motifs.h5 of the profile head.")],
    pair: Annotated[
        float, typer.Option("--pair", help="Similarity from which motifs of the two heads are paired.", min=0, max=1)
    ] = MergeSettings.pair,
    duplicate: Annotated[
        float, typer.Option("--duplicate", help="Similarity from which any two motifs are joined; 2 for never.", min=0)
    ] = MergeSettings.duplicate,
    variant: Annotated[
        float,
        typer.Option("--variant", help="Cosine over its core from which a weak motif joins one that is not.", min=0),
    ] = MergeSettings.variant,
    measure: MeasureOption = MergeSettings.measure,
    motif_db: Database = None,
    prefix: Annotated[str, typer.Option("--prefix", help="Start of the output files' names; by default the TF.")] = "",
    outdir: Outdir = Path(),
) -> None:
    """Merge the motifs of the two heads of a model: one list without duplicates.

    Writes {prefix}.merged.motifs.h5, .tsv and .meme (head `merged`), {prefix}.merged.tsv and .merge.json.
    """
    from cistill.motifs.commands import merge_motifs

    settings = MergeSettings(pair, duplicate, variant, measure)
    merge_motifs(outdir, prefix, counts, profile, motif_db, settings)


@app.command("subclusters")
def subclusters_command(
    modisco: Annotated[Path, typer.Option("--modisco", help="modisco.h5 of `modisco`.")],
    motifs: MotifsFile,
    seqlets: Annotated[Path, typer.Option("--seqlets", help="seqlets.tsv of the same run.")],
    motif: Annotated[
        list[str] | None, typer.Option("--motif", help="motif_id, may be given repeatedly; all by default.")
    ] = None,
    method: Annotated[
        Method, typer.Option("--method", help="TF-MoDISco's own, or by Leiden's method from the seqlets.")
    ] = Method.stored,
    neighbours: Annotated[
        int, typer.Option("--neighbours", help="leiden: nearest neighbours that a seqlet is joined with.", min=1)
    ] = LeidenSettings.neighbours,
    resolution: Annotated[
        float, typer.Option("--resolution", help="leiden: of the modularity; more gives more clusters.", min=0)
    ] = LeidenSettings.resolution,
    runs: Annotated[int, typer.Option("--runs", help="leiden: clusterings tried, the best is kept.", min=1)] = (
        LeidenSettings.runs
    ),
    seed: Annotated[
        int, typer.Option("--seed", help="leiden: seed of the first clustering.", min=0, max=LARGEST_SEED)
    ] = (LeidenSettings.seed),
    weak: WeakOption = Weak.drop,
    prefix: Prefix = "",
    outdir: Outdir = Path(),
) -> None:
    """Sub-clusters of motifs.

    Writes {prefix}.subclusters.tsv, .subcluster_seqlets.tsv, .subclusters.motifs.h5, .tsv and .meme, and
    .subclusters.json.
    """
    from cistill.motifs.commands import split_motifs, stem_of

    settings = {
        "method": method.value, "neighbours": neighbours, "resolution": resolution, "runs": runs, "seed": seed,
        "weak": weak is Weak.keep,
    }  # fmt: skip
    split_motifs(stem_of(outdir, prefix, motifs), modisco, motifs, seqlets, motif or [], settings)


@app.command("reproducibility")
def reproducibility_command(
    motifs: MotifSets,
    found: Annotated[
        float, typer.Option("--found", help="Similarity from which a motif counts as found again.", min=-1, max=1)
    ] = 0.9,
    measure: MeasureOption = "rows",
    centre: CentreOption = False,
    sign: SignOption = Sign.pos,
    weak: WeakOption = Weak.drop,
    prefix: Prefix = "sets",
    outdir: Outdir = Path(),
) -> None:
    """How well motifs of folds, seeds or kinds of model agree.

    Writes {prefix}.reproducibility.tsv, .best_matches.tsv, .reproducibility_by_set.tsv and .reproducibility.json.
    """
    from cistill.motifs.commands import measure_reproducibility

    settings = {
        "found": found, "measure": measure, "centre": centre, "sign": sign.value, "weak": weak is Weak.keep
    }  # fmt: skip
    outdir.mkdir(parents=True, exist_ok=True)
    measure_reproducibility(outdir / prefix, motifs, settings)


@app.command("across-tasks")
def across_tasks_command(
    sheet: Annotated[
        Path,
        typer.Option("--sheet", help="Table of `task, motifs, instances` (hits.bed or seqlets.tsv), and `regions`."),
    ],
    k: KOption = None,
    distance: DistanceOption = None,
    groups: GroupsOption = None,
    linkage: LinkageOption = Linkage.ward,
    measure: MeasureOption = "rows",
    centre: CentreOption = True,
    motif_db: Database = None,
    sign: SignOption = Sign.pos,
    weak: WeakOption = Weak.drop,
    prefix: Prefix = "tasks",
    outdir: Outdir = Path(),
) -> None:
    """Motifs of several tasks, and how often each occurs in each task.

    Writes {prefix}.prevalence.tsv, what `cluster` writes, and {prefix}.across_tasks.json.
    """
    from cistill.motifs.commands import compare_tasks

    settings = {
        "k": k, "distance": distance, "linkage": linkage.value, "measure": measure, "centre": centre,
        "sign": sign.value, "weak": weak is Weak.keep,
    }  # fmt: skip
    outdir.mkdir(parents=True, exist_ok=True)
    compare_tasks(outdir / prefix, sheet, groups, motif_db, settings)


@app.command("footprints")
def footprints_command(
    seqlets: Annotated[Path, typer.Option("--seqlets", help="seqlets.tsv of `modisco`.")],
    dataset: Annotated[Path | None, typer.Option("--dataset", help="The TF's dataset.h5: observed profiles.")] = None,
    predictions: Annotated[
        Path | None, typer.Option("--predictions", help="The TF's predictions.h5: predicted profiles.")
    ] = None,
    width: Annotated[int, typer.Option("--width", help="bp; at most half the output window.", min=2)] = FOOTPRINT_WIDTH,
    prefix: Prefix = "",
    outdir: Outdir = Path(),
) -> None:
    """Mean observed and predicted profiles around seqlets: {prefix}.footprints.h5 and .footprints.json."""
    from cistill.motifs.commands import average_footprints

    outdir.mkdir(parents=True, exist_ok=True)
    average_footprints(
        outdir / (prefix or seqlets.name.removesuffix(".seqlets.tsv")), seqlets, dataset, predictions, width
    )
