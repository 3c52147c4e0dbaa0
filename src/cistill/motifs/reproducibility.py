"""Which motifs are found again: the best matches of every motif in the sets of other folds or kinds of model.

As in the published analysis of ENCODE's TF ChIP-seq: of a motif, the largest similarity to any motif of each other set,
averaged over these sets. There, motifs of one head and of the other of the same model are one set, and columns are not
centred.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cistill.errors import InputError
from cistill.motifs.aggregate import core_matrix
from cistill.motifs.sets import MotifSets
from cistill.motifs.settings import Measure
from cistill.motifs.similarity import similarities_within


@dataclass(frozen=True)
class Reproducibility:
    """How well the motifs of several sets agree.

    Attributes
    ----------
    motifs : pandas.DataFrame
        One row per motif: `set, motif_id, n_seqlets, share_of_seqlets` (of the set's), `reproducibility` (mean best
        similarity over the other sets), `standard_error` (of that mean over the sets), `n_found` (other sets with a
        similarity of at least `found`), `n_sets`.
    best : pandas.DataFrame
        One row per motif and other set: `set, motif_id, other_set, best_motif, similarity`.
    sets : pandas.DataFrame
        One row per set, and `all`: `set, n_motifs, reproducibility, standard_error`, the same weighted by seqlets.
    """

    motifs: pd.DataFrame
    best: pd.DataFrame
    sets: pd.DataFrame


def reproducibility(
    sets: MotifSets, *, centre: bool = False, measure: Measure = "rows", found: float = 0.9
) -> Reproducibility:
    """Compare sets of motifs.

    Parameters
    ----------
    sets : MotifSets
        At least two; a set without motifs counts as one in which nothing is found again: a similarity of 0.
    centre, measure
        As for `similarity.similarities`.
    found : float
        Similarity from which on a motif is counted as found again.

    Notes
    -----
    The standard error of a set's mean treats its motifs as independent. That of `all` is a jackknife over the sets
    (each is left out in turn, as the one compared and as one compared with), since the entries depend on each other.

    Raises
    ------
    InputError
        If there is only one set.
    """
    if len(sets.names) < 2:
        raise InputError("give at least two sets of motifs, as NAME=FILE: folds, seeds or kinds of model")
    value = similarities_within(
        [core_matrix(motif.motif) for motif in sets.motifs], centre=centre, measure=measure
    ).value
    of_set = {name: sets.of(name) for name in sets.names}
    best = np.full((len(sets.motifs), len(sets.names)), np.nan)  # (motifs, sets), NaN for the own set
    rows = []
    for index, motif in enumerate(sets.motifs):
        for place, name in enumerate(sets.names):
            if name == motif.set_name:
                continue
            others = of_set[name]
            top = others[int(value[index, others].argmax())] if others else None
            best[index, place] = 0.0 if top is None else value[index, top]
            target = None if top is None else sets.motifs[top].motif.motif_id
            rows.append((motif.set_name, motif.motif.motif_id, name, target, best[index, place]))
    columns = ["set", "motif_id", "other_set", "best_motif", "similarity"]
    means = np.array([np.nanmean(row) for row in best])
    others_n = len(sets.names) - 1
    error = np.array([np.nanstd(row, ddof=1) / np.sqrt(others_n) if others_n > 1 else np.nan for row in best])
    seqlets = np.array([motif.motif.n_seqlets for motif in sets.motifs], dtype=np.float64)
    totals = {name: seqlets[own].sum() for name, own in of_set.items()}
    motifs = pd.DataFrame(
        {
            "set": [motif.set_name for motif in sets.motifs],
            "motif_id": [motif.motif.motif_id for motif in sets.motifs],
            "n_seqlets": seqlets.astype(np.int64),
            "share_of_seqlets": [n / totals[motif.set_name] for n, motif in zip(seqlets, sets.motifs, strict=True)],
            "reproducibility": means,
            "standard_error": error,
            "n_found": [(np.nan_to_num(row, nan=-1.0) >= found).sum() for row in best],
            "n_sets": others_n,
        }
    )
    summary = [
        (name, len(own), *_mean_and_error(means[own]), _weighted(means[own], seqlets[own]))
        for name, own in of_set.items()
    ]
    overall = float(means.mean()) if len(means) else np.nan
    summary.append(("all", len(means), overall, _jackknife(best, sets), _weighted(means, seqlets)))
    named = ["set", "n_motifs", "reproducibility", "standard_error", "reproducibility_by_seqlets"]
    return Reproducibility(motifs, pd.DataFrame(rows, columns=columns), pd.DataFrame(summary, columns=named))


def _mean_and_error(values: np.ndarray) -> tuple[float, float]:
    if not len(values):
        return float("nan"), float("nan")
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
    return float(values.mean()), error


def _weighted(values: np.ndarray, weights: np.ndarray) -> float:
    return float(np.average(values, weights=weights)) if len(values) and weights.sum() > 0 else float("nan")


def _jackknife(best: np.ndarray, sets: MotifSets) -> float:
    """Return the jackknife standard error over sets of the mean over motifs of the mean best similarity."""
    number = len(sets.names)
    if number < 3:
        return float("nan")
    estimates = []
    for place, name in enumerate(sets.names):
        rows = [index for index, motif in enumerate(sets.motifs) if motif.set_name != name]
        left = np.delete(best[rows], place, axis=1)
        if len(left):
            estimates.append(float(np.mean([np.nanmean(row) for row in left])))
    values = np.array(estimates)
    return float(np.sqrt((number - 1) / number * np.square(values - values.mean()).sum()))
