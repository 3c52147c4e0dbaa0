"""What random windows of the same regions look like: which hits chance explains."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.errors import InputError
from cistill.formats.attributions import AttributionWindows
from cistill.formats.motifs import Motif
from cistill.formats.tables.hits import FILTER
from cistill.hits.filtering.settings import ChanceSettings
from cistill.hits.measure import Placed, measure
from cistill.statistics import fit_monotone


def smallest_likely(
    hits: npt.NDArray[np.float64], background: npt.NDArray[np.float64], probability: float, otherwise: float
) -> float:
    """Return the smallest value at which at least a share `probability` are hits, by isotonic regression.

    The regression of 1 for hits and 0 for background on the values; equal values are one point.

    Parameters
    ----------
    hits, background : arrays
        Values of both.
    probability : float
        Share of hits.
    otherwise : float
        What to return if no value reaches it.
    """
    if not len(hits) + len(background):
        return otherwise
    is_hit = np.repeat([1.0, 0.0], [len(hits), len(background)])
    fit = fit_monotone(np.concatenate([hits, background]), is_hit)
    likely = np.flatnonzero(fit.y >= probability - 1e-12)
    return float(fit.x[likely[0]]) if len(likely) else otherwise


def random_windows(
    windows: AttributionWindows, lengths: npt.NDArray[np.int64], numbers: Sequence[int], seed: int
) -> Placed:
    """Draw places in all regions, without repetition; fewer where there are not so many places.

    Parameters
    ----------
    windows : AttributionWindows
    lengths : (motifs,)
        Bases of each motif's hits.
    numbers : sequence of int
        How many places for each motif.
    seed : int
        The places of a motif depend on it and on the motif's rank.
    """
    rows, positions, motifs = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for index, (length, number) in enumerate(zip(lengths, numbers, strict=True)):
        places = max(windows.length - int(length) + 1, 0)
        total = places * len(windows)
        drawn = np.random.default_rng([seed, index]).choice(total, min(number, total), replace=False)
        rows.append(drawn // max(places, 1))
        positions.append(drawn % max(places, 1))
        motifs.append(np.full(len(drawn), index))
    motif = np.concatenate(motifs).astype(np.int64)
    return Placed(np.concatenate(rows), np.concatenate(positions), motif, np.zeros(len(motif), dtype=bool))


def compare_with_chance(
    hits: pd.DataFrame, windows: AttributionWindows, motifs: Sequence[Motif], settings: ChanceSettings
) -> tuple[pd.DataFrame, dict[str, npt.NDArray[np.bool_]]]:
    """Compare the hits of every motif with as many random windows of the motif's length, as published.

    A hit is explained by chance if its `importance_fraction` is below the importance threshold, or if its `similarity`
    is below the similarity threshold and its importance below the save threshold. The similarity of a random window is
    that of its better strand. Thresholds are those of `smallest_likely`; where no value is likely enough they are the
    largest fraction of a hit, and a similarity of 1.

    Parameters
    ----------
    hits : pandas.DataFrame
        Hits of one head.
    windows : AttributionWindows
        The contributions that they were called in.
    motifs : sequence of Motif
        Motifs of that head; those that have hits are used.
    settings : ChanceSettings

    Returns
    -------
    table : pandas.DataFrame
        The columns of `FILTER`, one row per motif with hits.
    explained : dict
        `importance` and `similarity`: which hits chance explains by it, `(hits,)`.
    """
    names = hits["motif_id"].to_numpy()
    called = [motif for motif in motifs if (names == motif.motif_id).any()]
    rows_of = {motif.motif_id: np.flatnonzero(names == motif.motif_id) for motif in called}
    size = (hits["end"] - hits["start"]).to_numpy()
    lengths = np.array([motif.core[1] - motif.core[0] for motif in called], dtype=np.int64)
    placed = random_windows(windows, lengths, [len(rows_of[motif.motif_id]) for motif in called], settings.seed)
    forward = measure(windows, called, placed)
    turned = measure(windows, called, Placed(placed.row, placed.position, placed.motif, ~placed.reverse))
    by_chance = np.maximum(forward["similarity"].to_numpy(), turned["similarity"].to_numpy())
    fraction, similarity = (hits[name].to_numpy(dtype=np.float64) for name in ("importance_fraction", "similarity"))
    explained = {name: np.zeros(len(hits), dtype=bool) for name in ("importance", "similarity")}
    table = []
    for index, motif in enumerate(called):
        own, drawn = rows_of[motif.motif_id], placed.motif == index
        if (size[own] != lengths[index]).any():
            raise InputError(
                f"hits of {motif.motif_id} are {size[own[0]]} bp long, its core in the motifs file {lengths[index]}: "
                "give the motifs that the hits were called with, or --no_chance"
            )
        mine, background = fraction[own], forward["importance_fraction"].to_numpy()[drawn]
        least = smallest_likely(mine, background, settings.importance_probability, mine.max())
        save = smallest_likely(mine, background, settings.save_probability, mine.max())
        alike = smallest_likely(similarity[own], by_chance[drawn], settings.similarity_probability, 1.0)
        weak = mine < least
        unlike = (similarity[own] < alike) & (mine < save)
        explained["importance"][own], explained["similarity"][own] = weak, unlike
        counts = (int(weak.sum()), int(unlike.sum()), int((~weak & ~unlike).sum()))
        table.append((motif.motif_id, len(own), int(drawn.sum()), least, save, alike, *counts))
    return FILTER.frame(table), explained
