#!/usr/bin/env python3
"""One factor in three cell types: what the tasks gain from one network, and whether controls remove a planted bias.

Usage: benchmarks/multitask.py [--seeds 1,2,3] [--folds 0] [--epochs 60] [--outdir build/benchmark/multitask]

For every seed, `simulate --preset multitask` makes the data: two tasks of about 1,500 and 1,200 peaks and a small one
of about 150, stretches of the genome with up to five times the reads (in signal and control alike), and a control for
two of the three tasks. Networks of 32 filters (546 -> 200 bp) are trained on all tasks, on each alone, and on all
without controls. Peaks of test chromosomes are compared; figures are means over seeds (those of the bias: over peaks).
--epochs is for all tasks together; a task alone is trained for as many steps, but for 200 epochs at most. 0 leaves it
to the program throughout.

What has been made in --outdir is used again.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import h5py
import numpy as np
import pandas as pd
from datasets import PROJECT, command

from cistill.model.prediction.metrics import total_log_count
from cistill.model.windows.dataset import Dataset, read_dataset
from cistill.statistics import pearson
from cistill.tables import read_table

TF, FILTERS, MOST_EPOCHS = "SIM1", 32, 200
WAYS = ("multi-task", "single-task", "no controls")
SAME_PEAK = 60  # bp between the summit of a region and that of a task's own peak in it
LEFT = 0.25  # of the bias, at most, for it to count as removed


def build(seed: int, folds: str, control: bool, outdir: Path, sizes: list[str]) -> tuple[Path, Path]:
    """Simulate, count, and build the dataset; return the folders of the simulation and of the dataset."""
    simulated = command("simulate", "--preset", "multitask", "--seed", seed, *sizes, out=outdir / "simulation")
    rows = list(csv.DictReader((simulated / "samplesheet.csv").open()))
    files = {}  # as a dictionary: a control stands in several rows, a task has one file of peaks
    for row in rows:
        for role in ("bam", "control_bam") if control else ("bam",):
            if row[role]:
                name = Path(row[role]).stem
                out = command("coverage", "--bam", simulated / row[role], "--readset", name, out=outdir / name)
                option = "--signal" if role == "bam" else "--control"
                files[option, f"{row['task']},{out / name}.plus.bw,{out / name}.minus.bw"] = None
        files["--peaks", f"{row['task']},{simulated / row['peaks']}"] = None
    made = command(
        "dataset",
        *("--tf", TF, "--fasta", simulated / "genome.fa.gz", "--input_length", 546, "--output_length", 200),
        *("--folds", folds, *(word for pair in files for word in pair)),
        out=outdir / ("dataset" if control else "dataset_without_control"),
    )
    return simulated, made


def predictions(
    data: Path, dataset: Dataset, task: str | None, seed: int, epochs: int, folder: Path
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Train on every fold of a dataset; yield per fold the scores of held-out regions and all counts predicted there.

    The second table has a row for each task of the network and each held-out region, the task's peak or not:
    `region_id, task, observed, predicted`.
    """
    file = data / f"{TF}.dataset.h5"
    if task is not None and epochs:
        peaks = [len(dataset.rows("train", "peak", task=index)) for index in (None, dataset.tasks.index(task))]
        epochs = min(MOST_EPOCHS, round(epochs * peaks[0] / max(1, peaks[1])))
    for fold in dataset.folds:
        name = f"{task or 'all'}.fold_{fold}.restart_1"
        trained = command(
            "train",
            *("--dataset", file, "--preset", PROJECT / "assets/models/profile-546.json", "--filters", FILTERS),
            *("--fold", fold, "--epochs", epochs, "--seed", seed, *(("--task", task) if task else ())),
            out=folder / name,
        )
        model = trained / f"{TF}.{name}.model.safetensors"
        made = command(
            "predict",
            *("--dataset", file, "--model", model, "--regions", "held_out"),
            out=folder / f"{name}.predictions",
        )
        scores = read_table(made / f"{TF}.region_predictions.tsv", dtype={"region_id": str})
        with h5py.File(made / f"{TF}.predictions.h5") as h5:
            tasks = json.loads(h5.attrs["tasks"])
            ids, counts = h5["region_id"].asstr()[:], total_log_count(h5["log_counts"][:].astype(np.float64))
        row = pd.Series(np.arange(len(dataset)), index=dataset.region_id)[ids].to_numpy()
        row, counts = row[dataset.kind[row] == "peak"], counts[dataset.kind[row] == "peak"]
        columns = [dataset.tasks.index(one) for one in tasks]
        observed = np.log1p(dataset.counts[row][:, columns].sum(2))  # (regions, tasks of the network)
        parts = [
            {"region_id": dataset.region_id[row], "task": one, "observed": observed[:, k], "predicted": counts[:, k]}
            for k, one in enumerate(tasks)
        ]
        yield scores, pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


def own_peaks(scores: pd.DataFrame, regions: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of each task's own peaks at sites, with the natural log of the planted bias."""
    peaks = scores[scores["kind"] == "peak"].merge(regions, on="region_id", validate="many_to_one")
    own = [task in tasks.split(",") for task, tasks in zip(peaks["task"], peaks["tasks"], strict=True)]
    by_place = dict(iter(truth.groupby(["task", "chrom"])))
    found = []
    for peak in peaks[own].itertuples():
        near = by_place[peak.task, peak.chrom]
        distance = (near["summit"] - peak.summit).abs()
        nearest = distance.idxmin()
        if distance[nearest] > SAME_PEAK:
            raise SystemExit(f"{peak.region_id} is no peak of {peak.task} in the truth")
        if near["origin"][nearest] == "site":
            found.append((peak.Index, np.log(near["bias"][nearest])))
    index, bias = zip(*found, strict=True)
    return peaks.loc[list(index)].assign(log_bias=bias)


def figures(own: pd.DataFrame, everywhere: pd.DataFrame) -> dict[str, float]:
    """Return the figures of one task on held-out peaks."""
    residual = (own["observed_log_count"] - own["predicted_log_count"]).to_numpy()
    bias = own["log_bias"].to_numpy()
    return {
        "n": len(own),
        "r": pearson(own["observed_log_count"].to_numpy(), own["predicted_log_count"].to_numpy()),
        "r_all": pearson(everywhere["observed"].to_numpy(), everywhere["predicted"].to_numpy()),
        "jsd": float(own["profile_jsd"].mean()),
        "jsd_mean": float(own["profile_jsd_mean"].mean()),
        "slope": float(np.polyfit(bias, residual, 1)[0]) if len(own) > 2 else float("nan"),
        "bias_r": pearson(bias, residual),
    }


def one_seed(seed: int, given: argparse.Namespace) -> list[dict[str, object]]:
    """Simulate, train and predict with one seed; return a row of figures for each way and task."""
    outdir = given.outdir / f"seed_{seed}"
    rows: list[dict[str, object]] = []
    for way in WAYS:
        simulated, data = build(seed, given.folds, way != "no controls", outdir, given.simulate.split())
        truth = read_table(simulated / "truth" / "peaks.tsv")
        regions = read_table(data / f"{TF}.regions.tsv")[["region_id", "chrom", "summit", "tasks"]].fillna("")
        dataset = read_dataset(data / f"{TF}.dataset.h5")
        folder = outdir / f"{way.replace(' ', '_')}_{given.epochs}"
        for task in dataset.tasks if way == "single-task" else [None]:
            parts = list(predictions(data, dataset, task, seed, given.epochs, folder))
            own = own_peaks(pd.concat([part[0] for part in parts], ignore_index=True), regions, truth)
            everywhere = pd.concat([part[1] for part in parts], ignore_index=True)
            for name in [task] if task else dataset.tasks:
                result = figures(own[own["task"] == name], everywhere[everywhere["task"] == name])
                rows.append({"seed": seed, "way": way, "task": name, **result})
    return rows


def paired(table: pd.DataFrame, column: str, task: str) -> tuple[float, float]:
    """Return mean and standard error over seeds of multi-task minus single-task."""
    one = table[table["task"] == task].pivot(index="seed", columns="way", values=column)
    difference = one["multi-task"] - one["single-task"]
    return float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference)))


def print_tasks(table: pd.DataFrame) -> bool:
    """Print how multi-task and single-task networks do; return whether the small task is no worse with the others."""
    print("\n| task | peaks | trained on | r of log counts | r, loci of all tasks | joint JSD | JSD of mean profile |")
    print("|---|---|---|---|---|---|---|")
    for task in table["task"].unique():
        for way in WAYS[:2]:
            chosen = table[(table["task"] == task) & (table["way"] == way)]
            cells = [f"{chosen[name].mean():.3f}" for name in ("r", "r_all", "jsd", "jsd_mean")]
            print(f"| {task} | {chosen['n'].mean():.0f} | {'all tasks' if way == WAYS[0] else 'itself'} |",
                  " | ".join(cells), "|")  # fmt: skip
    small = min(table["task"].unique(), key=lambda task: table.loc[table["task"] == task, "n"].mean())
    print("\n| multi-task - single-task | r of log counts | r, loci of all tasks | joint JSD |\n|---|---|---|---|")
    for task in table["task"].unique():
        cells = ["{:+.3f} ± {:.3f}".format(*paired(table, name, task)) for name in ("r", "r_all", "jsd")]
        print(f"| {task} |", " | ".join(cells), "|")
    better = paired(table, "r", small)[0] >= 0 and paired(table, "jsd", small)[0] <= 0
    print(f"\nbar: multi-task >= single-task on the small task ({small}): {'reached' if better else 'MISSED'}")
    return better


def print_bias(table: pd.DataFrame, controlled: set[str]) -> bool:
    """Print what the residuals owe to the planted bias; return whether controls removed it where there are any."""
    print("\nSlope (and r) of the residual, observed - predicted log count, on the log of the planted factor:\n")
    print("| task | with controls | without | left |\n|---|---|---|---|")
    groups = {f"{task}{'' if task in controlled else ' (has no control)'}": [task] for task in table["task"].unique()}
    for label, tasks in {**groups, "all with a control": sorted(controlled)}.items():
        cells, slopes = [], []
        for way in WAYS[::2]:
            rows = table[(table["way"] == way) & table["task"].isin(tasks)]
            slope, r = (float(np.average(rows[column], weights=rows["n"])) for column in ("slope", "bias_r"))
            cells.append(f"{slope:.2f} ({r:.2f})")
            slopes.append(slope)
        left = slopes[0] / slopes[1]
        print(f"| {label} |", " | ".join(cells), f"| {left:.0%} |")
    removed = abs(left) <= LEFT  # of the last row
    print(f"\nbar: at most {LEFT:.0%} of the bias is left with a control: {'reached' if removed else 'MISSED'}")
    return removed


def main() -> None:
    """Run all seeds; print the tables and what they say of both bars."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--folds", default="0", help="names of the folds to train, of five balanced ones; or all")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--simulate", default="", help="options for `simulate`, in one word, to try smaller sizes")
    parser.add_argument("--outdir", type=Path, default=PROJECT / "build/benchmark/multitask")
    given = parser.parse_args()
    rows = []
    for seed in given.seeds.split(","):
        rows += one_seed(int(seed), given)
        print(f"seed {seed} done", flush=True)
    table = pd.DataFrame(rows)
    sheet = given.outdir / f"seed_{given.seeds.split(',')[0]}" / "simulation" / "samplesheet.csv"
    controlled = {row["task"] for row in csv.DictReader(sheet.open()) if row["control_bam"]}
    good = [print_tasks(table), print_bias(table, controlled)]
    if not all(good):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
