"""Averaging motifs: members laid over a seed at their best offsets, all matrices turned and shifted together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cistill.dna.matrices import Matrix, contribution_core
from cistill.formats.motifs import MATRICES, Motif
from cistill.motifs.settings import Measure
from cistill.motifs.similarity import similarities


class Placement(NamedTuple):
    """How a member lies in its aggregate.

    Attributes
    ----------
    offset : int
        Position of the aggregate under the member's first row, as turned.
    reverse : bool
        Whether the member is turned.
    similarity : float
        Of the cores of the member and the aggregate.
    """

    offset: int
    reverse: bool
    similarity: float


def aggregate(
    motifs: Sequence[Motif],
    weights: Sequence[float],
    *,
    equal_size: bool,
    centre: bool = True,
    measure: Measure = "rows",
) -> tuple[Motif, list[Placement]]:
    """Average motifs.

    The first one is the seed: the others are added in their order, each where it fits the average so far best, turned
    if its reverse complement fits better. The average keeps the seed's length; at every position it is over the
    members that reach it.

    Parameters
    ----------
    motifs : sequence of Motif
        At least one; the seed first.
    weights : sequence of float
        Of the members in the averages. With numbers of seqlets and `equal_size` false, the matrices are those of the
        pooled seqlets.
    equal_size : bool
        Scale the contributions of all members to the same size (root of the summed squares of the core) before, and the
        average to the weighted geometric mean of their sizes, for members whose contributions have different units.
    centre, measure
        As for `similarities`.

    Returns
    -------
    Motif, list of Placement
        The average, otherwise like the seed, with a core of its own; where the members lie, in their order.
    """
    seed = motifs[0]
    if len(motifs) == 1:
        return seed, [Placement(0, False, 1.0)]
    sizes = np.array([core_size(motif) for motif in motifs]) if equal_size else np.ones(len(motifs))
    sums = {name: np.zeros((seed.length, 4)) for name in MATRICES}
    reached = np.zeros(seed.length)
    current, turned = seed, []
    for motif, weight, size in zip(motifs, weights, sizes, strict=True):
        offset, reverse = (0, False) if motif is seed else _best_place(current, motif, centre, measure)
        member = motif.reversed() if reverse else motif
        turned.append((member, offset, reverse))
        reached += weight * _laid(np.ones((member.length, 1)), offset, seed.length)[:, 0]
        for name in MATRICES:
            matrix = getattr(member, name)
            matrix = _frequencies(matrix) if name == "pfm" else matrix / size
            sums[name] += weight * _laid(matrix, offset, seed.length)
        means = {name: total / np.where(reached > 0, reached, 1.0)[:, None] for name, total in sums.items()}
        core = contribution_core(means["cwm"])
        current = replace(seed, pfm=means["pfm"], cwm=means["cwm"], hcwm=means["hcwm"], core=core)
    if equal_size:
        size = float(np.exp(np.average(np.log(sizes), weights=weights)))
        scale = size / core_size(current)
        current = replace(current, cwm=current.cwm * scale, hcwm=current.hcwm * scale)
    places = [
        Placement(offset, reverse, core_similarity(current, member, centre, measure))
        for member, offset, reverse in turned
    ]
    return current, places


def core_matrix(motif: Motif) -> Matrix:
    """Return the contribution weights of the core, `(length, 4)`."""
    return motif.cwm[slice(*motif.core)]


def core_size(motif: Motif) -> float:
    """Return the root of the summed squares of the core's contribution weights."""
    return float(max(np.linalg.norm(core_matrix(motif)), np.finfo(np.float64).tiny))


def core_similarity(one: Motif, other: Motif, centre: bool = True, measure: Measure = "rows") -> float:
    """Return the similarity of two motifs' cores, as `similarities` has it."""
    return float(similarities([core_matrix(one)], [core_matrix(other)], centre=centre, measure=measure).value[0, 0])


def _best_place(current: Motif, motif: Motif, centre: bool, measure: Measure) -> tuple[int, bool]:
    """Return where the first row of a motif, as turned, lies on the average so far, and whether it is turned."""
    found = similarities([core_matrix(current)], [core_matrix(motif)], centre=centre, measure=measure)
    reverse = bool(found.reverse[0, 0])
    inset = motif.length - motif.core[1] if reverse else motif.core[0]
    return current.core[0] + int(found.offset[0, 0]) - inset, reverse


def _frequencies(pfm: Matrix) -> Matrix:
    """Return rows that sum to one; a row of zeros becomes uniform."""
    total = pfm.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, pfm / np.where(total > 0, total, 1.0), 0.25))


def _laid(matrix: Matrix, offset: int, length: int) -> npt.NDArray[np.float64]:
    """Return a matrix shifted by an offset on `length` positions, zeros where it does not reach."""
    laid = np.zeros((length, matrix.shape[1]))
    start, end = max(offset, 0), min(offset + len(matrix), length)
    if start < end:
        laid[start:end] = matrix[start - offset : end - offset]
    return laid
