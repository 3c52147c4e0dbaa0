"""Metrics of predicted profiles, vectorised over profiles; natural logarithms throughout.

A profile is what one region holds for one task: two strands of `length` positions, `(profiles, 2, length)`.
Definitions, ranges and bounds are in docs/metrics.md; published ones are kundajelab/neural_motif_discovery's. A metric
is NaN where it is undefined, never zero and never left out here.

Metrics of the bare counts need the predictions only where reads are, a small share of the positions. Those that
compare with smoothed counts need all positions, and ranks of them: a sort per profile.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln

from cistill.model.prediction.distributions import METRICS as OF_SMOOTHED
from cistill.model.prediction.distributions import PERFECT, Distributions, smooth

STRAND_SUFFIXES = ("_plus", "_minus")
OF_COUNTS = ("nll", "cross_entropy")
JOINT = "profile_jsd"
NAMES = (JOINT, *(f"profile_{m}{suffix}" for m in OF_COUNTS + OF_SMOOTHED for suffix in ("", *STRAND_SUFFIXES)))
FIRST_SMOOTHED = 1 + 3 * len(OF_COUNTS)
CORRELATIONS = [place for place, name in enumerate(NAMES) if "pearson" in name or "spearman" in name]


class Reads:
    """Observed profiles as their positions with reads.

    Parameters
    ----------
    signal : array, shape=(profiles, strands, length)
        5' ends.

    Attributes
    ----------
    depth : array, shape=(profiles, strands)
        Reads of each strand.
    """

    def __init__(self, signal: np.ndarray) -> None:
        self.signal = signal
        profiles, self.strands, self.length = signal.shape
        flat = np.ascontiguousarray(signal).reshape(-1)
        at = np.flatnonzero(flat)
        self.count = flat[at].astype(np.float64)  # (entries,)
        self._strand = at // self.length
        self._profile = self._strand // self.strands
        self._offset = at - self._profile * (self.strands * self.length)
        self._profiles = profiles
        self.depth = self.per_strand(self.count)
        self.log_arrangements = gammaln(self.depth + 1) - self.per_strand(gammaln(self.count + 1))

    def per_strand(self, values: np.ndarray) -> np.ndarray:
        """Sum values of entries, shape (entries,) -> (profiles, strands)."""
        return np.bincount(self._strand, values, self._profiles * self.strands).reshape(-1, self.strands)

    def look_up(self, table: np.ndarray, index: np.ndarray | None) -> np.ndarray:
        """Return the values of `table (rows, strands, length)` at the entries; `index` gives each profile's row."""
        row = self._profile if index is None else index[self._profile]
        return table.reshape(len(table), -1)[row, self._offset].astype(np.float64)

    def nll(self, log_probability: np.ndarray) -> np.ndarray:
        """Return the full multinomial negative log-likelihood of each strand, nats; 0 for an empty one.

        With N reads, x_j of them at position j of log-probability l_j: ``-(ln N! - sum ln x_j! + sum x_j l_j)``.
        `log_probability` is at the entries.
        """
        return 0.0 - (self.log_arrangements + self.per_strand(self.count * log_probability))  # never minus zero

    def cross_entropy(self, log_probability: np.ndarray) -> np.ndarray:
        """Return ``-sum x_j l_j / N`` of each strand, nats per read; NaN for an empty one."""
        with np.errstate(invalid="ignore"):
            return (0.0 - self.per_strand(self.count * log_probability)) / self.depth

    def joint_distance(self, log_profile: np.ndarray, log_share: np.ndarray) -> np.ndarray:
        """Return the Jensen-Shannon distance of all reads of a profile to a prediction over both strands.

        The square root of the divergence, base e, of two distributions over strands x length, neither smoothed. Where
        no read is, the observed p is 0 and the term of the predicted q is q ln 2: summed up, ln 2 times what q leaves.

        Parameters
        ----------
        log_profile : array, shape=(entries,)
            Predicted log-probabilities within a strand, at the entries.
        log_share : array, shape=(profiles, strands)
            Log of the predicted share of each strand.

        Returns
        -------
        array, shape=(profiles,)
            NaN without reads.
        """
        total = self.depth.sum(1)
        with np.errstate(divide="ignore", invalid="ignore"):
            p = self.count / total[self._profile]
            log_q = log_profile + log_share.ravel()[self._strand]
            q = np.exp(log_q)
            log_middle = np.log((p + q) / 2)
            terms = p * (np.log(p) - log_middle)
            terms += np.where(q > 0, q * (log_q - log_middle - np.log(2)), 0.0)
            divergence = (self.per_strand(terms).sum(1) + np.log(2)) / 2
        return np.where(total > 0, np.sqrt(np.clip(divergence, 0, None)), np.nan)

    def own_log_probability(self) -> np.ndarray:
        """Return the log of each entry's share of its strand's reads."""
        return np.log(self.count / self.depth.ravel()[self._strand])


@dataclass(frozen=True)
class Predicted:
    """Predicted profiles: one for each that is scored, or a table of them and where to find each one's.

    Attributes
    ----------
    log_profile : array, shape=(rows, strands, length)
        Log-probabilities; each strand sums to one.
    log_share : array, shape=(rows, strands)
        Log of the share of each strand of all reads of the profile.
    smoothed : Distributions, optional
        What metrics of smoothed profiles compare with, `rows` of them; without it, the probabilities as they are.
    index : int array, shape=(profiles,), optional
        Row of each profile; row i is that of profile i by default.
    """

    log_profile: np.ndarray
    log_share: np.ndarray
    smoothed: Distributions | None = None
    index: np.ndarray | None = None

    def at(self, profiles: np.ndarray) -> "Predicted":
        """Return what is predicted for some of the profiles."""
        if self.index is not None:
            return replace(self, index=self.index[profiles])
        return replace(self, log_profile=self.log_profile[profiles], log_share=self.log_share[profiles])

    def distributions(self) -> Distributions:
        """Return what to compare smoothed profiles with."""
        if self.smoothed is not None:
            return self.smoothed if self.index is None else self.smoothed.rows(self.index)
        share = np.exp(self.log_profile.astype(np.float64))
        return Distributions.of(share / share.sum(-1, keepdims=True), order=self.log_profile)


def metrics_of_counts(reads: Reads, predicted: Predicted) -> np.ndarray:
    """Return the metrics that need no smoothing, the others NaN.

    Parameters
    ----------
    reads : Reads
        What was observed.
    predicted : Predicted
        What was predicted for it.

    Returns
    -------
    array, shape=(profiles, metrics)
        In the order of NAMES.
    """
    log_probability = reads.look_up(predicted.log_profile, predicted.index)
    share = predicted.log_share if predicted.index is None else predicted.log_share[predicted.index]
    strands = np.stack([reads.nll(log_probability), reads.cross_entropy(log_probability)], 1)
    return _in_order(reads.joint_distance(log_probability, share), strands)


def best_of_counts(reads: Reads) -> np.ndarray:
    """Return the same for a prediction that is the observation itself."""
    own = reads.own_log_probability()
    jsd = np.where(reads.depth.sum(1) > 0, 0.0, np.nan)
    return _in_order(jsd, np.stack([reads.nll(own), reads.cross_entropy(own)], 1))


def _in_order(jsd: np.ndarray, strands: np.ndarray) -> np.ndarray:
    """Return metrics as a row each, from the joint distance and those of each strand, `(profiles, 2 metrics, 2)`."""
    values = np.full((len(jsd), len(NAMES)), np.nan)
    values[:, 0] = jsd
    each = np.concatenate([strands.mean(-1, keepdims=True), strands], -1)  # (profiles, 2 metrics, both and strands)
    values[:, 1:FIRST_SMOOTHED] = each.reshape(len(jsd), FIRST_SMOOTHED - 1)
    return values


def smoothed_truth(reads: Reads) -> Distributions:
    """Return the observed profiles, each strand as probabilities and then smoothed; zeros for an empty strand."""
    depth = reads.depth[..., None]
    share = np.divide(reads.signal, depth, out=np.zeros(reads.signal.shape), where=depth > 0)
    return Distributions.of(smooth(share))


def add_smoothed(values: np.ndarray, reads: Reads, compared: np.ndarray) -> None:
    """Put metrics of smoothed profiles where they belong; NaN where the strand, or one of both, is empty.

    Parameters
    ----------
    values : array, shape=(profiles, metrics)
        In the order of NAMES; changed in place.
    reads : Reads
        Whose strands are looked at.
    compared : array, shape=(profiles, 4, 3)
        From `compare`.
    """
    empty = reads.depth == 0
    undefined = np.concatenate([empty.any(1, keepdims=True), empty], 1)[:, None]
    values[:, FIRST_SMOOTHED:] = np.where(undefined, np.nan, compared).reshape(len(values), 3 * len(OF_SMOOTHED))


def best_smoothed(profiles: int) -> np.ndarray:
    """Return what `compare` returns where the prediction is the smoothed observation itself."""
    perfect = np.array([PERFECT[name] for name in OF_SMOOTHED])
    return np.broadcast_to(perfect[None, :, None], (profiles, len(OF_SMOOTHED), 3))
