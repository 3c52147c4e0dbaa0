"""What was predicted for one region, and what its bases contribute: found by the region's name, never by its row."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.formats.attributions import open_attributions
from cistill.formats.dataset import open_dataset
from cistill.formats.predictions import open_predictions


class RegionPrediction(NamedTuple):
    """What the model predicts for a region, and what was observed.

    Attributes
    ----------
    region_id : str
    chrom : str
    start, end : int
        The output window, 0-based, half open.
    tasks : tuple of str
        The first axis of the arrays.
    log_counts : float64 array, shape=(tasks, 2)
        Natural log of (1 + predicted number of 5' ends), strands + and -.
    profile : float64 array, shape=(tasks, 2, output_length)
        Predicted probability of each position of a 5' end; sums to 1 on each strand.
    predicted : float64 array, shape=(tasks, 2, output_length)
        Expected 5' ends per base.
    observed : float64 array, shape=(tasks, 2, output_length), or None
        Observed 5' ends per base; None where the run has no dataset with this region.
    unseen : bool or None
        Whether only networks predicted that never saw the chromosome; None if not recorded.
    """

    region_id: str
    chrom: str
    start: int
    end: int
    tasks: tuple[str, ...]
    log_counts: NDArray[np.float64]
    profile: NDArray[np.float64]
    predicted: NDArray[np.float64]
    observed: NDArray[np.float64] | None
    unseen: bool | None


class RegionContributions(NamedTuple):
    """What each base of a region contributes to one head's prediction.

    Attributes
    ----------
    region_id : str
    chrom : str
    start, end : int
        The input window, 0-based, half open.
    head : str
        `counts` or `profile`.
    sequence : str
        Its bases; N where there is none.
    contributions : float64 array, shape=(input_length,)
        What the base that is there contributes; 0 at unknown bases.
    hypothetical : float64 array, shape=(input_length, 4)
        What A, C, G and T would contribute.
    gap : float or None
        Relative difference between the sum of contributions and what they explain; None if not recorded.
    """

    region_id: str
    chrom: str
    start: int
    end: int
    head: str
    sequence: str
    contributions: NDArray[np.float64]
    hypothetical: NDArray[np.float64]
    gap: float | None


def region_prediction(predictions: Path, dataset: Path | None, region_id: str) -> RegionPrediction:
    """Read what was predicted for a region, with what was observed where there is a dataset.

    Raises
    ------
    InputError
        If the region was not predicted, or a file cannot be read.
    """
    with open_predictions(predictions) as reader:
        row = row_named(reader.region_id, region_id, predictions, "predicted")
        log_counts = np.asarray(reader.file["log_counts"][row], dtype=np.float64)
        profile = np.exp(np.asarray(reader.file["log_profile"][row], dtype=np.float64))
        predicted = reader.expected_ends(row)
        length, tasks = reader.output_length, reader.tasks
        start, chrom = int(reader.summit[row]) - length // 2, str(reader.chrom[row])
        unseen = None if reader.unseen is None else bool(reader.unseen[row])
    observed = None if dataset is None else _observed(dataset, region_id)
    return RegionPrediction(
        region_id, chrom, start, start + length, tasks, log_counts, profile, predicted, observed, unseen
    )


def _observed(dataset: Path, region_id: str) -> NDArray[np.float64] | None:
    """Return the 5' ends of a region, (tasks, 2, output_length); None if the dataset does not have it."""
    with open_dataset(dataset) as reader:
        found = np.flatnonzero(reader.region_id == region_id)
        return reader.windows(int(found[0]), int(found[0]) + 1)[0] if len(found) else None


def region_contributions(attributions: Path, head: str, region_id: str) -> RegionContributions:
    """Read what the bases of a region contribute.

    Raises
    ------
    InputError
        If the region was not explained, or the file cannot be read.
    """
    with open_attributions(attributions) as reader:
        row = row_named(reader.region_id, region_id, attributions, "explained")
        hypothetical = np.asarray(reader.file["hyp_scores"][row], dtype=np.float64)
        bases = np.asarray(reader.file["input_seqs"][row], dtype=np.int64)
        gap = float(reader.gap[row]) if "completeness_gap" in reader.file else float("nan")
        start, chrom = int(reader.start[row]), str(reader.chrom[row])
    letters = np.where(bases.any(axis=1), np.array(list("ACGT"))[bases.argmax(axis=1)], "N")
    return RegionContributions(
        region_id, chrom, start, start + len(bases), head, "".join(letters), (hypothetical * bases).sum(axis=1),
        hypothetical, None if np.isnan(gap) else gap,
    )  # fmt: skip


def row_named(names: NDArray[Any], region_id: str, file: Path, what: str) -> int:
    """Return the row of a region.

    Raises
    ------
    InputError
        If it has none.
    """
    found = np.flatnonzero(names == region_id)
    if not len(found):
        some = ", ".join(map(str, names[:3]))
        raise InputError(f"{file}: the region {region_id} was not {what}; there are {len(names)} regions, e.g. {some}")
    return int(found[0])
