"""Whether the data were enough to train on: a verdict on each figure, and what to do where it is not good."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from cistill.report.drawing.blocks import Block, Note, Section, Table, folded_if_long
from cistill.report.drawing.wording import MISSING, count
from cistill.report.reading.page_context import PageContext
from cistill.report.sections.sufficiency.figures import (
    BADGES,
    ORDER,
    Figure,
    figure_interval,
    figure_name,
    figure_place,
    figure_value,
    worst_of_each,
)


def sufficiency_section(page: PageContext, summary: Mapping[str, Any]) -> Section:
    """Return the verdict on each task, the worst figure of each kind, and all figures behind a line that opens them."""
    found = summary["sufficiency"]
    blocks: list[Block] = []
    if found is None:
        blocks.append(
            Note(
                "No sufficiency.tsv was given: the dataset is of a version that did not judge the data before training."
            )
        )
    else:
        for task, judged in found["tasks"].items():
            several = f"Task {task}: the" if len(found["tasks"]) > 1 else "The"
            level = "info" if judged["verdict"] == "enough" else "warn"
            blocks.append(Note(f"{several} data are {judged['verdict']}{_why(judged['figures'])}", level))
            blocks.append(_table(worst_of_each(judged["figures"]), f"Verdicts{_of(task, found)}"))
            every = _table(judged["figures"], f"Every figure{_of(task, found)}")
            blocks.append(folded_if_long(every, f"Every figure{_of(task, found)}"))
    return Section(
        "sufficiency",
        "Are the data enough?",
        "Reads and peaks before any training: what was measured, the verdict on each figure, and what to do.",
        tuple(blocks),
    )


def _of(task: str, found: Mapping[str, Any]) -> str:
    return f" on task {task}" if len(found["tasks"]) > 1 else ""


def _why(figures: list[Figure]) -> str:
    """Return what is not good, worst first, each with what to do."""
    bad = [figure for figure in worst_of_each(figures) if figure["verdict"] != "enough"]
    bad.sort(key=lambda figure: -ORDER.index(figure["verdict"]))
    if not bad:
        return " to train on."
    return " to train on. " + " ".join(
        f"{figure_name(figure).capitalize()}: {figure_value(figure)} ({figure['verdict']}); {figure['advice']}."
        for figure in bad
    )


def _table(figures: list[Figure], title: str) -> Table:
    rows = tuple(
        (
            figure_name(figure),
            figure_place(figure),
            figure_value(figure),
            figure_interval(figure),
            count(figure["n"]) if figure["n"] else MISSING,
            Markup('<span class="badge {}">{}</span>').format(BADGES[figure["verdict"]], figure["verdict"]),
        )
        for figure in figures
    )
    return Table(
        "Of each figure the fold, part, strand or read set where it is worst, with its 95% interval where it is an "
        "estimate, and the peaks or reads that it is computed from. What each means and where its limits come from: "
        "docs/data_quality.md of cistill. From sufficiency.tsv.",
        ("figure", "of", "value", "95% interval", "n", "verdict"),
        rows,
        frozenset({2, 3, 4}),
        title,
    )
