"""Restarts of a fold compared while they train: the better half is trained further (successive halving)."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cistill.console import LOG
from cistill.errors import InputError

ALL_TASKS = "all"


@dataclass(frozen=True)
class PlannedRun:
    """One training of many.

    Attributes
    ----------
    fold : str
    restart : int
        From 1; restarts differ in initial weights and batches.
    task : str, optional
        The only task that the network predicts; all of them by default.
    """

    fold: str
    restart: int
    task: str | None = None

    @property
    def name(self) -> str:
        """Name of the run in file names and tables: `all.fold_0.restart_1`."""
        return f"{self.task or ALL_TASKS}.fold_{self.fold}.restart_{self.restart}"


class Rung(NamedTuple):
    """A comparison: after which share of the schedule, and how many restarts go on from there."""

    share: float
    survivors: int


def restart_numbers(text: str) -> list[int]:
    """Return the restarts that a text asks for: `3` is 1, 2 and 3; with a comma it lists them (`2,` is 2 alone)."""
    listed = [part.strip() for part in text.split(",") if part.strip()]
    if not listed or not all(part.isdecimal() and int(part) > 0 for part in listed):
        raise InputError(f"--restarts {text}: give their number (3), or which ones (2, or 1,3 with a comma)")
    return [int(part) for part in listed] if "," in text else list(range(1, int(listed[0]) + 1))


def rungs(restarts: int, share: float) -> list[Rung]:
    """Return where the restarts of a fold are compared.

    Parameters
    ----------
    restarts : int
        How many begin.
    share : float
        Of the schedule, before the first comparison; each one after it comes at twice the share.

    Returns
    -------
    list of Rung
        Half of the restarts, rounded down, go on from each; nothing is compared with one restart, or at the end.

    Notes
    -----
    Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization", with the
    budget of a comparison in epochs.

    Examples
    --------
    >>> rungs(3, 0.25)
    [Rung(share=0.25, survivors=1)]
    >>> rungs(8, 0.25)
    [Rung(share=0.25, survivors=4), Rung(share=0.5, survivors=2)]
    """
    found: list[Rung] = []
    while restarts > 1 and share < 1:
        restarts //= 2
        found.append(Rung(share, restarts))
        share *= 2
    return found


def going_on(criteria: Mapping[PlannedRun, float], survivors: int) -> set[PlannedRun]:
    """Return the runs that go on from a comparison: those of each fold and task with the smallest criteria.

    Parameters
    ----------
    criteria : mapping
        Run to its best criterion so far; one that is not a number is the worst, but where no run has a number all go
        on. Of equal ones the first restart is better.
    survivors : int
        How many go on, of each fold and task.
    """
    groups: dict[tuple[str, str | None], list[PlannedRun]] = defaultdict(list)
    for run in criteria:
        groups[run.fold, run.task].append(run)
    kept: set[PlannedRun] = set()
    for runs in groups.values():
        if all(math.isnan(criteria[run]) for run in runs):  # nothing was validated: nothing tells them apart
            kept.update(runs)
            continue
        ranked = sorted(runs, key=lambda run: (_rank(criteria[run]), run.restart))
        kept.update(ranked[:survivors])
        for run in ranked[survivors:]:
            LOG.info("%s ends here: criterion %.4f, best of the restarts %.4f", run.name, criteria[run],
                     criteria[ranked[0]])  # fmt: skip
    return kept


def _rank(criterion: float) -> float:
    return math.inf if math.isnan(criterion) else criterion


def best_until(criteria: Sequence[float], epochs: int) -> float:
    """Return the best criterion of the first epochs; not a number where nothing was validated."""
    known: Iterable[float] = (value for value in criteria[:epochs] if not math.isnan(value))
    return min(known, default=math.nan)
