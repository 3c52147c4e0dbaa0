"""Blocks of regions with what was observed and predicted, and their scores."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

BATCH = 256  # regions
MOST_THREADS = 8  # each holds a block of regions


@dataclass(frozen=True)
class BlockScores:
    """Scores of the pairs of a region and a task in a block of regions.

    Attributes
    ----------
    row, task : int array, shape=(pairs,)
        Row in the dataset, number of the task.
    part : int array, shape=(pairs,)
        Number of the part in PARTS that the pair counts in, -1 for none.
    is_peak : bool array, shape=(pairs,)
    profile : array, shape=(4, pairs, metrics)
        Value, lower bound, average and upper bound of every metric in `profile_metrics.NAMES`.
    table : DataFrame
        Rows for region_predictions.tsv; empty without predictions.
    """

    row: np.ndarray
    task: np.ndarray
    part: np.ndarray
    is_peak: np.ndarray
    profile: np.ndarray
    table: pd.DataFrame


@dataclass(frozen=True)
class PredictionBlock:
    """Regions with what was observed and, unless only bounds are wanted, predicted.

    Attributes
    ----------
    rows : int array, shape=(batch,)
        Row numbers in the dataset.
    signal : array, shape=(batch, tasks of the dataset, 2, output_length)
        Observed 5' ends.
    log_profile : array, shape=(batch, tasks, 2, output_length), optional
        Log-probabilities, each strand on its own.
    log_counts : array, shape=(batch, tasks, 2), optional
    unseen : bool array, shape=(batch,), optional
        Whether only networks predicted that never saw the chromosome.
    """

    rows: np.ndarray
    signal: np.ndarray
    log_profile: np.ndarray | None = None
    log_counts: np.ndarray | None = None
    unseen: np.ndarray | None = None
