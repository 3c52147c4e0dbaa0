#!/usr/bin/env python3
"""Reb1 ChIP-exo, three folds, two restarts each: single networks beside their ensembles, on regions none of them saw.

Usage: benchmarks/reb1_folds.py [--seeds 1,2,3] [--folds 0,1,2] [--restarts 2] [--outdir build/reb1_folds]

The data lie in the folder that CISTILL_TEST_DATA names, by default ../shared/data beside the project. What is there
already is not computed again.
"""

import argparse
from pathlib import Path

import pandas as pd
from datasets import PROJECT, command, need_data, reb1

SHOWN = {
    ("auroc", "peaks+background"): "AUROC",
    ("count_pearson", "peaks+background"): "r, with background",
    ("count_pearson", "peaks"): "r, within peaks",
    ("profile_jsd", "peaks"): "joint JS distance",
}


def figures(data: Path, model: Path, out: Path) -> dict[str, float]:
    """Predict with a model and return its figures on unseen regions."""
    made = command("predict", "--dataset", data, "--model", model, "--regions", "held_out", out=out)
    table = pd.read_csv(made / "REB1.metrics.tsv", sep="\t")
    table = table[table["split"] == "test"].set_index(["metric", "regions"])["value"]
    return {label: float(table[key]) for key, label in SHOWN.items()}


def of_seed(data: Path, seed: int, restarts: int, outdir: Path) -> dict[str, dict[str, float]]:
    """Train everything for one seed; return the figures of every way to make a model of it."""
    own = outdir / f"seed_{seed}"
    preset = PROJECT / "assets/models/profile-546.json"
    trained = command(
        "train", "--dataset", data, "--preset", preset, "--restarts", restarts, "--seed", seed, out=own / "train"
    )
    models = sorted(trained.glob("*.model.safetensors"))
    tuned_folder = command("finetune", "--dataset", data, "--each", "--seed", seed, *models, out=own / "finetune")
    tuned = sorted(tuned_folder.glob("*.model.safetensors"))
    rows = {}
    for restart in range(1, restarts + 1):
        alone = [model for model in models if f"restart_{restart}." in model.name]
        rows[f"one network a fold, restart {restart}"] = select_and_predict(
            data, alone, "best", own, f"alone_{restart}"
        )
    rows["best restart of each fold"] = select_and_predict(data, models, "best", own, "best")
    rows["best restart, fine-tuned where better"] = select_and_predict(data, models + tuned, "best", own, "best_tuned")
    rows["all restarts"] = select_and_predict(data, models, "all", own, "all")
    rows["all restarts, fine-tuned where better"] = select_and_predict(data, models + tuned, "all", own, "all_tuned")
    return rows


def select_and_predict(data: Path, models: list[Path], keep: str, own: Path, name: str) -> dict[str, float]:
    """Make a model of networks and return its figures."""
    chosen = command("select", "--keep", keep, *models, out=own / f"select_{name}")
    return figures(data, chosen / "REB1.model.safetensors", own / f"predict_{name}")


def main() -> None:
    """Print the table of every seed, and means and standard deviations over seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--folds", default="0,1,2")
    parser.add_argument("--restarts", type=int, default=2)
    parser.add_argument("--outdir", type=Path, default=PROJECT / "build/reb1_folds")
    given = parser.parse_args()
    need_data()
    data = reb1(given.outdir, given.folds)
    rows = []
    for seed in map(int, given.seeds.split(",")):
        for model, values in of_seed(data, seed, given.restarts, given.outdir).items():
            rows.append({"model": model, "seed": seed, **values})
            print("|", model, "|", seed, "|", " | ".join(f"{value:.4f}" for value in values.values()), "|", flush=True)
    table = pd.DataFrame(rows)
    print("\n| model |", " | ".join(SHOWN.values()), "|")
    print("|---|" + "---|" * len(SHOWN))
    for model, own in table.groupby("model", sort=False):
        cells = [f"{own[label].mean():.4f} ± {own[label].std():.4f}" for label in SHOWN.values()]
        print("|", model, "|", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
