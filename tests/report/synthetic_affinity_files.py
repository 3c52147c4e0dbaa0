"""A made-up library of variants with measured energies, scored and calibrated, for the made-up TF."""

import json
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
from synthetic_regions import TF

from cistill.affinity.analyses.analyse_energies import analyse_energies
from cistill.affinity.analyses.analyse_psam import analyse_psam
from cistill.affinity.analyses.genomic_matches import matched_summary
from cistill.affinity.analyses.variation import analyse_variation
from cistill.affinity.calibration.calibrate import calibrate
from cistill.affinity.calibration.settings import CalibrateSettings, SampleSettings
from cistill.provenance import write_provenance
from cistill.tables import write_table

SITE = "TTACCCG"
LIBRARY = "variants"
REACH = 60


def variants() -> pd.DataFrame:
    """Return the site, all its single substitutions and some double ones, with their classes."""
    rows = [(SITE, "consensus")]
    for changed, name, step in ((1, "substitution_1", 1), (2, "substitution_2", 5)):
        found = []
        for places in combinations(range(len(SITE)), changed):
            for bases in product("ACGT", repeat=changed):
                letters = list(SITE)
                for place, base in zip(places, bases, strict=True):
                    letters[place] = base
                if all(base != SITE[place] for place, base in zip(places, bases, strict=True)):
                    found.append(("".join(letters), name))
        rows += found[::step]
    return pd.DataFrame(rows, columns=["sequence", "class"])


def energies(table: pd.DataFrame) -> np.ndarray:
    """Return ddG in kcal/mol: 0.8 for the middle bases that are changed, 0.3 for the outer ones; two add up to less."""
    weights = np.array([0.3, 0.8, 0.8, 0.8, 0.8, 0.8, 0.3])
    changed = np.array([[base != own for base, own in zip(name, SITE, strict=True)] for name in table["sequence"]])
    return 2.0 * (1 - np.exp(-(changed * weights).sum(axis=1) / 1.5))


def write_library(folder: Path, labelled: bool = True) -> pd.DataFrame:
    """Write library.tsv, library.json and scores.tsv; return the library."""
    rng = np.random.default_rng(3)
    table = variants()
    table["label"] = energies(table) + rng.normal(0, 0.05, len(table)) if labelled else np.nan
    table["label_sd"], table["n_replicates"], table["name"] = np.nan, 1, np.nan
    table = table[["sequence", "label", "label_sd", "n_replicates", "class", "name"]]
    stem = folder / f"{TF}.{LIBRARY}"
    write_table(Path(f"{stem}.library.tsv"), table)
    facts = {
        "assay": "made-up assay", "unit": "kcal/mol" if labelled else None, "higher_is_tighter": False,
        "temperature_K": 298.15, "treated": {"rows of the table": len(table), "rows without a value": 4},
    }  # fmt: skip
    write_provenance(Path(f"{stem}.library.json"), {}, {}, facts)
    scores = table[["sequence"]].assign(
        task=TF, score=np.logaddexp(0, 5 - 1.7 * energies(table)) + rng.normal(0, 0.05, len(table))
    )
    scores = scores.assign(standard_error=0.05, sd_backgrounds=0.5, sd_networks=0.3, n_backgrounds=20)
    write_table(Path(f"{stem}.scores.tsv"), scores)
    write_provenance(Path(f"{stem}.marginalize.json"), {}, {}, {"backgrounds": 20})
    return table


def write_affinity(folder: Path) -> None:
    """Write a calibrated library with every analysis of it."""
    table = write_library(folder)
    stem = folder / f"{TF}.{LIBRARY}"
    scores, library = f"{stem}.scores.tsv", Path(f"{stem}.library.tsv")
    settings = CalibrateSettings(SampleSettings(share=0.3), kmers=2, resamples=200, repeats=2)
    calibrate([scores], library, [f"own={folder}/{TF}.counts.motifs.h5"], settings, stem)
    analyse_psam(stem, scores, None, library, Path(f"{stem}.calibrator.json"), "ols", 298.15, None)
    analyse_energies(stem, scores, library, 298.15, None)
    analyse_variation(stem, [scores], library, None)
    write_matches(stem, table)
    write_footprints(stem)
    write_backgrounds(stem)
    matrix = {"model": [TF, "OTHER"], "set": LIBRARY, "unit": "kcal/mol", "n": 60, "pearson": [0.9, 0.4]}
    write_table(Path(f"{stem}.specificity.tsv"), pd.DataFrame(matrix | {"spearman": 0.5, "rmse": 0.3, "rank": [1, 2]}))


def write_matches(stem: Path, table: pd.DataFrame) -> None:
    """Write the library's first twenty sequences as found in the genome, in training and test chromosomes."""
    found = table.head(20)[["sequence", "label"]].assign(score=1.0, task=TF, n_matches=2)
    found["split"] = np.where(np.arange(20) % 2, "train", "test")
    found.loc[3, "split"] = "none"
    found["observed_log_count"] = 6 - found["label"]
    found["predicted_log_count"] = (5 - found["label"]).where(found["split"] == "test")
    columns = ["sequence", "label", "score", "split", "task", "n_matches", "observed_log_count", "predicted_log_count"]
    write_table(Path(f"{stem}.matched_sequences.tsv"), found[columns])
    write_table(Path(f"{stem}.matched_summary.tsv"), matched_summary(found[columns], False))


def write_footprints(stem: Path) -> None:
    """Write footprints of three inserts and of four peaks, one of which was not predicted."""
    position = np.arange(-REACH // 2, REACH // 2)
    bump = np.exp(-(((position + 10) / 4.0) ** 2))
    both = [(strand, sign) for strand, sign in (("+", 1), ("-", -1))]
    aggregate, heat, mean, peaks = [], [], [], []
    for strand, sign in both:
        shape = bump[::sign]
        for group, n, values in (("without", 0, 0 * shape), ("all", 3, shape)):
            names = {"group": group, "n": n, "task": TF, "strand": strand, "position": position}
            aggregate.append(pd.DataFrame(names | {"profile": 0.01 + 0.05 * values, "ends": values}))
        for rank in (1, 2, 3):
            names = {"rank": rank, "sequence": SITE, "class": "consensus", "task": TF, "js_distance": 0.5 / rank}
            change = 0.05 * shape / rank - 0.002
            heat.append(
                pd.DataFrame(names | {"strand": strand, "position": position, "profile": 0.1, "change": change})
            )
        for source, ranks in (("observed", (1, 2, 3, 4)), ("predicted", (1, 2, 4))):
            names = {"source": source, "n": 4, "task": TF, "strand": strand, "position": position}
            mean.append(pd.DataFrame(names | {"ends": 3 * shape}))
            for rank in ranks:
                names = {"source": source, "rank": rank, "region_id": f"chr1:{rank}", "task": TF, "counts": 9}
                peaks.append(pd.DataFrame(names | {"strand": strand, "position": position, "share": shape / rank}))
    for name, parts in (
        ("footprint_aggregate", aggregate), ("footprint_heatmap", heat), ("peak_aggregate", mean),
        ("peak_heatmap", peaks),
    ):  # fmt: skip
        write_table(Path(f"{stem}.{name}.tsv"), pd.concat(parts, ignore_index=True))


def write_backgrounds(stem: Path) -> None:
    """Write error and range by number of backgrounds."""
    numbers = {"n_backgrounds": [1, 5, 20], "calibrator": "ols", "n": 60, "observed_sd": 1.0, "predicted_sd": 0.9}
    more = {"sd_of_observed": [0.8, 0.85, 0.9], "rmse": [0.5, 0.35, 0.3], "pearson": 0.9, "spearman": 0.9}
    write_table(Path(f"{stem}.background_numbers.tsv"), pd.DataFrame(numbers | more | {"standard_error": 0.1}))


def held_out(folder: Path, method: str, kind: str = "ols") -> dict[str, float]:
    """Return what calibration.tsv says of a method's held-out sequences after OLS."""
    table = pd.read_csv(folder / f"{TF}.{LIBRARY}.calibration.tsv", sep="\t")
    rows = table[(table["method"] == method) & (table["scored_on"] == "held_out") & (table["calibrator"] == kind)]
    return dict(rows.to_dict("records")[0])


def record_of(folder: Path, command: str) -> dict[str, object]:
    """Return the record that a command wrote about the library."""
    return dict(json.loads((folder / f"{TF}.{LIBRARY}.{command}.json").read_text()))
