"""What to hold predictions against: the uniform profile, and the means of the training regions of each fold."""

import numpy as np

from cistill.data.chromosome_split import NONE, PARTS
from cistill.model.prediction.distributions import Distributions, smooth
from cistill.model.prediction.profile_metrics import Predicted
from cistill.model.windows.counts import strand_shares
from cistill.model.windows.dataset import Dataset, signal_blocks

TRAIN, TEST = PARTS.index("train"), PARTS.index("test")
FLOOR = 1e-6  # probability added to every position of a mean profile, so that none is impossible


def uniform_prediction(length: int) -> Predicted:
    """Return the profile that knows nothing: every position, and each strand, alike."""
    share = np.full((1, 2, length), 1 / length)
    return Predicted(np.log(share), np.full((1, 2), -np.log(2)), Distributions.of(share))


class TrainingMeans:
    """Mean profiles and mean log counts of training peaks, for each region those of folds that never saw it.

    A region is held against the training regions of the folds that test it; where no fold does, against those of all
    folds.

    Parameters
    ----------
    dataset : Dataset
        Whole, with all its folds.
    tasks : list of str
        Which of its tasks, in the order wanted.

    Attributes
    ----------
    group : int array, shape=(regions,)
        Which set of folds each region is held against.
    profile : Predicted
        Mean profiles, row ``group * tasks + task``: each peak's strand normalised first. For metrics of smoothed
        profiles it is smoothed too.
    log_count : array, shape=(groups, tasks, 2, 3)
        Mean ln(1 + count) of training peaks, and of peaks and their first backgrounds; of both strands together, then
        of each. NaN without such regions.
    """

    def __init__(self, dataset: Dataset, tasks: list[str]) -> None:
        codes, uses = _places(dataset)
        names = list(dataset.folds)
        folds_of = [tuple(n for n, use in zip(names, row, strict=True) if use == TEST) or tuple(names) for row in uses]
        groups = list(dict.fromkeys(folds_of))
        self.tasks = len(tasks)
        self.group = np.array([groups.index(folds) for folds in folds_of], dtype=np.int64)[codes]
        # how many folds of a group train on a place, (groups, places)
        weights = np.array([(uses[:, [names.index(fold) for fold in group]] == TRAIN).sum(1) for group in groups])
        each = []
        for task in tasks:
            rows = dataset.rows(task=dataset.tasks.index(task)) if len(dataset.tasks) > 1 else slice(None)
            each.append(_sums(dataset.for_task(task), codes[rows], len(uses)))
        profile, peaks, reads, logs, number = (np.stack([e[i] for e in each], 1) for i in range(5))
        profile, peaks, reads, logs, number = (
            np.tensordot(weights, part, 1) for part in (profile, peaks, reads, logs, number)
        )
        profile = profile + FLOOR * np.maximum(peaks, 1)[..., None, None]
        profile = (profile / profile.sum(-1, keepdims=True)).reshape(-1, *profile.shape[2:])  # (rows, strands, length)
        reads = (reads + FLOOR).reshape(-1, 2)
        share = reads / reads.sum(1, keepdims=True)
        self.profile = Predicted(np.log(profile), np.log(share), Distributions.of(smooth(profile)))
        with np.errstate(invalid="ignore"):
            self.log_count = logs / number[..., None]

    def profile_for(self, rows: np.ndarray, task: np.ndarray) -> Predicted:
        """Return the mean profiles for pairs of a region and a task, both given by number."""
        table = self.profile
        return Predicted(table.log_profile, table.log_share, table.smoothed, self.group[rows] * self.tasks + task)


def _places(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return the place of each region, and what each fold uses every place for, `(places, folds)`.

    A place is a chromosome, or what folds use alike of one that is split within.
    """
    _, chrom = np.unique(dataset.chrom, return_inverse=True)
    keys = np.column_stack([chrom, dataset.uses])
    places, codes = np.unique(keys, axis=0, return_inverse=True)
    return codes.ravel(), places[:, 1:]


def _sums(view: Dataset, code: np.ndarray, places: int) -> tuple[np.ndarray, ...]:
    """Sum the peaks of one task by place, regions without a part in the split left out.

    Returns
    -------
    profile (places, 2, length), peaks (places,), reads (places, 2), log counts (places, 2, 3), regions (places, 2)
    """
    used = view.split != NONE
    is_peak = used & view.is_peak[:, 0]
    profile = np.zeros((places, 2, view.output_length))
    for rows, signal in signal_blocks(view, np.flatnonzero(is_peak)):
        share = strand_shares(signal)[:, 0]  # (block, 2, length)
        for present in np.unique(code[rows]):
            profile[present] += share[code[rows] == present].sum(0)
    counts = view.counts[:, 0]  # (regions, 2)
    logs = np.zeros((places, 2, 3))
    number = np.zeros((places, 2))
    reads = np.zeros((places, 2))
    np.add.at(reads, code[is_peak], counts[is_peak])
    with_background = is_peak | (used & (view.kind == "background") & view.is_scored)
    for kind, chosen in enumerate((is_peak, with_background)):
        np.add.at(logs[:, kind], code[chosen], log_counts(counts[chosen]))
        np.add.at(number[:, kind], code[chosen], 1)
    return profile, number[:, 0], reads, logs, number


def log_counts(counts: np.ndarray) -> np.ndarray:
    """Return ln(1 + count) of both strands together, then of each, (regions, 2) -> (regions, 3)."""
    return np.log1p(np.concatenate([counts.sum(-1, keepdims=True), counts], -1))
