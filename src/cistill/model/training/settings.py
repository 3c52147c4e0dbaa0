"""Settings of trainings and fine-tunings, the defaults of their commands; how those are chosen that are left open.

What computes is imported where it is used: commands read the defaults for their `--help`.
"""

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, cast

from cistill.seeds import SEED

if TYPE_CHECKING:
    import numpy as np
    import torch

    from cistill.model.windows.dataset import Dataset

Precision = Literal["auto", "fp32", "tf32", "bf16"]
Keep = Literal["best", "all"]

COMPARE_AFTER = 1.0
"""Share of the schedule after which the restarts of a fold are compared (restarts.py); 1: never."""
WEIGHED_REGIONS = 4096  # enough for a mean, and soon read


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
        Weight of the count loss; 0 takes it from the data (`balanced_count_weight`).
    count_weight_factor : float
        The weight chosen by the program is multiplied by this.
    patience : int
        Stop after this many epochs without a better criterion, in the second half of the schedule only; 0 never stops.
    hopeless_after : float
        Stop after this share of the schedule if the network knows no more than the mean of the data; 1 never does.
    divergences : int
        How often a training whose loss stops being a number starts again with half the learning rate.
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
    background_ratio: float = 3.0
    precision: Precision = "auto"
    seed: int = SEED

    def chosen(
        self, dataset: "Dataset", rows: "np.ndarray", batches: int, device: "torch.device"
    ) -> "TrainingSettings":
        """Return the settings with everything filled in that was left to the program.

        Parameters
        ----------
        dataset : Dataset
            What is trained on.
        rows : int array
            The regions of an epoch, in any random order.
        batches : int
            Batches of an epoch with one background a peak.
        device : torch.device
            Where the training runs.
        """
        from cistill.model.precision import choose_precision

        weight = self.count_weight or self.count_weight_factor * balanced_count_weight(dataset, rows[:WEIGHED_REGIONS])
        return replace(
            self,
            epochs=self.epochs or epochs_for(batches, len(dataset.tasks)),
            count_weight=weight,
            precision=cast(Precision, choose_precision(self.precision, device)),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the settings as a dictionary."""
        return asdict(self)


@dataclass(frozen=True)
class FinetuneSettings:
    """Settings of a fine-tuning.

    Attributes
    ----------
    epochs : int
        Passes over the training peaks, at most; each learning rate falls to zero as half a cosine.
    restarts : int
        Fine-tunings from the same network, in different order of the regions; the best is kept of each head and task.
    batch_size : int
    profile_rate, count_rate : float
        Learning rates of the two heads; nothing they share is trained, so they are tuned at the same time.
    patience : int
        Stop once no head of any task has become better for this many epochs; 0 never stops.
    background_ratio : float
        Backgrounds per peak. The same ones in every epoch: their activations are kept.
    cache_gb : float
        Memory for activations of the trunk, in gigabytes.
    seed : int
    """

    epochs: int = 20
    restarts: int = 3
    batch_size: int = 64
    profile_rate: float = 0.001
    count_rate: float = 0.001
    patience: int = 5
    background_ratio: float = 3.0
    cache_gb: float = 4.0
    seed: int = SEED

    def to_json(self) -> dict[str, Any]:
        """Return the settings as a dictionary."""
        return asdict(self)


def epochs_for(batches: int, tasks: int = 1) -> int:
    """Return the number of epochs, 15 to 120, for a data set of this many batches with one background a peak.

    About 1,600 of these: further backgrounds of an epoch come on top, and do not make the passes over the peaks fewer.

    Small data sets need many passes before the count head has learnt anything; large ones are done after the published
    15 epochs. What distinguishes tasks is learnt after what they share: two get twice the steps, more three times.
    Most trainings end by patience soon after the half of it: a longer schedule costs less than it says.
    """
    return min(120, max(15, math.ceil(1600 * min(tasks, 3) / batches)))


def epochs_of(share: float, settings: TrainingSettings) -> int:
    """Return the number of epochs in a share (0 to 1) of a schedule, at least one where the schedule has any."""
    return math.ceil(share * settings.epochs)


def balanced_count_weight(dataset: "Dataset", rows: "np.ndarray") -> float:
    """Return the weight of the count loss for which both heads' unexplained shares of the peaks count alike.

    Backgrounds, most of an epoch, have next to no profile loss, so that counts weigh several times as much as in the
    criterion.

    The profile loss grows with the number of reads, the squared error of log counts does not, and of either only a part
    can be explained at all. The weight is the ratio of what there is to explain: of the peaks' profiles, from the mean
    profile's loss to that of their own, over the variance of log counts; means over tasks.

    Parameters
    ----------
    dataset : Dataset
    rows : int array
        Regions to take it from, peaks and backgrounds.

    Returns
    -------
    float
        At least 1; 1 where the counts do not vary.
    """
    import numpy as np

    from cistill.model.training.explainable import LEAST, explainable, mean_profile
    from cistill.model.windows.batches import mean_log_counts

    mean = mean_profile(dataset, rows[dataset.kind[rows] == "peak"])
    tasks = explainable(dataset, rows, np.log(mean), mean_log_counts(dataset, rows))
    known = [task for task in tasks if task.profile == task.profile and task.mse_mean > LEAST]
    if not known:
        return 1.0
    ratio = sum(task.profile for task in known) / sum(task.mse_mean for task in known)
    return max(1.0, float(ratio))


def restart_seed(seed: int, restart: int) -> int:
    """Return the seed of a restart (numbered from 1): restarts of different seeds share no random number."""
    return seed * 1000 + restart
