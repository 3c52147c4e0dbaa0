"""Finding candidate seqlets in all regions, a block at a time, and assigning each to a motif."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cistill.console import progress
from cistill.formats.attributions import AttributionWindows
from cistill.hits.density import kernels
from cistill.hits.density.scorer import Assigned, SeqletScorer, assign, joined
from cistill.hits.density.searched_regions import Searched, window_sums

BLOCK = 1024
Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """Seqlets and their motifs; all arrays `(seqlets,)`.

    Attributes
    ----------
    row, start : int
        Region, and first base of the motif's window (of a seqlet's length) in it; may lie outside.
    assigned : Assigned
    """

    row: Index
    start: Index
    assigned: Assigned

    def take(self, chosen: npt.NDArray[np.bool_] | Index) -> "Found":
        """Return the chosen seqlets."""
        return Found(self.row[chosen], self.start[chosen], self.assigned.take(chosen))


def search(windows: AttributionWindows, searched: Searched, scorer: SeqletScorer, sign: int, threshold: float) -> Found:
    """Find seqlets and assign them.

    In every region windows of at least `threshold` become cores, the highest first; no two overlap. With the flanks
    they are seqlets; windows too close to an end for that are left out.

    Parameters
    ----------
    windows : AttributionWindows
    searched : Searched
        Which regions are usable.
    scorer : SeqletScorer
    sign : {1, -1}
        What the contributions are multiplied with before they are compared with the threshold.
    threshold : float
        See `find_threshold`.
    """
    settings = scorer.settings
    parts: list[Found] = []
    blocks = windows.blocks(BLOCK) if np.isfinite(threshold) else iter(())
    for rows, scores, bases in progress(blocks, "calling hits", len(windows), size=BLOCK):
        use = np.flatnonzero(searched.usable[rows])
        if not len(use):
            continue
        sums = window_sums(scores[use], bases[use], sign, settings.core_length)
        room = sums.size // settings.core_length + len(sums)
        row, core = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
        n = kernels.pick_windows(sums, threshold, settings.flank, settings.core_length, row, core)
        row, start = use[row[:n]], core[:n] - settings.flank
        columns = start[:, None] + np.arange(settings.seqlet_length)
        hypothetical = scores[row[:, None], columns]
        contributions = hypothetical * bases[row[:, None], columns]
        assigned = assign(scorer, contributions, hypothetical)
        parts.append(Found(row + rows.start, start + assigned.shift, assigned))
    none = np.zeros(0, dtype=np.int64)
    return Found(
        np.concatenate([none, *(part.row for part in parts)]),
        np.concatenate([none, *(part.start for part in parts)]),
        joined([part.assigned for part in parts]),
    )
