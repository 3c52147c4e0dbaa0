"""Result files of a small made-up run, laid out as docs/architecture.md says, for the tests of the report."""

import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from synthetic_training_files import Training, write_record, write_training

from cistill.dna.matrices import reverse_complement
from cistill.formats.meme import NamedMatrix, write_meme
from cistill.formats.motifs import Motif, write_motifs
from cistill.tables import write_table

TF = "TOY"
INPUT, OUTPUT, JITTER = 300, 100, 10
CORE = "TTACCCG"
SPLITS = {"chr1": "train", "chr2": "valid", "chr3": "test"}
PEAKS_PER_CHROM = 20
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


def toy_motif(head: str, sign: str, number: int, weak: bool = False) -> Motif:
    """Return the core as a motif, or a flat one that is weak."""
    pfm = core_matrix() if not weak else np.full((13, 4), 0.25) + np.array([0.1, -0.1, -0.1, 0.1])
    cwm = (pfm - 0.25) * (0.5 if sign == "pos" else -0.3)
    return Motif(
        f"{head}.{sign}_{number}", head, sign, f"{sign}_patterns/pattern_{number}", False, 57 - 20 * number,
        pfm, cwm, cwm * 1.1, (3, 10), weak, "only 0.9 bits of information" if weak else "",
    )  # fmt: skip


def write_motif_files(folder: Path, head: str, motifs: list[Motif], matched: bool = True) -> None:
    """Write motifs.h5 and motifs.tsv."""
    write_motifs(folder / f"{TF}.{head}.motifs.h5", motifs, TF, head)
    columns = ["motif_id", "head", "sign", "n_seqlets", "length", "consensus", "information", "weak", "weak_reason"]
    columns += [f"match_{rank}{end}" for rank in (1, 2, 3) for end in ("", "_p", "_q")]
    rows = []
    for motif in motifs:
        match = ("MA0363.3 REB1", 3.5e-12, 6e-10) if matched and not motif.weak else (np.nan, np.nan, np.nan)
        second = ("MA9 OTHER", 0.002, 0.1) if matched and not motif.weak else (np.nan, np.nan, np.nan)
        rows.append(
            (motif.motif_id, head, motif.sign, motif.n_seqlets, 13, "WWWWWWW" if motif.weak else CORE,
             motif.core_information, motif.weak, motif.weak_reason or np.nan, *match, *second, np.nan, np.nan, np.nan)
        )  # fmt: skip
    write_table(folder / f"{TF}.{head}.motifs.tsv", pd.DataFrame(rows, columns=columns))


def write_hits(folder: Path, regions: pd.DataFrame, head: str, empty: bool = False) -> None:
    """Write hits.bed: the core of every peak but the last of each chromosome, turned on odd peaks."""
    rows = []
    for row, region in enumerate(regions.itertuples()):
        if region.kind == "peak" and region.summit < 20000 and not empty:
            start = region.summit + SUMMIT_TO_CORE
            confidence = 0.5 + 0.45 * (row % 10) / 10
            rows.append(
                (region.chrom, start, start + len(CORE), f"{head}.pos_0", round(1000 * confidence),
                 "-" if row // 2 % 2 else "+", region.region_id, 2.1, 0.4, 0.95, 9.0, confidence)
            )  # fmt: skip
    columns = ["chrom", "start", "end", "motif_id", "score", "strand", "region_id", "importance",
               "importance_fraction", "similarity", "sequence_score", "confidence"]  # fmt: skip
    write_table(folder / f"{TF}.{head}.hits.bed", pd.DataFrame(rows, columns=columns), bed=True)


def write_site_files(folder: Path, head: str) -> None:
    """Write the comparison with known sites of two classes."""
    recall = [("primary", 40, 37, 0.925), ("secondary", 20, 5, 0.25), ("any", 60, 42, 0.7)]
    write_table(
        folder / f"{TF}.{head}.site_recall.tsv",
        pd.DataFrame(recall, columns=["site_class", "n_sites", "n_found", "recall"]),
    )
    cut = np.linspace(0.95, 0.5, 10)
    curve = pd.DataFrame(
        {
            "cut": cut,
            "n_hits": [*range(6, 60, 6), 57],
            "precision_any": 0.5 + 0.5 * (cut - 0.5),
            "recall_primary": 1.3 - 0.75 * cut,
            "recall_secondary": 0.5 - 0.5 * cut,
        }
    )
    write_table(folder / f"{TF}.{head}.site_curve.tsv", curve)


def write_provenance_files(folder: Path) -> None:
    """Write the provenance of every stage but training."""
    stages = ["dataset", "predict", "shap"]
    stages += [f"{head}.{stage}" for head in ("counts", "profile") for stage in ("modisco", "callhits", "comparehits")]
    for number, stage in enumerate(stages):
        settings: dict[str, object] = {"tf": TF}
        results: dict[str, object] = {}
        if stage.endswith("callhits"):
            settings |= {"min_confidence": 0.5, "fdr": 0.05}
            head = stage.split(".")[0]
            results = {"motifs_called": [f"{head}.pos_0", f"{head}.neg_0"], "weak_motifs_left_out": [f"{head}.pos_1"]}
        write_record(folder / f"{TF}.{stage}.json", stage.split(".")[-1], settings, results, 1.5 + number)
    record = {
        "command": "coverage", "settings": {}, "seconds": 2.0,
        "results": {"reads": 1200, "plus": 500, "minus": 400, "left_out": {"unmapped": 0, "low_mapq": 300}},
        "inputs": {}, "cistill": "0.1.0", "versions": {},
    }  # fmt: skip
    (folder / "rep1.coverage.json").write_text(json.dumps(record))


def write_truth(folder: Path) -> None:
    """Write truth.json as the simulator does: the core is planted, a partner is not found."""
    offsets = np.arange(-80, 81)
    same = np.where(offsets == -11, 1.0, 0.005)
    opposite = np.where(offsets == 16, 0.7, 0.005)
    total = same.sum() + opposite.sum()
    motif = {
        "name": "SIM1", "consensus": CORE, "width": 7, "pfm": core_matrix()[3:10].tolist(),
        "footprint": {
            "first_offset": -80, "same_strand": (same / total).tolist(), "opposite_strand": (opposite / total).tolist(),
        },
    }  # fmt: skip
    partner = {"name": "SIM2", "consensus": "GGGGGG", "width": 6, "pfm": [[0.02, 0.02, 0.94, 0.02]] * 6}
    truth = {
        "motifs": {"SIM1": motif, "SIM2": partner}, "main_motif": "SIM1", "partner_motif": "SIM2",
        "spacing_rule": {"main": "SIM1", "partner": "SIM2", "distance": 12, "orientation": "same"},
        "classes": {"primary": "strong ones"},
    }  # fmt: skip
    (folder / "truth.json").write_text(json.dumps(truth))


def write_database(folder: Path) -> None:
    """Write a motif database that holds the core, read from the other strand."""
    reb1 = NamedMatrix("MA0363.3", "REB1", reverse_complement(core_matrix()[3:10]))
    write_meme(folder / "database.meme", [reb1, NamedMatrix("MA9", "OTHER", core_matrix()[:5])])


def write_results(folder: Path, tasks: tuple[str, ...] = (TF,), training: Training | None = None) -> Path:
    """Write all result files of the made-up TF into a folder and return it; one training of one fold by default."""
    training = training or Training()
    rng = np.random.default_rng(1)
    folder.mkdir(parents=True, exist_ok=True)
    folds = len(training.folds)
    regions = region_table(tasks, folds)
    write_table(folder / f"{TF}.regions.tsv", regions)
    kept = regions[regions["kept"]].reset_index(drop=True)
    signal = write_dataset(folder / f"{TF}.dataset.h5", kept, list(tasks), rng, folds)
    write_predictions(folder, kept, list(tasks), signal)
    write_training(folder, TF, list(tasks), training)
    for head in ("counts", "profile"):
        write_attributions(folder, kept, head, rng)
        weak = toy_motif(head, "pos", 1, weak=True)
        write_motif_files(folder, head, [toy_motif(head, "pos", 0), weak, toy_motif(head, "neg", 0)])
        write_hits(folder, kept, head)
        write_site_files(folder, head)
    write_provenance_files(folder)
    write_truth(folder)
    write_database(folder)
    return folder
