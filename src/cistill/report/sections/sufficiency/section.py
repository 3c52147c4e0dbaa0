"""Whether the data were enough to train on: a verdict on each figure, and what to do where it is not good."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from cistill.data.sufficiency.criteria import CRITERIA, criterion_of
from cistill.report.drawing.blocks import Block, Note, Section, Table, folded_if_long
from cistill.report.drawing.wording import MISSING, SPLIT_WORDS, count, significant
from cistill.report.reading.page_context import PageContext

BADGES = {"enough": "good", "doubtful": "warn", "not enough": "bad"}
ORDER = tuple(BADGES)
"""Verdicts from good to bad."""
Figure = Mapping[str, Any]


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
            blocks.append(_table(_worst_of_each(judged["figures"]), f"Verdicts{_of(task, found)}"))
            every = _table(judged["figures"], f"Every figure{_of(task, found)}")
            blocks.append(folded_if_long(every, f"Every figure{_of(task, found)}"))
    return Section(
        "sufficiency",
        "Are the data enough?",
        "Reads and peaks as they were before any training: what is measured, the verdict, and what to do.",
        tuple(blocks),
    )


def _of(task: str, found: Mapping[str, Any]) -> str:
    return f" on task {task}" if len(found["tasks"]) > 1 else ""


def _why(figures: list[Figure]) -> str:
    """Return what is not good, worst first, each with what to do."""
    bad = [figure for figure in _worst_of_each(figures) if figure["verdict"] != "enough"]
    bad.sort(key=lambda figure: -ORDER.index(figure["verdict"]))
    if not bad:
        return " to train on."
    return " to train on. " + " ".join(
        f"{_name(figure).capitalize()}: {_value(figure)} ({figure['verdict']}); {figure['advice']}." for figure in bad
    )


def _criterion(figure: Figure) -> str:
    return criterion_of(figure["measure"], figure["split"], figure["strand"])


def _name(figure: Figure) -> str:
    name = _criterion(figure)
    return CRITERIA[name].words if name in CRITERIA else str(figure["measure"]).replace("_", " ")


def _value(figure: Figure) -> str:
    value = figure["value"]
    whole = value is not None and float(value).is_integer() and abs(value) >= 1
    return count(value) if whole else significant(value)


def _worst_of_each(figures: list[Figure]) -> list[Figure]:
    """Return of each criterion the figure with the worst verdict, of these the smallest."""
    found: dict[str, Figure] = {}
    for figure in figures:
        name = _criterion(figure)
        if name not in found or _badness(figure) > _badness(found[name]):
            found[name] = figure
    return list(found.values())


def _badness(figure: Figure) -> tuple[int, float]:
    value = figure["value"]
    less_is_worse = _criterion(figure) not in ("chromosomes", "same_strands")
    size = 0.0 if value is None else float(value)
    return ORDER.index(figure["verdict"]), -size if less_is_worse else size


def _table(figures: list[Figure], title: str) -> Table:
    rows = tuple(
        (
            _name(figure),
            _place(figure),
            _value(figure),
            _interval(figure),
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


def _place(figure: Figure) -> str:
    split = "" if figure["split"] == "all" else SPLIT_WORDS.get(figure["split"], figure["split"])
    strand = "" if figure["strand"] == "both" else f"{figure['strand']} strand"
    fold = f"fold {figure['fold']}" if figure["fold"] else ""
    return ", ".join(filter(None, (fold, split, strand, figure["readset"]))) or "all peaks"


def _interval(figure: Figure) -> str:
    if figure["lower"] is None or figure["upper"] is None:
        return MISSING
    return f"{significant(figure['lower'])} – {significant(figure['upper'])}"
