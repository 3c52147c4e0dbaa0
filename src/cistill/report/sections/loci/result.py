"""How close predicted reads are to those observed, in one sentence."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import FEWEST, Result, missing, share_words, too_few
from cistill.report.drawing.wording import SPLIT_WORDS, count, percent


def locus_result(summary: Mapping[str, Any]) -> Result:
    """Return the share of peaks whose predicted number of reads is within twofold; of several tasks the extremes."""
    tasks: Mapping[str, Mapping[str, Any]] = summary["predicted_counts"]
    if not tasks:
        return missing("No predictions were given, so predicted and observed reads cannot be compared.")
    fewest = min(task["peaks"] for task in tasks.values())
    split = next(iter(tasks.values()))["split"]
    kind = "held-out" if split == "test" else SPLIT_WORDS.get(split, split)
    if fewest < FEWEST:
        return too_few(fewest, f"{kind} peak")
    words = "The predicted number of reads is within a factor of two of the observed one at"
    if len(tasks) == 1:
        found = next(iter(tasks.values()))
        share = share_words(found["within_twofold"], found["peaks"])
        return Result(f"{words} {count(found['within_twofold'])} of {count(found['peaks'])} {kind} peaks ({share}).")
    ranked = sorted(tasks.items(), key=lambda item: item[1]["within_twofold"] / item[1]["peaks"])
    ends = " to ".join(_end(task, found) for task, found in (ranked[0], ranked[-1]))
    return Result(f"{words} {ends} of {kind} peaks; {count(len(tasks))} tasks, {count(fewest)} peaks or more each.")


def _end(task: str, found: Mapping[str, Any]) -> str:
    share = percent(found["within_twofold"], found["peaks"])
    interval = share_words(found["within_twofold"], found["peaks"]).partition(", ")[2]
    return f"{share} ({task}; {interval})"
