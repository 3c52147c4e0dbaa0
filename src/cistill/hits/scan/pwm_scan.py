"""Scanning sequences with position weight matrices: the caller that looks at no contributions."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cistill.dna.matrices import UNIFORM, Matrix
from cistill.errors import InputError
from cistill.formats.hits import no_hits
from cistill.formats.motifs import Motif
from cistill.hits.callers import Calls, CallSettings, ScanSettings
from cistill.hits.cwm.confidence import confidence
from cistill.hits.measure import Placed, base_composition, core_lengths, measure
from cistill.hits.overlaps import best_of_same_place
from cistill.hits.scan.weights import PSEUDOCOUNT, ScoreDistribution, natural_log_odds, score_distribution
from cistill.hits.settings import SCORINGS
from cistill.interpret.windows import AttributionWindows

LOG = logging.getLogger("cistill")
REGIONS_PER_BLOCK = 512
FIMO_REGIONS_PER_BLOCK = 16_384
FIMO_EPS = 0.0001


@dataclass(frozen=True)
class Matches:
    """Places where matrices match; `score` and `p_value` are `(hits,)`."""

    placed: Placed
    score: npt.NDArray[np.float64]
    p_value: npt.NDArray[np.float64]


class Scanner(Protocol):
    """Finds the matches in one-hot bases `(regions, length, 4)`; rows are counted from `first_row`."""

    least: list[float]

    def matches(self, bases: npt.NDArray[np.int8], first_row: int) -> Iterator[Matches]:
        """Yield matches."""
        ...


def call_by_scan(windows: AttributionWindows, motifs: Sequence[Motif], settings: CallSettings) -> Calls:
    """Call motif instances by their sequence alone.

    The cores of the motifs' PFMs are scanned on both strands; matches of a p-value of at most `settings.scan.p_value`
    are hits, and a place that two overlapping regions show is written once, from the region where it contributes more.
    No match overlaps an unknown base. Confidence is s / (s + t) with s = -log10 p of the match and t of the threshold.

    Parameters
    ----------
    windows : AttributionWindows
        Sequences; the contributions are only measured.
    motifs : sequence of Motif
        What to call.
    settings : CallSettings
        `settings.scan`.

    Returns
    -------
    Calls
        `method_score` is the log-odds: natural for `moods`, in bits for `fimo`. `q_value` is that of Benjamini and
        Hochberg over all places of the windows, both strands, for each motif.
    """
    chosen = settings.scan
    background = scan_background(chosen, lambda: base_composition(windows))
    usable = [motif for motif in motifs if motif.core[1] - motif.core[0] <= windows.length]
    if not usable or not len(windows):
        return Calls(no_hits(), {})
    scanner = make_scanner(chosen, usable, background)
    calibration = {}
    for motif, least in zip(usable, scanner.least, strict=True):
        calibration[motif.motif_id] = {"cut": least, "p_value": chosen.p_value}
        if least == float("inf"):
            LOG.warning("%s is too short: no sequence reaches a p-value of %g", motif.motif_id, chosen.p_value)
    size = FIMO_REGIONS_PER_BLOCK if chosen.scoring == "fimo" else REGIONS_PER_BLOCK
    parts = [part for rows, _, bases in windows.blocks(size) for part in scanner.matches(bases, rows.start)]
    found = joined(parts)
    q = q_values(found, 2 * len(windows) * (windows.length - core_lengths(usable) + 1))
    table = measure(windows, usable, found.placed)
    table = table.assign(
        method_score=found.score,
        q_value=q,
        percentile=np.nan,
        confidence=match_confidence(found.p_value, chosen.p_value),
    )
    table = table[best_of_same_place(table, "importance_total")]
    return Calls(table[table["confidence"] >= settings.min_confidence].reset_index(drop=True), calibration)


def q_values(found: Matches, tests: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return q-values of matches, for each motif (Benjamini & Hochberg 1995).

    Parameters
    ----------
    found : Matches
        Those of the smallest p-values.
    tests : (motifs,)
        Number of places that were looked at, on both strands.
    """
    q = np.ones(len(found.score))
    for index in np.unique(found.placed.motif):
        own = np.flatnonzero(found.placed.motif == index)
        own = own[np.argsort(found.p_value[own], kind="stable")]
        scaled = found.p_value[own] * tests[index] / np.arange(1, len(own) + 1)
        q[own] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q


def match_confidence(p_value: npt.NDArray[np.float64], threshold: float) -> npt.NDArray[np.float64]:
    """Return s / (s + t) with s = -log10 p of the match and t of the threshold."""
    strength = -np.log10(np.maximum(p_value, 1e-300))
    return confidence(strength, np.full(len(p_value), -np.log10(min(threshold, 0.99))))


def scan_background(settings: ScanSettings, composition: Callable[[], Matrix]) -> Matrix:
    """Return the base composition that `settings.background` names, `(4,)`; `composition` tells that of the sequences.

    Raises
    ------
    InputError
        If it is none, or the scoring cannot use it.
    """
    if settings.scoring not in SCORINGS:
        raise InputError(f"--scoring {settings.scoring}: must be one of {', '.join(SCORINGS)}")
    if settings.background == "flat":
        return UNIFORM
    if settings.scoring == "fimo":
        raise InputError("--scoring fimo knows a flat --background alone; use --scoring moods")
    if settings.background == "regions":
        return composition()
    try:
        given = np.array([float(word) for word in settings.background.split(",")])
    except ValueError:
        given = np.zeros(0)
    if given.shape != (4,) or given.min() <= 0 or abs(given.sum() - 1) > 0.01:
        raise InputError(
            f"--background {settings.background}: give flat, regions, or four frequencies of A, C, G, T above zero "
            "that sum to one, as 0.31,0.19,0.19,0.31"
        )
    return np.asarray(given / given.sum())


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

    def matches(self, bases: npt.NDArray[np.int8], first_row: int) -> Iterator[Matches]:
        """Yield the matches of every motif and strand."""
        codes = np.where(bases.any(axis=2), bases.argmax(axis=2), 4)
        for index, (weights, distribution) in enumerate(zip(self.weights, self.distributions, strict=True)):
            if not np.isfinite(self.least[index]):
                continue
            for reverse in (False, True):
                oriented = weights[::-1, ::-1] if reverse else weights
                score = _scores(codes, oriented)
                row, position = np.nonzero(score >= self.least[index])
                turned = distribution.weights[::-1, ::-1] if reverse else distribution.weights
                letters = codes[row[:, None], position[:, None] + np.arange(len(oriented))]
                steps = turned[np.arange(len(oriented)), letters].sum(axis=1)
                yield _matches(
                    row + first_row, position, index, reverse, score[row, position], distribution.p_values(steps)
                )


def _scores(codes: npt.NDArray[np.int64], weights: Matrix) -> npt.NDArray[np.float64]:
    """Return the score of every place, `(regions, places)`; -inf where a base is unknown."""
    places = codes.shape[1] - len(weights) + 1
    total = np.zeros((len(codes), places))
    for offset, row in enumerate(weights):
        total += np.append(row, -np.inf)[codes[:, offset : offset + places]]
    return total


class FimoScanner:
    """Log-odds to the base 2 against a flat background, in bins of 0.1 bits, as FIMO (Grant et al. 2011): memelite."""

    def __init__(self, frequencies: Sequence[Matrix], p_value: float, eps: float) -> None:
        self.motifs = {str(index): _normalised(matrix).T for index, matrix in enumerate(frequencies)}
        self.p_value, self.eps = p_value, eps
        self.least = [float("nan")] * len(frequencies)  # memelite does not tell

    def matches(self, bases: npt.NDArray[np.int8], first_row: int) -> Iterator[Matches]:
        """Yield the matches of every motif."""
        from memelite import fimo

        unknown = np.asarray(bases.sum(axis=2) == 0)
        found = fimo(self.motifs, np.ascontiguousarray(bases.transpose(0, 2, 1)), threshold=self.p_value, eps=self.eps)
        for index, hits in enumerate(found):
            row, position = (hits[name].to_numpy().astype(np.int64) for name in ("sequence_name", "start"))
            columns = position[:, None] + np.arange(self.motifs[str(index)].shape[1])
            known = ~unknown[row[:, None], columns].any(axis=1)
            reverse = (hits["strand"] == "-").to_numpy()
            score, p_value = (hits[name].to_numpy().astype(np.float64) for name in ("score", "p-value"))
            placed = Placed(row + first_row, position, np.full(len(row), index, dtype=np.int64), reverse)
            yield Matches(placed.take(known), score[known], p_value[known])


def _normalised(matrix: Matrix) -> Matrix:
    return np.asarray(matrix / matrix.sum(axis=1, keepdims=True))


def _matches(
    row: npt.NDArray[np.int64],
    position: npt.NDArray[np.int64],
    motif: int,
    reverse: bool,
    score: npt.NDArray[np.float64],
    p_value: npt.NDArray[np.float64],
) -> Matches:
    placed = Placed(row, position, np.full(len(row), motif, dtype=np.int64), np.full(len(row), reverse))
    return Matches(placed, score, p_value)


def joined(parts: Sequence[Matches]) -> Matches:
    """Return matches as one, in their order."""
    nothing = np.zeros(0, dtype=np.int64)
    placed = [Placed(nothing, nothing, nothing, nothing.astype(bool)), *(part.placed for part in parts)]
    return Matches(
        Placed(
            np.concatenate([part.row for part in placed]),
            np.concatenate([part.position for part in placed]),
            np.concatenate([part.motif for part in placed]),
            np.concatenate([part.reverse for part in placed]),
        ),
        np.concatenate([np.zeros(0), *(part.score for part in parts)]),
        np.concatenate([np.zeros(0), *(part.p_value for part in parts)]),
    )
