"""The figures that a verdict on the data is passed on: their names, values and which is the worst."""

from collections.abc import Mapping
from typing import Any

from cistill.data.sufficiency.criteria import CRITERIA, criterion_of
from cistill.report.drawing.wording import MISSING, SPLIT_WORDS, count, significant

BADGES = {"enough": "good", "doubtful": "warn", "not enough": "bad"}
ORDER = tuple(BADGES)
"""Verdicts from good to bad."""
Figure = Mapping[str, Any]


def criterion(figure: Figure) -> str:
    """Return the name of the criterion that judges a figure."""
    return criterion_of(figure["measure"], figure["split"], figure["strand"])


def figure_name(figure: Figure) -> str:
    """Return what a figure is of."""
    name = criterion(figure)
    return CRITERIA[name].words if name in CRITERIA else str(figure["measure"]).replace("_", " ")


def figure_value(figure: Figure) -> str:
    """Return the value: a whole number in full, else three digits."""
    value = figure["value"]
    whole = value is not None and float(value).is_integer() and abs(value) >= 1
    return count(value) if whole else significant(value)


def worst_of_each(figures: list[Figure]) -> list[Figure]:
    """Return of each criterion the figure with the worst verdict, of these the smallest."""
    found: dict[str, Figure] = {}
    for figure in figures:
        name = criterion(figure)
        if name not in found or _badness(figure) > _badness(found[name]):
            found[name] = figure
    return list(found.values())


def _badness(figure: Figure) -> tuple[int, float]:
    value = figure["value"]
    less_is_worse = criterion(figure) not in ("chromosomes", "same_strands")
    size = 0.0 if value is None else float(value)
    return ORDER.index(figure["verdict"]), -size if less_is_worse else size


def figure_place(figure: Figure) -> str:
    """Return the fold, part, strand and read set that a figure is of."""
    split = "" if figure["split"] == "all" else SPLIT_WORDS.get(figure["split"], figure["split"])
    strand = "" if figure["strand"] == "both" else f"{figure['strand']} strand"
    fold = f"fold {figure['fold']}" if figure["fold"] else ""
    return ", ".join(filter(None, (fold, split, strand, figure["readset"]))) or "all peaks"


def figure_interval(figure: Figure) -> str:
    """Return the 95% interval of an estimate."""
    if figure["lower"] is None or figure["upper"] is None:
        return MISSING
    return f"{significant(figure['lower'])} – {significant(figure['upper'])}"
