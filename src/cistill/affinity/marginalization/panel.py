"""The backgrounds that inserts are put into: one seeded panel, the same for all inserts.

A network is asked about backgrounds made from regions whose chromosome it never saw. The networks of an ensemble that
were trained in different folds therefore have panels of their own, each from its fold's test chromosomes; background j
of a task is then one sequence per fold, all drawn independently, and what an insert does there is the mean over the
networks. Networks of one fold share a panel.

By default a background is a dinucleotide shuffle of a peak, each of another peak: n backgrounds are n independent
draws. Which peaks are taken, and their shuffles, depend on the seed and the peaks' ids alone: the first 20 of 100
backgrounds are the 20 of a smaller panel (where there are as many peaks).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cistill.affinity.marginalization.settings import PanelSettings
from cistill.affinity.marginalization.strong_hits import Site, has_strong_hit
from cistill.console import LOG
from cistill.data.genome import read_chromosomes
from cistill.dna.codes import UNKNOWN, decode_texts, encode
from cistill.errors import InputError
from cistill.files import atomic_output
from cistill.interpret.shuffle import dinucleotide_shuffles, region_generator
from cistill.model.ensemble import Ensemble
from cistill.model.windows.dataset import Dataset

FURTHER_TRIES = 20  # shuffles of a peak beyond those needed, before it is given up for its strong hits
AT_ONCE = 64


@dataclass(frozen=True)
class Panel:
    """Backgrounds.

    Attributes
    ----------
    codes : uint8 array, shape=(backgrounds, input_length)
    names : list of str
        The sequence that each was made from, and which shuffle of it.
    source : int array, shape=(backgrounds,)
        Backgrounds of one number were made from the same sequence: they are not independent draws.
    record : dict
        How the panel came about, as JSON.
    """

    codes: NDArray[np.uint8]
    names: list[str]
    source: NDArray[np.int64]
    record: dict[str, Any]


@dataclass(frozen=True)
class _Candidates:
    """Sequences that a panel may be made from, in the order in which they are taken."""

    names: list[str]
    codes: NDArray[np.uint8]
    record: dict[str, Any]


def ensemble_panels(
    ensemble: Ensemble, dataset: Dataset, settings: PanelSettings, sites: Sequence[Site] = ()
) -> tuple[list[Panel], list[int]]:
    """Return the panels of an ensemble, and for every member the number of its panel.

    Raises
    ------
    InputError
        If the dataset's windows are shorter than the networks', or there is nothing to make a panel from.
    """
    folds = list(dict.fromkeys(member.split.test for member in ensemble.members))
    candidates = [_of_dataset(dataset, ensemble.input_length, chromosomes, settings) for chromosomes in folds]
    panels = _panels(candidates, settings, sites)
    return panels, [folds.index(member.split.test) for member in ensemble.members]


def fasta_panel(path: Path, input_length: int, settings: PanelSettings, sites: Sequence[Site] = ()) -> list[Panel]:
    """Return one panel from the sequences of a FASTA file, each cut to its middle.

    Raises
    ------
    InputError
        If a sequence is shorter than the networks' input, or every one holds other letters than A, C, G, T.
    """
    names, codes, short = [], [], []
    for name, sequence in read_chromosomes(path):
        if len(sequence) < input_length:
            short.append(f"{name} ({len(sequence)} bp)")
            continue
        begin = (len(sequence) - input_length) // 2
        names.append(name)
        codes.append(sequence[begin : begin + input_length])
    if short:
        raise InputError(
            f"backgrounds {path}: {len(short)} sequence(s) are shorter than the {input_length} bp that the model "
            f"reads: {', '.join(short[:3])}"
        )
    candidates = _known_bases(names, np.stack(codes), {"from": f"FASTA {Path(path).name}"}, f"backgrounds {path}")
    return _panels([candidates], settings, sites)


def given_panel(backgrounds: Sequence[str] | NDArray[np.uint8], input_length: int) -> Panel:
    """Return backgrounds as they are given, each cut to its middle, as a panel of independent draws.

    Parameters
    ----------
    backgrounds : sequence of str, or uint8 array, shape=(backgrounds, length)
        A, C, G, T in either case, or codes 0..3.
    input_length : int
        bp that the networks read.

    Raises
    ------
    InputError
        If there is none, or one is shorter than the networks' input or holds other letters than A, C, G, T.
    """
    rows = [encode(one) if isinstance(one, str) else np.asarray(one, dtype=np.uint8) for one in backgrounds]
    if not rows:
        raise InputError("give at least one background")
    for number, row in enumerate(rows):
        if len(row) < input_length:
            raise InputError(f"background {number} has {len(row)} bp, the model reads {input_length} bp")
    starts = [(len(row) - input_length) // 2 for row in rows]
    codes = np.stack([row[start : start + input_length] for row, start in zip(rows, starts, strict=True)])
    unknown = np.flatnonzero((codes >= UNKNOWN).any(1))
    if len(unknown):
        raise InputError(f"background {unknown[0]} holds letters other than A, C, G, T")
    names = [f"background_{number}" for number in range(len(rows))]
    return Panel(codes, names, np.arange(len(rows)), {"from": "given", "backgrounds": len(rows)})


def _of_dataset(
    dataset: Dataset, input_length: int, chromosomes: Sequence[str], settings: PanelSettings
) -> _Candidates:
    """Return the peaks, or other regions, of chromosomes (or spans of them) that a network never saw."""
    stored = dataset.sequence.shape[1]
    if stored < input_length:
        raise InputError(f"the dataset stores windows of {stored} bp, the model reads {input_length} bp")
    kind = {"peaks": "peak", "nonpeaks": "background"}[settings.source]
    rows = dataset.rows(kind=kind)
    if not len(rows):
        raise InputError(f"the dataset holds no {kind} region to make backgrounds from")
    held_out = rows[dataset.tested_by(chromosomes)[rows]]
    record: dict[str, Any] = {"from": settings.source, "chromosomes": list(chromosomes), "unseen": True}
    if not len(held_out):
        LOG.warning("no %s region lies on a chromosome that the network never saw: all are used", kind)
        held_out = rows
        record.update(chromosomes=sorted(set(dataset.chrom[rows].tolist())), unseen=False)
    names = dataset.region_id[held_out].tolist()
    keys = [region_generator(settings.seed, f"panel:{name}").random() for name in names]
    order = sorted(range(len(names)), key=lambda i: (keys[i], names[i]))
    rows = held_out[order]
    begin = (stored - input_length) // 2
    codes = dataset.sequence[rows, begin : begin + input_length]
    return _known_bases([names[i] for i in order], codes, record, "the dataset")


def _known_bases(names: list[str], codes: NDArray[np.uint8], record: dict[str, Any], what: str) -> _Candidates:
    """Return candidates without those that hold unknown bases."""
    known = (codes != UNKNOWN).all(1)
    if not known.any():
        raise InputError(f"{what}: every sequence to make backgrounds from holds letters other than A, C, G, T")
    record = {**record, "sequences": len(names), "left_out_for_unknown_bases": int((~known).sum())}
    return _Candidates([name for name, good in zip(names, known, strict=True) if good], codes[known], record)


def _panels(candidates: Sequence[_Candidates], settings: PanelSettings, sites: Sequence[Site]) -> list[Panel]:
    """Make panels of equal size, of equally many different sequences each."""
    number = settings.number
    takers = [_Taker(one, settings, sites) for one in candidates]
    different = min(taker.available(number) for taker in takers)
    if not different:
        raise InputError("every background holds a strong hit: allow fewer mismatches or a larger share of the score")
    if different < number:
        text = "%d different sequences to make %d backgrounds from: %s"
        if settings.shuffle:
            LOG.warning(text, different, number, "each is shuffled several times, and the standard error knows it")
        else:
            LOG.warning(text, different, number, "there are only so many backgrounds")
            number = different
    return [taker.panel(number, different) for taker in takers]


class _Taker:
    """Takes sequences in order, and the shuffles of each that hold no strong hit."""

    def __init__(self, candidates: _Candidates, settings: PanelSettings, sites: Sequence[Site]) -> None:
        self.candidates, self.settings, self.sites = candidates, settings, sites
        self.rejected = 0

    def available(self, most: int) -> int:
        """Return how many different sequences can be used, at most `most`."""
        return len(self._taken(most, 1))

    def panel(self, number: int, different: int) -> Panel:
        """Return a panel: background j is shuffle j // different of sequence j % different."""
        rounds = -(-number // different)
        self.rejected = 0
        taken = self._taken(different, rounds)
        if len(taken) < different:
            raise InputError(
                f"too few shuffles without a strong hit ({self.rejected} rejected): ask for fewer backgrounds, allow "
                "fewer mismatches or a larger share of the score"
            )
        order = [(j % different, j // different) for j in range(number)]
        names = [self.candidates.names[taken[i][0]] for i, _ in order]
        if self.settings.shuffle:
            names = [f"{name}/shuffle_{turn}" for name, (_, turn) in zip(names, order, strict=True)]
        record = {
            **self.candidates.record,
            "shuffled": self.settings.shuffle,
            "backgrounds": number,
            "different_sequences": different,
            "rejected_for_strong_hits": self.rejected,
        }
        codes = np.stack([taken[i][1][turn] for i, turn in order])
        return Panel(codes, names, np.array([i for i, _ in order], dtype=np.int64), record)

    def _taken(self, most: int, rounds: int) -> list[tuple[int, NDArray[np.uint8]]]:
        """Return the first sequences that give `rounds` backgrounds without a strong hit: number, (rounds, length)."""
        taken: list[tuple[int, NDArray[np.uint8]]] = []
        for begin in range(0, len(self.candidates.names), AT_ONCE):
            for offset, made in enumerate(self._made(slice(begin, begin + AT_ONCE), rounds)):
                if len(taken) == most:
                    return taken
                good = ~has_strong_hit(made, self.sites) if self.sites else np.ones(len(made), dtype=bool)
                enough = int(good.sum()) >= rounds
                last = int(np.flatnonzero(good)[rounds - 1]) if enough else len(made) - 1
                self.rejected += int((~good[: last + 1]).sum())
                if enough:
                    taken.append((begin + offset, made[good][:rounds]))
        return taken

    def _made(self, rows: slice, rounds: int) -> NDArray[np.uint8]:
        """Return what sequences give: (sequences, tries, length)."""
        codes, names = self.candidates.codes[rows], self.candidates.names[rows]
        if not self.settings.shuffle:
            return codes[:, None]
        tries = rounds + (FURTHER_TRIES if self.sites else 0)
        return dinucleotide_shuffles(codes, tries, names, self.settings.seed)


def write_panels(path: Path, panels: Sequence[Panel]) -> None:
    """Write all backgrounds as FASTA."""
    with atomic_output(path) as temporary, temporary.open("w") as handle:
        for number, panel in enumerate(panels):
            for name, text in zip(panel.names, decode_texts(panel.codes), strict=True):
                handle.write(f">panel_{number}:{name}\n{text.decode()}\n")
