"""Predictions of a model for regions of a dataset, block by block, and the file that they are kept in."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np
import pandas as pd

from cistill.ahead import ahead
from cistill.console import progress
from cistill.errors import InputError
from cistill.files import atomic_output
from cistill.model.ensemble import Ensemble, Prediction
from cistill.model.prediction.scores import Block, Scorer
from cistill.model.windows.batches import take
from cistill.model.windows.dataset import Dataset
from cistill.tables import table_writer

TEXT = h5py.string_dtype()
BATCH = 256
CHUNK_BYTES = 1 << 20  # of log-profiles, so that a few regions are read without reading many


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


def unseen_chromosomes(ensemble: Ensemble, dataset: Dataset) -> list[str]:
    """Return the chromosomes of a dataset that networks predict which never saw them."""
    names = dict.fromkeys(dataset.chrom.tolist())
    return [name for name in names if all(ensemble.members_for(name, task)[1] for task in ensemble.tasks)]


def predict(ensemble: Ensemble, dataset: Dataset, rows: np.ndarray) -> Iterator[Block]:
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
        prediction = ensemble.predict(batch, dataset.chrom[block], dataset.tasks)
        check_finite(prediction, dataset.region_id[block])
        yield Block(block, batch.signal.numpy(), *prediction)


def check_finite(prediction: Prediction, names: np.ndarray) -> None:
    """Raise InputError if a prediction is not a number: it would spoil every mean."""
    bad = ~np.isfinite(prediction.log_counts).all((1, 2)) | np.isnan(prediction.log_profile).any((1, 2, 3))
    if bad.any():
        raise InputError(
            f"the model predicts what is no number for {int(bad.sum())} region(s), the first one {names[bad][0]}; "
            "its weights are broken or too large: train again"
        )


class PredictionFile:
    """A predictions.h5 that is being written (layout in docs/architecture.md).

    Parameters
    ----------
    h5 : h5py.File
        Empty, open for writing.
    ensemble : Ensemble
        Gives the name of the TF, tasks and lengths.
    columns : mapping
        `region_id`, `chrom`, `summit` and what else is known of each region, arrays of one length.
    """

    def __init__(self, h5: h5py.File, ensemble: Ensemble, columns: Mapping[str, np.ndarray]) -> None:
        regions = len(columns["region_id"])
        length, tasks = ensemble.output_length, len(ensemble.tasks)
        h5.attrs.update(format="cistill-predictions", format_version=1, tf=ensemble.tf, output_length=length)
        h5.attrs["tasks"] = json.dumps(ensemble.tasks)
        for name, values in columns.items():
            if values.dtype.kind in "UO":
                h5.create_dataset(name, data=values.astype(object), dtype=TEXT)
            else:
                h5.create_dataset(name, data=values)
        self.log_counts = h5.create_dataset("log_counts", (regions, tasks, 2), "f4")
        shape = (tasks, 2, length)
        chunk = (max(1, min(regions, CHUNK_BYTES // (4 * tasks * length))), *shape) if regions else None
        self.log_profile = h5.create_dataset("log_profile", (regions, *shape), "f2", chunks=chunk)
        self.unseen = h5.create_dataset("unseen", (regions,), bool)

    def write(self, first: int, prediction: Prediction | Block) -> None:
        """Write the predictions of consecutive regions from row `first` on."""
        assert prediction.log_counts is not None
        assert prediction.log_profile is not None
        part = slice(first, first + len(prediction.log_counts))
        self.log_counts[part] = prediction.log_counts
        self.log_profile[part] = prediction.log_profile.astype(np.float16)
        self.unseen[part] = prediction.unseen


@contextmanager
def prediction_file(
    path: str | os.PathLike[str], ensemble: Ensemble, columns: Mapping[str, np.ndarray]
) -> Iterator[PredictionFile]:
    """Give a PredictionFile that appears as `path` when the block ends without an error."""
    with atomic_output(path) as temporary, h5py.File(temporary, "w") as h5:
        yield PredictionFile(h5, ensemble, columns)


def write_predictions(
    predictions: str | os.PathLike[str],
    table: str | os.PathLike[str],
    ensemble: Ensemble,
    dataset: Dataset,
    rows: np.ndarray,
    workers: int = 1,
) -> Scorer:
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
    scorer = Scorer(dataset, ensemble.tasks)
    columns = {name: getattr(dataset, name)[rows] for name in ("region_id", "chrom", "summit", "kind", "split")}
    with prediction_file(predictions, ensemble, columns) as file, table_writer(table) as write:

        def written() -> Iterator[Block]:
            done = 0
            for block in progress(predict(ensemble, dataset, rows), "predicting", len(rows), size=BATCH):
                file.write(done, block)
                done += len(block.rows)
                yield block

        def scored(block: Block) -> tuple[Block, Any]:
            return block, scorer.score(block)

        for block, scores in ahead(scored, written(), workers):
            scorer.add(block, scores)
            write(scores.table)
        if not len(rows):
            write(pd.DataFrame())
    return scorer
