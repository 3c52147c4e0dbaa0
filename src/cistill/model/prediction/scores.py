"""Scores of predictions, region by region in blocks, and the metrics and bounds that they add up to.

Of every region only its predicted counts are kept; profile metrics are summed as they come. Memory does not grow
with the length of profiles, and tables of regions are handed out block by block.
"""

from typing import Any

import numpy as np
import pandas as pd

from cistill.data.splits import NONE
from cistill.formats.tables.prediction import METRICS
from cistill.model.prediction.baselines import TrainingMeans, log_counts, uniform_prediction
from cistill.model.prediction.distributions import METRICS as OF_SMOOTHED
from cistill.model.prediction.distributions import compare
from cistill.model.prediction.metrics import COUNT_METRICS, shuffled_baseline, total_log_count
from cistill.model.prediction.prediction_blocks import BlockScores, PredictionBlock
from cistill.model.prediction.profile_metrics import (
    CORRELATIONS,
    JOINT,
    NAMES,
    STRAND_SUFFIXES,
    Predicted,
    Reads,
    add_smoothed,
    best_of_counts,
    best_smoothed,
    metrics_of_counts,
    smoothed_truth,
)
from cistill.model.windows.dataset import Dataset
from cistill.statistics import auroc

PARTS = ("test", "valid", "train", "seen")
TEST, SEEN = PARTS.index("test"), PARTS.index("seen")
BOUNDS = ("value", "lower", "average", "upper")
KINDS = ("peaks", "peaks+background")
PIECE = 64  # profiles that are compared at once: their arrays stay in the processor's cache
TABLE_METRICS = (JOINT, "profile_nll", "profile_cross_entropy", *(f"profile_{name}" for name in OF_SMOOTHED))
COUNT_COLUMNS = {"": ("both", [0]), "_pooled": ("both", [1, 2]), "_plus": ("+", [1]), "_minus": ("-", [2])}


class PredictionScorer:
    """Scores blocks of regions and adds the scores up.

    A region is scored for the tasks whose peak it is, or to whose peaks it is a matched background; of a peak's
    backgrounds the first one.

    Parameters
    ----------
    dataset : Dataset
        Whole, with all its folds.
    tasks : list of str
        Tasks predicted, in order.
    """

    def __init__(self, dataset: Dataset, tasks: list[str]) -> None:
        self.dataset, self.tasks = dataset, tasks
        self.columns = np.array([dataset.tasks.index(task) for task in tasks])
        self.means = TrainingMeans(dataset, tasks)
        self.uniform = uniform_prediction(dataset.output_length)
        self.part = np.full((len(dataset), len(tasks)), -1, dtype=np.int8)
        for place, column in enumerate(self.columns.tolist()):
            for number, part in enumerate(PARTS[:SEEN]):
                rows = dataset.rows(part, task=column)
                self.part[rows[dataset.is_scored[rows]], place] = number
        self.predicted = np.full((len(dataset), len(tasks), 2), np.nan, dtype=np.float32)
        self.done = np.zeros(len(dataset), dtype=bool)
        self.with_predictions = False
        self.sums = np.zeros((len(tasks), len(PARTS), len(BOUNDS), len(NAMES)))
        self.defined = np.zeros(self.sums.shape, dtype=np.int64)

    def score(self, block: PredictionBlock) -> BlockScores:
        """Score a block; changes nothing, so that blocks can be scored in threads."""
        dataset, rows = self.dataset, block.rows
        # regions in no split have no usable counts, nothing to compare with; their predictions are listed all the same
        unused = dataset.split[rows] == NONE
        own = dataset.of_task[rows][:, self.columns] & ((self.part[rows] >= 0) | unused[:, None])
        at, task = np.nonzero(own)
        row, column = rows[at], self.columns[task]
        signal = block.signal[at, column]
        usable = ~unused[at]
        is_peak = dataset.is_peak[row, column]
        part = self.part[row, task]
        if block.unseen is not None:
            part = np.where((part == TEST) & ~block.unseen[at], SEEN, part)
        predicted = None
        if block.log_profile is not None and block.log_counts is not None:
            counts = block.log_counts[at, task].astype(np.float64)
            total = np.logaddexp.reduce(counts, axis=1, keepdims=True)
            predicted = Predicted(block.log_profile[at, task], counts - total)
        profile = self._profile_metrics(Reads(signal), row, task, predicted, is_peak & usable)
        profile[:, ~usable] = np.nan
        table = self._table(block, at, row, task, part, profile) if predicted is not None else pd.DataFrame()
        return BlockScores(row, task, part, is_peak, profile, table)

    def _profile_metrics(
        self, reads: Reads, row: np.ndarray, task: np.ndarray, predicted: Predicted | None, compared: np.ndarray
    ) -> np.ndarray:
        """Return value and bounds of every profile metric, those of smoothed profiles where `compared` alone."""
        mean = self.means.profile_for(row, task)
        uniform = Predicted(
            self.uniform.log_profile, self.uniform.log_share, self.uniform.smoothed, np.zeros(len(row), dtype=np.int64)
        )
        found = np.full((len(BOUNDS), len(row), len(NAMES)), np.nan)
        for place, prediction in enumerate((predicted, uniform, mean)):
            if prediction is not None:
                found[place] = metrics_of_counts(reads, prediction)
        found[3] = best_of_counts(reads)
        which = np.flatnonzero(compared)
        for first in range(0, len(which), PIECE):
            piece = which[first : first + PIECE]
            own = Reads(reads.signal[piece])
            truth = smoothed_truth(own)
            for place, prediction in enumerate((predicted, uniform, mean)):
                if prediction is not None:
                    metrics = compare(truth, prediction.at(piece).distributions())
                    values = found[place, piece]
                    add_smoothed(values, own, metrics)
                    found[place, piece] = values
            values = found[3, piece]
            add_smoothed(values, own, best_smoothed(len(piece)))
            found[3, piece] = values
            # the uniform profile, a constant, goes along with nothing: zero, wherever the observed one varies
            for metric in CORRELATIONS:
                found[1, piece, metric] = np.where(np.isnan(found[3, piece, metric]), np.nan, 0.0)
        return found

    def _table(
        self,
        block: PredictionBlock,
        at: np.ndarray,
        row: np.ndarray,
        task: np.ndarray,
        part: np.ndarray,
        profile: np.ndarray,
    ) -> pd.DataFrame:
        """Return the rows of region_predictions.tsv."""
        dataset = self.dataset
        assert block.log_counts is not None
        assert block.unseen is not None
        counts = dataset.counts[row, self.columns[task]]
        observed = log_counts(counts)
        observed[part < 0] = np.nan
        predicted = block.log_counts[at, task].astype(np.float64)
        columns: dict[str, Any] = {
            "region_id": dataset.region_id[row],
            "kind": dataset.kind[row],
            "split": np.where(part >= 0, np.array(PARTS)[part], NONE),
            "unseen": block.unseen[at],
            "task": np.array(self.tasks, dtype=object)[task],
            "observed_log_count": observed[:, 0],
            "predicted_log_count": total_log_count(predicted),
        }
        for strand, suffix in enumerate(STRAND_SUFFIXES):
            columns[f"observed_log_count{suffix}"] = observed[:, 1 + strand]
            columns[f"predicted_log_count{suffix}"] = predicted[:, strand]
        for name in TABLE_METRICS:
            columns[name] = profile[0, :, NAMES.index(name)]
            if name == JOINT:
                columns["profile_jsd_mean"] = profile[2, :, NAMES.index(name)]
        return pd.DataFrame(columns)

    def add(self, block: PredictionBlock, scores: BlockScores) -> None:
        """Add a block's scores to what is summed; blocks come in the dataset's order."""
        if block.log_counts is not None:
            self.predicted[block.rows] = block.log_counts
            self.with_predictions = True
        self.done[block.rows] = True
        self.part[scores.row, scores.task] = scores.part
        counted = (scores.part >= 0) & scores.is_peak
        key = scores.task * len(PARTS) + scores.part
        for present in np.unique(key[counted]):
            chosen = scores.profile[:, counted & (key == present)]  # (bounds, pairs, metrics)
            place = divmod(int(present), len(PARTS))
            self.sums[place] += np.nansum(chosen, 1)
            self.defined[place] += np.isfinite(chosen).sum(1)

    def undefined(self) -> dict[str, int]:
        """Return how many peaks, counted once per task, a profile metric is undefined for; only metrics with such."""
        number = self.defined[:, :, 0]
        everywhere = number[..., NAMES.index("profile_nll")][..., None]
        missing = (everywhere - number).sum((0, 1))
        return {name: int(n) for name, n in zip(NAMES, missing, strict=True) if n > 0}

    def metrics(self, seed: int) -> pd.DataFrame:
        """Return every metric of every task and part beside its bounds, in the columns of `METRICS`.

        Parameters
        ----------
        seed : int
            Seed of the shuffled labels.
        """
        found = []
        for task, name in enumerate(self.tasks):
            is_peak = self.dataset.is_peak[:, self.columns[task]]
            for number, part in enumerate(PARTS):
                rows = np.flatnonzero(self.done & (self.part[:, task] == number))
                if is_peak[rows].any():
                    table = [
                        *self._ranking(rows, is_peak[rows], task),
                        *self._counts(rows, is_peak[rows], task, seed),
                        *self._profiles(task, number),
                    ]
                    found += [{"task": name, "split": part, **line} for line in table]
        return METRICS.frame(found)

    def _ranking(self, rows: np.ndarray, is_peak: np.ndarray, task: int) -> list[dict[str, Any]]:
        """Return how well counts tell peaks from backgrounds."""
        predicted = total_log_count(self.predicted[rows, task].astype(np.float64))
        value = auroc(predicted[is_peak], predicted[~is_peak]) if np.isfinite(predicted).all() else np.nan
        bounds = (np.nan,) * 3 if is_peak.all() else (0.5, 0.5, 1.0)
        return [_line(KINDS[1], "auroc", "both", (value, *bounds), len(rows))]

    def _counts(self, rows: np.ndarray, is_peak: np.ndarray, task: int, seed: int) -> list[dict[str, Any]]:
        """Return the metrics of counts: of strands summed, of strands pooled, of each strand."""
        counts = self.dataset.counts[rows, self.columns[task]]
        observed = log_counts(counts)
        strands = self.predicted[rows, task].astype(np.float64)
        predicted = np.concatenate([total_log_count(strands)[:, None], strands], 1)
        lines = []
        for kind, regions in reversed(list(enumerate(KINDS))):
            chosen = np.ones(len(rows), dtype=bool) if kind else is_peak
            if kind and is_peak.all():
                continue
            average = self.means.log_count[self.means.group[rows[chosen]], task, kind]
            for suffix, (strand, columns) in COUNT_COLUMNS.items():
                truth, guess = observed[chosen][:, columns], predicted[chosen][:, columns]
                lower = shuffled_baseline(truth, seed)
                for name, metric in COUNT_METRICS.items():
                    error = name == "mse"
                    value = metric(truth.ravel(), guess.ravel()) if np.isfinite(guess).all() else np.nan
                    # a mean is a constant, which no correlation is defined for
                    reached = metric(truth.ravel(), average[:, columns].ravel()) if error else np.nan
                    upper = np.nan if np.isnan(lower[name]) else float(not error)
                    bounds = (value, lower[name], reached, upper)
                    lines.append(_line(regions, f"count_{name}{suffix}", strand, bounds, int(chosen.sum())))
        return lines

    def _profiles(self, task: int, part: int) -> list[dict[str, Any]]:
        """Return the metrics of profiles: means over the peaks where they are defined."""
        number = self.defined[task, part]
        with np.errstate(invalid="ignore"):
            means = self.sums[task, part] / number  # (bounds, metrics)
        lines = []
        # without predictions, the bounds' own number
        given = number[0] if self.with_predictions else number[1]
        for place, name in enumerate(NAMES):
            strand = "+" if name.endswith("_plus") else "-" if name.endswith("_minus") else "both"
            lines.append(_line(KINDS[0], name, strand, tuple(means[:, place]), int(given[place])))
        return lines


def _line(regions: str, metric: str, strand: str, bounds: tuple[float, ...], number: int) -> dict[str, Any]:
    """Return a row of the table; where between its bounds a value lies is 0 at the lower, 1 at the upper one."""
    value, lower, _, upper = bounds
    normalised = (value - lower) / (upper - lower) if upper != lower else np.nan
    return {
        "regions": regions,
        "metric": metric,
        "strand": strand,
        **dict(zip(BOUNDS, bounds, strict=True)),
        "normalised": normalised,
        "n": number,
    }
