#!/usr/bin/env python3
"""Training steps on a CPU: threads that share every operation beside threads that have regions of their own.

Usage: benchmarks/training_speed/threads.py [--rounds 5] [--steps 10]

For `profile-546`, `profile-2114` and `distill-1346`, batch 64, in both precisions: forward, losses and backward of the
same made-up batch, by turns in one process; medians of the rounds, and the median ratio.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

import torch

from cistill.model.network import NetworkConfig, build_network
from cistill.model.precision import use_precision
from cistill.model.training.gradients import Gradients
from cistill.model.windows.batches import Batch

BATCH, CPU = 64, torch.device("cpu")
NETWORKS = {
    "profile-546": NetworkConfig(546, 200, 64, 6, family="profile"),
    "profile-2114": NetworkConfig(2114, 1000, 64, 8, family="profile"),
    "distill-1346": NetworkConfig(1346, 1000, 64, 6, family="distill"),
}


def seconds(compute: Callable[[Batch], object], batch: Batch, steps: int) -> float:
    """Return the seconds of a step."""
    compute(batch)
    started = time.perf_counter()
    for _ in range(steps):
        compute(batch)
    return (time.perf_counter() - started) / steps


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10)
    given = parser.parse_args()
    threads = torch.get_num_threads()
    if threads == 1:
        sys.exit("torch has one thread here: nothing to compare")
    print(f"{threads} threads, batch {BATCH}, regions/s\n")
    print("| network | precision | operations shared | regions of their own | ratio |\n|---|---|---|---|---|")
    for name, config in NETWORKS.items():
        for precision in ("fp32", "bf16"):
            network = build_network(config)
            codes = torch.randint(0, 4, (BATCH, config.input_length))
            sequence = torch.nn.functional.one_hot(codes, 4).transpose(1, 2).float().contiguous()
            batch = Batch(sequence, torch.poisson(torch.full((BATCH, 1, 2, config.output_length), 0.2)), None)
            own = Gradients(network, 30, use_precision(precision), BATCH, CPU)
            shared = Gradients(network, 30, use_precision(precision), 1, CPU)  # a batch of one is not divided
            pairs = [[seconds(side.compute, batch, given.steps) for side in (shared, own)] for _ in range(given.rounds)]
            speeds = [BATCH / statistics.median(pair[side] for pair in pairs) for side in (0, 1)]
            ratio = statistics.median(one / other for one, other in pairs)
            print(f"| {name} | {precision} | {speeds[0]:.0f} | {speeds[1]:.0f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
