"""Settings of merging and sub-clustering: the defaults of `motifs`, which reads them for its `--help`."""

from dataclasses import dataclass
from typing import Literal

from cistill.seeds import SEED

Measure = Literal["rows", "whole"]


@dataclass(frozen=True)
class MergeSettings:
    """When two motifs of one sign are the same.

    Attributes
    ----------
    pair : float
        Motifs of different heads are paired from this similarity on.
    duplicate : float
        Any two motifs are joined from this one on; more than 1 for never. At 0.85 of `whole`, a motif and a composite
        of it with a partner of 0.62 times its size or more stay apart.
    variant : float
        A weak motif is joined to one that is not weak from this cosine on, over the core of the latter.
    measure : {"whole", "rows"}
        As for `similarity.similarities`, columns centred.
    """

    pair: float = 0.9
    duplicate: float = 0.85
    variant: float = 0.9
    measure: Measure = "whole"


@dataclass(frozen=True)
class LeidenSettings:
    """How seqlets are clustered.

    Attributes
    ----------
    neighbours : int
        Nearest neighbours that a seqlet is joined with.
    resolution : float
        Of the modularity; more gives more clusters (Reichardt & Bornholdt 2006).
    runs : int
        Clusterings tried; the one of the largest modularity is kept.
    seed : int
    """

    neighbours: int = 30
    resolution: float = 1.0
    runs: int = 5
    seed: int = SEED
