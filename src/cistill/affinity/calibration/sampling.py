"""Which sequences a calibrator is fitted on: one seeded sample, the same for every method."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cistill.affinity.calibration.settings import SampleSettings
from cistill.errors import InputError

FEWEST = 3


def sample_size(number: int, share: float = SampleSettings.share, most: int = SampleSettings.most) -> int:
    """Return min(most, ceil(share * number)), as published, but at least 3 and leaving at least one sequence out.

    Parameters
    ----------
    number : int
        Sequences with a label.
    share : float
        0.1 as published; 0.2 for the library of 31 oligos.
    most : int
    """
    ceiling = int(np.ceil(round(share * number, 9)))
    return max(1, min(max(min(most, ceiling), FEWEST), number - 1))


def alphabetical(sequences: Sequence[str]) -> NDArray[np.int64]:
    """Return the rows in alphabetical order of their sequences, equal ones in the order given."""
    return np.argsort(np.array(sequences, dtype=np.bytes_), kind="stable")


def draw_sample(
    sequences: Sequence[str], size: int, seed: int, repeat: int = 0, order: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Return the rows of a sample, drawn uniformly without replacement, ascending.

    It depends on the set of sequences, the size, the seed and the repeat, not on the order of rows.

    Parameters
    ----------
    sequences : sequence of str
    size, seed, repeat : int
    order : (sequences,) of int, optional
        What `alphabetical` returns, where it is known already.

    Raises
    ------
    InputError
        If the sample is not smaller than the library.
    """
    if not 0 < size < len(sequences):
        raise InputError(f"a sample of {size} of {len(sequences)} sequences leaves none to score on")
    order = alphabetical(sequences) if order is None else order
    chosen = np.random.default_rng([seed, repeat]).choice(len(sequences), size=size, replace=False)
    return np.sort(order[chosen])


def rows_outside(number: int, sample: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which of so many rows are outside of a sample, ascending."""
    outside = np.ones(number, dtype=bool)
    outside[sample] = False
    return np.flatnonzero(outside)
