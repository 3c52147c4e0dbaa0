"""Additivity: does a change of several bases do what its single changes do, added up? (Affinity Distillation)"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.dna.codes import encode_all
from cistill.formats.tables.calibration import ADDITIVITY
from cistill.statistics import pearson

Floats = NDArray[np.float64]

MOST_CHANGES = 12
SUMMARY = ["source", "n_substitutions", "n", "rmse", "mean_deviation", "pearson", "pearson_with_observed"]


def references(sequences: Sequence[str], classes: NDArray[np.object_], given: str | None) -> list[str]:
    """Return the sequences that variants are compared with: the one given, else those of the class `consensus`."""
    if given is not None:
        return [given] if given in set(sequences) else []
    return [sequence for sequence, name in zip(sequences, classes, strict=True) if name == "consensus"]


def additivity_table(sequences: Sequence[str], references: Sequence[str], values: Mapping[str, Floats]) -> pd.DataFrame:
    """Compare every multiple variant with the sum of its single changes.

    Parameters
    ----------
    sequences : sequence of str
    references : sequence of str
        Each among the sequences.
    values : mapping
        Source (`observed`, a method) to values `(sequences,)`, all in one unit.

    Returns
    -------
    pandas.DataFrame
        One row per variant of 2 to 12 changes all of whose single changes are there, and source: `value`, `additive` =
        value of the reference + sum of the differences that the single changes make, `deviation` = value - additive.
    """
    row_of = {sequence: row for row, sequence in enumerate(sequences)}
    parts = []
    for reference in references:
        rows = np.array([row for row, sequence in enumerate(sequences) if len(sequence) == len(reference)])
        codes = encode_all([sequences[row] for row in rows])
        original = encode_all([reference])[0]
        changed = codes != original
        number = changed.sum(axis=1)
        single = np.full((len(reference), 4), -1, dtype=np.int64)  # row of each single substitution
        single[np.arange(len(reference)), original] = row_of[reference]
        for row, place, code in zip(
            rows[number == 1], *_positions(changed[number == 1], codes[number == 1]), strict=True
        ):
            single[place, code] = row
        several = (number >= 2) & (number <= MOST_CHANGES)
        steps = single[np.arange(len(reference)), codes[several]]  # (variants, positions)
        complete = (steps >= 0).all(axis=1)
        steps, variants = steps[complete], rows[several][complete]
        for source, value in values.items():
            start = value[row_of[reference]]
            additive = start + (value[steps] - start).sum(axis=1)
            parts.append(
                pd.DataFrame(
                    {
                        "reference": reference,
                        "sequence": [sequences[row] for row in variants],
                        "n_substitutions": number[several][complete],
                        "source": source,
                        "value": value[variants],
                        "additive": additive,
                        "deviation": value[variants] - additive,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True) if parts else ADDITIVITY.frame([])


def _positions(changed: NDArray[np.bool_], codes: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return position and new base of variants with a single change."""
    place = changed.argmax(axis=1) if len(changed) else np.empty(0, dtype=np.int64)
    return place, codes[np.arange(len(codes)), place]


def additivity_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Summarise deviations by source and number of changes (0 stands for all).

    `rmse` is the root mean square of the deviations, `pearson` the correlation of value and additive value, and
    `pearson_with_observed` that of the source's deviations with the observed ones: whether it knows which variants are
    not additive.
    """
    rows = []
    for n in [0, *sorted(set(table["n_substitutions"]))]:
        part = table if n == 0 else table[table["n_substitutions"] == n]
        observed = part[part["source"] == "observed"]["deviation"].to_numpy(dtype=np.float64)
        for source, group in part.groupby("source", sort=False):
            deviation = group["deviation"].to_numpy(dtype=np.float64)
            rows.append(
                {
                    "source": source,
                    "n_substitutions": n,
                    "n": len(group),
                    "rmse": float(np.sqrt((deviation**2).mean())),
                    "mean_deviation": float(deviation.mean()),
                    "pearson": pearson(group["value"].to_numpy(np.float64), group["additive"].to_numpy(np.float64)),
                    "pearson_with_observed": pearson(deviation, observed) if source != "observed" else np.nan,
                }
            )
    return pd.DataFrame(rows, columns=SUMMARY)
