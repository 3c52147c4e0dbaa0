"""Regions of a small made-up run, and the large files about them: dataset, predictions, attributions."""

import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from cistill.tables import write_table

TF = "TOY"
INPUT, OUTPUT, JITTER = 300, 100, 10
CORE = "TTACCCG"
SPLITS = {"chr1": "train", "chr2": "valid", "chr3": "test"}
PEAKS_PER_CHROM = 20
CHROM_SIZE = 24_000
SUMMIT_TO_CORE = -3
"""The core's first base lies this far from the summit; on odd peaks it is on the minus strand."""


def core_matrix() -> np.ndarray:
    """Return a motif of 13 positions, (13, 4), with the core at 3."""
    pfm = np.full((13, 4), 0.25)
    for place, base in enumerate(CORE, start=3):
        pfm[place] = 0.02
        pfm[place, "ACGT".index(base)] = 0.94
    return pfm


def fold_table(folds: int) -> dict[str, dict[str, list[str]]]:
    """Return the folds: with one, `SPLITS`; with more, each tests one of as many chromosomes, validates on the next."""
    if folds == 1:
        return {"0": {part: [chrom for chrom, use in SPLITS.items() if use == part] for part in SPLITS.values()}}
    chroms = [f"chr{number}" for number in range(1, folds + 1)]
    found = {}
    for number, chrom in enumerate(chroms):
        valid = chroms[(number + 1) % folds]
        train = [name for name in chroms if name not in (chrom, valid)]
        found[str(number)] = {"train": train, "valid": [valid], "test": [chrom]}
    return found


def region_table(tasks: tuple[str, ...] = (TF,), folds: int = 1) -> pd.DataFrame:
    """Return regions.tsv: peaks and as many backgrounds, two peaks dropped.

    With several tasks, every other peak is one of the first task alone. With several folds, all regions are tested by
    one, and every peak has a second background, which only trains.
    """
    rows = []
    chroms = SPLITS if folds == 1 else {f"chr{number}": "test" for number in range(1, folds + 1)}
    for number, (chrom, split) in enumerate(chroms.items()):
        tested_in = "0" if folds == 1 else str(number)
        tested_in = tested_in if split == "test" else np.nan
        for index in range(PEAKS_PER_CHROM):
            summit = 1000 + 1000 * index
            peak = f"{chrom}:{summit}"
            of = ",".join(tasks if index % 2 == 0 else tasks[:1])
            rows.append((peak, chrom, summit, "peak", of, split, True, np.nan, 40 + 10 * index, "NA", 0, tested_in))
            for rank in range(1 if folds == 1 else 2):
                summit += 400 - 200 * rank
                name = f"bg:{chrom}:{summit}"
                rows.append((name, chrom, summit, "background", "", split, True, np.nan, 5, peak, rank, tested_in))
    reason = "input window off the chromosome end"
    rows.append(("chr1:50", "chr1", 50, "peak", TF, "train", False, reason, 10, "NA", 0, np.nan))
    rows.append(("chr2:70", "chr2", 70, "peak", TF, "valid", False, reason, 10, "NA", 0, np.nan))
    names = ["region_id", "chrom", "summit", "kind", "tasks", "split", "kept", "reason", "counts"]
    table = pd.DataFrame(rows, columns=[*names, "matched_to", "match_rank", "tested_in"])
    table["start"], table["end"] = table["summit"] - 50, table["summit"] + 50
    table["gc"] = 0.4
    return table


def peaks_of(regions: pd.DataFrame, tasks: list[str]) -> np.ndarray:
    """Return which regions are peaks of which task, (regions, tasks)."""
    names = [str(cell).split(",") for cell in regions["tasks"]]
    return np.array([[task in cell for task in tasks] for cell in names])


def footprint(reverse: bool) -> np.ndarray:
    """Return where reads start in a peak, (2, OUTPUT): a border on either side of the core."""
    shape = np.full((2, OUTPUT), 0.2)
    first = OUTPUT // 2 + SUMMIT_TO_CORE
    shape[0, first - 11], shape[1, first + 16] = 12, 8
    if reverse:  # the same about the core's middle
        middle = 2 * first + len(CORE) - 1
        turned = np.full((2, OUTPUT), 0.2)
        for strand, position in zip(*np.nonzero(shape > 1), strict=True):
            turned[1 - strand, middle - position] = shape[strand, position]
        shape = turned
    return shape / shape.sum()


def _text(handle: h5py.File, table: pd.DataFrame, names: tuple[str, ...]) -> None:
    for name in names:
        handle.create_dataset(name, data=table[name].astype(str).to_list(), dtype=h5py.string_dtype())


def write_dataset(
    path: Path, regions: pd.DataFrame, tasks: list[str], rng: np.random.Generator, folds: int = 1
) -> np.ndarray:
    """Write dataset.h5; return the output windows of the signal, (regions, tasks, 2, OUTPUT)."""
    n, wide = len(regions), OUTPUT + 2 * JITTER
    sequence = rng.integers(0, 4, (n, INPUT + 2 * JITTER)).astype(np.uint8)
    signal = np.zeros((n, len(tasks), 2, wide), dtype=np.uint16)
    first = JITTER + INPUT // 2 + SUMMIT_TO_CORE
    core = np.array(["ACGT".index(base) for base in CORE], dtype=np.uint8)
    for row, (kind, counts) in enumerate(zip(regions["kind"], regions["counts"], strict=True)):
        reverse = bool(row // 2 % 2)
        shape = footprint(reverse) if kind == "peak" else np.full((2, OUTPUT), 0.5 / OUTPUT)
        if kind == "peak":
            sequence[row, first : first + len(core)] = 3 - core[::-1] if reverse else core
        signal[row, :, :, JITTER:-JITTER] = rng.poisson(shape * counts, (len(tasks), 2, OUTPUT))
    with h5py.File(path, "w") as handle:
        handle.attrs.update(
            format="cistill-dataset", format_version=2, tf=TF, tasks=json.dumps(tasks), input_length=INPUT,
            output_length=OUTPUT, max_jitter=JITTER, seed=0,
        )  # fmt: skip
        handle.create_dataset("folds", data=json.dumps(fold_table(folds)), dtype=h5py.string_dtype())
        sizes = dict.fromkeys(sorted(set(regions["chrom"])), CHROM_SIZE)
        handle.create_dataset("sizes", data=json.dumps(sizes), dtype=h5py.string_dtype())
        _text(handle, regions, ("region_id", "chrom", "kind", "split"))
        handle["summit"] = regions["summit"].to_numpy(np.int64)
        handle["is_peak"] = peaks_of(regions, tasks)
        handle["sequence"], handle["has_control"] = sequence, np.zeros(len(tasks), dtype=bool)
        windows = signal.reshape(-1, wide)  # stored as non-zero entries
        handle["signal/indptr"] = np.concatenate([[0], np.cumsum((windows > 0).sum(1))])
        handle["signal/position"] = np.nonzero(windows)[1].astype(np.uint16)
        handle["signal/value"] = windows[windows > 0]
    return signal[..., JITTER:-JITTER]


def stored_signal(handle: h5py.File, row: int, tasks: int) -> np.ndarray:
    """Return the first task's output window of a region, (2, OUTPUT), entry by entry."""
    window = np.zeros((2, OUTPUT + 2 * JITTER))
    for strand in range(2):
        first, last = handle["signal/indptr"][2 * row * tasks + strand : 2 * row * tasks + strand + 2]
        for entry in range(first, last):
            window[strand, handle["signal/position"][entry]] = handle["signal/value"][entry]
    return window[:, JITTER:-JITTER]


def write_predictions(folder: Path, regions: pd.DataFrame, tasks: list[str], signal: np.ndarray) -> None:
    """Write predictions.h5, region_predictions.tsv and metrics.tsv; predictions are good but not perfect."""
    expected = np.zeros((len(regions), len(tasks), 2, OUTPUT))
    is_peak = peaks_of(regions, tasks)
    by_id = {name: row for row, name in enumerate(regions["region_id"])}
    scores = []
    for row, region in enumerate(regions.itertuples()):
        shape = footprint(bool(row // 2 % 2)) if region.kind == "peak" else np.full((2, OUTPUT), 0.5 / OUTPUT)
        expected[row] = shape * region.counts * (1.3 if row % 3 else 0.8)
        expected[row, 1:] *= 0.7  # tasks differ
        for index, task in enumerate(tasks):
            if not is_peak[by_id.get(region.matched_to, row), index]:
                continue  # scored for the tasks whose peak it is, or to whose peaks it is matched
            observed, predicted = signal[row, index].sum(), expected[row, index].sum()
            scores.append(
                (region.region_id, region.kind, region.split, region.split == "test", task, np.log1p(observed),
                 np.log1p(predicted), 0.3 + 0.01 * (row % 17), 0.5 + 0.01 * (row % 7), 80.0)
            )  # fmt: skip
    totals = expected.sum(axis=3, keepdims=True)
    with h5py.File(folder / f"{TF}.predictions.h5", "w") as handle:
        # another order of tasks and regions than the dataset's: files are joined by name
        handle.attrs.update(
            format="cistill-predictions", format_version=1, tf=TF, tasks=json.dumps(tasks[::-1]), output_length=OUTPUT
        )
        order = np.arange(len(regions))[::-1]
        _text(handle, regions.iloc[order], ("region_id", "chrom", "kind", "split"))
        handle["summit"] = regions["summit"].to_numpy(np.int64)[order]
        handle["log_counts"] = np.log1p(totals[order, ::-1, :, 0]).astype(np.float32)
        handle["log_profile"] = np.log(expected / totals)[order, ::-1].astype(np.float16)
    names = ["region_id", "kind", "split", "unseen", "task", "observed_log_count", "predicted_log_count",
             "profile_jsd", "profile_jsd_mean", "profile_nll"]  # fmt: skip
    write_table(folder / f"{TF}.region_predictions.tsv", pd.DataFrame(scores, columns=names))
    metrics = []
    for task in tasks:
        for split in [name for name in ("test", "valid", "train") if (regions["split"] == name).any()]:
            worse = 0.05 * tasks.index(task)
            metrics += [
                (task, split, "peaks+background", "auroc", "both", 0.975 - worse, 0.5, np.nan, 1.0, 40),
                (task, split, "peaks+background", "count_pearson", "both", 0.9 - worse, 0.01, np.nan, 1.0, 40),
                (task, split, "peaks", "count_pearson", "both", 0.8 - worse, -0.02, np.nan, 1.0, 20),
                (task, split, "peaks", "count_pearson_pooled", "both", 0.79, -0.02, np.nan, 1.0, 20),
                (task, split, "peaks", "count_pearson_minus", "-", 0.78, -0.02, np.nan, 1.0, 20),
                (task, split, "peaks", "count_spearman", "both", 0.81 - worse, -0.02, np.nan, 1.0, 20),
                (task, split, "peaks", "profile_jsd", "both", 0.38 + worse, 0.7, 0.53, 0.0, 20),
                (task, split, "peaks", "profile_nll", "both", 80.0, 160.0, 120.0, 60.0, 20),
                (task, split, "peaks", "profile_nll_plus", "+", 81.0, 160.0, 120.0, 60.0, 20),
                (task, split, "peaks", "profile_mse", "both", 2.5e-6, 1e-5, 5e-6, 0.0, 20),
            ]
    columns = ["task", "split", "regions", "metric", "strand", "value", "lower", "average", "upper", "n"]
    table = pd.DataFrame(metrics, columns=columns)
    table.insert(9, "normalised", (table["value"] - table["lower"]) / (table["upper"] - table["lower"]))
    write_table(folder / f"{TF}.metrics.tsv", table)


def write_attributions(folder: Path, regions: pd.DataFrame, head: str, rng: np.random.Generator) -> None:
    """Write attributions of the peaks: the core stands out from noise."""
    peaks = regions[regions["kind"] == "peak"]
    with h5py.File(folder / f"{TF}.dataset.h5") as dataset:
        rows = np.flatnonzero((regions["kind"] == "peak").to_numpy())
        codes = dataset["sequence"][rows][:, JITTER : JITTER + INPUT]
    one_hot = np.eye(4, dtype=np.int8)[codes]
    hypothetical = rng.normal(0, 0.01, one_hot.shape)
    first = INPUT // 2 + SUMMIT_TO_CORE
    hypothetical[:, first : first + len(CORE)] += 0.4 * (one_hot[:, first : first + len(CORE)] - 0.25)
    with h5py.File(folder / f"{TF}.{head}.attributions.h5", "w") as handle:
        handle.attrs.update(tf=TF, head=head, tasks=json.dumps([TF]), n_shuffles=20, seed=0)
        _text(handle, peaks, ("region_id",))
        handle.create_dataset("coords_chrom", data=peaks["chrom"].to_list(), dtype=h5py.string_dtype())
        handle["coords_start"] = peaks["summit"].to_numpy(np.int64) - INPUT // 2
        handle["coords_end"] = peaks["summit"].to_numpy(np.int64) + INPUT // 2
        handle["hyp_scores"], handle["input_seqs"] = hypothetical.astype(np.float16), one_hot
        handle["completeness_gap"] = np.zeros(len(peaks), dtype=np.float32)
