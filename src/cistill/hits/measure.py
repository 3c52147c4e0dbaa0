"""What is measured at every hit, whichever method found it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.dna.matrices import probabilities
from cistill.formats.attributions import AttributionWindows
from cistill.formats.motifs import Motif

TINY = np.finfo(np.float64).tiny
HITS_AT_ONCE = 65_536


@dataclass(frozen=True)
class Placed:
    """Where the cores of motifs lie; all arrays `(hits,)`.

    Attributes
    ----------
    row, position : int
        Region, and first base of the core within its window.
    motif : int
        Index into the motifs.
    reverse : bool
        Whether the core lies on the minus strand.
    """

    row: npt.NDArray[np.int64]
    position: npt.NDArray[np.int64]
    motif: npt.NDArray[np.int64]
    reverse: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.row)

    def take(self, chosen: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> "Placed":
        """Return the chosen hits."""
        return Placed(self.row[chosen], self.position[chosen], self.motif[chosen], self.reverse[chosen])


@dataclass
class _Values:
    """What is measured, filled block by block; all `(hits,)` but `letters`, `(hits, 4)`: A, C, G, T in the core."""

    importance: npt.NDArray[np.float64]
    importance_total: npt.NDArray[np.float64]
    importance_fraction: npt.NDArray[np.float64]
    similarity: npt.NDArray[np.float64]
    size: npt.NDArray[np.float64]
    sequence: npt.NDArray[np.float64]
    letters: npt.NDArray[np.float64]


def clean_contributions(scores: npt.NDArray[np.float32], bases: npt.NDArray[np.int8]) -> npt.NDArray[np.float32]:
    """Return actual contributions `(regions, length, 4)`; a region with a score that is no number gets zeros."""
    contributions = scores * bases
    broken = ~np.isfinite(contributions).all(axis=(1, 2))
    contributions[broken] = 0
    return np.asarray(contributions, dtype=np.float32)


def core_lengths(motifs: Sequence[Motif]) -> npt.NDArray[np.int64]:
    """Return the lengths of the motifs' cores in bases, `(motifs,)`."""
    return np.array([motif.core[1] - motif.core[0] for motif in motifs], dtype=np.int64)


def genomic_start(windows: AttributionWindows, placed: Placed) -> npt.NDArray[np.int64]:
    """Return the 0-based genomic position of the first base of every hit, `(hits,)`."""
    return np.asarray(windows.start[placed.row] + placed.position, dtype=np.int64)


def measure(windows: AttributionWindows, motifs: Sequence[Motif], placed: Placed) -> pd.DataFrame:
    """Measure hits, in double precision, so that the last digits do not depend on how a sum is split.

    Parameters
    ----------
    windows : AttributionWindows
        Contributions.
    motifs : sequence of Motif
        What was called.
    placed : Placed
        The hits. Each must lie within its window.

    Returns
    -------
    pandas.DataFrame
        One row per hit, in their order: `chrom, start, end, motif_id, strand, region_id`; `importance`, the sum of the
        contributions over the hit; `importance_total`, of their magnitudes; `importance_fraction`, that over the sum of
        magnitudes in the whole window; `similarity`, the cosine of the contributions with the CWM's core;
        `sequence_score`, the log-odds of the PFM's core in bits, against the base composition of all windows.
    """
    return measure_with_size(windows, motifs, placed)[0]


def measure_with_size(
    windows: AttributionWindows, motifs: Sequence[Motif], placed: Placed
) -> tuple[pd.DataFrame, npt.NDArray[np.float64]]:
    """Return the table of `measure`, and the Euclidean norm of the contributions over each hit, `(hits,)`."""
    values, composition = _measure(windows, motifs, placed)
    start = genomic_start(windows, placed)
    names = np.array([motif.motif_id for motif in motifs], dtype=object)
    table = pd.DataFrame(
        {
            "chrom": windows.chrom[placed.row],
            "start": start,
            "end": start + core_lengths(motifs)[placed.motif],
            "motif_id": names[placed.motif],
            "strand": np.where(placed.reverse, "-", "+").astype(object),
            "region_id": windows.region_id[placed.row],
            "importance": values.importance,
            "importance_total": values.importance_total,
            "importance_fraction": values.importance_fraction,
            "similarity": values.similarity,
            "sequence_score": values.sequence - values.letters @ np.log2(composition),
        }
    )
    return table, values.size


def base_composition(windows: AttributionWindows) -> npt.NDArray[np.float64]:
    """Return the frequencies of A, C, G, T in all windows, both strands together, `(4,)`."""
    return _composition(sum((_letters(bases) for _, _, bases in windows.blocks()), np.zeros(4)))


def _letters(bases: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    return np.asarray(bases.sum(axis=(0, 1), dtype=np.float64))


def _composition(letters: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    both = (letters + 1) + (letters + 1)[::-1]
    return np.asarray(both / both.sum())


def _measure(
    windows: AttributionWindows, motifs: Sequence[Motif], placed: Placed
) -> tuple[_Values, npt.NDArray[np.float64]]:
    """Return what is measured at the hits, and the base composition, from one reading of the windows."""
    n = len(placed)
    values = _Values(
        importance=np.zeros(n),
        importance_total=np.zeros(n),
        importance_fraction=np.zeros(n),
        similarity=np.zeros(n),
        size=np.zeros(n),
        sequence=np.zeros(n),
        letters=np.zeros((n, 4)),
    )
    if not n:
        return values, np.full(4, 0.25)
    order = np.lexsort((placed.motif, placed.row))
    rows_in_order = placed.row[order]
    letters = np.zeros(4)
    for rows, scores, bases in windows.blocks():
        letters += _letters(bases)
        here = order[slice(*np.searchsorted(rows_in_order, (rows.start, rows.stop)))]
        if not len(here):
            continue
        contributions = clean_contributions(scores, bases).astype(np.float64)
        total = np.abs(contributions).sum(axis=(1, 2))
        for index in np.unique(placed.motif[here]):
            own = here[placed.motif[here] == index]
            for first in range(0, len(own), HITS_AT_ONCE):
                which = own[first : first + HITS_AT_ONCE]
                _measure_one(values, motifs[index], placed, which, rows.start, contributions, bases, total)
    return values, _composition(letters)


def _measure_one(
    values: _Values,
    motif: Motif,
    placed: Placed,
    which: npt.NDArray[np.int64],
    first_row: int,
    contributions: npt.NDArray[np.float64],
    bases: npt.NDArray[np.int8],
    total: npt.NDArray[np.float64],
) -> None:
    """Measure the hits `which`, all of one motif and in one block."""
    core = np.asarray(motif.cwm[slice(*motif.core)], dtype=np.float64)
    weights = np.log2(probabilities(motif.pfm[slice(*motif.core)]))
    row = placed.row[which] - first_row
    turned = placed.reverse[which].astype(np.int64)
    columns = placed.position[which][:, None] + np.arange(len(core))
    inside = contributions[row[:, None], columns]  # (hits, length, 4)
    letters = bases[row[:, None], columns]
    dot = (inside * np.stack([core, core[::-1, ::-1]])[turned]).sum(axis=(1, 2))
    size = np.maximum(np.sqrt((inside**2).sum(axis=(1, 2))), TINY)
    absolute = np.abs(inside).sum(axis=(1, 2))
    values.importance[which] = inside.sum(axis=(1, 2))
    values.importance_total[which] = absolute
    values.importance_fraction[which] = absolute / np.maximum(total[row], TINY)
    values.size[which] = size
    values.similarity[which] = dot / (size * max(float(np.linalg.norm(core)), TINY))
    values.sequence[which] = (letters * np.stack([weights, weights[::-1, ::-1]])[turned]).sum(axis=(1, 2))
    values.letters[which] = letters.sum(axis=1)
