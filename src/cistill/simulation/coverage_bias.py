"""A bias that no sequence tells: stretches of the genome with more reads, and with more of them on one strand.

Copy number and open chromatin multiply the coverage of an experiment and of its control alike, at bound sites and
between them.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.simulation.energies import Floats
from cistill.simulation.peak_calling import HALF_WINDOW
from cistill.simulation.reads import Bias


@dataclass(frozen=True)
class Stretches:
    """Stretches of equal bias that tile one chromosome.

    Attributes
    ----------
    end : array of int64, (stretches,)
        Where each ends; the last one at the chromosome's end.
    factor : array of float64, (stretches,)
        Coverage relative to that of the genome without bias, both strands together.
    plus_share : array of float64, (stretches,)
        The + strand's share of it; 0.5 without bias.
    """

    end: NDArray[np.int64]
    factor: Floats
    plus_share: Floats

    def by_strand(self) -> Floats:
        """Return the factor of each strand, `(2, stretches)`; their mean is `factor`."""
        return 2 * self.factor * np.stack([self.plus_share, 1 - self.plus_share])

    def along(self) -> NDArray[np.float32]:
        """Return the factor of each base and strand, `(2, length)`."""
        lengths = np.diff(self.end, prepend=0)
        return np.repeat(self.by_strand().astype(np.float32), lengths, axis=1)

    def around(self, centres: NDArray[np.int64]) -> Floats:
        """Return the mean factor of each strand within `HALF_WINDOW` of every centre, `(2, centres)`."""
        length = int(self.end[-1])
        total = np.concatenate([np.zeros((2, 1)), np.cumsum(self.along(), axis=1, dtype=np.float64)], axis=1)
        first, last = np.maximum(centres - HALF_WINDOW, 0), np.minimum(centres + HALF_WINDOW, length)
        return np.asarray((total[:, last] - total[:, first]) / (last - first))

    def table(self, chrom: str, task: str) -> pd.DataFrame:
        """Return the stretches as rows: `chrom, start, end, task, factor, plus_share`."""
        start = np.concatenate([[0], self.end[:-1]])
        return pd.DataFrame(
            {
                "chrom": chrom,
                "start": start,
                "end": self.end,
                "task": task,
                "factor": self.factor,
                "plus_share": self.plus_share,
            }
        )


def draw_stretches(
    length: int,
    size: tuple[int, int],
    amplified: float,
    amplification: tuple[float, float],
    plus_share: tuple[float, float],
    rng: np.random.Generator,
) -> Stretches:
    """Draw the bias of one chromosome.

    Parameters
    ----------
    length : int
        bp.
    size : tuple of int
        Range of the stretches' lengths in bp, uniform.
    amplified : float
        Share of the stretches with a factor above 1.
    amplification : tuple of float
        Range of their factors, log-uniform.
    plus_share : tuple of float
        Range of the + strand's share of the coverage, uniform, in every stretch.
    rng : numpy Generator
        The source of chance.
    """
    ends = np.cumsum(rng.integers(size[0], size[1], length // size[0] + 1, endpoint=True))
    ends = np.append(ends[ends < length], length)
    low, high = np.log(amplification)
    factor = np.exp(rng.uniform(low, high, len(ends)))
    factor[rng.random(len(ends)) >= amplified] = 1.0
    # rounded as they are written, so that the table is what was planted
    return Stretches(ends.astype(np.int64), factor.round(4), rng.uniform(*plus_share, len(ends)).round(4))


def biased(bias: Bias, stretches: Stretches) -> Bias:
    """Return a chromosome's bias with the stretches' factors on every 5' end."""
    return replace(bias, cut=bias.cut * stretches.along())
