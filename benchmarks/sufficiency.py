#!/usr/bin/env python3
"""Whether the verdict before training holds: series of simulated experiments of few or many peaks and reads.

Usage: benchmarks/sufficiency.py train FOLDER SEED...   simulate, build the dataset, train, score; skips what is done
       benchmarks/sufficiency.py judge FOLDER SEED...   judge the experiments that `train` has left, print the tables

A cell is 10 to 1,000 peaks and 1,000 to 1,000,000 reads on a genome of 2 Mb, with a control of as many reads. The
sites and how strong they are come from the simulator of docs/simulation.md; the peaks are the planted sites, so that
their number is that of the cell however few the reads. A full site holds as many reads as 30 kb of background.

The network is that of profile-546 with 16 filters and 3 dilated layers (windows of 322 bp), trained once with the
defaults of `train` but for its length, about 800 steps in 10 to 120 epochs, and without the control. What it has
learnt is measured on another genome, the same one for all cells of a seed: 300 peaks and a matched background each,
at 1.5 million reads, so that luck on two held-out peaks does not count. Two bars: AUROC of the predicted counts of at
least 0.9, and a mean Jensen-Shannon distance of the profiles below that of the mean profile of the training peaks.

FOLDER holds `outcomes.tsv`, a line for each cell that is done, and the inputs of every cell. Started again, the
command resumes with the next cell.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import json
import sys
import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import h5py
import numpy as np
import pandas as pd
import torch

from cistill.data.backgrounds import WindowShape
from cistill.data.dataset import DatasetSettings, build_dataset
from cistill.data.signals import Signals
from cistill.data.splits import PARTS, Split, SplitChoice
from cistill.data.sufficiency.assess import assess_data
from cistill.errors import InputError
from cistill.formats.bigwig import BigWigTrack
from cistill.formats.bigwig_writing import bigwig_output
from cistill.formats.tables.regions import REGIONS
from cistill.model.network.presets import network_config
from cistill.model.prediction.baselines import TrainingMeans
from cistill.model.prediction.metrics import total_log_count
from cistill.model.prediction.profile_metrics import Reads
from cistill.model.training.settings import TrainingSettings
from cistill.model.training.trainer import Trainer
from cistill.model.windows.batches import take
from cistill.model.windows.dataset import Dataset, read_dataset
from cistill.simulation import truth
from cistill.simulation.assay import READ_LENGTH, simulate_reads
from cistill.simulation.energies import MAIN, bind
from cistill.simulation.experiment import simulate_genome
from cistill.simulation.genome_sequence import write_fasta
from cistill.simulation.peak_calling import HALF_WIDTH, SUMMIT_NOISE
from cistill.simulation.reads import WEAKEST, context_bias, draw_bias
from cistill.simulation.settings import Settings, generator
from cistill.statistics import auroc

PEAKS = (10, 25, 60, 150, 400, 1000)
READS = (1_000, 10_000, 100_000, 1_000_000)
GENOME, CHROMOSOMES, REPLICATES = 2_000_000, 10, 2
ENRICHMENT = 30_000  # bp of background that hold as many reads as a fully occupied site
EVALUATED, EVALUATION_READS, EVALUATION_SEED = 300, 1_500_000, 5_000
FILTERS, LAYERS, STEPS, FEWEST_EPOCHS, MOST_EPOCHS = 16, 3, 800, 10, 120
SHAPE = WindowShape(322, 200, 40)
AUROC_BAR = 0.9


class Cell(NamedTuple):
    """One simulated experiment."""

    seed: int
    peaks: int
    reads: int

    def folder(self, root: Path) -> Path:
        """Return where its inputs are."""
        return root / f"seed_{self.seed}" / f"{self.peaks}_peaks_{self.reads}_reads"


def simulate(cell: Cell, folder: Path) -> None:
    """Write genome, bigWigs of two replicates and a control, and the peaks of a cell."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        seed=cell.seed, genome_size=GENOME, chromosomes=CHROMOSOMES, sites=cell.peaks, partner_alone=cell.peaks // 5
    )
    genome, planted = simulate_genome(settings)
    contexts, rng = context_bias(generator(cell.seed, "cut bias")), generator(cell.seed, "regional bias")
    bias = [draw_bias(chromosome.codes, contexts, READ_LENGTH, rng) for chromosome in genome]
    sites = [truth.bound_sites(bind(chromosome.codes), WEAKEST) for chromosome in genome]
    # so many reads of a site per read of a base of background that the sum is what is asked for
    recruited = sum(float(bound.recruitment.sum()) for bound in sites)
    per_bp = cell.reads / REPLICATES / (ENRICHMENT * recruited + GENOME)
    settings = replace(settings, depth=ENRICHMENT * per_bp, background=per_bp, control=cell.reads / GENOME)
    tracks = simulate_reads(settings, sites, bias)
    write_fasta(folder / "genome.fa.gz", genome)
    sizes = {chromosome.name: len(chromosome.codes) for chromosome in genome}
    for name, counts in {**{f"r{n}": chip for n, chip in enumerate(tracks.chip, 1)}, "control": tracks.control}.items():
        for strand, end in enumerate(("plus", "minus")):
            with bigwig_output(folder / f"{name}.{end}.bw", sizes) as bigwig:
                for chrom, values in zip(sizes, counts, strict=True):
                    at = np.flatnonzero(values[strand])
                    bigwig.counts(chrom, at, values[strand][at].astype(np.int64))
    rng = generator(cell.seed, "peaks")
    lines = []
    for site in planted:
        if site.motif == MAIN.name:
            summit = int(site.start + MAIN.width // 2 + np.rint(rng.normal(0, SUMMIT_NOISE)))
            left, right = rng.integers(HALF_WIDTH[0], HALF_WIDTH[1] + 1, 2)
            start = max(summit - int(left), 0)
            lines.append(f"{site.chrom}\t{start}\t{summit + int(right)}\t.\t0\t.\t1\t-1\t-1\t{summit - start}\n")
    (folder / "peaks.narrowPeak").write_text("".join(lines))


def dataset_of(folder: Path) -> dict:
    """Build the dataset of a simulated experiment; returns its figures."""
    tracks = [["sim", str(folder / f"r{n}.plus.bw"), str(folder / f"r{n}.minus.bw")] for n in range(1, REPLICATES + 1)]
    control = [["sim", str(folder / "control.plus.bw"), str(folder / "control.minus.bw")]]
    settings = DatasetSettings("SIM", SHAPE, SplitChoice(), 0, SHAPE.output_length // 2, 50, False, "leave_out", 1)
    peaks = {"sim": folder / "peaks.narrowPeak"}
    return build_dataset(settings, Signals.from_rows(tracks, control), peaks, folder / "genome.fa.gz", None, folder)


def scores(network: torch.nn.Module, dataset: Dataset, rows: np.ndarray, mean: tuple) -> dict[str, float]:
    """Return AUROC, and the mean Jensen-Shannon distance of the network and of the mean profile, of some regions."""
    counts, own, average = [], [], []
    for first in range(0, len(rows), 128):
        batch = take(dataset, rows[first : first + 128]).to(torch.device("cpu"))
        with torch.inference_mode():
            output = network(batch.sequence, None)
        counts.append(total_log_count(output.log_counts[:, 0].numpy()))
        reads = Reads(batch.signal[:, 0].numpy().astype(np.float64))
        share = torch.log_softmax(output.log_counts[:, 0], -1).numpy()
        profile = torch.log_softmax(output.profile[:, 0], -1).numpy()
        own.append(reads.joint_distance(reads.look_up(profile, None), share))
        index = np.zeros(len(batch.sequence), dtype=np.int64)
        average.append(reads.joint_distance(reads.look_up(mean[0], index), np.repeat(mean[1], len(index), 0)))
    peak = dataset.kind[rows] == "peak"
    total, own_jsd, mean_jsd = (np.concatenate(values) for values in (counts, own, average))
    return {
        "auroc": auroc(total[peak], total[~peak]),
        "jsd": float(np.nanmean(own_jsd[peak])) if peak.any() else float("nan"),
        "jsd_mean": float(np.nanmean(mean_jsd[peak])) if peak.any() else float("nan"),
    }


def outcome(dataset: Dataset, judged_on: Dataset) -> dict[str, float]:
    """Train on a dataset; return the scores on the evaluation genome and on its own held-out regions."""
    view = dataset.in_fold(next(iter(dataset.folds)))
    device = torch.device("cpu")
    config = network_config(view, None, {"filters": FILTERS, "layers": LAYERS})
    batches = -(-4 * len(view.rows("train", "peak")) // TrainingSettings.batch_size)
    epochs = min(MOST_EPOCHS, max(FEWEST_EPOCHS, STEPS // batches))
    result = Trainer(view, config, TrainingSettings(epochs=epochs, seed=1), device).run()
    network = result.network.eval()
    means = TrainingMeans(dataset, ["sim"])
    fold_tests = np.flatnonzero(view.split == "test")
    row = means.group[fold_tests[0]]
    mean = (means.profile.log_profile[[row]], means.profile.log_share[[row]])
    elsewhere = scores(network, judged_on, np.flatnonzero(judged_on.is_scored), mean)
    own = scores(network, view, view.rows("test"), mean)
    return {**elsewhere, **{f"own_{name}": value for name, value in own.items()}, "epochs": len(result.history)}


def train(root: Path, seeds: list[int]) -> None:
    """Run every cell of these seeds that has no line yet."""
    table = root / "outcomes.tsv"
    done = set()
    if table.exists():
        done = {(row.seed, row.peaks, row.reads) for row in pd.read_csv(table, sep="\t").itertuples()}
    torch.set_num_threads(1)
    for seed in seeds:
        judged_on = None
        for reads, peaks in product(READS, PEAKS):
            cell = Cell(seed, peaks, reads)
            if tuple(cell) in done:
                continue
            if judged_on is None:
                other = root / "evaluation" / f"seed_{seed}"
                if not (other / "SIM.dataset.h5").exists():
                    simulate(Cell(EVALUATION_SEED + seed, EVALUATED, EVALUATION_READS), other)
                    dataset_of(other)
                judged_on = replace(read_dataset(other / "SIM.dataset.h5"), control=None)
            start = time.monotonic()
            folder = cell.folder(root)
            simulate(cell, folder)
            row: dict[str, object] = dict(cell._asdict())
            try:
                dataset_of(folder)
                row |= outcome(replace(read_dataset(folder / "SIM.dataset.h5"), control=None), judged_on)
                row["error"] = ""
            except Exception as error:
                row |= {"error": f"{type(error).__name__}: {error}".split("\n")[0][:150]}
            row["seconds"] = round(time.monotonic() - start, 1)
            names = ["seed", "peaks", "reads", "auroc", "jsd", "jsd_mean", "own_auroc", "own_jsd", "own_jsd_mean"]
            names += ["epochs", "seconds", "error"]
            pd.DataFrame([row]).reindex(columns=names).to_csv(
                table, sep="\t", mode="a", header=not table.exists(), index=False, float_format="%.4f"
            )
            print(row, flush=True)


def judge_cells(root: Path, seeds: list[int]) -> None:
    """Judge the experiments of some seeds, and print what came of those that were called enough, and not enough."""
    outcomes = pd.read_csv(root / "outcomes.tsv", sep="\t")
    outcomes = outcomes[outcomes["seed"].isin(seeds)].drop_duplicates(["seed", "peaks", "reads"])
    rows = []
    for row in outcomes.itertuples():
        folder = Cell(row.seed, row.peaks, row.reads).folder(root)
        good = row.auroc >= AUROC_BAR and row.jsd < row.jsd_mean
        rows.append((row.seed, row.peaks, row.reads, *verdict_on(folder), good, row.auroc, row.jsd, row.jsd_mean))
    names = ["seed", "peaks", "reads", "verdict", "train_peaks", "train_reads", "reads_per_peak", "good"]
    table = pd.DataFrame(rows, columns=[*names, "auroc", "jsd", "jsd_mean"])
    table.to_csv(root / "verdicts.tsv", sep="\t", index=False, float_format="%.4g")
    print(table.to_string(index=False))
    print("| peaks | " + " | ".join(f"{reads:,} reads" for reads in READS) + " |")
    print("|---" * (1 + len(READS)) + "|")
    for peaks in PEAKS:
        cells = []
        for reads in READS:
            own = table[(table["peaks"] == peaks) & (table["reads"] == reads)]
            verdicts = ", ".join(f"{n} {verdict}" for verdict, n in own["verdict"].value_counts().items())
            cells.append(f"{verdicts}; {int(own['good'].sum())} of {len(own)}")
        print(f"| {peaks:,} | " + " | ".join(cells) + " |")
    for verdict in ("enough", "doubtful", "not enough"):
        own = table[table["verdict"] == verdict]
        share = f"{own['good'].mean():.1%}" if len(own) else "-"
        print(f"{verdict}: {len(own)} cells, {int(own['good'].sum())} reach both bars ({share})")


def verdict_on(folder: Path) -> tuple[str, float, float, float]:
    """Return the verdict on a simulated experiment, and the figures that decide: `not enough` where it is refused."""
    tracks = [["sim", str(folder / f"r{n}.plus.bw"), str(folder / f"r{n}.minus.bw")] for n in range(1, REPLICATES + 1)]
    control = [["sim", str(folder / "control.plus.bw"), str(folder / "control.minus.bw")]]
    signals = Signals.from_rows(tracks, control)
    if not (folder / "SIM.dataset.h5").exists():
        return "not enough", 0.0, 0.0, 0.0
    with h5py.File(folder / "SIM.dataset.h5") as file:
        genome = json.loads(file["folds"][()])
        sizes = json.loads(file["sizes"][()]) if "sizes" in file else {}
    folds = {name: Split(*(tuple(split[part]) for part in PARTS)) for name, split in genome.items()}
    with BigWigTrack(tracks[0][1]) as track:
        sizes = sizes | track.sizes
    regions = REGIONS.read(folder / "SIM.regions.tsv")
    try:
        found = assess_data(regions, signals, sizes, folds, SHAPE, False)
    except InputError:
        return "not enough", 0.0, 0.0, 0.0
    train = {of.measure.name: of.measure.value for of in found.judged if of.measure.split == "train"}
    return found.verdict, train["peaks"], train["reads_above_background"], train["reads_per_peak"]


if __name__ == "__main__":
    COMMANDS = {"train": train, "judge": judge_cells}
    COMMANDS[sys.argv[1]](Path(sys.argv[2]), [int(seed) for seed in sys.argv[3:]])
