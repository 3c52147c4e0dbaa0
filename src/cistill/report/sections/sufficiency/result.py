"""Whether the data were enough, in one sentence."""

from collections.abc import Collection, Mapping
from typing import Any

from cistill.report.drawing.sentences import Result, missing
from cistill.report.drawing.wording import count, plural
from cistill.report.sections.sufficiency.figures import (
    ORDER,
    Figure,
    figure_interval,
    figure_name,
    figure_place,
    figure_value,
    worst_of_each,
)

SHOWN = "reads_per_peak"
"""What is named where nothing is bad."""


def sufficiency_result(summary: Mapping[str, Any]) -> Result:
    """Return the verdict, how many criteria are met, and the worst figure with its interval."""
    found = summary["sufficiency"]
    if found is None:
        return missing("The data were not judged before training, so no verdict is known.")
    of_task = {task: worst_of_each(judged["figures"]) for task, judged in found["tasks"].items()}
    every = [(task, figure) for task, figures in of_task.items() for figure in figures]
    bad = [(task, figure) for task, figure in every if figure["verdict"] != "enough"]
    over = f" over {count(len(of_task))} tasks" if len(of_task) > 1 else ""
    met = len(every) - len(bad)
    are = "is" if met == 1 else "are"
    words = f"{count(met)} of {plural(len(every), 'criterion', 'criteria')}{over} {are} met"
    verdict = f"The data are {found['verdict']} to train on: {words}"
    if found["verdict"] == "enough":
        shown = [item for item in every if item[1]["measure"] == SHOWN][:1]
        return Result(f"{verdict}{''.join(f'; {_figure(*item, of_task)}' for item in shown)}.")
    return Result(f"{verdict}; the worst: {_figure(*max(bad, key=_badness), of_task)}.")


def _badness(item: tuple[str, Figure]) -> int:
    return ORDER.index(item[1]["verdict"])


def _figure(task: str, figure: Figure, tasks: Collection[str]) -> str:
    """Return a figure in words: what it is, of what, its value, interval and number."""
    interval = f"95% interval {figure_interval(figure).replace(' – ', ' to ')}" if figure["lower"] is not None else ""
    number = f"n = {count(figure['n'])}" if figure["n"] else ""
    details = "; ".join(filter(None, (interval, number)))
    where = figure_place(figure) + (f", task {task}" if len(tasks) > 1 else "")
    return f"{figure_name(figure)} ({where}) {figure_value(figure)}" + (f" ({details})" if details else "")
