"""Matching motifs with a database of known ones and with other sets of motifs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cistill.dna.matrices import probabilities
from cistill.formats.meme import NamedMatrix
from cistill.formats.motifs import Motif
from cistill.formats.tables.motifs import MATCHES, SET_MATCHES
from cistill.motifs.aggregate import core_matrix
from cistill.motifs.sets import SetMotif
from cistill.motifs.settings import Measure
from cistill.motifs.similarity import similarities
from cistill.motifs.tomtom import compare_with_database


def match_database(
    motifs: Sequence[Motif], database: Sequence[NamedMatrix], top: int = 10, max_q: float = 1.0
) -> pd.DataFrame:
    """Compare the cores of motifs with a database by TOMTOM's measure (`compare`).

    Parameters
    ----------
    motifs : sequence of Motif
        Queries.
    database : sequence of NamedMatrix
        Targets; their columns make the null, too.
    top : int
        Targets listed per motif.
    max_q : float
        Only those with a q-value of at most this.

    Returns
    -------
    pandas.DataFrame
        Best first: `motif_id, rank, target, target_name, p, q` (Benjamini-Hochberg over the database), `offset` of the
        target's first position in the motif's core, `strand` of the target, `overlap` in positions.
    """
    rows = []
    for motif in motifs:
        core = _core_probabilities(motif)
        found = compare_with_database(core, database)
        for rank, index in enumerate(found.best(top), start=1):
            if found.q_value[index] <= max_q:
                target = database[index]
                offset = int(found.offset[index])
                rows.append(
                    (
                        motif.motif_id, rank, target.name, target.alternative or None, found.p_value[index],
                        found.q_value[index], offset, "-" if found.reverse[index] else "+",
                        _overlap(len(core), len(target.matrix), offset),
                    )
                )  # fmt: skip
    return MATCHES.frame(rows)


def match_sets(
    motifs: Sequence[Motif],
    others: Sequence[SetMotif],
    *,
    top: int = 1,
    centre: bool = True,
    measure: Measure = "rows",
    pair: float = 0.9,
) -> pd.DataFrame:
    """Compare motifs with those of other sets: by the shape of the contributions, and by TOMTOM's measure.

    Parameters
    ----------
    motifs : sequence of Motif
        Queries.
    others : sequence of SetMotif
        Targets, of one or several sets.
    top : int
        Targets listed per motif and set, by falling similarity.
    centre, measure
        As for `similarity.similarities`.
    pair : float
        Within a set, motifs are paired greedily, each at most once, from this similarity on.

    Returns
    -------
    pandas.DataFrame
        `motif_id, set, rank, target, similarity`; `p, q` of the base frequencies against this set's columns (few
        targets make them coarse); `offset, strand` and `overlap` of the contributions' best alignment of the cores;
        `paired`.
    """
    rows = []
    for name in dict.fromkeys(other.set_name for other in others):
        targets = [other.motif for other in others if other.set_name == name]
        found = similarities(
            [core_matrix(m) for m in motifs], [core_matrix(m) for m in targets], centre=centre, measure=measure
        )
        pairs = greedy_pairs(found.value, pair)
        named = [NamedMatrix(target.motif_id, "", _core_probabilities(target)) for target in targets]
        for query, motif in enumerate(motifs):
            statistics = compare_with_database(_core_probabilities(motif), named)
            order = np.argsort(-found.value[query], kind="stable")[:top]
            for rank, target in enumerate(order, start=1):
                offset = int(found.offset[query, target])
                lengths = (len(core_matrix(motif)), len(core_matrix(targets[target])))
                rows.append(
                    (
                        motif.motif_id, name, rank, targets[target].motif_id, found.value[query, target],
                        statistics.p_value[target], statistics.q_value[target], offset,
                        "-" if found.reverse[query, target] else "+", _overlap(*lengths, offset),
                        (query, int(target)) in pairs,
                    )
                )  # fmt: skip
    return SET_MATCHES.frame(rows)


def greedy_pairs(value: np.ndarray, least: float) -> set[tuple[int, int]]:
    """Pair rows with columns: the largest value first, each row and column at most once, down to `least`.

    Parameters
    ----------
    value : (rows, columns)
        Of equal values the first in reading order is taken.
    least : float
        Smallest value that makes a pair.
    """
    value = np.array(value, dtype=np.float64)
    pairs = set()
    while value.size and value.max() >= least:
        row, column = (int(place) for place in np.unravel_index(value.argmax(), value.shape))
        pairs.add((row, column))
        value[row], value[:, column] = -np.inf, -np.inf
    return pairs


def _core_probabilities(motif: Motif) -> np.ndarray:
    return probabilities(motif.pfm[slice(*motif.core)])


def _overlap(length: int, other: int, offset: int) -> int:
    return min(length, offset + other) - max(offset, 0)
