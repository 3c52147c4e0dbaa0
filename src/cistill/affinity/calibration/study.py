"""Setting up a calibration: which sequences have a label and every score, in which unit, which are the sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.calibration.methods import Floats, Rows, ScoreTable
from cistill.affinity.calibration.sampling import alphabetical, draw_sample, rows_outside, sample_size
from cistill.affinity.calibration.settings import SampleSettings
from cistill.affinity.comparators.coded_sequences import CodedSequences
from cistill.affinity.tables.units import KCAL, UNITS, kcal_per_unit
from cistill.console import LOG
from cistill.errors import InputError
from cistill.formats.library import FEWEST, Library


@dataclass(frozen=True)
class Study:
    """Labelled sequences and the sample that calibrators are fitted on.

    Attributes
    ----------
    sequences : list of str
    labels : (sequences,)
    classes : (sequences,) of str or None
    unit : str
        Of the labels.
    higher_is_tighter : bool
    sample : (sampled,) of int
        Rows, ascending.
    seed : int
    """

    sequences: Sequence[str]
    labels: Floats
    classes: NDArray[np.object_]
    unit: str
    higher_is_tighter: bool
    sample: Rows
    seed: int

    @property
    def energy(self) -> bool:
        """Whether labels are free energies."""
        return self.unit in UNITS and UNITS[self.unit].energy

    @cached_property
    def held_out(self) -> Rows:
        """Rows outside of the sample."""
        return rows_outside(len(self.sequences), self.sample)

    @cached_property
    def coded(self) -> CodedSequences:
        """The sequences as codes."""
        return CodedSequences.of(self.sequences)

    @cached_property
    def order(self) -> Rows:
        """Rows in alphabetical order of their sequences."""
        return alphabetical(self.sequences)

    def rows(self, name: str) -> Rows:
        """Return the rows of a set: `held_out` or `all`."""
        return self.held_out if name == "held_out" else np.arange(len(self.sequences))


def make_study(
    library: Library, tables: Sequence[ScoreTable], settings: SampleSettings
) -> tuple[Study, dict[str, Any]]:
    """Choose the sequences that have a label and a score in every table, and draw the sample among them.

    Energies in kJ/mol, or in RT at a known temperature, are turned into kcal/mol.

    Returns
    -------
    study : Study
    notes : dict
        What was left out or changed: reason to number.

    Raises
    ------
    InputError
        If no sequence has both, fewer than five have, or the labels are constant.
    """
    table = library.table
    notes: dict[str, Any] = {"sequences of the library": len(table)}
    labelled = np.isfinite(library.labels)
    notes["without a label"] = int((~labelled).sum())
    keep = labelled.copy()
    for scores in tables:
        scored = table["sequence"].isin(scores.scores.dropna().index).to_numpy()
        notes[f"without a score in {scores.name}"] = int((labelled & ~scored).sum())
        keep &= scored
    rows = table[keep]
    if len(rows) < FEWEST:
        raise InputError(
            f"{len(rows)} sequence(s) have a label and a score in every table; at least {FEWEST} are needed ("
            + "; ".join(f"{reason}: {number}" for reason, number in notes.items())
            + "). Were the scores made of this library?"
        )
    labels = rows["label"].to_numpy(dtype=np.float64)
    if np.ptp(labels) == 0:
        raise InputError(f"all {len(labels)} labels are {labels[0]:.6g}: nothing can be calibrated to a constant")
    unit, factor = _in_kcal(library, notes)
    labels = labels * factor
    sequences = rows["sequence"].tolist()
    tighter = library.higher_is_tighter
    if tighter is None:
        tighter = True
        notes["higher_is_tighter"] = "not known; taken as true"
        LOG.warning("the library's JSON file does not say whether higher labels mean tighter binding; taken as if")
    size = sample_size(len(rows), settings.share, settings.most)
    study = Study(
        sequences,
        labels,
        rows["class"].where(rows["class"].notna(), None).to_numpy(dtype=object),
        unit,
        tighter,
        draw_sample(sequences, size, settings.seed),
        settings.seed,
    )
    if np.ptp(labels[study.sample]) == 0:
        raise InputError(
            f"the {size} labels of the calibration sample are all equal; give another --seed or a larger --sample_share"
        )
    notes["calibrated and scored"] = len(rows)
    notes["in the calibration sample"] = size
    for reason, number in notes.items():
        LOG.info("%s: %s", reason, number)
    return study, notes


def _in_kcal(library: Library, notes: dict[str, Any]) -> tuple[str, float]:
    """Return the unit of the results and the factor from the library's labels to it."""
    unit = library.unit or "unknown"
    factor = kcal_per_unit(unit, library.temperature)
    if factor is None:
        return unit, 1.0
    if unit != KCAL:
        notes["unit"] = f"labels turned from {unit} into {KCAL} (times {factor:.6g})"
    return KCAL, factor


def consensus_of(study: Study, given: str | None) -> str | None:
    """Return the sequence that single substitutions are counted from: the one given, else the only consensus.

    Raises
    ------
    InputError
        If the one given is not among the sequences.
    """
    if given is not None:
        upper = given.upper()
        if upper not in set(study.sequences):
            raise InputError(f"--consensus {given}: not among the sequences that have a label and a score")
        return upper
    named = pd.Series(study.sequences)[study.classes == "consensus"].tolist()
    return named[0] if len(named) == 1 else None
