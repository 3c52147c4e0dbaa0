"""Sequences coded once for all that scores them, and the words of bases that scores are looked up by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cistill.dna.codes import Codes, Texts, encode_texts

Rows = NDArray[np.int64]

ROWS_AT_ONCE = 8_192  # whose words stay in the processor's cache


@dataclass(frozen=True)
class CodedSequences:
    """Sequences as codes.

    Attributes
    ----------
    codes : (sequences, longest)
        Beyond a sequence's end unknown bases.
    lengths : (sequences,) of int
    """

    codes: Codes
    lengths: Rows

    @classmethod
    def of(cls, sequences: "Sequence[str] | CodedSequences") -> "CodedSequences":
        """Code sequences of any lengths; what is coded already is returned."""
        if isinstance(sequences, CodedSequences):
            return sequences
        texts: Texts = np.array(sequences, dtype=np.bytes_)
        lengths = np.fromiter((len(sequence) for sequence in sequences), dtype=np.int64, count=len(sequences))
        return cls(encode_texts(texts), lengths)

    def __len__(self) -> int:
        """Return the number of sequences."""
        return len(self.lengths)

    def take(self, rows: Rows) -> "CodedSequences":
        """Return some of the sequences."""
        return CodedSequences(self.codes[rows], self.lengths[rows])

    def blocks(self) -> Iterator[tuple[Rows, Codes]]:
        """Yield rows and codes `(rows, length)` of some sequences of one length, shortest first."""
        for group in rows_by_length(self.lengths):
            for first in range(0, len(group), ROWS_AT_ONCE):
                rows = group[first : first + ROWS_AT_ONCE]
                yield rows, self.codes[rows, : self.lengths[rows[0]]]


def by_length(sequences: Sequence[str]) -> list[Rows]:
    """Return the row numbers of the sequences of each length, shortest first."""
    return rows_by_length(np.fromiter((len(text) for text in sequences), dtype=np.int64, count=len(sequences)))


def rows_by_length(lengths: Rows) -> list[Rows]:
    """Return the rows of each length, shortest first."""
    return [np.flatnonzero(lengths == length) for length in np.unique(lengths)]


def words_of(codes: Codes, length: int) -> NDArray[np.int64]:
    """Return the words of `length` bases at each position, as numbers in base 4, `(sequences, positions)`."""
    positions = codes.shape[1] - length + 1
    words = np.zeros((len(codes), positions), dtype=np.int64)
    for place in range(length):
        words *= 4
        words += codes[:, place : place + positions]
    return words


def other_strand(length: int) -> NDArray[np.int64]:
    """Return the reverse complement of every word of `length` bases, `(4**length,)`."""
    words = np.arange(4**length)
    turned = np.zeros_like(words)
    for _ in range(length):
        turned = turned * 4 + 3 - words % 4
        words //= 4
    return turned
