#!/usr/bin/env python3
"""What the program chooses (count weight, length, epoch kept) beside a grid of choices by hand, on held-out regions.

Usage: benchmarks/defaults_grid.py [reb1 gcn4 demo] [--seeds 1,2] [--factors 0.1,0.3,3,10] [--shares 0.25,0.5,2]
                                   [--outdir build/benchmark]

The figure is the criterion on test regions (unexplained shares of profile and counts, summed; smaller is better), a
mean over seeds. Grid: the count weight times 0.1, 0.3, 3 and 10 with everything else by default; a quarter, half and
twice the epochs.
"""

import argparse
import logging
from pathlib import Path

from datasets import NAMES, PROJECT, build, need_data
from one_training import TrainingSettings, mean, train

FILTERS = {"reb1": 64, "gcn4": 32, "demo": 32}
DEFAULT = "default"


def grid(epochs: int, factors: list[float], shares: list[float]) -> dict[str, dict[str, float]]:
    """Return the settings of the rows beside the default, which takes `epochs`."""
    rows: dict[str, dict[str, float]] = {
        f"count weight x {factor:g}": {"count_weight_factor": factor} for factor in factors
    }
    return rows | {f"epochs x {share:g}": {"epochs": max(1, round(share * epochs))} for share in shares}


def main() -> None:
    """Print a table for each dataset, and how far the default is from the best row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--factors", default="0.1,0.3,3,10")
    parser.add_argument("--shares", default="0.25,0.5,2")
    parser.add_argument("--outdir", type=Path, default=PROJECT / "build/benchmark")
    given = parser.parse_args()
    need_data()
    logging.disable(logging.INFO)
    seeds = [int(seed) for seed in given.seeds.split(",")]
    factors, shares = ([float(value) for value in text.split(",")] for text in (given.factors, given.shares))
    for name in given.names or NAMES:
        file = build(name, given.outdir)
        print(
            f"\n{name}\n| | criterion, test | of validation | AUROC | r, all | r, peaks | epoch kept | s |", flush=True
        )
        print("|---|---|---|---|---|---|---|---|")
        found: dict[str, float] = {}
        epochs = 0
        rows = {DEFAULT: {}}
        while rows:
            label, changes = next(iter(rows.items()))
            del rows[label]
            runs = [train(file, FILTERS[name], TrainingSettings(seed=seed * 1000 + 1, **changes)) for seed in seeds]
            if label == DEFAULT:
                epochs = int(runs[0]["epochs"])
                rows = grid(epochs, factors, shares)
            result = mean(runs)
            found[label] = result["criterion"]
            cells = [f"{result[key]:.4f}" for key in ("criterion", "valid", "auroc", "r_all", "r_peaks")]
            print(f"| {label} |", " | ".join(cells), f"| {result['epoch']:.0f} | {result['seconds']:.0f} |", flush=True)
        best = min(found, key=lambda label: found[label])
        print(f"default {found[DEFAULT]:.4f}, best {found[best]:.4f} ({best}): {found[DEFAULT] / found[best]:.4f} x")


if __name__ == "__main__":
    main()
