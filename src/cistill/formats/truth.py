"""A simulation's `truth.json`, as the report compares with it."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from cistill.errors import InputError
from cistill.texts import read_object


def read_truth(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the simulator's truth.json.

    Raises
    ------
    InputError
        If it is no such file, or lacks a part that the report compares with.
    """
    truth = read_object(path, "truth of a simulation")
    try:
        _check(truth)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise InputError(
            f"truth of a simulation {path}: not the truth.json of the command simulate ({error!r})"
        ) from error
    return truth


def _check(truth: Mapping[str, Any]) -> None:
    """Touch every part that the report uses."""
    motifs, rule = truth["motifs"], truth["spacing_rule"]
    for name, motif in motifs.items():
        frequencies = np.array(motif["pfm"], dtype=np.float64)  # (positions, 4)
        if frequencies.ndim != 2 or frequencies.shape[1] != 4 or not len(frequencies):
            raise ValueError(f"pfm of {name} has not four columns")
        if not np.isfinite(frequencies).all():
            raise ValueError(f"pfm of {name} holds values that are no numbers")
        if (shape := motif.get("footprint")) is not None:
            int(shape["first_offset"])
            np.array([shape["same_strand"], shape["opposite_strand"]], dtype=np.float64).reshape(2, -1)
    int(rule["distance"])
    _ = motifs[truth["main_motif"]], motifs[rule["partner"]]
    truth.get("classes", {}).items()
