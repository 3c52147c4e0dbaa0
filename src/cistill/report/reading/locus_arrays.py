"""Arrays of a few regions, read from the large files: observed and predicted 5' ends, contributions, bases."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cistill.dna.codes import Codes
from cistill.formats.attributions import open_attributions
from cistill.formats.dataset import open_dataset
from cistill.formats.predictions import open_predictions

Floats = NDArray[np.float64]


def observed_ends(
    file: Path | None, wanted: Mapping[str, Sequence[str]], jitter: bool = False
) -> dict[tuple[str, str], Floats]:
    """Return task and region to its 5' ends, (2, length); of the tasks and regions that the file holds.

    Parameters
    ----------
    file : path, optional
        dataset.h5.
    wanted : mapping
        Task to names of regions.
    jitter : bool
        Whole stored windows; the output windows by default.
    """
    if file is None:
        return {}
    found = {}
    with open_dataset(file) as dataset:
        rows = _rows_of(dataset.region_id, wanted)
        for index, task in enumerate(dataset.tasks):
            for name in [name for name in wanted.get(task, ()) if name in rows]:
                found[task, name] = dataset.windows(rows[name], rows[name] + 1, jitter)[0, index]
    return found


def predicted_ends(file: Path | None, wanted: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], Floats]:
    """Return the same of the expected 5' ends of predictions.h5."""
    if file is None:
        return {}
    found = {}
    with open_predictions(file) as predicted:
        rows = _rows_of(predicted.region_id, wanted)
        for index, task in enumerate(predicted.tasks):
            for name in [name for name in wanted.get(task, ()) if name in rows]:
                found[task, name] = predicted.expected_ends(rows[name], index)
    return found


def contributions_of(file: Path, wanted: Iterable[str]) -> dict[str, tuple[Floats, int]]:
    """Return region to the contributions of the bases that are there, (length, 4), and the window's start."""
    with open_attributions(file) as reader:
        return {
            name: (reader.contributions(np.array([row]))[0], int(reader.start[row]))
            for name, row in _rows_of(reader.region_id, {"": tuple(wanted)}).items()
        }


def bases_of(file: Path | None, wanted: Sequence[str]) -> dict[str, tuple[Codes, int]]:
    """Return region to the codes of its stored sequence, (length,), and the position of the first base."""
    if file is None:
        return {}
    with open_dataset(file) as dataset:
        rows = _rows_of(dataset.region_id, {"": wanted})
        before = dataset.input_length // 2 + dataset.max_jitter
        stored = dataset.file["sequence"]
        return {name: (stored[row], int(dataset.summit[row]) - before) for name, row in rows.items()}


def _rows_of(names: Iterable[str], wanted: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return region_id to row in a file, for those of the wanted that it holds."""
    asked = {name for names_of in wanted.values() for name in names_of}
    return {name: row for row, name in enumerate(names) if name in asked}
