"""How well held-out binding is predicted, in one sentence."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import Result, interval_words, missing, too_few
from cistill.report.drawing.wording import count, decimal
from cistill.report.sections.performance.intervals import FEWEST_PEAKS

Entry = Mapping[str, Any]


def performance_result(summary: Mapping[str, Any]) -> Result:
    """Return AUROC and correlation of log counts on held-out regions; of several tasks the worst and the best."""
    metrics = summary["metrics"]
    if metrics is None:
        return missing("No metrics were given, so how well the model predicts is not known.")
    certainty = metrics["certainty"]
    tasks: Mapping[str, Mapping[str, Any]] = certainty["tasks"]
    if not tasks:
        return missing("No region was held out, so how well the model predicts new regions is not known.")
    if certainty["too_few"]:
        return too_few(certainty["fewest_peaks"], "held-out peak", needed=FEWEST_PEAKS)
    if len(tasks) == 1:
        return _of_one(next(iter(tasks.values())))
    areas = {task: of["intervals"]["auroc"] for task, of in tasks.items() if "auroc" in of["intervals"]}
    if not areas:
        return missing("Held-out peaks have no background regions to be ranked against.")
    ranked = sorted(areas, key=lambda task: float(areas[task]["value"]))
    ends = " to ".join(_value(areas[task], task) for task in (ranked[0], ranked[-1]))
    return Result(
        f"Predicted counts rank held-out peaks above background with an AUROC from {ends}; {count(len(tasks))} tasks, "
        f"{count(certainty['fewest_peaks'])} held-out peaks or more each."
    )


def _of_one(task: Mapping[str, Any]) -> Result:
    found = task["intervals"]
    words = []
    if "auroc" in found:
        words.append(f"rank held-out peaks above background with an AUROC of {_value(found['auroc'])}")
    if "count_pearson_peaks" in found:
        words.append(f"correlate with the observed ones within peaks at r = {_value(found['count_pearson_peaks'])}")
    if not words:
        return missing("The held-out regions have no score of counts.")
    backgrounds = f", {count(task['backgrounds'])} background regions" if task["backgrounds"] else ""
    return Result(f"Predicted counts {' and '.join(words)}; n = {count(task['peaks'])} peaks{backgrounds}.")


def _value(entry: Entry, task: str = "") -> str:
    """Return a score with its task, where there are several, and its interval."""
    details = "; ".join(filter(None, (task, interval_words(entry["lower"], entry["upper"]))))
    return decimal(entry["value"]) + (f" ({details})" if details else "")
