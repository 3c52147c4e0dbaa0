"""Places of sequences where position weight matrices reach their thresholds, found by an index of words.

A matrix can reach its threshold only where `WORD` neighbouring bases score enough, with the best of all other columns
added. All words of that length are scored once for every matrix and strand, those that are enough go into an index of
word to matrices, and one pass over the sequences looks each word up: at a p-value of 1e-4 a few matrices of some
hundred remain at a place, and are scored there column by column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cistill.compiled import compiled
from cistill.dna.matrices import Matrix

WORD = 8  # bases: 65,536 words
UNKNOWN_ROW = 4
SLACK = 1e-9  # sums of floats in another order differ by less
ROOM = 1 << 16


@dataclass(frozen=True)
class Places:
    """Where matrices reach their thresholds; all arrays `(places,)`, in the order of matrix, row and position.

    Attributes
    ----------
    matrix, row, position : int
    score : float
    """

    matrix: npt.NDArray[np.int64]
    row: npt.NDArray[np.int64]
    position: npt.NDArray[np.int64]
    score: npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Group:
    """Matrices whose words are of one length.

    Attributes
    ----------
    word : int
        Length of the words.
    first : (words + 1,)
        Of each word, the first of its entries in `members`.
    members : (entries,)
        Indices of the matrices that it may match.
    """

    word: int
    first: npt.NDArray[np.int64]
    members: npt.NDArray[np.int32]


class WordIndex:
    """An index of words of matrices.

    Parameters
    ----------
    matrices : sequence of (length, 4)
        Weights, all finite.
    least : sequence of float
        Threshold of each; one that is infinite is never reached.
    """

    def __init__(self, matrices: Sequence[Matrix], least: Sequence[float]) -> None:
        longest = max((len(matrix) for matrix in matrices), default=0)
        self.lengths = np.array([len(matrix) for matrix in matrices], dtype=np.int64)
        self.least = np.asarray(least, dtype=np.float64)
        # (matrices, longest, 5): the last letter is an unknown base
        self.weights = np.full((len(matrices), longest, UNKNOWN_ROW + 1), -np.inf)
        for own, matrix in zip(self.weights, matrices, strict=True):
            own[: len(matrix), :UNKNOWN_ROW] = matrix
        self.offsets = np.array([_offset(matrix) for matrix in matrices], dtype=np.int64)
        by_word: dict[int, list[int]] = {}
        for index, length in enumerate(self.lengths.tolist()):
            if np.isfinite(self.least[index]):
                by_word.setdefault(min(WORD, length), []).append(index)
        self.groups = [self._group(word, members) for word, members in sorted(by_word.items())]
        self.room = ROOM  # for places of a block: grows with what is found

    def _group(self, word: int, members: list[int]) -> _Group:
        """Index the words of some matrices."""
        entries = []
        for index in members:
            own = self.weights[index, : self.lengths[index], :UNKNOWN_ROW]
            offset = self.offsets[index]
            best = own.max(axis=1)
            rest = best.sum() - best[offset : offset + word].sum()
            entries.append(
                np.flatnonzero(_word_scores(own[offset : offset + word]) + rest >= self.least[index] - SLACK)
            )
        words = np.concatenate(entries)
        owners = np.repeat(np.array(members, dtype=np.int32), [len(entry) for entry in entries])
        order = np.argsort(words, kind="stable")
        first = np.searchsorted(words[order], np.arange(4**word + 1))
        return _Group(word, first.astype(np.int64), owners[order])

    def find(self, codes: npt.NDArray[np.uint8]) -> Places:
        """Return where matrices reach their thresholds; no place with an unknown base does.

        Parameters
        ----------
        codes : (rows, length) of uint8
            Bases 0..3, and 4 for unknown ones.
        """
        codes = np.ascontiguousarray(codes, dtype=np.uint8)
        parts = [self._find(codes, group) for group in self.groups]
        whole = np.concatenate([np.zeros((0, 3), dtype=np.int64), *(places for places, _ in parts)])
        score = np.concatenate([np.zeros(0), *(scores for _, scores in parts)])
        # all places of a matrix are of one group, in the order of row and position
        order = np.argsort(whole[:, 0].astype(np.uint16 if len(self.lengths) < 1 << 16 else np.int64), kind="stable")
        matrix, row, position = (whole[order, column] for column in range(3))
        return Places(matrix, row, position, score[order])

    def _find(
        self, codes: npt.NDArray[np.uint8], group: _Group
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        while True:
            places, score = np.empty((self.room, 3), dtype=np.int64), np.empty(self.room)
            found = _scan(
                *(codes, group.word, group.first, group.members),
                *(self.weights, self.lengths, self.offsets, self.least, places, score),
            )
            if found <= self.room:
                return places[:found], score[:found]
            self.room = found + found // 8


def both_strands(matrices: Sequence[Matrix]) -> list[Matrix]:
    """Return every matrix and, next to it, its reverse complement."""
    return [strand for matrix in matrices for strand in (matrix, matrix[::-1, ::-1])]


class Sums:
    """Sums of the weights of matrices at places.

    Parameters
    ----------
    matrices : sequence of (length, 4)
        Weights.
    """

    def __init__(self, matrices: Sequence[Matrix]) -> None:
        self.tables = _stacked(matrices)
        self.lengths = np.array([len(matrix) for matrix in matrices], dtype=np.int64)

    def at(
        self,
        codes: npt.NDArray[np.uint8],
        matrix: npt.NDArray[np.int64],
        row: npt.NDArray[np.int64],
        position: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.float64]:
        """Return the sum of the weights of `matrix` from `position` of `row` on, `(places,)`; no base is unknown."""
        sums = np.empty(len(matrix))
        _sums(np.ascontiguousarray(codes), matrix, row, position, self.tables, self.lengths, sums)
        return sums


def _stacked(matrices: Sequence[Matrix]) -> npt.NDArray[np.float64]:
    """Return matrices `(length, 4)` as one array `(matrices, longest, 4)`, zero beyond the end of each."""
    together = np.zeros((len(matrices), max((len(matrix) for matrix in matrices), default=0), UNKNOWN_ROW))
    for own, matrix in zip(together, matrices, strict=True):
        own[: len(matrix)] = matrix
    return together


def _offset(matrix: Matrix) -> int:
    """Return the first column of the word of a matrix: those neighbours that tell places apart best."""
    spread = np.asarray(matrix.max(axis=1) - matrix.mean(axis=1))
    sums = np.convolve(spread, np.ones(min(WORD, len(matrix))), mode="valid")
    return int(sums.argmax())


def _word_scores(columns: Matrix) -> npt.NDArray[np.float64]:
    """Return the score of each word, the first base the most significant, `(4 ** columns,)`."""
    total = np.zeros(1)
    for column in columns:
        total = (total[:, None] + column).ravel()
    return total


@compiled("(u1[:, ::1], i8, i8[::1], i4[::1], f8[:, :, ::1], i8[::1], i8[::1], f8[::1], i8[:, ::1], f8[::1])")
def _scan(
    codes: Any,
    word: int,
    first: Any,
    members: Any,
    weights: Any,
    lengths: Any,
    offsets: Any,
    least: Any,
    places: Any,
    scores: Any,
) -> int:
    """Write places and scores, as many as there is room for; return their number."""
    found = 0
    rows, length = codes.shape
    mask = (1 << (2 * word)) - 1
    for row in range(rows):
        value = 0
        known = 0
        for end in range(length):
            base = codes[row, end]
            if base > 3:
                known = 0
                value = 0
                continue
            known += 1
            value = ((value << 2) | base) & mask
            if known < word:
                continue
            for entry in range(first[value], first[value + 1]):
                matrix = members[entry]
                start = end + 1 - word - offsets[matrix]
                if start < 0 or start + lengths[matrix] > length:
                    continue
                total = 0.0
                for column in range(lengths[matrix]):
                    total += weights[matrix, column, codes[row, start + column]]
                if total >= least[matrix]:
                    if found < scores.shape[0]:
                        places[found, 0] = matrix
                        places[found, 1] = row
                        places[found, 2] = start
                        scores[found] = total
                    found += 1
    return found


@compiled("(u1[:, ::1], i8[::1], i8[::1], i8[::1], f8[:, :, ::1], i8[::1], f8[::1])")
def _sums(codes: Any, matrix: Any, row: Any, position: Any, tables: Any, lengths: Any, sums: Any) -> None:
    """Write the sum of the weights at each place."""
    for place in range(matrix.shape[0]):
        own = matrix[place]
        total = 0.0
        for column in range(lengths[own]):
            total += tables[own, column, codes[row[place], position[place] + column]]
        sums[place] = total
