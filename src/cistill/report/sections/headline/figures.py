"""The figures of the card at the top, each of which leads to the section that says more."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cistill.data.sufficiency.criteria import CRITERIA, criterion_of
from cistill.report.drawing.anchors import library_anchor
from cistill.report.drawing.sentences import motif_core
from cistill.report.drawing.wording import MISSING, count, decimal, percent, plural, shortened
from cistill.report.reading.main_motif import Partner, listed_motifs, partners
from cistill.report.sections.headline.strength import LIBRARY, strength_words


class HeadlineFigure(NamedTuple):
    """One figure.

    Attributes
    ----------
    name, value : str
    beside : str
        What it is of, and what it is compared with.
    anchor : str
        The section that says more.
    place : float or None
        Where it lies between knowing nothing (0) and being perfect (1).
    level : str
        `good`, `warn` or `bad`, for a verdict.
    """

    name: str
    value: str
    beside: str
    anchor: str
    place: float | None = None
    level: str = ""


LEVELS = {"enough": "good", "doubtful": "warn", "not enough": "bad"}
PARTNERS = 4
"""Partners that are named here."""
MOST_REASONS = 2
"""What is not good of the data and named here."""
LIBRARIES = 4
"""Libraries that have a figure here."""


def headline(summary: Mapping[str, Any]) -> list[HeadlineFigure]:
    """Return the headline figures, all of them taken from the summary."""
    return [
        *_partners(summary),
        *_hits(summary),
        *_sites(summary),
        *_strength(summary),
        *_affinities(summary),
        *_metrics(summary),
        *_sufficiency(summary),
        _peaks(summary),
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
    names = list(dict.fromkeys(_reason(figure, found["verdict"]) for figure in bad))
    beside = "peaks, reads, background, replicates and control" if not names else "; ".join(names[:MOST_REASONS])
    if len(names) > MOST_REASONS:
        beside += f"; {len(names) - MOST_REASONS} more"
    verdict = str(found["verdict"])
    return [HeadlineFigure("Data", verdict, beside, "sufficiency", level=LEVELS[verdict])]


def _reason(figure: Mapping[str, Any], overall: str) -> str:
    """Return what is not good of the data, with its verdict if that is another one than that of all."""
    words = _criterion_words(figure)
    return words if figure["verdict"] == overall else f"{figure['verdict']}: {words}"


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
    place = summary["metrics"]["normalised"].get
    return [
        HeadlineFigure(
            "AUROC",
            decimal(test.get("auroc")),
            f"held-out peaks against background; {_interval(certainty)}chance 0.5{several}",
            "performance",
            place("auroc"),
        ),
        HeadlineFigure(
            "Log-count r",
            decimal(test.get("count_pearson_all")),
            f"held-out peaks and background; within peaks {decimal(test.get('count_pearson_peaks'))}",
            "performance",
            place("count_pearson_all"),
        ),
        HeadlineFigure(
            "Profile distance",
            decimal(distance),
            f"lower is better; mean profile {decimal(test.get('profile_jsd_mean'))}, "
            f"uniform {decimal(test.get('profile_jsd_uniform'))}",
            "performance",
            place("profile_jsd"),
        ),
    ]


def _interval(certainty: Mapping[str, Any]) -> str:
    """Return the interval of the AUROC of a single task."""
    found = [of["intervals"].get("auroc") for of in certainty["tasks"].values()]
    if len(found) != 1 or found[0] is None or found[0]["lower"] is None:
        return ""
    return f"95% interval {decimal(found[0]['lower'])} to {decimal(found[0]['upper'])}; "


def _partners(summary: Mapping[str, Any]) -> list[HeadlineFigure]:
    """Return the motifs beside the main one."""
    motifs = listed_motifs(summary)
    if not motifs:
        words = "motifs were not given" if summary["motifs"] is None else "no motif was found"
        return [HeadlineFigure("Motifs", MISSING, words, "motifs")]
    found, forms = partners(motifs)
    own = f"{plural(forms, 'further form')} of the main motif" if forms else ""
    if not found:
        return [HeadlineFigure("Partners", "none", own or "no other motif that is not weak", "motifs")]
    names = [partner.motif["match"] or motif_core(partner.motif) for partner in found]
    beside = [_partner(partner) for partner in found[:PARTNERS]]
    beside += [f"{count(len(found) - PARTNERS)} more"] if len(found) > PARTNERS else []
    value = ", ".join(shortened(name, 16) for name in names[:PARTNERS])
    return [HeadlineFigure("Partners", value, "; ".join([*beside, own] if own else beside), "motifs")]


def _partner(partner: Partner) -> str:
    """Return what a partner's motif reads, how many seqlets it has, and its further forms."""
    motif = partner.motif
    forms = f", {plural(partner.forms, 'further form')}" if partner.forms else ""
    lowers = ", lowers the prediction" if motif["sign"] == "neg" else ""
    return f"{motif_core(motif)}, {plural(motif['n_seqlets'], 'seqlet')}{forms}{lowers}"


def _hits(summary: Mapping[str, Any]) -> list[HeadlineFigure]:
    """Return the number of sites: of both heads pooled, else of the head with more regions that hold one."""
    heads, pooled = summary["hits"], summary["syntax"]
    if not heads:
        return [HeadlineFigure("Sites", MISSING, "motif instances were not called", "hits")]
    if pooled is not None and pooled["hits"] is not None:
        number, holding, regions = pooled["hits"], pooled["regions_with_hit"], pooled["regions"]
    else:
        best = max(heads.values(), key=lambda hits: int(hits["regions_with_hit"]))
        number, holding, regions = best["n"], best["regions_with_hit"], best["regions_scored"]
    beside = f"motif instances; {percent(holding, regions)} of {count(regions)} regions hold one"
    return [HeadlineFigure("Sites", count(number), beside, "hits")]


def _strength(summary: Mapping[str, Any]) -> list[HeadlineFigure]:
    found = summary["strength"]
    if found is None:
        return []
    value, words = strength_words(found)
    anchor = library_anchor(found["name"]) if found["source"] == LIBRARY else "loci"
    return [HeadlineFigure("Strength range", value, words, anchor)]


def _sites(summary: Mapping[str, Any]) -> list[HeadlineFigure]:
    """Return how many of the known sites are found, of the head that finds more."""
    known = {head: found for head, found in summary["known_sites"].items() if found["classes"]}
    if not known:
        return []
    classes = {head: found["classes"] for head, found in known.items()}
    every = {head: own.get("any") or next(iter(own.values())) for head, own in classes.items()}
    head = max(every, key=lambda name: int(every[name]["n_found"]))
    found, of = every[head]["n_found"], every[head]["n_sites"]
    beside = f"of {count(of)} in reach, by hits of the {head} head"
    recalls = [f"{name} {decimal(of['recall'], 2)}" for name, of in classes[head].items() if name != "any"]
    beside += f" ({', '.join(recalls)})" if len(recalls) > 1 else ""
    beside += f"; precision {decimal(known[head]['precision_any'], 2)}"
    return [HeadlineFigure("Known sites found", percent(found, of), beside, f"sites-{head}")]


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
