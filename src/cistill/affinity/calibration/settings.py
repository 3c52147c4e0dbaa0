"""Settings of a calibration: the defaults of its command, which reads them for its `--help`."""

from dataclasses import dataclass, field

from cistill.seeds import SEED

TEMPERATURE = 298.15
"""K, at which energies follow from affinities."""


@dataclass(frozen=True)
class SampleSettings:
    """Size and seed of the calibration sample.

    Attributes
    ----------
    seed : int
    share : float
        Of the sequences with a label.
    most : int
        Sequences at most.
    """

    seed: int = SEED
    share: float = 0.1
    most: int = 1000


@dataclass(frozen=True)
class CalibrateSettings:
    """What is compared and how surely.

    Attributes
    ----------
    sample : SampleSettings
    task : str or None
        Task whose score the model is judged by; by default the mean over tasks.
    consensus : str or None
        Sequence that substitutions are counted from; by default the one of class `consensus`.
    motifs : int
        Motifs of each file, from its first.
    kmers : int
        Longest k-mers of the baseline, bp; 0 for no baseline.
    additive, distilled : bool
        Whether to distil the additive model, and energies (the calibrator `distilled`).
    resamples, repeats : int
        Bootstrap resamples; calibration samples drawn again.
    """

    sample: SampleSettings = field(default_factory=SampleSettings)
    task: str | None = None
    consensus: str | None = None
    motifs: int = 10
    kmers: int = 6
    additive: bool = True
    distilled: bool = True
    resamples: int = 1000
    repeats: int = 100
