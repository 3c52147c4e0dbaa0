"""Laying one matrix over another: a motif beside its match in the database, or beside the one that was planted."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from cistill.dna.matrices import Matrix, reverse_complement
from cistill.formats.meme import NamedMatrix


class Alignment(NamedTuple):
    """Where a target lies on a query.

    Attributes
    ----------
    offset : int
        Position of the query under the target's first position (after turning).
    reverse : bool
        Whether the target had to be reverse-complemented.
    correlation : float
        Correlation of the frequencies over all of the target; where the query ends it counts as uniform.
    """

    offset: int
    reverse: bool
    correlation: float


def frequencies(matrix: Matrix) -> Matrix:
    """Return rows that sum to one; an empty row becomes uniform."""
    total = matrix.sum(axis=1, keepdims=True)
    return np.where(total > 0, matrix / np.where(total > 0, total, 1), 0.25)


def align(query: Matrix, target: Matrix, least_overlap: int = 4) -> Alignment:
    """Find the offset and the orientation of `target` that agree best with `query`.

    The agreement is the sum over shared positions of the products of frequencies less one quarter, so that
    informative positions count and further overlap is worth something; no gaps.

    Parameters
    ----------
    query, target : array (length, 4)
        Frequencies or counts of A, C, G, T.
    least_overlap : int
        Positions that must be shared (or the whole of the shorter one).
    """
    wanted = min(least_overlap, len(query), len(target))
    first = frequencies(query) - 0.25
    best, best_score = Alignment(0, False, float("nan")), -np.inf
    for reverse in (False, True):
        second = frequencies(reverse_complement(target) if reverse else target) - 0.25
        for offset in range(wanted - len(second), len(first) - wanted + 1):
            start, end = max(offset, 0), min(offset + len(second), len(first))
            one, two = first[start:end], second[start - offset : end - offset]
            score = float((one * two).sum())
            if score > best_score + 1e-12:
                scale = float(np.sqrt((one**2).sum() * (second**2).sum()))
                best, best_score = Alignment(offset, reverse, score / scale if scale else 0.0), score
    return best


def laid_over(length: int, target: Matrix, where: Alignment) -> Matrix:
    """Return the target on the query's positions, (length, 4): zeros where it does not reach, cut beyond them."""
    turned = reverse_complement(target) if where.reverse else target
    laid = np.zeros((length, 4))
    start, end = max(where.offset, 0), min(where.offset + len(turned), length)
    laid[start:end] = turned[start - where.offset : end - where.offset]
    return laid


def matrices_of(database: Iterable[NamedMatrix], wanted: Iterable[str]) -> dict[str, Matrix]:
    """Return the matrices of a database by the names that motifs.tsv gives them: label, name or second name."""
    asked = set(wanted)
    found: dict[str, Matrix] = {}
    for target in database:
        for name in (target.label, target.name, target.alternative):
            if name in asked:
                found.setdefault(name, target.matrix)
    return found
