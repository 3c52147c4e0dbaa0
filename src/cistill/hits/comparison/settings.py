"""Settings of the comparison of hit sets."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from cistill.declared import option
from cistill.errors import InputError
from cistill.seeds import LARGEST_SEED, SEED

ANY = "any"


@dataclass(frozen=True)
class ComparisonSettings:
    """How hit sets are compared.

    Attributes
    ----------
    tolerance : int
        A hit finds a site, and two hits are the same, if their centres are at most this many bp apart.
    reach : int
        Sites count that are at most this many bp from a kept peak's summit.
    class_regex : str
        How to read a site's class from its name, see `known_sites.site_classes`.
    recall_class : str
        The class whose recall the areas are of.
    min_confidence : float
        Hits below count in rankings alone.
    tops : tuple of int
        Numbers of highest ranked hits to give precision and recall of.
    track_threshold, track_quantile, track_smoothing, track_apart
        As for `truth_track.sites_of_track`.
    rank_bins : int
        Bins of the rank-footprint curve.
    n_examples, seed : int
        Example hits of each kind, and the seed that draws them.
    """

    tolerance: int = option(
        10,
        "A hit finds a site, and two hits are the same, if their centres are at most this many bp apart.",
        min=0,
    )
    reach: int = option(100, "Recall counts sites at most this many bp from a kept peak's summit.", min=0)
    class_regex: str = option(
        "",
        "Regular expression whose first group is the class within a name. By default the whole name, or its last part "
        "(after | ; , : or space) if there are more than ten different names.",
    )
    recall_class: str = option(ANY, "Class of sites whose recall the area under the curve is of.")
    min_confidence: float = option(0.5, "Hits below count in rankings and curves, and nowhere else.", min=0, max=1)
    tops: tuple[int, ...] = ()
    track_threshold: float | None = option(None, "Least value of --truth_track at a site.")
    track_quantile: float = option(0.99, "The same as a quantile of the values within --reach.", min=0, max=1)
    track_smoothing: int = option(1, "Moving mean over this many bp, an odd number.", min=1)
    track_apart: int = option(20, "A site is the maximum of this many bp on either side.", min=1)
    rank_bins: int = option(50, "Points of the largest set's rank-footprint curve.", min=1)
    n_examples: int = option(10, "Example hits of each kind.", min=0)
    seed: int = option(SEED, "Seed of the choice of examples.", min=0, max=LARGEST_SEED)

    def check(self) -> None:
        """Raise InputError where values cannot be used."""
        class_pattern(self.class_regex)
        if self.track_smoothing % 2 == 0:
            raise InputError(
                f"--track_smoothing {self.track_smoothing}: give an odd number, so that the mean has a middle"
            )


def class_pattern(class_regex: str) -> re.Pattern[str]:
    """Return the regular expression that finds classes in names of sites.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        return re.compile(class_regex)
    except (re.error, OverflowError, RecursionError) as error:
        raise InputError(f"--class_regex {class_regex}: not a regular expression: {error}") from error


def tops_of(text: str) -> tuple[int, ...]:
    """Return the numbers of highest ranked hits that a text lists, separated by commas.

    Raises
    ------
    InputError
        If one is not a whole number above zero.
    """
    parts = [part for part in text.split(",") if part]
    if any(not part.strip().isdecimal() or int(part) == 0 for part in parts):
        raise InputError(f"--top {text}: expected whole numbers above zero, with commas between them")
    return tuple(int(part) for part in parts)


@dataclass(frozen=True)
class Truth:
    """What is taken as true: a BED of sites or tracks whose maxima are sites; or nothing."""

    known_sites: Path | None = None
    tracks: list[Path] = field(default_factory=list)
