"""Precision and recall of ranked hits against sites, and the area under the curve."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.hits.comparison.settings import ANY
from cistill.hits.comparison.site_matching import SiteMatches, curve_table

Floats = NDArray[np.float64]


def precision_recall(
    rank_value: Floats, correct: NDArray[np.bool_], found_at: Floats, n_sites: int
) -> tuple[Floats, Floats]:
    """Return precision and recall at every distinct rank value, from the strictest cut to the loosest.

    Precision is the share of hits that lie at a site of any class, recall the share of the chosen sites that are found.

    Parameters
    ----------
    rank_value : float64 array, (hits,)
    correct : bool array, (hits,)
    found_at : float64 array, (sites chosen,)
        Highest rank value of a hit that finds the site.
    n_sites : int
        Number of sites chosen.
    """
    ranked = np.sort(rank_value)[::-1]
    right = np.cumsum(correct[np.argsort(-rank_value, kind="stable")])
    last = np.flatnonzero(np.diff(ranked, append=-np.inf))
    found = len(found_at) - np.searchsorted(np.sort(found_at), ranked[last], side="left")
    return right[last] / (last + 1), found / max(n_sites, 1)


def area(precision: Floats, recall: Floats, up_to: float = 1.0) -> float:
    """Return the area under a precision-recall curve: precision summed over the steps of recall (average precision).

    Recall that the ranking never reaches adds nothing.

    Parameters
    ----------
    precision, recall : float64 array, (cuts,)
        Recall ascending.
    up_to : float
        Where to stop; the step that crosses it counts in part.
    """
    steps = np.diff(np.minimum(recall, up_to), prepend=0.0)
    return float((steps * precision).sum())


def curve(label: str, rank_value: Floats, matches: SiteMatches) -> pd.DataFrame:
    """Return `hit_set, cut, n_hits, precision_any, recall_<class>..., recall_any`, at most about 200 cuts."""
    table = curve_table(matches.members, matches.found_at, rank_value, matches.correct)
    table.insert(0, "hit_set", label)
    return table


def at_top(rank_value: Floats, matches: SiteMatches, recall_class: str, tops: Sequence[int]) -> dict[str, float]:
    """Return precision and recall of the N hits ranked highest, for every N; NaN where there are fewer."""
    found: dict[str, float] = {}
    order = np.argsort(-rank_value, kind="stable")
    at = matches.found_at[matches.members[recall_class]]
    for top in tops:
        enough = top <= len(order)
        cut = rank_value[order[top - 1]] if enough else np.nan
        found[f"precision_top_{top}"] = float(matches.correct[order[:top]].mean()) if enough else np.nan
        # of hits tied at the cut, all find their sites
        found[f"recall_top_{top}"] = float((at >= cut).mean()) if enough and len(at) else np.nan
    return found


def areas(rankings: dict[str, tuple[Floats, SiteMatches]], recall_class: str = ANY) -> dict[str, dict[str, float]]:
    """Return the areas under the curves of hit sets.

    Parameters
    ----------
    rankings : dict
        Label to the rank values of its hits and their matches.
    recall_class : str
        The class of sites whose recall counts.

    Returns
    -------
    dict
        Label to `n_sites`, `largest_recall`, `average_precision` (area) and `mean_precision_shared`: the
        mean precision up to the recall that all of the sets reach.
    """
    curves = {}
    found: dict[str, dict[str, float]] = {}
    for label, (rank_value, matches) in rankings.items():
        chosen = matches.members[recall_class]
        curves[label] = precision_recall(rank_value, matches.correct, matches.found_at[chosen], int(chosen.sum()))
        found[label] = {"n_sites": int(chosen.sum())}
    reached = [float(recall[-1]) if len(recall) else 0.0 for _, recall in curves.values()]
    shared = min(reached, default=0.0)
    for (label, (precision, recall)), largest in zip(curves.items(), reached, strict=True):
        some = found[label]["n_sites"] > 0
        found[label]["largest_recall"] = largest if some else np.nan
        found[label]["average_precision"] = area(precision, recall) if some else np.nan
        found[label]["mean_precision_shared"] = area(precision, recall, shared) / shared if shared > 0 else np.nan
    return found
