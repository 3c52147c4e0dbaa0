"""How a training ends: with a network and its history, interrupted, or without a finite loss."""

from dataclasses import dataclass
from typing import Any

from cistill.errors import InputError
from cistill.model.network import Network
from cistill.model.training.settings import TrainingSettings
from cistill.model.training.validation import ValidationScores


class TrainingInterrupted(Exception):
    """The training was asked to stop; its state is saved."""


class TrainingDiverged(InputError):
    """The loss stops being a number again and again."""


class LossNotFinite(Exception):
    """The loss is not a number any more."""


@dataclass
class TrainingResult:
    """A trained network and how it came about.

    Attributes
    ----------
    network : Network
        Averaged weights of the best epoch, in evaluation mode.
    settings : TrainingSettings
        With everything filled in; the learning rate is the one that the training ended with.
    history : list of dict
        One entry per epoch, the columns of `HISTORY` (formats/tables/training.py) and `seconds`.
    best_epoch : int
        Index into the history.
    scores : ValidationScores
        Of the network, on the validation set.
    resumed_from : (int, int)
        Epoch and batch of the state that was taken up, (0, 0) without one.
    regions_per_epoch : int
        Peaks and backgrounds gone through in an epoch.
    divergences : int
        How often the training was started anew with half the learning rate.
    """

    network: Network
    settings: TrainingSettings
    history: list[dict[str, Any]]
    best_epoch: int
    scores: ValidationScores
    resumed_from: tuple[int, int]
    regions_per_epoch: int
    divergences: int
