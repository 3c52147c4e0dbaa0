"""Rank-footprint curves: how much observed signal lies around hits, from the highest ranked on.

The footprint score is that of the published comparison on ChIP-nexus data: the signal of the 100 bp around the hits of
a motif is averaged, read along the hits' strand; where the average is largest, on each strand on its own, five bases
are summed in every hit. Scores as high as the 90th percentile (the highest of all sets' percentiles) are strong,
scores below the median (the lowest of all sets') weak.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.hits.comparison.hit_sets import HitSet
from cistill.hits.comparison.observed_signal import Signal
from cistill.hits.comparison.ranked_recall import area, precision_recall

WIDTH = 100
SIDE = 2  # bases on either side of the borders
STRONG, WEAK = 0.9, 0.5
CURVE = [
    "hit_set", "bin", "first_rank", "last_rank", "rank_value", "mean_footprint", "running_mean", "running_sum",
    "n_strong", "n_weak", "precision_strong",
]  # fmt: skip
AVERAGE = ["hit_set", "motif_id", "n_hits", "offset", "same_strand", "opposite_strand"]
Floats = NDArray[np.float64]


class RankFootprints(NamedTuple):
    """Rank-footprint curves of hit sets.

    Attributes
    ----------
    curve : pandas.DataFrame
        `hit_set, bin, first_rank, last_rank` (from 1), `rank_value` (of the last), `mean_footprint` (of the bin's
        hits), `running_mean` and `running_sum` (of all hits so far), `n_strong, n_weak` (so far), `precision_strong`
        (strong among strong and weak, so far).
    average : pandas.DataFrame
        `hit_set, motif_id, n_hits, offset` (from the hit's middle, along its strand), `same_strand, opposite_strand`.
    summary : dict
        Label to `n_scored`, `mean_footprint`, `n_strong`, `n_weak`, `footprint_average_precision` (of strong among
        strong and weak hits).
    strong, weak : float
        The two bounds.
    """

    curve: pd.DataFrame
    average: pd.DataFrame
    summary: dict[str, dict[str, float]]
    strong: float
    weak: float


def rank_footprints(sets: list[HitSet], signal: Signal, bins: int = 50, width: int = WIDTH) -> RankFootprints:
    """Score the hits of all sets and follow the scores along their ranks.

    Parameters
    ----------
    sets : list of HitSet
    signal : Signal
        Hits whose surroundings it does not know are left out.
    bins : int
        Bins of the largest set; the others have bins of the same number of hits.
    width : int
        Window around the hits, bp.
    """
    averages, scores = [], {}
    for one in sets:
        average, score = footprint_scores(one, signal, width)
        averages.append(average)
        ranked = np.argsort(-one.hits["rank_value"].to_numpy(dtype=np.float64), kind="stable")
        ranked = ranked[~np.isnan(score[ranked])]
        scores[one.label] = (score[ranked], one.hits["rank_value"].to_numpy(dtype=np.float64)[ranked])
    filled = [score for score, _ in scores.values() if len(score)]
    strong = max((float(np.quantile(score, STRONG)) for score in filled), default=np.nan)
    weak = min((float(np.quantile(score, WEAK)) for score in filled), default=np.nan)
    size = max(1, -(-max((len(score) for score in filled), default=1) // bins))
    curves = [_curve(label, *ranked, size, strong, weak) for label, ranked in scores.items()]
    return RankFootprints(
        curve=pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=CURVE),
        average=pd.concat(averages, ignore_index=True) if averages else pd.DataFrame(columns=AVERAGE),
        summary={label: _summary(*ranked, strong, weak) for label, ranked in scores.items()},
        strong=strong,
        weak=weak,
    )


def footprint_scores(one: HitSet, signal: Signal, width: int = WIDTH) -> tuple[pd.DataFrame, Floats]:
    """Return the average signal around the hits of each motif, and every hit's footprint score.

    Returns
    -------
    average : pandas.DataFrame
        As in `RankFootprints`.
    score : float64 array, (hits,)
        NaN where the surroundings are not known.
    """
    names, motif = np.unique(one.hits["motif_id"].to_numpy(dtype=str), return_inverse=True)
    sums, number = np.zeros((len(names), 2, width)), np.zeros(len(names), dtype=np.int64)
    for block in signal.blocks(one.hits, width):
        np.add.at(sums, motif[block.hit], block.signal)
        number += np.bincount(motif[block.hit], minlength=len(names))
    mean = sums / np.maximum(number, 1)[:, None, None]
    border = mean.argmax(2)  # (motifs, 2)
    counted = np.abs(np.arange(width) - border[..., None]) <= SIDE  # (motifs, 2, width)
    score = np.full(len(one.hits), np.nan)
    for block in signal.blocks(one.hits, width):
        score[block.hit] = (block.signal * counted[motif[block.hit]]).sum((1, 2))
    offset = np.arange(width) - width // 2
    tables = [
        pd.DataFrame(
            {
                "hit_set": one.label,
                "motif_id": name,
                "n_hits": number[index],
                "offset": offset,
                "same_strand": mean[index, 0],
                "opposite_strand": mean[index, 1],
            }
        )
        for index, name in enumerate(names)
        if number[index]
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=AVERAGE), score


def _curve(label: str, score: Floats, rank_value: Floats, size: int, strong: float, weak: float) -> pd.DataFrame:
    """Return the curve of one set, its scores in the order of ranks."""
    first = np.arange(0, len(score), size)
    last = np.minimum(first + size, len(score))
    total = np.concatenate([[0.0], np.cumsum(score)])
    n_strong, n_weak = (np.concatenate([[0], np.cumsum(found)]) for found in (score >= strong, score < weak))
    with np.errstate(invalid="ignore"):
        precision = n_strong[last] / (n_strong[last] + n_weak[last])
    table = {
        "bin": np.arange(len(first)) + 1,
        "first_rank": first + 1,
        "last_rank": last,
        "rank_value": rank_value[last - 1],
        "mean_footprint": (total[last] - total[first]) / (last - first),
        "running_mean": total[last] / last,
        "running_sum": total[last],
        "n_strong": n_strong[last],
        "n_weak": n_weak[last],
        "precision_strong": precision,
    }
    return pd.DataFrame({"hit_set": label, **table}, columns=CURVE)


def _summary(score: Floats, rank_value: Floats, strong: float, weak: float) -> dict[str, float]:
    """Return what one set's scores come to."""
    high, low = score >= strong, score < weak
    judged = high | low
    found = np.where(high, rank_value, -np.inf)[high]
    precision, recall = precision_recall(rank_value[judged], high[judged], found, int(high.sum()))
    return {
        "n_scored": len(score),
        "mean_footprint": float(score.mean()) if len(score) else np.nan,
        "n_strong": int(high.sum()),
        "n_weak": int(low.sum()),
        "footprint_average_precision": area(precision, recall) if high.any() else np.nan,
    }
