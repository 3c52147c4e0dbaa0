"""The k-mer baseline: ridge regression of the labels on counts of k-mers, fitted on the calibration sample alone.

A k-mer and its reverse complement are one feature; k-mers of every length up to k are counted. The penalty is chosen by
generalized cross-validation (Golub, Heath & Wahba 1979). Scores of the sample's own sequences are those of models that
were fitted without the sequence (the closed form for ridge regression), so that a calibrator fitted on the sample sees
errors as they are outside of it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cistill.affinity.comparators.coded_sequences import CodedSequences, other_strand, words_of

LONGEST = 6
PENALTIES = np.geomspace(1e-4, 1e3, 29)  # relative to the mean eigenvalue

Floats = NDArray[np.float64]


def kmer_counts(sequences: Sequence[str] | CodedSequences, longest: int = LONGEST) -> sparse.csr_matrix:
    """Count canonical k-mers of lengths 1 to `longest`, `(sequences, features)`.

    Feature f of length k lies at column (4 + ... + 4^(k-1)) + code, the code being the smaller of the k-mer's and its
    reverse complement's in base 4; columns of larger codes stay empty.
    """
    coded = CodedSequences.of(sequences)
    features = _features(longest)
    rows, columns = [], []
    for block, codes in coded.blocks():
        for k in range(1, min(longest, codes.shape[1]) + 1):
            columns.append(features[k - 1].take(words_of(codes, k)).ravel())
            rows.append(np.repeat(block, codes.shape[1] - k + 1))
    row, column = np.concatenate(rows), np.concatenate(columns)
    shape = (len(coded), sum(4**k for k in range(1, longest + 1)))
    return sparse.csr_matrix((np.ones(len(row)), (row, column)), shape=shape)


def _features(longest: int) -> list[NDArray[np.int64]]:
    """Return the feature of every word, for each length from 1."""
    offsets = np.cumsum([0, *(4**k for k in range(1, longest))]).tolist()
    return [
        offset + np.minimum(np.arange(4**k), other_strand(k))
        for k, offset in zip(range(1, longest + 1), offsets, strict=True)
    ]


class KmerRidge:
    """Ridge regression on k-mer counts.

    Parameters
    ----------
    sequences : sequence of str or CodedSequences
        The sample.
    labels : (sequences,)
    longest : int
        Length in bp of the longest k-mers.
    """

    def __init__(self, sequences: Sequence[str] | CodedSequences, labels: Floats, longest: int = LONGEST) -> None:
        self.longest = longest
        counts = kmer_counts(sequences, longest)
        self.centre = np.asarray(counts.mean(axis=0)).ravel()
        self.mean = float(labels.mean())
        product = (counts @ counts.T).toarray()
        shift = counts @ self.centre
        gram = product - shift[:, None] - shift[None, :] + self.centre @ self.centre
        values, vectors = np.linalg.eigh(gram)
        values = np.maximum(values, 0.0)
        rotated = vectors.T @ (labels - self.mean)
        penalties = PENALTIES * max(float(values.mean()), 1e-12)
        n = len(labels)
        shrunk = penalties[:, None] / (values + penalties[:, None])  # (penalties, sequences)
        freedom = np.maximum(shrunk.sum(axis=1) - 1, 1e-9)  # the mean takes one degree
        errors = ((shrunk * rotated) ** 2).sum(axis=1)
        self.penalty = float(penalties[int((errors / freedom**2).argmin())])
        dual = vectors @ (rotated / (values + self.penalty))
        self.weights = np.asarray(counts.T @ dual).ravel() - self.centre * dual.sum()
        hat = (vectors**2) @ (values / (values + self.penalty)) + 1 / n
        fitted = gram @ dual + self.mean
        self.left_out = labels - (labels - fitted) / np.maximum(1 - hat, 1e-6)

    def scores(self, sequences: Sequence[str] | CodedSequences) -> Floats:
        """Return predicted labels `(sequences,)`."""
        coded = CodedSequences.of(sequences)
        weights = [self.weights[features] for features in _features(self.longest)]  # of every word
        found = np.empty(len(coded))
        for rows, codes in coded.blocks():
            lengths = range(1, min(self.longest, codes.shape[1]) + 1)
            found[rows] = sum(weights[k - 1].take(words_of(codes, k)).sum(axis=1) for k in lengths)
        return found + self.mean - float(self.centre @ self.weights)
