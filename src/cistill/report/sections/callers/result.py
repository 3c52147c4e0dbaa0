"""Which caller finds more of the known sites, in one sentence."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import FEWEST, Result, listed, missing, share_words, too_few
from cistill.report.drawing.wording import count, decimal


def caller_result(summary: Mapping[str, Any]) -> Result | None:
    """Return recall and precision of the two callers of largest area under the precision-recall curve."""
    heads: Mapping[str, Mapping[str, Mapping[str, Any]]] = summary["callers"]
    if not heads:
        return None
    head, callers = max(heads.items(), key=lambda item: max((_area(of) for of in item[1].values()), default=-1.0))
    ranked = sorted(callers, key=lambda name: -_area(callers[name]))
    known = [name for name in ranked if callers[name]["recall"] is not None and callers[name]["sites"]]
    if not known:
        hits = listed([f"{count(callers[name]['hits'])} ({name})" for name in callers])
        return missing(f"Without known sites no caller is headlined; numbers of hits on the {head} head: {hits}.")
    sites = callers[known[0]]["sites"]
    if sites < FEWEST:
        return too_few(sites, "known site", " in reach of the regions")
    described = [_words(name, callers[name]) for name in known[:2]]
    return Result(f"On the {head} head, {'; then '.join(described)}.")


def _area(caller: Mapping[str, Any]) -> float:
    return -1.0 if caller["average_precision"] is None else float(caller["average_precision"])


def _words(name: str, caller: Mapping[str, Any]) -> str:
    found = round(caller["recall"] * caller["sites"])
    return (
        f"{name} finds {count(found)} of {count(caller['sites'])} known sites ({share_words(found, caller['sites'])}) "
        f"at a precision of {decimal(caller['precision'])} (area under the precision-recall curve "
        f"{decimal(caller['average_precision'])})"
    )
