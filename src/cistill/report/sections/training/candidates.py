"""The networks that the model was chosen from: their scores, the choice, and what made the difference."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from markupsafe import Markup

from cistill.report.drawing import vega
from cistill.report.drawing.blocks import Block, Chart, SideBySide, Table, Text, folded_if_long
from cistill.report.drawing.palette import BLUE, GOLD, INK
from cistill.report.drawing.wording import MISSING, decimal, plural, readable
from cistill.report.reading.tf_results import TfResults
from cistill.report.reading.training_runs import ALL_TASKS
from cistill.report.sections.training.choice import FINETUNED, Contest, contests, kind_words

CHARTS = 4
"""So many tasks at most have their candidates drawn."""
FEWEST_DRAWN = 3
NETWORKS = {"all tasks": BLUE, "one task": GOLD}
CHOSEN = Markup('<span class="badge good">chosen</span>')
BEST = Markup('<span class="badge plain">best</span>')
STAGES = {"trained": "trained", FINETUNED: "fine-tuned"}


def candidate_blocks(results: TfResults, record: Mapping[str, Any]) -> list[Block]:
    """Return how the choice was made, a line for each fold and task, a chart, and the table of all candidates.

    Parameters
    ----------
    results : TfResults
        With candidates.tsv.
    record : mapping
        `selection` of the summary.
    """
    found = contests(results)
    blocks: list[Block] = [Text(_how(results, record))]
    if record["candidates"] < 2:
        return [*blocks, replace(_candidate_table(results, found), title="Scores")]
    effects = _effects(found)
    if effects:
        blocks.append(Text(effects))
    blocks.append(folded_if_long(_contest_table(results, found), "Best network of each fold and task"))
    if sum(len(contest.candidates) for contest in found) >= FEWEST_DRAWN:
        charts = [_chart(results, found, task) for task in list(dict.fromkeys(c.task for c in found))[:CHARTS]]
        blocks.append(SideBySide(tuple(charts), 2))
    return [*blocks, folded_if_long(_candidate_table(results, found), "All candidates")]


def _how(results: TfResults, record: Mapping[str, Any]) -> str:
    several = len(results.tasks) > 1
    if record["candidates"] < 2:
        return "There is a single network, so nothing was to be chosen. Its scores on the validation regions:"
    words = (
        "Networks were compared by their criterion on the validation regions of their fold"
        f"{', those of the task in question' if several else ''}: the same regions for every candidate, which "
        "none was trained on and the fold does not test, and no loss weight in the criterion; folds were never "
        "compared with each other."
    )
    if record["chosen_by"] == "user":
        words += " The choice itself is the user's table."
    elif record["keep"] == "all":
        words += " Every restart of the best kind of network that did not fail (criterion within 10%) was kept."
    elif record["keep"] == "best":
        words += f" The best network of each fold{' and task' if several else ''} was kept."
    members = len(record["chosen"])
    if not members:
        return words + " No network is marked as chosen."
    verb = "is" if members == 1 else "are"
    return words + f" {members} of {plural(record['candidates'], 'candidate')} {verb} in the model."


def _effects(found: list[Contest]) -> str:
    """Say over all folds and tasks what fine-tuning brought, and networks of all tasks against those of one."""
    words = []
    gains = [gain for contest in found for gain in contest.gains]
    if gains:
        lowered = sum(gain > 0 for gain in gains)
        by = decimal(float(np.mean(gains)), 4)
        words.append(f"Fine-tuning lowered the criterion in {lowered} of {len(gains)} cases, by {by} on average.")
    pairs = [(contest.best_of(True), contest.best_of(False)) for contest in found]
    both = [(whole, own) for whole, own in pairs if whole is not None and own is not None]
    if both:
        better = sum(whole < own for whole, own in both)
        excess = float(np.mean([whole - own for whole, own in both]))
        words.append(
            f"The best network of all tasks did better than the best one of the task alone in {better} of {len(both)} "
            f"cases; on average its criterion is {decimal(abs(excess), 4)} {'larger' if excess > 0 else 'smaller'}."
        )
    return " ".join(words)


def _contest_table(results: TfResults, found: list[Contest]) -> Table:
    several = len(results.tasks) > 1
    kinds = any(contest.best_of(True) is not None and contest.best_of(False) is not None for contest in found)
    rows = []
    for contest in found:
        best = contest.best
        rows.append(
            (
                *((contest.task,) if several else ()),
                contest.fold,
                str(len(contest.candidates)),
                MISSING if best is None else _name(results, best),
                MISSING if best is None else decimal(best["criterion"], 4),
                MISSING if contest.spread is None else f"{decimal(contest.spread, 4)} ({len(contest.restarts)})",
                decimal(contest.gain, 4),
                *((decimal(contest.best_of(True), 4), decimal(contest.best_of(False), 4)) if kinds else ()),
                str(len(contest.chosen)),
            )
        )
    first = 1 if several else 0
    head = (
        *(("task",) if several else ()),
        *("fold", "candidates", "best", "criterion", "spread (restarts)", "gain by fine-tuning"),
        *(("best of all tasks", "best of the task") if kinds else ()),
        "chosen",
    )
    numeric = frozenset({first + 1, *range(first + 3, len(head))})
    return Table(
        "For each fold"
        + (" and task" if several else "")
        + ": the best candidate, how far apart the restarts of its kind were before fine-tuning (largest less smallest "
        "criterion), and by how much fine-tuning lowered the criterion of a network (mean)."
        + (" Best of all tasks, best of the task: the smallest criterion of either kind of network." if kinds else "")
        + " From candidates.tsv.",
        head,
        tuple(rows),
        numeric,
        "Best network of each fold" + (" and task" if several else ""),
    )


def _name(results: TfResults, row: Mapping[Any, Any]) -> str:
    words = f"restart {row['restart']}, {STAGES.get(str(row['stage']), row['stage'])}"
    return f"{kind_words(results, str(row['kind']))}, {words}" if len(results.tasks) > 1 else words


def _candidate_table(results: TfResults, found: list[Contest]) -> Table:
    several = len(results.tasks) > 1
    rows = []
    for contest in found:
        best = contest.best
        for row in contest.candidates.to_dict("records"):
            is_best = best is not None and row["candidate"] == best["candidate"]
            rows.append(
                (
                    *((contest.task,) if several else ()),
                    contest.fold,
                    *((kind_words(results, str(row["kind"])),) if several else ()),
                    STAGES.get(str(row["stage"]), str(row["stage"])),
                    str(row["restart"]),
                    readable(row["profile_nll"]),
                    readable(row["count_mse"]),
                    decimal(row["profile_unexplained"]),
                    decimal(row["count_unexplained"]),
                    decimal(row["criterion"], 4),
                    Markup(" ").join([mark for mark, is_so in ((CHOSEN, row["chosen"]), (BEST, is_best)) if is_so]),
                )
            )
    words = 2 + 2 * several
    return Table(
        "Every candidate, the best of each fold"
        + (" and task" if several else "")
        + " first. Unexplained: share of what there is to explain on the validation regions, 1 for the mean of the "
        "data, 0 for perfect; their sum is the criterion. From candidates.tsv.",
        (
            *(("task",) if several else ()),
            "fold",
            *(("network of",) if several else ()),
            *("stage", "restart", "profile NLL", "count MSE", "profile unexplained", "counts unexplained", "criterion"),
            "",
        ),
        tuple(rows),
        frozenset(range(words, words + 6)),
        "All candidates",
    )


def _chart(results: TfResults, found: list[Contest], task: str) -> Chart:
    """Draw the criterion of every candidate for a task, fold by fold."""
    mine = [contest for contest in found if contest.task == task]
    table = pd.concat([contest.candidates for contest in mine], ignore_index=True).dropna(subset=["criterion"])
    stages = [STAGES[name] for name in STAGES if (table["stage"] == name).any()]
    table = table.assign(
        network_of=np.where(table["kind"] == ALL_TASKS, *NETWORKS),
        stage=table["stage"].map(lambda stage: STAGES.get(str(stage), str(stage))),
    )
    table["group"] = table["network_of"] + ", " + table["stage"]
    groups = [f"{network}, {stage}" for network in NETWORKS for stage in stages]
    both = table["network_of"].nunique() > 1
    base = vega.chart(height=280).encode(
        x=alt.X(
            "fold:N", title="fold", sort=[contest.fold for contest in mine], axis=alt.Axis(labelAngle=0, labelLimit=70)
        ),
        xOffset=alt.XOffset("group:N", scale=alt.Scale(domain=groups), sort=groups),
        y=alt.Y("criterion:Q", title="criterion"),
    )
    dots = base.mark_point(size=40).encode(
        color=vega.colours("network_of", NETWORKS, legend=both),
        fillOpacity=alt.condition(alt.datum.stage == stages[-1], alt.value(1), alt.value(0.2)),
        tooltip=vega.tips(candidate="", fold="", network_of="", stage="", restart="d", criterion=".4f"),
    )
    rings = base.mark_point(filled=False, size=150, stroke=INK, strokeWidth=2).transform_filter(alt.datum.chosen)
    several = len({contest.task for contest in found}) > 1
    columns = ["candidate", "fold", "network_of", "stage", "group", "restart", "criterion", "chosen"]
    return Chart(
        table[columns],
        dots + rings,
        "Criterion on the validation regions of each fold, a dot for each candidate"
        + ("; filled: fine-tuned" if len(stages) > 1 else "")
        + "; ring: chosen. The level of a fold tells how hard its regions are. From candidates.tsv.",
        f"Candidates for {task}" if several else "Candidates",
    )
