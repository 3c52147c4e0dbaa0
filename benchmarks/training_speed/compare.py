#!/usr/bin/env python3
"""Training throughput of `profile-2114` beside bpnet-lite's model class: both sides in turn, several rounds, a ratio.

Usage: benchmarks/training_speed/compare.py PEER_PYTHON [--device cuda] [--rounds 5]

PEER_PYTHON is the interpreter of an environment made with

    uv venv peers && VIRTUAL_ENV=peers uv pip install torch tangermeme==1.6.0 h5py pandas tqdm
    VIRTUAL_ENV=peers uv pip install --no-deps bpnet-lite==1.1.0

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
    parser.add_argument("peer")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    if given.device == "cuda" and not gpu_visible():
        sys.exit("no GPU is visible to torch: the GPU part of this benchmark was not run")
    precisions = ("fp32", "tf32", "bf16") if given.device == "cuda" else ("fp32", "bf16")
    batches = (64, 256) if given.device == "cuda" else (16, 64)
    steps = 100 if given.device == "cuda" else 8
    print("| batch | precision | bpnet-lite 1.1, regions/s | ours, regions/s | ratio | ratio by processor time |")
    print("|---|---|---|---|---|---|")
    for batch in batches:
        for precision in precisions:
            options = ("--device", given.device, "--batch", batch, "--steps", steps, "--precision", precision)
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


def gpu_visible() -> bool:
    """Tell whether torch sees a GPU."""
    import torch

    return torch.cuda.is_available()


if __name__ == "__main__":
    main()
