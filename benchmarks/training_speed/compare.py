#!/usr/bin/env python3
"""Training throughput of `profile-2114` beside bpnet-lite's model class: both sides in turn, several rounds, a ratio.

Usage: benchmarks/training_speed/compare.py PEER_PYTHON [--device cuda] [--rounds 5] [--threads 1] [--steps 8]
       benchmarks/training_speed/compare.py --product [--rounds 5] [--threads 1]

PEER_PYTHON is the interpreter of an environment made with

    uv venv peers && VIRTUAL_ENV=peers uv pip install torch tangermeme==1.6.0 h5py pandas tqdm
    VIRTUAL_ENV=peers uv pip install --no-deps bpnet-lite==1.1.0

--product compares with the machine instead: the operations of a step in float32, counted as of direct convolution, a
second, over those of `torch.mm` of 4,096 squared with the same threads. On a busy machine take one thread and the
ratios by processor time: threads that share a product use processor time while they wait for one another.

On a GPU the lines of batch 256 are the figures of one model on one device. Where no GPU is visible, --device cuda says
so and ends.
"""

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def measure(python: str, script: str, *options: object) -> tuple[float, float]:
    """Return regions a second, by the clock and by processor time."""
    command = [python, str(HERE / script), *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    wall, processor = done.stdout.split()[-2:]
    return float(wall), float(processor)


def main() -> None:
    """Run both sides in turn and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", nargs="?")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, help="of torch on a CPU; all by default")
    parser.add_argument("--steps", type=int, help="measured in each round; 8 on a CPU and 100 on a GPU by default")
    parser.add_argument("--product", action="store_true", help="compare with torch.mm instead of bpnet-lite")
    given = parser.parse_args()
    threads = () if given.threads is None else ("--threads", given.threads)
    if given.product:
        beside_product(given.rounds, given.steps or 8, threads)
        return
    if given.peer is None:
        parser.error("PEER_PYTHON is needed, unless --product is given")
    if given.device == "cuda" and not gpu_visible():
        sys.exit("no GPU is visible to torch: the GPU part of this benchmark was not run")
    precisions = ("fp32", "tf32", "bf16") if given.device == "cuda" else ("fp32", "bf16")
    batches = (64, 256) if given.device == "cuda" else (16, 64)
    steps = given.steps or (100 if given.device == "cuda" else 8)
    print("| batch | precision | bpnet-lite 1.1, regions/s | ours, regions/s | ratio | ratio by processor time |")
    print("|---|---|---|---|---|---|")
    for batch in batches:
        for precision in precisions:
            options = ("--device", given.device, "--batch", batch, "--steps", steps, "--precision", precision, *threads)
            pairs = [
                (measure(given.peer, "bpnetlite_side.py", *options), measure(sys.executable, "ours.py", *options))
                for _ in range(given.rounds)
            ]
            theirs, ours = (statistics.median(pair[side][0] for pair in pairs) for side in (0, 1))
            by_clock, by_processor = (statistics.median(o[i] / t[i] for t, o in pairs) for i in (0, 1))
            print(
                f"| {batch} | {precision} | {theirs:.1f} | {ours:.1f} | {by_clock:.2f} | {by_processor:.2f} |",
                flush=True,
            )


def beside_product(rounds: int, steps: int, threads: tuple[object, ...]) -> None:
    """Print the rate of a step's operations beside that of a matrix product, in turn."""
    operations = step_operations() / 1e9
    step, product = ("--batch", 64, "--steps", steps, "--precision", "fp32", *threads), ("--steps", 2, *threads)
    pairs = [
        (measure(sys.executable, "product.py", *product), measure(sys.executable, "ours.py", *step))
        for _ in range(rounds)
    ]
    print("| rate | torch.mm, GFLOP/s | ours, regions/s | ours, GFLOP/s | share |\n|---|---|---|---|---|")
    for i, name in enumerate(("by the clock", "by processor time")):
        machine, regions = (statistics.median(pair[side][i] for pair in pairs) for side in (0, 1))
        share = statistics.median(ours[i] * operations / other[i] for other, ours in pairs)
        print(f"| {name} | {machine:.1f} | {regions:.1f} | {regions * operations:.1f} | {share:.2f} |", flush=True)


def step_operations() -> int:
    """Return the operations of a region in a step of `profile-2114`: those of direct convolutions and their gradients.

    Each layer is convolved once and gives two gradients, the first layer that of its kernel only.
    """
    filters, outputs, positions = 64, 2, 2114 - 20
    total = 2 * 2 * positions * filters * 4 * 21
    for layer in range(1, 9):
        positions -= 2 * 2**layer
        total += 3 * 2 * positions * filters * filters * 3
    return total + 3 * 2 * (positions - 74) * outputs * filters * 75


def gpu_visible() -> bool:
    """Tell whether torch sees a GPU."""
    import torch

    return torch.cuda.is_available()


if __name__ == "__main__":
    main()
