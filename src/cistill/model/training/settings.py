"""Settings of a training, and how those are chosen that the user leaves to the program."""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch

from cistill.model.training.precision import choose_precision
from cistill.model.windows.dataset import Dataset


@dataclass(frozen=True)
class TrainingSettings:
    """Settings of a training.

    Attributes
    ----------
    epochs : int
        Passes over the training peaks; 0 chooses by the size of the data (`epochs_for`).
    batch_size : int
        Regions per step.
    learning_rate : float
        Peak of the schedule: one epoch of linear warm-up, then a half cosine down to zero.
    count_weight : float
        Weight of the count loss; 0 takes it from the depth of the data (`balanced_count_weight`).
    count_weight_factor : float
        The weight chosen by the program is multiplied by this.
    patience : int
        Stop after so many epochs without a better criterion, in the second half of the schedule only; 0 never stops.
    hopeless_after : float
        Stop after this share of the schedule if the network knows no more than the mean of the data; 1 never does.
    divergences : int
        How often a training whose loss stops being a number starts anew with half the learning rate.
    average_decay : float
        Decay per step of the running average of the weights that is validated and kept.
    background_ratio : float
        Backgrounds per peak in an epoch.
    precision : str
        `auto`, `fp32`, `tf32` or `bf16` (`choose_precision`).
    seed : int
        Seed of initial weights and of all batches.
    """

    epochs: int = 0
    batch_size: int = 64
    learning_rate: float = 0.004
    count_weight: float = 0.0
    count_weight_factor: float = 1.0
    patience: int = 10
    hopeless_after: float = 1.0
    divergences: int = 3
    average_decay: float = 0.99
    background_ratio: float = 1.0
    precision: str = "auto"
    seed: int = 1

    def chosen(self, dataset: Dataset, peaks: np.ndarray, batches: int, device: torch.device) -> "TrainingSettings":
        """Return the settings with everything filled in that was left to the program.

        Parameters
        ----------
        dataset : Dataset
            What is trained on.
        peaks : int array
            Rows of the training peaks.
        batches : int
            Batches of an epoch.
        device : torch.device
            Where the training runs.
        """
        balanced = balanced_count_weight(dataset.counts[peaks], dataset.is_peak[peaks])
        return replace(
            self,
            epochs=self.epochs or epochs_for(batches, len(dataset.tasks)),
            count_weight=self.count_weight or balanced * self.count_weight_factor,
            precision=choose_precision(self.precision, device),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the settings as a dictionary."""
        return asdict(self)


def epochs_for(batches_per_epoch: int, tasks: int = 1) -> int:
    """Return the number of epochs for a data set: about 800 steps, but no fewer than 15 and no more than 60 epochs.

    Small data sets need many passes before the count head has learnt anything; large ones are done after the published
    15 epochs. What tells tasks apart is learnt after what they share: two tasks get twice the steps, more thrice.
    """
    return min(60, max(15, math.ceil(800 * min(tasks, 3) / batches_per_epoch)))


def balanced_count_weight(counts: np.ndarray, is_peak: np.ndarray) -> float:
    """Return the weight of the count loss, from the depth of the experiment.

    The profile loss grows with the number of reads N of a strand, the squared error of log counts does not. For Poisson
    counts, a small deviation d in log counts costs N d^2 / 2 nats: with a weight of N / 2 both losses are in nats of
    the same likelihood. N is the mean number of 5' ends per strand and task of a peak.

    Parameters
    ----------
    counts : float array, shape=(regions, tasks, 2)
        5' ends in the output window.
    is_peak : bool array, shape=(regions, tasks)

    Returns
    -------
    float
        At least 1.
    """
    depth = counts.mean(2)  # (regions, tasks), mean of the strands
    return float(max(1.0, depth[is_peak].mean() / 2)) if is_peak.any() else 1.0


def restart_seed(seed: int, restart: int) -> int:
    """Return the seed of a restart (numbered from 1): restarts of different seeds share no random number."""
    return seed * 1000 + restart
