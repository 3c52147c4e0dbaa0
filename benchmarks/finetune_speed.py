#!/usr/bin/env python3
"""An epoch of fine-tuning on cached activations of the trunk, beside one through the full network: a ratio.

Usage: benchmarks/finetune_speed.py [reb1] [--rounds 3] [--use_gpu] [--outdir build/benchmark]

Both sides pass over the same batches, update the same heads and nothing else. `full, heads only` computes the trunk
anew, `full` its gradients too, as a program does that freezes layers by leaving them out of the optimizer.
"""

import argparse
import logging
import statistics
import time
from pathlib import Path

import torch
from datasets import PROJECT, build, need_data
from one_training import network_config, read_dataset

from cistill.model.network import build_network
from cistill.model.training.finetuning import Finetuner
from cistill.model.training.losses import region_losses
from cistill.model.training.settings import FinetuneSettings
from cistill.network_heads import HEADS


def main() -> None:
    """Print seconds an epoch and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default="reb1")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--use_gpu", action="store_true")
    parser.add_argument("--outdir", type=Path, default=PROJECT / "build/benchmark")
    given = parser.parse_args()
    need_data()
    logging.disable(logging.INFO)
    device = torch.device("cuda" if given.use_gpu else "cpu")
    dataset = read_dataset(build(given.name, given.outdir))
    view = dataset.in_fold(next(iter(dataset.folds)))
    network = build_network(network_config(view, None, {"filters": 64})).to(device).eval()
    start = time.perf_counter()
    tuner = Finetuner(network, view, FinetuneSettings(), device)
    filling = time.perf_counter() - start
    sides = {
        "cached": lambda: cached(tuner),
        "full, heads only": lambda: full(tuner, False),
        "full": lambda: full(tuner, True),
    }
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(given.rounds):
        for side, epoch in sides.items():
            start = time.perf_counter()
            epoch()
            if device.type == "cuda":
                torch.cuda.synchronize()
            seconds[side].append(time.perf_counter() - start)
    print(f"filling the cache, once: {filling:.2f} s, {tuner.cache.kept.nbytes / 1e6:.0f} MB")
    for side, values in seconds.items():
        ratio = statistics.median(other / own for other, own in zip(values, seconds["cached"], strict=True))
        print(f"{side}: {statistics.median(values):.2f} s an epoch, {ratio:.1f} x the cached one")


def optimizer_of(tuner: Finetuner) -> torch.optim.Optimizer:
    """Return an optimizer of the heads."""
    groups = [{"params": list(tuner.network.head_parameters(head)), "lr": 1e-3, "peak": 1e-3} for head in HEADS]
    return torch.optim.Adam(groups, eps=1e-7, fused=True)


def cached(tuner: Finetuner) -> None:
    """Pass once over the training regions with the cache."""
    tuner._epoch(optimizer_of(tuner), 0, 0)


def full(tuner: Finetuner, with_trunk: bool) -> None:
    """Pass once over the training regions through the whole network."""
    optimizer = optimizer_of(tuner)
    for parameter in tuner.network.trunk_parameters():
        parameter.requires_grad_(with_trunk)
    for batch in tuner.batches.epoch(0):
        moved = batch.to(tuner.device)
        losses = region_losses(tuner.network(moved.sequence, moved.control), moved.signal)
        tuner.network.zero_grad()
        (losses.profile_nll.mean() + losses.count_mse.mean()).backward()
        optimizer.step()


if __name__ == "__main__":
    main()
