"""Scanners of sequences with position weight matrices: MOODS' scoring, and FIMO's by memelite."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cistill.dna.codes import ONE_HOT, UNKNOWN
from cistill.dna.matrices import UNIFORM, Matrix
from cistill.errors import InputError
from cistill.formats.motifs import Motif
from cistill.hits.measure import Placed
from cistill.hits.scan.matrix_matches import MatrixMatches
from cistill.hits.scan.settings import ScanSettings
from cistill.hits.scan.weights import PSEUDOCOUNT, ScoreDistribution, ScoreTails, natural_log_odds, score_distribution
from cistill.hits.scan.word_index import Sums, WordIndex, both_strands

FIMO_EPS = 0.0001
ONE_HOT_INT8 = ONE_HOT.astype(np.int8)


class Scanner(Protocol):
    """Finds the matches in codes of bases, `(regions, length)`; rows are counted from `first_row`."""

    least: list[float]

    def matches(self, codes: npt.NDArray[np.uint8], first_row: int) -> Iterator[MatrixMatches]:
        """Yield matches."""
        ...


def scan_background(settings: ScanSettings, composition: Callable[[], Matrix]) -> Matrix:
    """Return the base composition that `settings.background` names, `(4,)`; `composition` tells that of the sequences.

    Raises
    ------
    InputError
        If it is none, or the scoring cannot use it.
    """
    settings.check()
    if settings.background == "regions":
        return composition()
    given = settings.frequencies()
    if given is None:
        return UNIFORM
    frequencies = np.array(given)
    return np.asarray(frequencies / frequencies.sum())


def make_scanner(settings: ScanSettings, motifs: Sequence[Motif], background: Matrix) -> Scanner:
    """Return the scanner that `settings.scoring` names, for the cores of the motifs."""
    frequencies = [np.asarray(motif.pfm[slice(*motif.core)], dtype=np.float64) for motif in motifs]
    if settings.scoring == "fimo":
        return FimoScanner(
            frequencies, settings.p_value, FIMO_EPS if settings.pseudocount is None else settings.pseudocount
        )
    pseudocount = PSEUDOCOUNT if settings.pseudocount is None else settings.pseudocount
    return MoodsScanner(frequencies, settings.p_value, pseudocount, background)


class MoodsScanner:
    """Log-odds to the base e against a background, with the threshold and the p-values of their exact distribution.

    MOODS' scoring (Korhonen et al. 2009) as its command uses it: `natural_log_odds`, and the lowest score whose
    p-value is at most the one asked for.
    """

    def __init__(self, frequencies: Sequence[Matrix], p_value: float, pseudocount: float, background: Matrix) -> None:
        if pseudocount <= 0 and any((matrix <= 0).any() for matrix in frequencies):
            raise InputError("--pseudocount 0: some frequencies of the motifs are zero; give a value above zero")
        self.weights = [natural_log_odds(matrix, background, pseudocount) for matrix in frequencies]
        self.distributions: list[ScoreDistribution] = []
        self.least: list[float] = []
        for weights in self.weights:
            distribution = score_distribution(weights, background)
            self.distributions.append(distribution)
            self.least.append(distribution.threshold(p_value))

        self.index = WordIndex(both_strands(self.weights), np.repeat(self.least, 2).tolist())
        self.steps = Sums(
            both_strands([distribution.weights.astype(np.float64) for distribution in self.distributions])
        )
        self.tails = ScoreTails(self.distributions)

    def matches(self, codes: npt.NDArray[np.uint8], first_row: int) -> Iterator[MatrixMatches]:
        """Yield the matches, in the order of motif, strand, row and position."""
        found = self.index.find(codes)
        if not len(found.matrix):
            return
        steps = self.steps.at(codes, found.matrix, found.row, found.position).astype(np.int64)
        motif, reverse = found.matrix // 2, found.matrix % 2 == 1
        placed = Placed(found.row + first_row, found.position, motif, reverse)
        yield MatrixMatches(placed, found.score, self.tails.p_values(motif, steps))


class FimoScanner:
    """Log-odds to the base 2 against a flat background, in bins of 0.1 bits, as FIMO (Grant et al. 2011): memelite."""

    def __init__(self, frequencies: Sequence[Matrix], p_value: float, eps: float) -> None:
        self.motifs = {str(index): _normalised(matrix).T for index, matrix in enumerate(frequencies)}
        self.p_value, self.eps = p_value, eps
        self.least = [float("nan")] * len(frequencies)  # memelite does not tell

    def matches(self, codes: npt.NDArray[np.uint8], first_row: int) -> Iterator[MatrixMatches]:
        """Yield the matches of every motif."""
        from memelite import fimo

        unknown = codes == UNKNOWN
        bases = np.ascontiguousarray(ONE_HOT_INT8[codes].transpose(0, 2, 1))
        found = fimo(self.motifs, bases, threshold=self.p_value, eps=self.eps)
        for index, hits in enumerate(found):
            row, position = (hits[name].to_numpy().astype(np.int64) for name in ("sequence_name", "start"))
            columns = position[:, None] + np.arange(self.motifs[str(index)].shape[1])
            known = ~unknown[row[:, None], columns].any(axis=1)
            reverse = (hits["strand"] == "-").to_numpy()
            score, p_value = (hits[name].to_numpy().astype(np.float64) for name in ("score", "p-value"))
            placed = Placed(row + first_row, position, np.full(len(row), index, dtype=np.int64), reverse)
            yield MatrixMatches(placed.take(known), score[known], p_value[known])


def _normalised(matrix: Matrix) -> Matrix:
    return np.asarray(matrix / matrix.sum(axis=1, keepdims=True))
