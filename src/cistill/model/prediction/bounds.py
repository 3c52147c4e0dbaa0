"""What `bounds` does, from files to files; no network is loaded for it."""

import os
from pathlib import Path

import numpy as np

from cistill.ahead import ahead
from cistill.console import progress
from cistill.files import named
from cistill.formats.tables.prediction import BOUNDS
from cistill.model.prediction.prediction_blocks import BATCH, MOST_THREADS, BlockScores, PredictionBlock
from cistill.model.prediction.scores import PredictionScorer
from cistill.model.windows.dataset import read_dataset
from cistill.provenance import write_provenance


def bounds(dataset_file: Path, tf: str | None, seed: int, outdir: Path) -> None:
    """Write what every metric reaches on a dataset without a model: knowing nothing, the training means, everything."""
    dataset = read_dataset(dataset_file)
    scorer = PredictionScorer(dataset, dataset.tasks)
    rows = np.flatnonzero(scorer.part.max(1, initial=-1) >= 0)
    blocks = [rows[first : first + BATCH] for first in range(0, len(rows), BATCH)]

    def scored(block: np.ndarray) -> tuple[PredictionBlock, BlockScores]:
        start = np.full(len(block), dataset.max_jitter)
        observed = PredictionBlock(block, dataset.signal.take(block, start, dataset.output_length))
        return observed, scorer.score(observed)

    results = ahead(scored, blocks, min(MOST_THREADS, len(os.sched_getaffinity(0))))
    for block, scores in progress(results, "bounds", len(rows), size=BATCH):
        scorer.add(block, scores)
    table = scorer.metrics(seed).drop(columns=["value", "normalised"])
    outdir.mkdir(parents=True, exist_ok=True)
    prefix = outdir / (tf or dataset.tf)
    BOUNDS.write(named(prefix, "bounds.tsv"), table)
    write_provenance(named(prefix, "bounds.json"), {}, {"dataset": dataset_file}, {"regions": len(rows)}, seed)
