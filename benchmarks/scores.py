#!/usr/bin/env python3
"""Regions per second that the scores of predictions take on one core, beside a loop over scipy.

Usage: benchmarks/scores.py

Regions of 1,000 bp with about 90 reads a strand, half of them peaks; random predictions. Ours is all that `predict`
does beyond the network: every profile metric with three bounds and per strand, the rows of the table as text,
the sums for metrics.tsv. The loop computes, per peak and for the model alone, what scipy has: multinomial likelihood,
smoothing, Jensen-Shannon distance, both correlations of both strands pooled. Times are those of the processor on one
thread, median of three.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import numpy as np
from scipy import stats
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.distance import jensenshannon

from cistill.data.splits import Split
from cistill.model.prediction.prediction_blocks import PredictionBlock
from cistill.model.prediction.scores import PredictionScorer
from cistill.model.windows.counts import CountWindows
from cistill.model.windows.dataset import Dataset
from cistill.tables import table_writer

LENGTH, REGIONS, BATCH, REPEATS = 1000, 1024, 256, 3


def synthetic(tasks: int, own: int) -> Dataset:
    """Return regions without sequence: peaks of `own` of the tasks, each with a matched background."""
    rng = np.random.default_rng(1)
    peaks = REGIONS // 2
    kind = np.repeat(["peak", "background"], peaks)
    is_peak = np.zeros((REGIONS, tasks), dtype=bool)
    for shift in range(own):
        is_peak[np.arange(peaks), (np.arange(peaks) + shift) % tasks] = True
    rate = np.concatenate([rng.gamma(0.1, 0.9, (peaks, 1, 2, LENGTH)), np.full((peaks, 1, 2, LENGTH), 0.01)])
    signal = np.concatenate([rng.poisson(rate).astype(np.float32) for _ in range(tasks)], 1)
    names = np.array([f"chr1:{i}" for i in range(REGIONS)])
    return Dataset(
        tf="TF",
        tasks=[f"task{i}" for i in range(tasks)],
        input_length=LENGTH,
        output_length=LENGTH,
        max_jitter=0,
        folds={"0": Split(("chr2",), ("chr3",), ("chr1",))},
        region_id=names,
        chrom=np.full(REGIONS, "chr1"),
        summit=np.arange(REGIONS),
        kind=kind,
        split=np.full(REGIONS, "test"),
        is_peak=is_peak,
        matched_to=np.where(kind == "peak", "", np.roll(names, peaks)),
        match_rank=np.zeros(REGIONS, dtype=np.uint8),
        sequence=np.zeros((REGIONS, 0), dtype=np.uint8),
        signal=CountWindows.from_dense(signal),
        control=None,
        counts=signal.sum(-1, dtype=np.float64),
    )


def blocks_of(dataset: Dataset) -> list[PredictionBlock]:
    """Return all regions with random predictions."""
    rng = np.random.default_rng(2)
    found = []
    for first in range(0, REGIONS, BATCH):
        rows = np.arange(first, first + BATCH)
        logits = rng.normal(0, 1, (BATCH, len(dataset.tasks), 2, LENGTH)).astype(np.float32)
        logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
        counts = rng.normal(4, 1, logits.shape[:3]).astype(np.float32)
        signal = dataset.signal.take(rows, np.zeros(BATCH, dtype=np.int64), LENGTH)
        found.append(PredictionBlock(rows, signal, logits, counts, np.ones(BATCH, dtype=bool)))
    return found


def ours(scorer: PredictionScorer, blocks: list[PredictionBlock], table: Path) -> None:
    """Score all blocks and write their rows."""
    with table_writer(table) as write:
        for block in blocks:
            scores = scorer.score(block)
            scorer.add(block, scores)
            write(scores.table)


def by_loop(dataset: Dataset, blocks: list[PredictionBlock], profiles: int) -> None:
    """Score the first peaks one by one."""
    for row in range(profiles):
        task = int(np.flatnonzero(dataset.is_peak[row])[0])
        signal, logs = (a[row, task].astype(np.float64) for a in (blocks[0].signal, blocks[0].log_profile))
        truth = gaussian_filter1d(signal / signal.sum(-1, keepdims=True), 7, truncate=80 / 14)
        guess = np.exp(logs) / np.exp(logs).sum(-1, keepdims=True)
        for strand in range(2):
            stats.multinomial.logpmf(signal[strand], int(signal[strand].sum()), guess[strand])
            jensenshannon(truth[strand], guess[strand])
        jensenshannon(signal.ravel(), guess.ravel())
        stats.pearsonr(truth.ravel(), guess.ravel())
        stats.spearmanr(truth.ravel(), guess.ravel())


def seconds(work: Callable[[], None]) -> float:
    """Return the processor seconds of a piece of work, median of some."""
    found = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return float(np.median(found))


def main() -> None:
    """Print what was measured for one task and for twenty."""
    with tempfile.TemporaryDirectory() as folder:
        for tasks, own in ((1, 1), (20, 3)):
            dataset = synthetic(tasks, own)
            blocks, scorer = blocks_of(dataset), PredictionScorer(dataset, dataset.tasks)
            taken = seconds(lambda: ours(scorer, blocks, Path(folder) / "table.tsv"))  # noqa: B023
            pairs = int(dataset.of_task.sum())
            print(
                f"{tasks} task(s), each peak one of {own}: {REGIONS / taken:,.0f} regions/s "
                f"({pairs / taken:,.0f} pairs of region and task/s, half of them peaks)"
            )
        loop = seconds(lambda: by_loop(dataset, blocks, 50)) / 50
        peak = taken / (pairs / 2)  # what its background costs included
        print(f"scipy, profile by profile: {1 / loop:,.0f} peaks/s; ours {1 / peak:,.0f} peaks/s, {loop / peak:.1f} x")


if __name__ == "__main__":
    main()
