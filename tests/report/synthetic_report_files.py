"""Result files of a small made-up run, laid out as docs/formats.md says, for the tests of the report."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from synthetic_regions import (
    CORE,
    SUMMIT_TO_CORE,
    TF,
    core_matrix,
    region_table,
    write_attributions,
    write_dataset,
    write_predictions,
)
from synthetic_training_files import Training, write_record, write_training

from cistill.dna.matrices import reverse_complement
from cistill.formats.meme import NamedMatrix, write_meme
from cistill.formats.motifs import Motif, write_motifs
from cistill.formats.published import ResultTable
from cistill.formats.tables import FILES
from cistill.tables import read_table, write_table


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


def write_published(flat: Path, folder: Path) -> Path:
    """Move result files into the folders that the pipeline publishes them in; tables get all columns of theirs."""
    declared = sorted((file for file in FILES if file.folder and file.prefix), key=lambda file: -len(file.name))
    for one in declared:
        for file in sorted(flat.glob(f"{TF}.*{one.name}")):
            (folder / one.folder).mkdir(exist_ok=True)
            target = file.rename(folder / one.folder / file.name)
            if isinstance(one, ResultTable):
                frame = read_table(target, dtype={"region_id": str})
                further = [name for name in frame if name not in one.all_names]
                fixed = [name for name in one.all_names if name in frame or name in one.names]
                one.write(target, frame.reindex(columns=[*fixed, *further]))
    return folder
