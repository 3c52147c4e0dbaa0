"""The change of an ensemble's log counts by inserts: an engine for each network, checked against full passes."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from cistill.affinity.marginalization.background_statistics import network_sd
from cistill.affinity.marginalization.changes import Changes, known
from cistill.affinity.marginalization.full_passes import FullPasses
from cistill.affinity.marginalization.inserts import Inserts
from cistill.affinity.marginalization.panel import Panel
from cistill.affinity.marginalization.settings import EngineSettings
from cistill.console import LOG
from cistill.dna.codes import Texts, encode_texts, reverse_complement_texts
from cistill.errors import InputError
from cistill.model.ensemble import Ensemble
from cistill.model.member import Member

CHECKED_BACKGROUNDS = 10
# a fast path that differs by more than this, in log counts, is not used (float32 rounds at about a millionth)
TOLERANCE = 1e-4
# lower precision is used only if it keeps to this, against float32 on a sample
LARGEST_SHARE_OF_SD, LEAST_CORRELATION = 0.01, 0.9999
PRECISION_SAMPLE = 128


class Deltas(NamedTuple):
    """What inserts change.

    Attributes
    ----------
    delta : float32 array, shape=(inserts, tasks, backgrounds)
        Change of log counts, mean over strands, over the networks that vote for the task, and over orientations where
        asked for.
    network_sd : float32 array, shape=(inserts, tasks)
        Standard deviation over these networks of their own means over backgrounds; NaN for a single network.
    """

    delta: np.ndarray
    network_sd: np.ndarray


class Marginalizer:
    """The change of log counts that inserts make in an ensemble's backgrounds.

    Parameters
    ----------
    ensemble : Ensemble
    panels : sequence of Panel
        Equally many backgrounds each.
    panel_of : sequence of int
        Which panel each member has.
    tasks : sequence of str
    inserts : Inserts
        What will be scored; some of them serve to check the engines.
    settings : EngineSettings
    """

    def __init__(
        self,
        ensemble: Ensemble,
        panels: Sequence[Panel],
        panel_of: Sequence[int],
        tasks: Sequence[str],
        inserts: Inserts,
        settings: EngineSettings,
    ) -> None:
        self.tasks, self.settings = list(tasks), settings
        self.backgrounds = len(panels[0].codes)
        self.source = panels[0].source
        self.checks: list[dict[str, Any]] = []
        self.voters: list[tuple[Member, Changes | FullPasses]] = []
        longest = int(inserts.lengths.max())
        check_lengths(inserts, ensemble.input_length)
        for member, panel in zip(ensemble.members, panel_of, strict=True):
            if set(member.votes) & set(self.tasks):
                engine = self._engine(member, panels[panel].codes, longest, inserts.sequences)
                self.voters.append((member, engine))

    def _engine(self, member: Member, backgrounds: np.ndarray, longest: int, sequences: Texts) -> Changes | FullPasses:
        """Return the fast path for a network, or full passes where it is not known or does not hold."""
        network, name = member.network, str(member.record.get("run", member.fold))
        record: dict[str, Any] = {"network": name, "fold": member.fold, "engine": "full passes"}
        self.checks.append(record)
        if self.settings.full or not known(network):
            if not self.settings.full:
                LOG.warning("network %s is of no family that the fast path knows: full passes instead", name)
            return full_passes(member, backgrounds)
        engine = Changes(network, backgrounds, longest, "fp32")
        if self.settings.exact_check:
            difference = largest_difference(engine, member, backgrounds, _sample(sequences, self.settings.exact_check))
            record["largest_difference"] = difference
            if not difference <= TOLERANCE:
                LOG.warning(
                    "network %s: the fast path is off by %.2g log counts: full passes instead", name, difference
                )
                return full_passes(member, backgrounds)
        record["engine"] = "fast path"
        return self._of_precision(engine, member, longest, sequences, record)

    def _of_precision(
        self, exact: Changes, member: Member, longest: int, sequences: Texts, record: dict[str, Any]
    ) -> Changes:
        """Return the engine of lower precision where one is asked for and passes the test, else the exact one."""
        record["precision"] = "fp32"
        if self.settings.precision == "fp32":
            return exact
        engine = Changes(member.network, exact.backgrounds, longest, self.settings.precision)
        sample = _sample(sequences, PRECISION_SAMPLE)
        share, correlation = agreement(*(_scored(one, sample).mean(2) for one in (engine, exact)))
        record["precision_test"] = {"largest_share_of_sd": share, "least_correlation": correlation}
        if share < LARGEST_SHARE_OF_SD and correlation > LEAST_CORRELATION:
            record["precision"] = self.settings.precision
            return engine
        LOG.warning(
            "network %s: %s scores differ from float32 by up to %.2g of their standard deviation, r = %.6f: float32 "
            "instead",
            record["network"],
            self.settings.precision,
            share,
            correlation,
        )
        return exact

    def deltas(self, sequences: Texts) -> Deltas:
        """Return the change of log counts by every insert in every background.

        Parameters
        ----------
        sequences : bytes array, shape=(inserts,)
        """
        if not self.settings.both_orientations:
            delta, of_networks = self._as_given(sequences)
            return Deltas(delta, network_sd(of_networks))
        turned = reverse_complement_texts(sequences)
        other = turned != sequences  # a palindrome is its own other orientation
        means = []
        for both in self._as_given(np.concatenate([sequences, turned[other]])):
            mean = both[: len(sequences)]
            mean[other] = (mean[other] + both[len(sequences) :]) / 2
            means.append(mean)
        return Deltas(means[0], network_sd(means[1]))

    def _as_given(self, sequences: Texts) -> tuple[np.ndarray, np.ndarray]:
        """Return the changes, and the means of each network, (inserts, tasks, networks), NaN if it does not vote."""
        total = np.zeros((len(sequences), len(self.tasks), self.backgrounds), dtype=np.float32)
        of_networks = np.full((len(sequences), len(self.tasks), len(self.voters)), np.nan)
        number = [sum(task in member.votes for member, _ in self.voters) for task in self.tasks]
        for voter, (member, engine) in enumerate(self.voters):
            change = _scored(engine, sequences)
            for index, task in enumerate(self.tasks):
                if task in member.votes:
                    own = change[:, member.tasks.index(task)]
                    total[:, index] += own / number[index]
                    of_networks[:, index, voter] = own.mean(1, dtype=np.float64)
        return total, of_networks


def check_lengths(inserts: Inserts, input_length: int) -> None:
    """Check that no insert is longer than what the networks read.

    Raises
    ------
    InputError
        If one is.
    """
    too_long = inserts.lengths > input_length
    if too_long.any():
        example = inserts.sequences[too_long][0].decode()
        raise InputError(
            f"{int(too_long.sum())} of {len(inserts)} inserts are longer than the {input_length} bp that the model "
            f"reads, for example {example[:30]}... of {len(example)} bp: shorten or remove them"
        )


def full_passes(member: Member, backgrounds: np.ndarray) -> FullPasses:
    """Return full passes through a member's network; controls are empty of reads, which changes nothing."""
    config = member.network.config
    control = (config.tasks, 2, config.control_length) if config.controls else None
    return FullPasses(member.network, backgrounds, control)


def _sample(sequences: Texts, number: int) -> Texts:
    """Return so many sequences, spread evenly."""
    at = np.unique(np.linspace(0, len(sequences) - 1, min(number, len(sequences))).astype(int))
    return sequences[at]


def _scored(engine: Changes | FullPasses, sequences: Texts) -> np.ndarray:
    """Return the changes of sequences of any lengths, (inserts, tasks of the network, backgrounds)."""
    lengths = np.char.str_len(sequences)
    parts, rows = [], []
    for length in np.unique(lengths):
        own = np.flatnonzero(lengths == length)
        parts.append(engine.log_counts(encode_texts(sequences[own].astype(f"S{length}"))))
        rows.append(own)
    joined = np.concatenate(parts)
    result = np.empty_like(joined)
    result[np.concatenate(rows)] = joined
    return result


def largest_difference(engine: Changes, member: Member, backgrounds: np.ndarray, sequences: Texts) -> float:
    """Return the largest difference, in log counts, between the fast path and full passes.

    For all sequences, in the first backgrounds.
    """
    exact = _scored(full_passes(member, backgrounds[:CHECKED_BACKGROUNDS]), sequences)
    fast = _scored(engine, sequences)[:, :, :CHECKED_BACKGROUNDS]
    return float(np.abs(exact - fast).max())


def agreement(scores: np.ndarray, exact: np.ndarray) -> tuple[float, float]:
    """Return how far scores are from exact ones.

    Parameters
    ----------
    scores, exact : array, shape=(inserts, tasks)

    Returns
    -------
    share : float
        Largest difference over the standard deviation of the exact scores, the worst task's.
    correlation : float
        Pearson's, the worst task's; NaN if scores do not vary.
    """
    if len(exact) < 2:
        return float("nan"), float("nan")
    spread = exact.std(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (np.abs(scores - exact).max(0) / spread).max()
        centred = [values - values.mean(0) for values in (scores, exact)]
        product = (centred[0] * centred[1]).sum(0)
        correlation = product / np.sqrt((centred[0] ** 2).sum(0) * (centred[1] ** 2).sum(0))
    return float(share), float(correlation.min())


def describe_checks(checks: Sequence[dict[str, Any]]) -> None:
    """Log which engine every network has, and the largest difference to full passes."""
    for check in checks:
        if "largest_difference" in check:
            LOG.info(
                "network %s: %s, largest difference to full passes %.2g log counts",
                check["network"],
                check["engine"],
                check["largest_difference"],
            )


def exact_products() -> None:
    """Have a GPU multiply float32 numbers as such, unless an engine says otherwise."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
