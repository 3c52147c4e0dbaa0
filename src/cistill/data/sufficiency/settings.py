"""The thresholds of every verdict, and where each comes from (docs/data_quality.md)."""

from dataclasses import dataclass, field
from typing import NamedTuple

ENOUGH, DOUBTFUL, NOT_ENOUGH, UNKNOWN = "enough", "doubtful", "not enough", "unknown"
VERDICTS = (ENOUGH, DOUBTFUL, NOT_ENOUGH)
"""From good to bad."""


class Limits(NamedTuple):
    """Where a figure, of which more is better, becomes doubtful and where it is not enough.

    Attributes
    ----------
    enough : float
        From here on it is enough.
    least : float
        Below this it is not enough; between the two it is doubtful.
    """

    enough: float
    least: float

    def verdict(self, value: float) -> str:
        """Return the verdict on a value; `unknown` where there is none."""
        if value != value:
            return UNKNOWN
        return ENOUGH if value >= self.enough else NOT_ENOUGH if value < self.least else DOUBTFUL


@dataclass(frozen=True)
class SufficiencySettings:
    """Limits of the verdicts.

    Attributes
    ----------
    train_peaks : Limits
        Peaks that a fold trains on. From the simulated series of benchmarks/sufficiency.py.
    held_out_peaks : Limits
        Peaks that a fold validates on, or tests: with 20 the 95 % interval of an AUROC of 0.9 is 0.2 wide.
    train_reads : Limits
        5' ends above background in the training peaks together. From the same series.
    reads_per_peak : Limits
        5' ends above background in a training peak, on average. From the same series.
    frip : Limits
        Share of all 5' ends that are in peaks: 1 % is ENCODE's guideline for ChIP-seq (Landt et al. 2012).
    enrichment : Limits
        Mean 5' ends of peaks over those of their backgrounds.
    separation : Limits
        AUROC of the observed counts, peaks against backgrounds: what counts can show at most.
    concentration : Limits
        Share of a peak's 5' ends near the summit over that of a flat profile, relative to the backgrounds.
    replicates : Limits
        Pearson's correlation of ln(1 + 5' ends) over peaks, of the two replicates that agree least.
    complexity : Limits
        Occupied positions of background windows over those expected of as many independent reads. The limits are
        those of ENCODE's non-redundant fraction.
    control_depth : Limits
        5' ends of the control over those of the signal, whole files.
    control_likeness : Limits
        One minus Pearson's correlation of ln(1 + 5' ends) of control and signal over peaks.
    strand_balance : Limits
        5' ends of the strand with fewer over those of the strand with more, in peaks.
    with_reads : Limits
        Share of peaks with a read on a strand.
    fewest_reads : int
        Reads in background windows below which complexity is not judged.
    fewest_peaks : int
        Peaks below which replicates and control are not compared.
    centre : int
        Half of what is near a summit, bp; at most a quarter of the output window.
    """

    train_peaks: Limits = field(default=Limits(150, 60))
    held_out_peaks: Limits = field(default=Limits(20, 5))
    train_reads: Limits = field(default=Limits(2000, 700))
    reads_per_peak: Limits = field(default=Limits(5, 1))
    frip: Limits = field(default=Limits(0.01, 0.002))
    enrichment: Limits = field(default=Limits(3, 1.5))
    separation: Limits = field(default=Limits(0.8, 0.65))
    concentration: Limits = field(default=Limits(1.1, 1.0))
    replicates: Limits = field(default=Limits(0.8, 0.3))
    complexity: Limits = field(default=Limits(0.8, 0.5))
    control_depth: Limits = field(default=Limits(0.5, 0.1))
    control_likeness: Limits = field(default=Limits(0.2, 0.02))
    strand_balance: Limits = field(default=Limits(0.5, 0.1))
    with_reads: Limits = field(default=Limits(0.9, 0.5))
    fewest_reads: int = 200
    fewest_peaks: int = 10
    centre: int = 50
    deciding: frozenset[str] = field(
        default=frozenset({"train_peaks", "train_reads", "enrichment", "separation", "with_reads"})
    )
