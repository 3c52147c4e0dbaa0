"""The ways to call motif instances: every caller takes the same inputs and gives the same table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from cistill.errors import InputError
from cistill.hits.confidence import Calibration
from cistill.interpret.windows import AttributionWindows
from cistill.motifs.store import Motif


@dataclass(frozen=True)
class CallSettings:
    """What a caller may need.

    Attributes
    ----------
    fdr : float
        Accepted false discovery rate, which the confidence of one half stands for.
    min_strength : float
        Share of a motif's mean contributions that an instance of confidence one half must have at least.
    min_confidence : float
        Instances of at least this confidence are hits; above 0, below 1.
    n_decoys : int
        Decoys of each motif.
    seed : int
        Seed of the decoys.
    """

    fdr: float = 0.05
    min_strength: float = 0.1
    min_confidence: float = 0.5
    n_decoys: int = 4
    seed: int = 0


@dataclass(frozen=True)
class Calls:
    """What a caller found.

    Attributes
    ----------
    hits : pandas.DataFrame
        Columns of `cistill.hits.table.COLUMNS` but `score`.
    calibration : dict
        motif_id to how its cut was found.
    """

    hits: pd.DataFrame
    calibration: dict[str, Calibration]


Caller = Callable[[AttributionWindows, Sequence[Motif], CallSettings], Calls]


def caller(method: str) -> Caller:
    """Return the caller of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    from cistill.hits.cwm_scan import call_by_cwm_scan

    known: dict[str, Caller] = {"cwm_scan": call_by_cwm_scan}
    if method not in known:
        raise InputError(f"--method {method}: no such caller; known: {', '.join(sorted(known))}")
    return known[method]
