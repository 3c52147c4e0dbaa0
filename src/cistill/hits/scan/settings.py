"""Settings of scans with position weight matrices."""

from dataclasses import dataclass

from cistill.declared import option
from cistill.hits.caller import CallSettings

SCORINGS = ("moods", "fimo")


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

    scoring: str = option("moods", "moods (natural-log odds, exact p-values) or fimo (bins of 0.1 bits, by memelite).")
    p_value: float = option(1e-4, "Matches of at most this p-value are hits.", min=1e-12, max=1)
    pseudocount: float | None = option(
        None, "Added to frequencies; by default 0.01 for moods, 0.0001 a base for fimo.", min=0
    )
    background: str = option(
        "flat", "Base composition: flat, regions (that of what is scanned), or A,C,G,T frequencies."
    )


@dataclass(frozen=True)
class ScanCallSettings(ScanSettings, CallSettings):
    """Settings of the caller `scan`."""
