"""Settings of the filtering of hits."""

from dataclasses import dataclass

from cistill.declared import option
from cistill.seeds import LARGEST_SEED, SEED


@dataclass(frozen=True)
class Thresholds:
    """What a hit must reach; None is no threshold.

    Attributes
    ----------
    min_importance : float, optional
        Of `importance_total`, in the unit of the contributions.
    min_importance_fraction, min_similarity, min_sequence_score, min_percentile, min_confidence : float, optional
        Of the column of that name.
    max_q_value : float, optional
        Hits of a q-value above it are left out.
    """

    min_importance: float | None = option(None, "Least importance_total, in the unit of the contributions.", min=0)
    min_importance_fraction: float | None = option(None, "Least importance_fraction, 0 to 1.", min=0, max=1)
    min_similarity: float | None = option(None, "Least similarity with the CWM, -1 to 1.", min=-1, max=1)
    min_sequence_score: float | None = option(None, "Least sequence_score, in bits.")
    max_q_value: float | None = option(None, "Largest q_value.", min=0, max=1)
    min_percentile: float | None = option(None, "Least percentile (density), 0 to 1.", min=0, max=1)
    min_confidence: float | None = option(None, "Least confidence, 0 to 1.", min=0, max=1)


@dataclass(frozen=True)
class ChanceSettings:
    """How hits are compared with random windows; the published values.

    Attributes
    ----------
    importance_probability : float
        A hit's fraction of importance must be one at which at least this share are hits, of hits and random windows.
    similarity_probability : float
        The same of its similarity, unless its importance reaches `save_probability`.
    save_probability : float
        From here on importance alone is enough.
    seed : int
        Seed of the random windows.
    """

    importance_probability: float = option(
        0.5,
        "Chance: of hits and as many random windows of this importance, at least this share must be hits.",
        min=0,
        max=1,
    )
    similarity_probability: float = option(0.99, "Chance: the same of their similarity.", min=0, max=1)
    save_probability: float = option(
        0.8, "Chance: hits of an importance of this probability stay, whatever their similarity.", min=0, max=1
    )
    seed: int = option(SEED, "Seed of the random windows.", min=0, max=LARGEST_SEED)
