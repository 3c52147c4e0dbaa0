"""The box at the top: the few figures that tell whether it worked."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cistill.data.sufficiency.criteria import CRITERIA, criterion_of
from cistill.report.drawing.wording import MISSING, count, decimal, percent, plural, probability


class HeadlineFigure(NamedTuple):
    """One figure: its name, its value, what it stands beside, and the section that tells more."""

    name: str
    value: str
    beside: str
    anchor: str


MOST_REASONS = 2
"""What is not good of the data and named here."""
LIBRARIES = 4
"""Libraries that have a figure here."""


def headline(summary: Mapping[str, Any]) -> list[HeadlineFigure]:
    """Return the headline figures, all of them taken from the summary."""
    return [
        _peaks(summary),
        *_sufficiency(summary),
        *_networks(summary),
        *_metrics(summary),
        *_motifs(summary),
        *_hits(summary),
        *_sites(summary),
        *_affinities(summary),
    ]


def _peaks(summary: Mapping[str, Any]) -> HeadlineFigure:
    regions = summary["regions"]
    explained = sum(regions["peaks_explained_only"].values())
    dropped = sum(regions["peaks_dropped"].values())
    beside = (
        f"of {count(regions['peaks_given'])} given; {count(explained)} explained only, {count(dropped)} dropped, "
        "each with its reason"
    )
    if not dropped + explained:
        beside = "all that were given"
    return HeadlineFigure("Peaks used", count(regions["peaks_kept"]), beside, "data")


def _sufficiency(summary: Mapping[str, Any]) -> list[HeadlineFigure]:
    """Return the verdict on the data before training, where it is known."""
    found = summary["sufficiency"]
    if found is None:
        return []
    bad = [figure for task in found["tasks"].values() for figure in task["figures"] if figure["verdict"] != "enough"]
    names = list(dict.fromkeys(_criterion_words(figure) for figure in bad))
    beside = "peaks, reads, background, replicates and control" if not names else "; ".join(names[:MOST_REASONS])
    if len(names) > MOST_REASONS:
        beside += f"; {len(names) - MOST_REASONS} more"
    return [HeadlineFigure("Data", str(found["verdict"]), beside, "sufficiency")]


def _criterion_words(figure: Mapping[str, Any]) -> str:
    name = criterion_of(figure["measure"], figure["split"], figure["strand"])
    return CRITERIA[name].words if name in CRITERIA else str(figure["measure"])


def _too_few(certainty: Mapping[str, Any]) -> HeadlineFigure:
    """Return in place of scores how few regions they are of."""
    fewest = min(certainty["tasks"].values(), key=lambda of: int(of["peaks"]))
    area = fewest["intervals"].get("auroc")
    words = "held out: too few to put scores here"
    if area is not None and area["lower"] is not None:
        words += f"; the 95% interval of AUROC is {decimal(area['lower'], 2)} to {decimal(area['upper'], 2)}"
    return HeadlineFigure("Performance", plural(certainty["fewest_peaks"], "peak"), words, "performance")


def _networks(summary: Mapping[str, Any]) -> list[HeadlineFigure]:
    """Return how many networks make up the model, where they were chosen among several."""
    selection = summary["selection"]
    if selection is None or selection["candidates"] < 2:
        return []
    folds = {contest["fold"] for contest in selection["contests"] if contest["chosen"]}
    beside = f"chosen of {count(selection['candidates'])}; {plural(len(folds), 'fold')}"
    tuned = sum(name.endswith(".finetuned") for name in selection["chosen"])
    if tuned:
        beside += f"; {count(tuned)} fine-tuned"
    return [HeadlineFigure("Networks", count(len(selection["chosen"])), beside, "training")]


def _metrics(summary: Mapping[str, Any]) -> list[HeadlineFigure]:
    if summary["metrics"] is None:
        return [HeadlineFigure("Performance", MISSING, "no metrics were given", "performance")]
    test = summary["metrics"]["test"]
    if not test:
        return [HeadlineFigure("Performance", MISSING, "there are no held-out regions", "performance")]
    certainty = summary["metrics"]["certainty"]
    if certainty["too_few"]:
        return [_too_few(certainty)]
    several = " (mean over tasks)" if len(summary["tasks"]) > 1 else ""
    distance = test.get("profile_jsd")
    return [
        HeadlineFigure(
            "AUROC",
            decimal(test.get("auroc")),
            f"held-out peaks against background; {_interval(certainty)}chance 0.5{several}",
            "performance",
        ),
        HeadlineFigure(
            "Log-count r",
            decimal(test.get("count_pearson_all")),
            f"held-out peaks and background; within peaks {decimal(test.get('count_pearson_peaks'))}",
            "performance",
        ),
        HeadlineFigure(
            "Profile distance",
            decimal(distance),
            f"lower is better; mean profile {decimal(test.get('profile_jsd_mean'))}, "
            f"uniform {decimal(test.get('profile_jsd_uniform'))}",
            "performance",
        ),
    ]


def _interval(certainty: Mapping[str, Any]) -> str:
    """Return the interval of the AUROC of a single task."""
    found = [of["intervals"].get("auroc") for of in certainty["tasks"].values()]
    if len(found) != 1 or found[0] is None or found[0]["lower"] is None:
        return ""
    return f"95% interval {decimal(found[0]['lower'])} to {decimal(found[0]['upper'])}; "


def _motifs(summary: Mapping[str, Any]) -> list[HeadlineFigure]:
    if summary["motifs"] is None:
        return [HeadlineFigure("Top motif", MISSING, "motifs were not given", "motifs")]
    by_id = {motif["motif_id"]: motif for motif in summary["motifs"]}
    figures = []
    for head, motif_id in summary["top_motif"].items():
        if motif_id is None:
            figures.append(HeadlineFigure(f"Top motif, {head}", "none", "no pattern was found", f"motifs-{head}"))
            continue
        motif = by_id[motif_id]
        beside = f"{count(motif['n_seqlets'])} seqlets"
        if motif["match"]:
            beside += f"; matches {motif['match']}, p {probability(motif['match_p'])}"
        if motif["weak"]:
            beside += "; weak"
        figures.append(HeadlineFigure(f"Top motif, {head}", motif["consensus"], beside, f"motifs-{head}"))
    return figures


def _hits(summary: Mapping[str, Any]) -> list[HeadlineFigure]:
    return [
        HeadlineFigure(
            f"Hits, {head}",
            count(hits["n"]),
            f"{percent(hits['regions_with_hit'], hits['regions_scored'])} of {count(hits['regions_scored'])} "
            "regions hold one",
            f"hits-{head}",
        )
        for head, hits in summary["hits"].items()
    ]


def _sites(summary: Mapping[str, Any]) -> list[HeadlineFigure]:
    figures = []
    for head, sites in summary["known_sites"].items():
        classes = dict(sites["classes"])
        every = classes.pop("any", None) or next(iter(classes.values()), None)
        if every is not None:
            beside = ", ".join(f"{name} {decimal(found['recall'], 2)}" for name, found in classes.items())
            beside += f"; precision {decimal(sites['precision_any'], 2)}"
            figures.append(
                HeadlineFigure(f"Known sites found, {head}", decimal(every["recall"]), beside, f"sites-{head}")
            )
    return figures


def _affinities(summary: Mapping[str, Any]) -> list[HeadlineFigure]:
    """Return the held-out error of every calibrated library, at most so many."""
    figures = []
    for name, record in summary["affinity"].items():
        own = record["calibrators"].get(record["calibrator"])
        if own is None:
            continue
        best = record["best_motif"]
        beside = f"{record['unit']}, held out; Spearman {decimal(own['spearman'], 2)}"
        if best is not None:
            beside += f"; best motif {decimal(best['rmse'], 2)}"
        figures.append(HeadlineFigure(f"Affinity error, {name}", decimal(own["rmse"], 2), beside, f"affinity-{name}"))
    return figures[:LIBRARIES]
