"""How alike the shapes of two motifs are: the best mean cosine of their columns over all offsets and both strands.

The similarity of the published analysis of ENCODE's TF ChIP-seq: each row may be centred on its mean, and is scaled to
length one; the shorter motif slides over the longer one, partial overlaps included; the offset is that of the largest
sum of the rows' dot products, and the similarity this sum divided by the number of overlapping rows. Unlike there, the
reverse complement is tried as well, so that motifs need not be oriented first, and a row of zeros counts as 0, not NaN.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cistill.dna.matrices import Matrix, reverse_complement
from cistill.motifs.settings import Measure

MEASURES: tuple[Measure, ...] = ("rows", "whole")
TIE = 1e-9
"""Sums closer than this are equal: the first offset, and the forward strand, win."""


class Similarities(NamedTuple):
    """Comparison of queries with targets; all arrays `(queries, targets)`.

    Attributes
    ----------
    value : float
        -1 to 1.
    offset : int
        Position of the query at which the first row of the target, as turned, lies; may be negative.
    reverse : bool
        Whether the target's reverse complement fits better.
    """

    value: npt.NDArray[np.float64]
    offset: npt.NDArray[np.int64]
    reverse: npt.NDArray[np.bool_]


def similarities(
    queries: Sequence[Matrix],
    targets: Sequence[Matrix],
    *,
    centre: bool = True,
    both_strands: bool = True,
    measure: Measure = "rows",
    least_overlap: int = 1,
) -> Similarities:
    """Compare every query with every target.

    Parameters
    ----------
    queries, targets : sequences of (length, 4)
        E.g. contribution weights of the cores.
    centre : bool
        Subtract from each row its mean first, so that only differences between bases count.
    both_strands : bool
        Try the targets' reverse complements as well.
    measure : {"rows", "whole"}
        `rows`: mean cosine of the rows that overlap, every row worth the same. `whole`: cosine of the whole matrices at
        the best offset, where rows count by their size and those that are left alone count as different.
    least_overlap : int
        Rows that must overlap (or the whole of the shorter motif).
    """
    shape = (len(queries), len(targets))
    value, offset = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    reverse = np.zeros(shape, dtype=bool)
    if not targets:
        return Similarities(value, offset, reverse)
    lengths = np.array([len(target) for target in targets])
    forward = _padded([_rows(target, centre, measure) for target in targets])
    backward = _padded([reverse_complement(_rows(target, centre, measure)) for target in targets])
    norms = np.sqrt((forward**2).sum(axis=(1, 2)))
    for index, query in enumerate(queries):
        rows = _rows(query, centre, measure)
        total, offset[index] = _best_sum(rows, forward, lengths, least_overlap)
        if both_strands:
            other, at = _best_sum(rows, backward, lengths, least_overlap)
            reverse[index] = other > total + TIE
            total = np.where(reverse[index], other, total)
            offset[index] = np.where(reverse[index], at, offset[index])
        if measure == "rows":
            size = np.minimum(len(rows), offset[index] + lengths) - np.maximum(offset[index], 0)
        else:
            size = np.sqrt((rows**2).sum()) * norms
        value[index] = np.where(size > 0, total / np.where(size > 0, size, 1), 0.0)
    return Similarities(value, offset, reverse)


def similarities_within(
    matrices: Sequence[Matrix],
    *,
    centre: bool = True,
    both_strands: bool = True,
    measure: Measure = "rows",
    least_overlap: int = 1,
) -> Similarities:
    """Compare all motifs of one list with each other; the answer is symmetric, and 1 on the diagonal.

    Parameters
    ----------
    matrices, centre, both_strands, measure, least_overlap
        As for `similarities`.
    """
    found = similarities(
        matrices, matrices, centre=centre, both_strands=both_strands, measure=measure, least_overlap=least_overlap
    )
    lengths = np.array([len(matrix) for matrix in matrices], dtype=np.int64)
    lower = np.tri(len(matrices), k=-1, dtype=bool)
    value = np.where(lower, found.value.T, found.value)
    np.fill_diagonal(value, 1.0)
    reverse = np.where(lower, found.reverse.T, found.reverse)
    np.fill_diagonal(reverse, False)
    # of a pair seen from the other side: a turned target of length m at o puts the query of length n at o + m - n
    back = np.where(found.reverse, found.offset + lengths[None, :] - lengths[:, None], -found.offset)
    offset = np.where(lower, back.T, found.offset)
    np.fill_diagonal(offset, 0)
    return Similarities(value, offset, reverse)


def _rows(matrix: Matrix, centre: bool, measure: Measure) -> Matrix:
    rows = np.asarray(matrix, dtype=np.float64)
    if centre:
        rows = rows - rows.mean(axis=1, keepdims=True)
    if measure == "rows":
        size = np.sqrt((rows**2).sum(axis=1, keepdims=True))
        rows = np.where(size > 1e-12, rows / np.where(size > 1e-12, size, 1.0), 0.0)
    return rows


def _padded(matrices: Sequence[Matrix]) -> npt.NDArray[np.float64]:
    """Stack matrices of different lengths, zeros behind the shorter ones: `(matrices, longest, 4)`."""
    stack = np.zeros((len(matrices), max(len(matrix) for matrix in matrices), 4))
    for index, matrix in enumerate(matrices):
        stack[index, : len(matrix)] = matrix
    return stack


def _best_sum(
    query: Matrix, targets: npt.NDArray[np.float64], lengths: npt.NDArray[np.int64], least_overlap: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return for each target the largest sum of dot products over its offsets, and the first offset that reaches it."""
    number, longest, _ = targets.shape
    products = np.einsum("qc,nlc->qnl", query, targets)
    sums = np.zeros((number, len(query) + longest - 1))
    for position in range(len(query)):
        sums[:, position : position + longest] += products[position, :, ::-1]
    offsets = np.arange(sums.shape[1]) - (longest - 1)
    overlap = np.minimum(len(query), offsets[None, :] + lengths[:, None]) - np.maximum(offsets, 0)[None, :]
    needed = np.minimum(max(least_overlap, 1), np.minimum(lengths, len(query)))
    sums = np.where(overlap >= needed[:, None], sums, -np.inf)
    best = sums.max(axis=1)
    first = (sums >= best[:, None] - TIE).argmax(axis=1)
    return best, offsets[first]
