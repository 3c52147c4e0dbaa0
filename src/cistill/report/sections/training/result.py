"""Which networks make up the model, in one sentence."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cistill.report.drawing.sentences import Result, interval_words, missing
from cistill.report.drawing.wording import count, decimal, plural
from cistill.statistics import mean_interval

MEANING = "what it leaves unexplained on validation regions (share of profiles plus share of counts) is"


def training_result(summary: Mapping[str, Any]) -> Result:
    """Return the networks of the model, and their criterion on validation regions with its interval over folds."""
    training, selection = summary["training"], summary["selection"]
    if training is None:
        return missing("Nothing is known of the training: its tables were not given.")
    trained = len(training["runs"])
    if selection is None or not selection["chosen"]:
        known = [run["criterion"] for run in training["runs"] if run["criterion"] is not None]
        return Result(f"{plural(trained, 'network was', 'networks were')} trained{_criterion(known)}.")
    chosen = len(selection["chosen"])
    folds = len({contest["fold"] for contest in selection["contests"] if contest["chosen"]})
    among = f", chosen among {count(selection['candidates'])} candidates" if selection["candidates"] > 1 else ""
    known = [contest["criterion"] for contest in selection["contests"] if contest["criterion"] is not None]
    return Result(f"The model holds {plural(chosen, 'network')} ({plural(folds, 'fold')}){among}{_criterion(known)}.")


def _criterion(values: list[float]) -> str:
    """Return the mean criterion in words; its interval over folds and tasks where there are three or more."""
    if not values:
        return ""
    interval = interval_words(*mean_interval(np.array(values, dtype=float)))
    mean = decimal(float(np.mean(values)))
    if not interval:
        return f"; {MEANING} {mean} (n = {count(len(values))}, too few for an interval)"
    return f"; {MEANING} {mean} on average over folds and tasks ({interval}; n = {count(len(values))})"
