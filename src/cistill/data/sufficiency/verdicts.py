"""Verdicts on the figures of a TF's data: enough, doubtful or not enough, and what to do."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cistill.data.splits import Split
from cistill.data.sufficiency.counting import Counted
from cistill.data.sufficiency.criteria import CRITERIA, criterion_of
from cistill.data.sufficiency.measures import BOTH, Measure, measures
from cistill.data.sufficiency.settings import DOUBTFUL, ENOUGH, NOT_ENOUGH, UNKNOWN, VERDICTS, SufficiencySettings


@dataclass(frozen=True)
class Judged:
    """A figure with its verdict; `unknown` for one that none is passed on."""

    measure: Measure
    criterion: str
    verdict: str

    @property
    def words(self) -> str:
        """What to do, where the verdict is not that the data are enough."""
        return CRITERIA[self.criterion].advice if self.verdict in (DOUBTFUL, NOT_ENOUGH) else ""

    def sentence(self) -> str:
        """Return the figure and its verdict in one line."""
        found = self.measure
        fold = f"fold {found.fold}" if found.fold else ""
        strand = "" if found.strand == BOTH else f"strand {found.strand}"
        part = found.split if found.split != "all" else ""
        where = ", ".join(filter(None, (fold, part, strand, found.readset)))
        whole = float(found.value).is_integer() or abs(found.value) >= 100
        number = f"{found.value:,.0f}" if whole else f"{found.value:.3g}"
        interval = ""
        if math.isfinite(found.interval.lower):
            interval = f" (95 % interval {found.interval.lower:.3g} to {found.interval.upper:.3g})"
        name = CRITERIA[self.criterion].words
        what = f"{number} of {found.n:,} {name}" if self.criterion == "chromosomes" else f"{name}: {number}{interval}"
        return f"{self.verdict}: {what}" + (f" [{where}]" if where else "")


@dataclass(frozen=True)
class Sufficiency:
    """The verdict on the data of a TF.

    Attributes
    ----------
    judged : list of Judged
        Every figure.
    of_task : dict of str to str
        Task to verdict.
    """

    judged: list[Judged]
    of_task: dict[str, str]

    @property
    def verdict(self) -> str:
        """The worst of the tasks."""
        return worst(self.of_task.values())

    def reasons(self, task: str) -> list[str]:
        """Return what is doubtful or not enough of a task, worst first, each with what to do."""
        own = [judged for judged in self.judged if judged.measure.task == task and judged.words]
        own.sort(key=lambda judged: -VERDICTS.index(judged.verdict))
        return [f"{judged.sentence()}; {judged.words}" for judged in own]

    def to_json(self) -> dict[str, Any]:
        """Return the verdicts for the provenance."""
        tasks = {task: {"verdict": verdict, "reasons": self.reasons(task)} for task, verdict in self.of_task.items()}
        return {"verdict": self.verdict, "tasks": tasks}


def worst(verdicts: Iterable[str]) -> str:
    """Return the worst verdict; `enough` of none, and where none is known."""
    return max((v for v in verdicts if v in VERDICTS), key=VERDICTS.index, default=ENOUGH)


def judge(counted: Counted, folds: Mapping[str, Split], settings: SufficiencySettings) -> Sufficiency:
    """Measure the counted reads and pass a verdict on each figure, on each task and on the whole.

    Parameters
    ----------
    counted : Counted
    folds : mapping
        Name to Split.
    settings : SufficiencySettings
        The thresholds. `deciding` names the figures that the verdict on a task follows; others make it doubtful at
        most.
    """
    judged = [_judged(measure, settings) for measure in measures(counted, folds, settings)]
    of_task = {}
    for task in counted.tasks:
        own = [found for found in judged if found.measure.task == task]
        deciding = worst(found.verdict for found in own if found.criterion in settings.deciding)
        others = worst(found.verdict for found in own if found.criterion not in settings.deciding)
        of_task[task] = worst([deciding, DOUBTFUL if others == NOT_ENOUGH else ENOUGH])
    return Sufficiency(judged, of_task)


def _judged(measure: Measure, settings: SufficiencySettings) -> Judged:
    """Pass the verdict on one figure."""
    criterion = criterion_of(measure.name, measure.split, measure.strand)
    if not criterion:
        return Judged(measure, "", UNKNOWN)
    if criterion == "chromosomes":
        share = measure.value / measure.n if measure.n else 0.0
        return Judged(measure, criterion, ENOUGH if not share else NOT_ENOUGH if share > 0.5 else DOUBTFUL)
    if criterion == "same_strands":
        return Judged(measure, criterion, NOT_ENOUGH if measure.value else ENOUGH)
    return Judged(measure, criterion, getattr(settings, criterion).verdict(measure.value))
