"""The sentence that opens a section: a figure, its interval, how many things it is of; or what is missing for it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cistill.report.drawing.wording import decimal, plural
from cistill.statistics import share_interval

FEWEST = 20
"""Things from which on a figure of them is headlined: the 95% interval of a share of one half is then 0.4 wide."""


class Result(NamedTuple):
    """What a section found.

    Attributes
    ----------
    sentence : str
        Plain text.
    headlined : bool
        Whether it gives a figure; if not, it says what is missing for one.
    """

    sentence: str
    headlined: bool = True


def too_few(number: int, noun: str, rest: str = "", needed: int = FEWEST) -> Result:
    """Return in place of a result that there are too few things for one.

    Parameters
    ----------
    number : int
    noun, rest : str
        What they are, in the singular, and what follows that: `region`, ` searched`.
    needed : int
    """
    words = f"No {noun}{rest}" if not number else f"Only {plural(number, noun)}{rest}"
    return Result(f"{words}: no figure is headlined (at least {needed} needed).", False)


def missing(words: str) -> Result:
    """Return in place of a result what was not given for one."""
    return Result(words, False)


def interval_words(lower: float | None, upper: float | None, digits: int = 3) -> str:
    """Return a 95% interval in words; empty where it is not known."""
    if lower is None or upper is None or lower != lower or upper != upper:
        return ""
    return f"95% interval {decimal(lower, digits)} to {decimal(upper, digits)}"


def share_words(found: int, of: int) -> str:
    """Return a share in per cent with its interval (Wilson), of things that are counted independently of each other."""
    lower, upper = share_interval(found, of)
    return f"{decimal(100 * found / of, 1)}%, {interval_words(100 * lower, 100 * upper, 1)}%"


def motif_core(motif: Mapping[str, Any]) -> str:
    """Return the consensus of a motif of the summary without the positions at its ends that say nothing."""
    return str(motif["consensus"]).strip("N") or str(motif["consensus"])


def motif_name(motif: Mapping[str, Any]) -> str:
    """Return what a motif of the summary is called in a sentence: its core, and its best match in the database."""
    return f"{motif_core(motif)} ({motif['match']})" if motif["match"] else motif_core(motif)


def listed(words: list[str], last: str = "and") -> str:
    """Return words as a list in a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""
