"""The additive (mononucleotide) model distilled from the network's own scores, without any label.

From the scores of a consensus and its single substitutions where the library has them, else by regression of the scores
on the bases at each position. What it lacks against the network is what the network knows of interactions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cistill.dna.codes import BASES, encode_all
from cistill.dna.matrices import Matrix

Floats = NDArray[np.float64]
RIDGE = 1e-6
SEQUENCES_PER_PARAMETER = 2


@dataclass(frozen=True)
class AdditiveModel:
    """A sum of one number per position and base.

    Attributes
    ----------
    matrix : (length, 4)
        Change of the score; of substitutions: against the consensus, of a regression: against the mean base.
    intercept : float
    how : str
        `substitutions` or `regression`.
    """

    matrix: Matrix
    intercept: float
    how: str

    def scores(self, sequences: Sequence[str]) -> Floats:
        """Return the model's scores of sequences of the matrix' length."""
        codes = encode_all(sequences)
        return self.intercept + self.matrix[np.arange(len(self.matrix)), codes].sum(axis=1)


def substitution_matrix(sequences: Sequence[str], scores: Floats, consensus: str) -> tuple[Matrix, float] | None:
    """Return score changes by every single substitution `(length, 4)` and the consensus' score.

    Entries of substitutions that are not there are NaN, those of the consensus' own bases 0. None if the consensus
    itself has no score.
    """
    lookup = dict(zip(sequences, scores.tolist(), strict=True))
    if consensus not in lookup:
        return None
    reference = lookup[consensus]
    matrix = np.full((len(consensus), 4), np.nan)
    for position, original in enumerate(consensus):
        for code, base in enumerate(BASES):
            changed = consensus[:position] + base + consensus[position + 1 :]
            if base == original:
                matrix[position, code] = 0.0
            elif changed in lookup:
                matrix[position, code] = lookup[changed] - reference
    return matrix, reference


def additive_model(sequences: Sequence[str], scores: Floats, consensus: str | None) -> AdditiveModel | str:
    """Distil the additive model from scores.

    Parameters
    ----------
    sequences : sequence of str
        All of one length.
    scores : (sequences,)
        Of the network.
    consensus : str or None
        The sequence whose single substitutions are used if every base that occurs is among them.

    Returns
    -------
    AdditiveModel or str
        Why there is none, in words: sequences of several lengths, or too few.
    """
    if len({len(sequence) for sequence in sequences}) != 1:
        return "the sequences have several lengths"
    codes = encode_all(sequences)
    length = codes.shape[1]
    if consensus is not None and len(consensus) == length:
        found = substitution_matrix(sequences, scores, consensus)
        if found is not None and not np.isnan(found[0][np.arange(length), codes]).any():
            return AdditiveModel(np.nan_to_num(found[0]), found[1], "substitutions")
    varied = np.flatnonzero((codes != codes[0]).any(axis=0))
    if len(sequences) < SEQUENCES_PER_PARAMETER * (3 * len(varied) + 1):
        return f"{len(sequences)} sequences are too few for {3 * len(varied) + 1} parameters"
    return _regression(codes, scores, varied)


def _regression(codes: NDArray[np.uint8], scores: Floats, varied: NDArray[np.int64]) -> AdditiveModel:
    """Regress scores on bases; normal equations are summed block by block, so memory does not grow."""
    width = 4 * len(varied)
    square, product = np.zeros((width, width)), np.zeros(width)
    total, mean = np.zeros(width), float(scores.mean())
    for first in range(0, len(codes), 65_536):
        part = slice(first, first + 65_536)
        bases = np.eye(4)[codes[part][:, varied]].reshape(-1, width)  # (sequences, positions * bases)
        square += bases.T @ bases
        product += bases.T @ (scores[part] - mean)
        total += bases.sum(axis=0)
    frequency = total / len(codes)
    square -= len(codes) * np.outer(frequency, frequency)
    weights = np.linalg.solve(square + RIDGE * len(codes) * np.eye(width), product)
    matrix = np.zeros((codes.shape[1], 4))
    matrix[varied] = (weights.reshape(-1, 4)) - (weights * frequency).reshape(-1, 4).sum(axis=1, keepdims=True)
    return AdditiveModel(matrix, mean, "regression")
