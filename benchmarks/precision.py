#!/usr/bin/env python3
"""Training in bfloat16 beside float32: held-out figures over seeds, and speed.

Usage: benchmarks/precision.py [reb1] [--seeds 1,2,3,4,5] [--use_gpu] [--outdir build/benchmark]
"""

import argparse
import logging
from pathlib import Path

import numpy as np
import torch
from datasets import PROJECT, build, need_data
from one_training import TrainingSettings, train

FIGURES = ("criterion", "auroc", "r_all", "r_peaks", "seconds")


def main() -> None:
    """Print a row for each seed and precision, means, standard deviations, and differences in units of seed noise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default="reb1")
    parser.add_argument("--seeds", default="1,2,3,4,5")
    parser.add_argument("--use_gpu", action="store_true")
    parser.add_argument("--outdir", type=Path, default=PROJECT / "build/benchmark")
    given = parser.parse_args()
    need_data()
    logging.disable(logging.INFO)
    file = build(given.name, given.outdir)
    device = torch.device("cuda" if given.use_gpu else "cpu")
    precisions = ("fp32", "tf32", "bf16") if given.use_gpu else ("fp32", "bf16")
    found: dict[str, list[list[float]]] = {precision: [] for precision in precisions}
    print("| precision | seed | criterion, test | AUROC | r, all | r, peaks | s |\n|---|---|---|---|---|---|---|")
    for seed in map(int, given.seeds.split(",")):
        for precision in precisions:
            result = train(file, 64, TrainingSettings(seed=seed * 1000 + 1, precision=precision), device)
            found[precision].append([result[name] for name in FIGURES])
            print(f"| {precision} | {seed} |", " | ".join(f"{result[name]:.4f}" for name in FIGURES), "|", flush=True)
    whole = {precision: np.array(rows) for precision, rows in found.items()}
    for precision, rows in whole.items():
        cells = [f"{m:.4f} ± {s:.4f}" for m, s in zip(rows.mean(0), rows.std(0, ddof=1), strict=True)]
        print(f"| {precision} | mean ± SD |", " | ".join(cells), "|")
    for precision in precisions[1:]:
        noise = whole["fp32"].std(0, ddof=1)
        difference = (whole[precision] - whole["fp32"]).mean(0)
        cells = [f"{d:+.4f} ({d / n:+.2f} SD)" for d, n in zip(difference, noise, strict=True)]
        print(
            f"{precision} - fp32:", ", ".join(f"{name} {cell}" for name, cell in zip(FIGURES[:-1], cells, strict=False))
        )
        print(f"time, fp32 / {precision}: {np.median(whole['fp32'][:, -1] / whole[precision][:, -1]):.2f}")


if __name__ == "__main__":
    main()
