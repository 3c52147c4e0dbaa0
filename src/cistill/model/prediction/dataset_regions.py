"""Predictions of a model for regions of a dataset, block by block, and the file that they are kept in."""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from cistill.ahead import ahead
from cistill.console import progress
from cistill.errors import InputError
from cistill.formats.predictions import PredictionWriter, prediction_writer
from cistill.formats.tables.prediction import REGION_PREDICTIONS
from cistill.model.ensemble import Ensemble, Prediction
from cistill.model.prediction.prediction_blocks import BATCH, PredictionBlock
from cistill.model.prediction.scores import PredictionScorer
from cistill.model.windows.batches import take
from cistill.model.windows.dataset import Dataset


def check_fit(ensemble: Ensemble, dataset: Dataset) -> None:
    """Raise InputError if a model and a dataset do not belong together."""
    problems = []
    if (ensemble.input_length, ensemble.output_length) != (dataset.input_length, dataset.output_length):
        problems.append(
            f"windows: the model takes {ensemble.input_length} -> {ensemble.output_length} bp, "
            f"the dataset holds {dataset.input_length} -> {dataset.output_length} bp"
        )
    if not set(ensemble.tasks) <= set(dataset.tasks):
        problems.append(
            f"tasks: the model predicts {', '.join(ensemble.tasks)}, the dataset holds {', '.join(dataset.tasks)}"
        )
    controlled = dict.fromkeys(t for m in ensemble.members if m.network.config.controls for t in m.tasks)
    if controlled and dataset.control is None:
        problems.append("controls: the model takes controls, the dataset has none")
    absent = [task for task in controlled if task not in dataset.tasks and task not in ensemble.tasks]
    if absent:
        problems.append(f"controls: the model takes those of {', '.join(absent)} too, which the dataset does not hold")
    if problems:
        raise InputError("model and dataset do not fit:\n  " + "\n  ".join(problems))


def predict(ensemble: Ensemble, dataset: Dataset, rows: np.ndarray) -> Iterator[PredictionBlock]:
    """Predict regions of a dataset block by block; the next block's windows are cut meanwhile.

    Parameters
    ----------
    ensemble : Ensemble
        On its device.
    dataset : Dataset
        Regions and, if the model takes them, controls.
    rows : int array, shape=(regions,)
        Which regions, in which order.

    Raises
    ------
    InputError
        If a prediction is not a number.
    """
    blocks = [rows[first : first + BATCH] for first in range(0, len(rows), BATCH)]
    batches = ahead(lambda block: take(dataset, block), blocks, 1)
    for block, batch in zip(blocks, batches, strict=True):
        prediction = ensemble.predict(batch, dataset.chrom[block], dataset.tasks, dataset.summit[block])
        check_finite(prediction, dataset.region_id[block])
        yield PredictionBlock(block, batch.signal.numpy(), *prediction)


def check_finite(prediction: Prediction, names: np.ndarray) -> None:
    """Raise InputError if a prediction is not a number: it would spoil every mean."""
    bad = ~np.isfinite(prediction.log_counts).all((1, 2)) | np.isnan(prediction.log_profile).any((1, 2, 3))
    if bad.any():
        raise InputError(
            f"the model predicts what is no number for {int(bad.sum())} region(s), the first one {names[bad][0]}; "
            "its weights are broken or too large: train again"
        )


def add_predictions(file: PredictionWriter, first: int, prediction: Prediction | PredictionBlock) -> None:
    """Write the predictions of consecutive regions to a file from row `first` on."""
    assert prediction.log_counts is not None
    assert prediction.log_profile is not None
    assert prediction.unseen is not None
    file.write(first, prediction.log_counts, prediction.log_profile, prediction.unseen)


def write_predictions(
    predictions: str | os.PathLike[str],
    table: str | os.PathLike[str],
    ensemble: Ensemble,
    dataset: Dataset,
    rows: np.ndarray,
    workers: int = 1,
) -> PredictionScorer:
    """Predict regions, write predictions.h5 and region_predictions.tsv, and return the scores that were added up.

    Parameters
    ----------
    predictions, table : path
        The files to write.
    ensemble, dataset, rows
        As for `predict`.
    workers : int
        Threads that score while the next blocks are predicted.
    """
    scorer = PredictionScorer(dataset, ensemble.tasks)
    columns = {name: getattr(dataset, name)[rows] for name in ("region_id", "chrom", "summit", "kind", "split")}
    opened = prediction_writer(predictions, ensemble.tf, ensemble.tasks, ensemble.output_length, columns)
    with opened as file, REGION_PREDICTIONS.writer(table) as write:

        def written() -> Iterator[PredictionBlock]:
            done = 0
            for block in progress(predict(ensemble, dataset, rows), "predicting", len(rows), size=BATCH):
                add_predictions(file, done, block)
                done += len(block.rows)
                yield block

        def scored(block: PredictionBlock) -> tuple[PredictionBlock, Any]:
            return block, scorer.score(block)

        for block, scores in ahead(scored, written(), workers):
            scorer.add(block, scores)
            write(scores.table)
        if not len(rows):
            write(pd.DataFrame())
    return scorer
