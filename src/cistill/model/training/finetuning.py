"""Fine-tuning: the trunk stays, the heads of every task are trained on from a trained network."""

import math
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cistill.console import LOG
from cistill.errors import InputError
from cistill.formats.tables.training import FINETUNED_HISTORY
from cistill.model.network import Network
from cistill.model.training.losses import count_errors, profile_losses
from cistill.model.training.settings import FinetuneSettings
from cistill.model.training.trunk_cache import TrunkCache
from cistill.model.training.validation import Validation, ValidationScores, region_scores
from cistill.model.windows.batches import TrainingBatches, signal_of
from cistill.model.windows.dataset import Dataset
from cistill.network_heads import HEADS

PROFILE_FIRST = HEADS[::-1]


@dataclass
class FinetuneResult:
    """A fine-tuned network.

    Attributes
    ----------
    network : Network
    history : list of dict
        One entry per restart, epoch and task: the columns of `FINETUNED_HISTORY`.
    before, after : ValidationScores
        On the validation set, before and after; after is never worse in either head of a task.
    """

    network: Network
    history: list[dict[str, Any]]
    before: ValidationScores
    after: ValidationScores


class Finetuner:
    """Trains the heads of a network on its own trunk's activations.

    The published protocol tunes the heads of one task after another, profile head first, each on the task's own peaks
    with a fresh optimizer. With a frozen trunk no head depends on another, so all are tuned at once here: the
    loss of a task counts its own regions only, and Adam treats every weight by itself.

    Parameters
    ----------
    network : Network
        Where to start; not changed.
    dataset : Dataset
        As the network's fold and tasks see it.
    settings : FinetuneSettings
    device : torch.device
    """

    def __init__(self, network: Network, dataset: Dataset, settings: FinetuneSettings, device: torch.device) -> None:
        self.settings, self.device, self.dataset = settings, device, dataset
        self.network = deepcopy(network).to(device).eval()
        pool = math.ceil(settings.background_ratio)
        self.batches = TrainingBatches(
            dataset, settings.batch_size, settings.seed, settings.background_ratio, pool_per_peak=pool
        )
        self.validation = Validation(dataset, device)
        if not self.validation.available:
            raise InputError("fine-tuning needs validation peaks to choose by: check the chromosome split")
        training = np.concatenate([self.batches.peaks, self.batches.backgrounds])
        budget = settings.cache_gb * 1e9
        self.cache = TrunkCache(self.network, dataset, training, device, budget, self.batches.jitter, True)
        left = budget - self.cache.kept.nbytes
        self.valid_cache = TrunkCache(self.network, dataset, self.validation.rows, device, left, 0, False)
        self.masks = torch.from_numpy(dataset.of_task).to(device)

    def run(self) -> FinetuneResult:
        """Tune all restarts and return the network made of the best heads of each task."""
        start = {name: value.clone() for name, value in self.network.state_dict().items()}
        before = self._score()
        best = {head: [getattr(s, _score_name(head)) for s in before.tasks.values()] for head in PROFILE_FIRST}
        chosen = {name: value.clone() for name, value in start.items()}
        history: list[dict[str, Any]] = []
        for restart in range(1, self.settings.restarts + 1):
            self.network.load_state_dict(start)
            self._restart(restart, best, chosen, history)
        self.network.load_state_dict(chosen)
        return FinetuneResult(self.network, history, before, self._score())

    def _restart(
        self, restart: int, best: dict[str, list[float]], chosen: dict[str, Tensor], history: list[dict[str, Any]]
    ) -> None:
        settings = self.settings
        groups = [
            {"params": list(self.network.head_parameters(head)), "lr": rate, "peak": rate}
            for head, rate in zip(PROFILE_FIRST, (settings.profile_rate, settings.count_rate), strict=True)
        ]
        optimizer = torch.optim.Adam(groups, eps=1e-7, fused=True)
        waited = 0
        for epoch in range(settings.epochs):
            # every restart walks through epochs of its own
            self._epoch(optimizer, epoch, (restart - 1) * settings.epochs + epoch)
            scores = self._score()
            better = self._keep_better(scores, best, chosen)
            for task, (name, own) in enumerate(scores.tasks.items()):
                won = {head: (head, task) in better for head in PROFILE_FIRST}
                history.append(
                    dict(
                        zip(
                            FINETUNED_HISTORY.names,
                            (restart, epoch + 1, name, own.profile_nll, own.count_mse, *won.values()),
                            strict=True,
                        )
                    )
                )
            waited = 0 if better else waited + 1
            if 0 < settings.patience <= waited:
                break
        LOG.info(
            "fine-tuning %d of %d: %d epochs, validation profile NLL %.4g, count MSE %.4g",
            restart,
            settings.restarts,
            epoch + 1,
            float(np.mean(best["profile"])),
            float(np.mean(best["counts"])),
        )

    def _epoch(self, optimizer: torch.optim.Optimizer, epoch: int, drawn: int) -> None:
        """Pass once over the training regions; `drawn` numbers the order and the shifts."""
        order = self.batches.order(drawn)
        steps = len(self.batches)
        for index in range(steps):
            done = (epoch * steps + index) / (self.settings.epochs * steps)
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * 0.5 * (1 + math.cos(math.pi * done))
            rows, shift, flip = self.batches.draw(drawn, index, order)
            signal, control = signal_of(self.dataset, rows, shift, flip)
            output = self.network.heads(
                self.cache.windows(rows, shift, flip), None if control is None else control.to(self.device)
            )
            observed = signal.to(self.device)
            own = self.masks[torch.from_numpy(rows).to(self.device)].float()
            share = own / own.sum(0).clamp(min=1)
            loss = (share * (profile_losses(output, observed) + count_errors(output, observed))).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def _score(self) -> ValidationScores:
        """Score the network on the validation set."""
        parts = []
        with torch.no_grad():
            for rows, hidden in self.valid_cache.centred(self.validation.rows):
                signal, control = signal_of(self.dataset, rows)
                output = self.network.heads(hidden, None if control is None else control.to(self.device))
                parts.append(region_scores(output, signal.to(self.device)))
        return self.validation.of_regions(*(np.concatenate(values) for values in zip(*parts, strict=True)))

    def _keep_better(
        self, scores: ValidationScores, best: dict[str, list[float]], chosen: dict[str, Tensor]
    ) -> set[tuple[str, int]]:
        """Keep the weights of every head and task that scores better than the best so far."""
        better = set()
        tasks = len(self.dataset.tasks)
        for head in PROFILE_FIRST:
            names = _names(self.network, head)
            for task, own in enumerate(scores.tasks.values()):
                score = getattr(own, _score_name(head))
                if score < best[head][task]:
                    best[head][task] = score
                    better.add((head, task))
                    for name in names:
                        current = self.network.get_parameter(name).detach()
                        # the first axis of a head's weights runs over tasks, then over what a task has several of
                        chosen[name].view(tasks, -1)[task] = current.view(tasks, -1)[task]
        return better


def _score_name(head: str) -> str:
    """Return which validation score a head is chosen by."""
    return {"profile": "profile_nll", "counts": "count_mse"}[head]


def _names(network: Network, head: str) -> list[str]:
    """Return the names of a head's parameters."""
    own = {id(parameter) for parameter in network.head_parameters(head)}
    return [name for name, parameter in network.named_parameters() if id(parameter) in own]
