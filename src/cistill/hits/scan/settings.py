"""Settings of scans with position weight matrices."""

from dataclasses import dataclass
from typing import Literal, get_args

from cistill.declared import option
from cistill.errors import InputError
from cistill.hits.caller import CallSettings

Scoring = Literal["moods", "fimo"]
SCORINGS = get_args(Scoring)


@dataclass(frozen=True)
class ScanSettings:
    """Settings of a scan with position weight matrices, of explained regions or of any sequences.

    Attributes
    ----------
    scoring : {"moods", "fimo"}
        `moods`: log-odds to the base e and exact p-values by dynamic programming, as MOODS; `fimo`: log-odds to the
        base 2, in bins, as FIMO, through memelite.
    p_value : float
        Matches of at most this p-value are hits.
    pseudocount : float, optional
        Added to the frequencies; by default 0.01 in all for `moods` and 0.0001 to each for `fimo`.
    background : str
        `flat`, `regions` (the base composition of the windows) or the four frequencies of A, C, G, T.
    """

    scoring: Scoring = option(
        "moods", "moods (natural-log odds, exact p-values) or fimo (bins of 0.1 bits, by memelite)."
    )
    p_value: float = option(1e-4, "Matches of at most this p-value are hits.", min=1e-12, max=1)
    pseudocount: float | None = option(
        None, "Added to frequencies; by default 0.01 for moods, 0.0001 a base for fimo.", min=0
    )
    background: str = option(
        "flat", "Base composition: flat, regions (that of what is scanned), or A,C,G,T frequencies."
    )

    def check(self) -> None:
        """Raise InputError where values cannot be used."""
        if self.scoring not in SCORINGS:
            raise InputError(f"--scoring {self.scoring}: must be one of {', '.join(SCORINGS)}")
        if self.background != "flat" and self.scoring == "fimo":
            raise InputError("--scoring fimo knows a flat --background alone; use --scoring moods")
        self.frequencies()

    def frequencies(self) -> tuple[float, ...] | None:
        """Return the four frequencies that `background` gives; None where it is `flat` or `regions`.

        Raises
        ------
        InputError
            If it is none of these.
        """
        if self.background in ("flat", "regions"):
            return None
        try:
            given = tuple(float(word) for word in self.background.split(","))
        except ValueError:
            given = ()
        if len(given) != 4 or not min(given) > 0 or not abs(sum(given) - 1) <= 0.01:
            raise InputError(
                f"--background {self.background}: give flat, regions, or four frequencies of A, C, G, T above zero "
                "that sum to one, as 0.31,0.19,0.19,0.31"
            )
        return given


@dataclass(frozen=True)
class ScanCallSettings(ScanSettings, CallSettings):
    """Settings of the caller `scan`."""
