"""Settings of the network that the page keeps, which the command reads for its `--help`."""

from dataclasses import dataclass

from cistill.seeds import SEED


@dataclass(frozen=True)
class PageModelSettings:
    """How a page model is made.

    Attributes
    ----------
    backgrounds : int
        Shuffled peaks that a sequence is put into.
    seed : int
        Of their choice and shuffles, as of `marginalize`.
    """

    backgrounds: int = 4
    seed: int = SEED
