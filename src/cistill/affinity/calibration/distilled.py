"""Binding energies distilled from a model's scores: each sequence's own, steadied by what its bases do elsewhere.

The score of `marginalize` is the change of ln(1 + counts). With S counts that a site recruits and B without it, it is
ln(1 + S / B), and below saturation ln(S / B) follows -ddG / RT (Berg & von Hippel 1987). So

    score = zero + ln(1 + exp(h)) + noise,    h = level + sum over positions of effect[position, base] + deviation.

Strong sites tell their h themselves: the deviation is what they differ by from the sum over their bases. Weak sites
vanish in the background, their score says next to nothing about h, and the sum over bases takes its place; in between
the two are weighed by their variances. No label is used. Effects are of least squares: weights that follow the
variances would leave them to the many weak sites, whose errors are the network's own and not independent. The variances
of noise and deviations are then those that make the scores likeliest (empirical Bayes), to first order in the
deviations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.special import expit

from cistill.affinity.calibration.excess import LARGEST
from cistill.affinity.calibration.sampling import draw_sample
from cistill.affinity.comparators.additive import SEQUENCES_PER_PARAMETER
from cistill.dna.codes import encode_all
from cistill.dna.matrices import Matrix
from cistill.errors import InputError
from cistill.seeds import SEED

Floats = NDArray[np.float64]

SPREAD_OF_EFFECTS = 4.0  # SD of a base's effect beforehand, ln: more cannot be told from the background
SPREAD_OF_ZERO = 0.5  # SD of the score without a site beforehand, ln counts
MOST = 20_000  # sequences that the effects are taken from
ROUNDS = 2  # the priors' weight follows the errors of the round before
STEPS, LARGEST_STEP = 60, 1.0
SHORT = 1e-14  # no step changes a digit that counts
LEAST_VARIANCE = 1e-8
MOST_NOISE = 0.1  # of the scores' variance
LEAST_ZERO = -1.0  # ln counts
USUAL_NOISE, SPREAD_OF_NOISE = 0.06, 0.7  # beforehand: ln counts, and SD of its logarithm
AT_ONCE = 16_384
NUMBERS = ("level", "zero", "noise", "deviations")


@dataclass(frozen=True)
class DistilledEnergies:
    """The model of scores, and with it ln affinities of scored sequences.

    Attributes
    ----------
    effects : (length, 4)
        What a base adds to ln affinity; zero at positions that do not vary.
    level : float
        ln affinity, relative to the background's counts, of a sequence without effects.
    zero : float
        Score of a sequence without a site, ln counts.
    noise, deviations : float
        SDs of scores around the curve and of ln affinities around the sum of effects.
    covariance : (2 + 4 * length, 2 + 4 * length)
        Of zero, level and effects.
    """

    effects: Matrix
    level: float
    zero: float
    noise: float
    deviations: float
    covariance: Matrix

    def expected(self, sequences: Sequence[str]) -> Floats:
        """Return ln affinities by the sum of effects alone.

        Raises
        ------
        InputError
            If a sequence has another length.
        """
        length = len(self.effects)
        if any(len(sequence) != length for sequence in sequences):
            raise InputError(f"distilled energies are of sequences of {length} bp")
        return self.level + self.effects[np.arange(length), encode_all(sequences)].sum(axis=1)

    def log_affinities(self, sequences: Sequence[str], scores: Floats) -> tuple[Floats, Floats]:
        """Return ln affinities of scored sequences, relative to the background's counts, and their standard errors.

        Parameters
        ----------
        sequences : sequence of str
        scores : (sequences,)
            ln counts.
        """
        expected = self.expected(sequences)
        found, errors = np.empty(len(expected)), np.empty(len(expected))
        for first in range(0, len(expected), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            deviation = self._deviations(expected[part], scores[part])
            slope = expit(expected[part] + deviation)
            noise, freedom = self.noise**2, self.deviations**2
            variance = 1.0 / (slope**2 / noise + 1.0 / freedom)
            # the curve's errors count, too: those of the expected value as far as it does, that of zero as the score
            own = self._variances(sequences[part], variance / freedom, variance * slope / noise)
            found[part], errors[part] = expected[part] + deviation, np.sqrt(variance + own)
        return found, errors

    def _deviations(self, expected: Floats, scores: Floats) -> Floats:
        """Return the likeliest differences of ln affinities to the sum of effects, by Newton's steps."""
        noise, freedom = self.noise**2, self.deviations**2
        deviation = np.zeros(len(expected))
        for _ in range(STEPS):
            h = expected + deviation
            slope = expit(h)
            error = scores - self.zero - np.logaddexp(0.0, h)
            step = (error * slope / noise - deviation / freedom) / (slope**2 / noise + 1.0 / freedom)
            step = np.clip(step, -LARGEST_STEP, LARGEST_STEP)
            deviation += step
            if np.abs(step).max(initial=0.0) < SHORT:
                break
        return deviation

    def of_scored(self, sequences: Sequence[str], scores: Floats) -> tuple[Floats, Floats]:
        """Return the same of any sequences; NaN for those of another length or without a score."""
        found, errors = np.full(len(sequences), np.nan), np.full(len(sequences), np.nan)
        length = len(self.effects)
        rows = [row for row, text in enumerate(sequences) if len(text) == length and np.isfinite(scores[row])]
        if rows:
            found[rows], errors[rows] = self.log_affinities([sequences[row] for row in rows], scores[rows])
        return found, errors

    def _variances(self, sequences: Sequence[str], of_expected: Floats, of_score: Floats) -> Floats:
        """Return variances that come of the covariance, given how much the expected value and the score count."""
        bases = _one_hot(encode_all(sequences))
        ones = csr_matrix(np.ones((bases.shape[0], 1)))
        by = hstack(
            [
                -ones.multiply(of_score[:, None]),
                ones.multiply(of_expected[:, None]),
                bases.multiply(of_expected[:, None]),
            ]
        ).tocsr()
        return np.maximum(np.ravel(by.multiply(by @ self.covariance).sum(axis=1)), 0.0)

    def parameters(self) -> dict[str, Any]:
        """Return what `from_parameters` makes this of."""
        numbers = {name: getattr(self, name) for name in NUMBERS}
        return {"effects": self.effects.tolist(), **numbers, "covariance": self.covariance.tolist()}


def from_parameters(parameters: Mapping[str, Any]) -> DistilledEnergies:
    """Return the model that `parameters()` described.

    Raises
    ------
    InputError
        If something is missing or is no number.
    """
    try:
        effects = np.array(parameters["effects"], dtype=np.float64).reshape(-1, 4)
        covariance = np.array(parameters["covariance"], dtype=np.float64).reshape(2 + effects.size, 2 + effects.size)
        numbers = {name: float(parameters[name]) for name in NUMBERS}
        return DistilledEnergies(effects, covariance=covariance, **numbers)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"distilled energies: not as `calibrate` writes them: {error}") from error


def distil_energies(sequences: Sequence[str], scores: Floats, seed: int = SEED) -> DistilledEnergies | str:
    """Fit the model to scores of sequences of one length, 20,000 of them drawn by `seed` where there are more.

    Parameters
    ----------
    sequences : sequence of str
    scores : (sequences,)
        Changes of ln counts.
    seed : int

    Returns
    -------
    DistilledEnergies or str
        Why there are none, in words: sequences of several lengths, too few, or scores that do not vary or do not follow
        the curve.
    """
    if len({len(sequence) for sequence in sequences}) != 1:
        return "the sequences have several lengths"
    if np.abs(scores).max() > LARGEST:
        return "the scores are not changes of log counts"
    if len(sequences) > MOST:
        drawn = draw_sample(sequences, MOST, seed)
        sequences, scores = [sequences[row] for row in drawn], scores[drawn]
    codes = encode_all(sequences)
    varied = np.flatnonzero((codes != codes[0]).any(axis=0))
    parameters = 3 * len(varied) + 1
    if len(sequences) < SEQUENCES_PER_PARAMETER * parameters:
        return f"{len(sequences)} sequences are too few for {parameters} parameters"
    if np.ptp(scores) == 0:
        return "the scores do not vary"
    bases = _one_hot(codes[:, varied])
    point = np.zeros(2 + bases.shape[1])
    point[0], point[1] = min(float(scores.min()), 0.0), max(float(np.median(scores)), 0.1)
    variance = 0.01 * float(scores.var())
    for _ in range(ROUNDS):
        point = _fit_effects(bases, scores, variance, point)
        variance = max(float(np.mean((scores - _curve(bases, point)) ** 2)), LEAST_VARIANCE)
    noise, freedom = _fit_variances(bases, scores, point, parameters)
    if noise > MOST_NOISE * scores.var():
        share = f"{100 * noise / scores.var():.0f} %"
        return f"the scores do not follow counts over a background: {share} of their variance is beside that curve"
    if point[0] < LEAST_ZERO:
        return f"the scores do not follow counts over a background: the weakest lie about {point[0]:.1f}, not about 0"
    effects = np.zeros((codes.shape[1], 4))
    effects[varied] = point[2:].reshape(-1, 4)
    own = np.concatenate([[0, 1], *(2 + 4 * position + np.arange(4) for position in varied)]).astype(np.int64)
    covariance = np.zeros((2 + effects.size, 2 + effects.size))
    covariance[np.ix_(own, own)] = _covariance(bases, point, variance, noise, freedom)
    return DistilledEnergies(effects, float(point[1]), float(point[0]), noise**0.5, freedom**0.5, covariance)


def _one_hot(codes: NDArray[np.uint8]) -> csr_matrix:
    """Return `(sequences, 4 * positions)`, a one for every base."""
    n, positions = codes.shape
    columns = (4 * np.arange(positions) + codes).ravel()
    return csr_matrix((np.ones(n * positions), columns, np.arange(n + 1) * positions), shape=(n, 4 * positions))


def _curve(bases: csr_matrix, point: Floats) -> Floats:
    """Return the scores of sequences without deviations, by zero, level and effects."""
    return np.asarray(point[0] + np.logaddexp(0.0, point[1] + bases @ point[2:]))


def _fit_effects(bases: csr_matrix, scores: Floats, variance: float, start: Floats) -> Floats:
    """Return zero, level and effects of least squares with their priors, whose weight the scores' variance sets."""
    from scipy.optimize import minimize  # a quarter of a second to import

    of_zero, of_effects = variance / SPREAD_OF_ZERO**2, variance / SPREAD_OF_EFFECTS**2

    def half_squares(point: Floats) -> tuple[float, Floats]:
        error = _curve(bases, point) - scores
        through = error * expit(point[1] + bases @ point[2:])
        value = 0.5 * float(error @ error + of_zero * point[0] ** 2 + of_effects * (point[2:] @ point[2:]))
        slope = [error.sum() + of_zero * point[0], through.sum()]
        return value, np.concatenate([slope, bases.T @ through + of_effects * point[2:]])

    found = minimize(half_squares, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000, "maxfun": 4000})
    return np.asarray(found.x)


def _covariance(bases: csr_matrix, point: Floats, variance: float, noise: float, freedom: float) -> Matrix:
    """Return the covariance of zero, level and effects, of scores whose variances differ."""
    slope = expit(point[1] + bases @ point[2:])
    by_zero = csr_matrix(np.ones((len(slope), 1)))
    jacobian = hstack([by_zero, by_zero.multiply(slope[:, None]), bases.multiply(slope[:, None])]).tocsr()
    prior = np.full(len(point), variance / SPREAD_OF_EFFECTS**2)
    prior[0], prior[1] = variance / SPREAD_OF_ZERO**2, 0.0
    inverse = np.linalg.inv((jacobian.T @ jacobian).toarray() + np.diag(prior))
    of_scores = jacobian.multiply((noise + freedom * slope**2)[:, None]).T @ jacobian
    return np.asarray(inverse @ (of_scores.toarray() + np.diag(variance * prior)) @ inverse)


def _fit_variances(bases: csr_matrix, scores: Floats, point: Floats, parameters: int) -> tuple[float, float]:
    """Return the variances of noise and of deviations under which the errors are likeliest.

    Errors are scaled up for the parameters that have been fitted to them. Where all sites are strong, noise and
    deviations look alike; then the noise is what it usually is.
    """
    from scipy.optimize import minimize  # a quarter of a second to import

    squares = (scores - _curve(bases, point)) ** 2 * len(scores) / (len(scores) - parameters)
    slopes = expit(point[1] + bases @ point[2:]) ** 2

    def minus_log_likelihood(logs: Floats) -> float:
        variances = np.exp(logs[0]) + np.exp(logs[1]) * slopes
        unusual = (0.5 * logs[0] - np.log(USUAL_NOISE)) / SPREAD_OF_NOISE
        return 0.5 * float((np.log(variances) + squares / variances).sum() + unusual**2)

    usual = max(float(squares.mean()), LEAST_VARIANCE)
    bounds = [(np.log(LEAST_VARIANCE), np.log(100 * usual + 1))] * 2
    found = minimize(minus_log_likelihood, np.log([usual / 2, usual / 2]), method="L-BFGS-B", bounds=bounds).x
    return float(np.exp(found[0])), float(np.exp(found[1]))
