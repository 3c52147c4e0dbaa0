"""Scoring sequences with matrices: best window, sum of windows, and occupancy, over both strands.

A window's score is the sum over its positions of the matrix entry of the base there. `max` is the best window of both
strands and `sum` the larger of the two strands' sums over all windows, as published (Affinity Distillation).
`occupancy` is ln of the sum over the windows of both strands of exp(score in natural units): for energies in RT this is
the logarithm of the partition function of one bound factor. A matrix that is longer than a sequence is cut to its
length around the matrix' centre.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cistill.affinity.comparators.coded_sequences import CodedSequences, other_strand, words_of
from cistill.affinity.comparators.psam import ln_affinity
from cistill.dna.codes import Codes
from cistill.dna.matrices import Matrix
from cistill.errors import InputError
from cistill.formats.motifs import Motif

STATISTICS = ("max", "sum", "occupancy")
TRIM_SHARE = 0.3  # of the largest position's contribution, and this many positions more on either side, as published
TRIM_FLANK = 4
WORD = 6  # positions that are looked up at once: 4,096 scores
UNIFORM = 0.25
PSEUDO_RATIO = 1e-4


@dataclass(frozen=True)
class ScoringMatrix:
    """A matrix that sequences are scored with.

    Attributes
    ----------
    family : str
        Where it comes from: `cwm`, `pwm`, `streme`, `weeder`, ...
    name : str
        Of the motif.
    rank : int
        Its place in its file, from 0.
    values : (length, 4)
        Entries that are summed.
    to_ln : float
        Factor that turns them into natural-logarithm units (ln 2 for bits).
    """

    family: str
    name: str
    rank: int
    values: Matrix
    to_ln: float = 1.0


def log_odds_matrix(family: str, name: str, rank: int, probabilities: Matrix) -> ScoringMatrix:
    """Return log2(p / 0.25 + 1e-4), in bits, as published."""
    return ScoringMatrix(family, name, rank, np.log2(probabilities / UNIFORM + PSEUDO_RATIO), float(np.log(2)))


def probability_matrix(family: str, name: str, rank: int, probabilities: Matrix) -> ScoringMatrix:
    """Return base probabilities as they stand in the file, which is how Weeder2's matrices were scored."""
    return ScoringMatrix(family, name, rank, probabilities)


def ln_affinity_matrix(family: str, name: str, rank: int, psam: Matrix) -> ScoringMatrix:
    """Return ln of relative affinities, that is -ddG/RT."""
    return ScoringMatrix(family, name, rank, ln_affinity(psam))


def published_trim(cwm: Matrix) -> tuple[int, int]:
    """Return the span of positions of at least 0.3 of the largest contribution, and four more on each side."""
    weight = np.abs(cwm).sum(axis=1)
    kept = np.flatnonzero(weight >= TRIM_SHARE * weight.max())
    return max(int(kept[0]) - TRIM_FLANK, 0), min(int(kept[-1]) + 1 + TRIM_FLANK, len(cwm))


def cwm_matrices(
    motifs: Sequence[Motif], family: str, most: int, names: Sequence[str], file: Path
) -> list[ScoringMatrix]:
    """Return the contribution and log-odds matrices of TF-MoDISco motifs that raise the output.

    Both are cut to the same span by the published rule. The entries of a contribution matrix are log counts, taken as
    natural-logarithm units for the occupancy.
    """
    chosen = [motif for motif in motifs if motif.sign == "pos" and (not names or motif.motif_id in names)]
    missing = set(names) - {motif.motif_id for motif in chosen}
    if missing:
        raise InputError(f"{file}: no motif of positive sign named {', '.join(sorted(missing))}")
    chosen = chosen[:most]
    start = f"{family}_" if family else ""
    found = []
    for rank, motif in enumerate(chosen):
        span = slice(*published_trim(motif.cwm))
        found.append(ScoringMatrix(f"{start}cwm", motif.motif_id, rank, motif.cwm[span]))
    for rank, motif in enumerate(chosen):
        span = slice(*published_trim(motif.cwm))
        rows = motif.pfm[span] / motif.pfm[span].sum(axis=1, keepdims=True)
        found.append(log_odds_matrix(f"{start}pwm", motif.motif_id, rank, rows))
    return found


def fitted(matrix: ScoringMatrix, length: int) -> ScoringMatrix:
    """Return the matrix, cut around its centre if it is longer than a sequence of this length."""
    excess = len(matrix.values) - length
    if excess <= 0:
        return matrix
    start = excess // 2
    return replace(matrix, values=matrix.values[start : start + length])


def matrix_scores(
    sequences: Sequence[str] | CodedSequences, matrices: Sequence[ScoringMatrix]
) -> list[dict[str, NDArray[np.float64]]]:
    """Score sequences with matrices.

    Parameters
    ----------
    sequences : sequence of str or CodedSequences
        Upper case A, C, G, T; lengths may differ.
    matrices : sequence of ScoringMatrix

    Returns
    -------
    list of dict
        For each matrix `max`, `sum` (in its units) and `occupancy` (natural logarithm) to `(sequences,)`, the same to
        the last bit for a sequence and its reverse complement.
    """
    coded = CodedSequences.of(sequences)
    found = [{statistic: np.empty(len(coded)) for statistic in STATISTICS} for _ in matrices]
    tables: dict[tuple[int, int], tuple[_Words, _Words]] = {}
    for rows, codes in coded.blocks():
        words: dict[int, NDArray[np.int64]] = {}
        for number, (matrix, result) in enumerate(zip(matrices, found, strict=True)):
            key = (number, min(len(matrix.values), codes.shape[1]))
            if key not in tables:
                tables[key] = _word_tables(fitted(matrix, codes.shape[1]).values)
            forward, backward = (_window_scores(codes, strand, words) for strand in tables[key])
            backward = np.ascontiguousarray(backward[:, ::-1])  # along its own strand
            result["max"][rows] = np.maximum(forward.max(axis=1), backward.max(axis=1))
            result["sum"][rows] = np.maximum(forward.sum(axis=1), backward.sum(axis=1))
            best = np.maximum(forward.max(axis=1), backward.max(axis=1)) * matrix.to_ln
            total = sum(np.exp(strand * matrix.to_ln - best[:, None]).sum(axis=1) for strand in (forward, backward))
            result["occupancy"][rows] = best + np.log(total)
    return found


class _Words(NamedTuple):
    """A matrix in parts: where each begins, and what the words of its length score."""

    starts: list[int]
    lengths: list[int]
    scores: list[NDArray[np.float64]]


def _word_tables(values: Matrix) -> tuple[_Words, _Words]:
    """Return the scores of the words of a matrix' parts, each of `WORD` positions at most, for both strands.

    Parts of the other strand are in the same order, so that the sums are the same to the last bit.
    """
    parts = np.array_split(values, -(-len(values) // WORD))
    lengths = [len(part) for part in parts]
    starts = np.cumsum([0, *lengths[:-1]]).tolist()
    scores = []
    for part in parts:
        total = np.zeros(1)
        for row in part:
            total = (total[:, None] + row).ravel()
        scores.append(total)
    ends = [len(values) - start - length for start, length in zip(starts, lengths, strict=True)]
    turned = [score[other_strand(length)] for score, length in zip(scores, lengths, strict=True)]
    return _Words(starts, lengths, scores), _Words(ends, lengths, turned)


def _window_scores(codes: Codes, matrix: _Words, words: dict[int, NDArray[np.int64]]) -> NDArray[np.float64]:
    """Return the scores of all windows of one strand, `(sequences, windows)`; words of the codes are kept by length."""
    windows = codes.shape[1] - sum(matrix.lengths) + 1
    total = np.zeros((len(codes), windows))
    for start, length, scores in zip(*matrix, strict=True):
        if length not in words:
            words[length] = words_of(codes, length)
        total += scores.take(words[length][:, start : start + windows])
    return total
