"""What a reader of the page has to be careful with, each with the section that says more."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cistill.data.sufficiency.criteria import CRITERIA, criterion_of
from cistill.report.drawing.wording import count, percent, plural
from cistill.report.reading.main_motif import main_motif

MANY = 0.1
"""Share of peaks left out from which on it is said."""


class Caution(NamedTuple):
    """A sentence and the anchor of the section that says more."""

    words: str
    anchor: str


def cautions(summary: Mapping[str, Any]) -> list[Caution]:
    """Return what to be careful with, all of it from the summary: what matters most comes first."""
    return [*_of_data(summary), *_of_scores(summary), *_of_motifs(summary), *_of_models(summary)]


def _of_data(summary: Mapping[str, Any]) -> Iterator[Caution]:
    found, regions = summary["sufficiency"], summary["regions"]
    if found is not None and found["verdict"] != "enough":
        worst = [
            figure
            for task in found["tasks"].values()
            for figure in task["figures"]
            if figure["verdict"] == found["verdict"]
        ]
        names = dict.fromkeys(_criterion(figure) for figure in worst)
        yield Caution(f"The data are {found['verdict']} to train on: {', '.join(names)}.", "sufficiency")
    left_out = sum(regions["peaks_dropped"].values()) + sum(regions["peaks_explained_only"].values())
    given = regions["peaks_given"]
    if left_out > MANY * given:
        yield Caution(
            f"{count(left_out)} of {plural(given, 'peak')} ({percent(left_out, given)}) were left out.", "data"
        )


def _criterion(figure: Mapping[str, Any]) -> str:
    name = criterion_of(figure["measure"], figure["split"], figure["strand"])
    return CRITERIA[name].words if name in CRITERIA else str(figure["measure"]).replace("_", " ")


def _of_scores(summary: Mapping[str, Any]) -> Iterator[Caution]:
    metrics = summary["metrics"]
    if metrics is None:
        return
    certainty, held_out = metrics["certainty"], metrics["held_out"]
    if not metrics["test"]:
        yield Caution("No region was held out: the scores are of regions that training saw.", "performance")
    elif certainty["too_few"]:
        few = plural(certainty["fewest_peaks"], "held-out peak")
        yield Caution(f"Only {few}: the scores say little of the model.", "performance")
    if held_out is not None and held_out["seen_regions"]:
        seen = plural(held_out["seen_regions"], "test region")
        yield Caution(f"{seen} lie on chromosomes that the networks trained on.", "performance")


def _of_motifs(summary: Mapping[str, Any]) -> Iterator[Caution]:
    motifs = summary["motifs"]
    if motifs is not None and not motifs:
        yield Caution("No motif was found.", "motifs")
    elif motifs and main_motif(motifs)["weak"]:
        yield Caution("Only weak motifs were found.", "motifs")
    rows = summary["contributions"] or ()
    large = sum(row["regions_with_large_gap"] for row in rows)
    if large:
        every = plural(sum(row["regions"] for row in rows), "explanation")
        yield Caution(f"In {count(large)} of {every}, contributions do not add up to within 1%.", "contributions")


def _of_models(summary: Mapping[str, Any]) -> Iterator[Caution]:
    training = summary["training"]
    diverged = sum(bool(run["divergences"]) for run in training["runs"]) if training is not None else 0
    if diverged:
        yield Caution(
            f"{plural(diverged, 'training')} diverged and started again at half the learning rate.", "training"
        )
    for name, library in summary["affinity"].items():
        own, best = library["calibrators"].get(library["calibrator"]), library["best_motif"]
        if own is not None and best is not None and best["rmse"] < own["rmse"]:
            yield Caution(f"The best motif predicts library {name} better than the model.", f"affinity-{name}")
    truth = summary["truth"]
    lost = [name for name, motif in truth["motifs"].items() if not motif["recovered"]] if truth is not None else []
    if lost:
        yield Caution(f"Planted and not recovered: {', '.join(lost)}.", "truth")
