#!/usr/bin/env python3
"""Contributions as a perfect model would have them, at newly planted sites, for the tests of modules.

Usage: plant.py RESULTS FOLDER. RESULTS is a run of the profile `test`, whose network has learnt nothing; its
attribution files give regions and sequences. Writes FOLDER/SIM1.{counts,profile}.attributions.h5 and FOLDER/sites.bed.
"""

import shutil
import sys
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from cistill.formats.meme import read_meme

NOISE = 0.01


def weights_of(motifs: Path) -> dict[str, np.ndarray]:
    """Return the log-odds of each planted motif, (length, 4), the best base of a position on average 1."""
    found = {}
    for motif in read_meme(motifs):
        odds = np.log((motif.matrix + 0.01) / 0.26)
        found[motif.name] = (odds - odds.mean(axis=1, keepdims=True)) / odds.max(axis=1).mean()
    return found


def more_sites(
    file: h5py.File, weights: dict[str, np.ndarray], seed: int = 0, apart: int = 65, free: int = 40, each: int = 2
) -> pd.DataFrame:
    """Put `each` sites of each motif into every sequence, one every `apart` bp; return them as a BED table."""
    count = each * len(weights)
    rng = np.random.default_rng(seed)
    rows = []
    for region, chrom in enumerate(file["coords_chrom"].asstr()[:]):
        middle = file["input_seqs"].shape[1] // 2
        slots = middle - count // 2 * apart + apart * rng.permutation(count) + rng.integers(0, free, count)
        for slot, name in zip(slots, [*weights] * each, strict=True):
            best = weights[name].argmax(axis=1)
            strand = "+-"[int(rng.integers(2))]
            bases = np.eye(4, dtype=np.int8)[best if strand == "+" else 3 - best[::-1]]
            file["input_seqs"][region, slot : slot + len(best)] = bases
            start = int(file["coords_start"][region] + slot)
            rows.append((chrom, start, start + len(best), "strong", 900, strand, name, 0.9))
    columns = ["#chrom", "start", "end", "name", "score", "strand", "motif", "occupancy"]
    return pd.DataFrame(rows, columns=columns)


def plant(file: h5py.File, sites: pd.DataFrame, weights: dict[str, np.ndarray], seed: int) -> None:
    """Replace the scores of an attribution file."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, NOISE, file["hyp_scores"].shape)
    places = zip(file["coords_chrom"].asstr()[:], file["coords_start"][:], file["coords_end"][:], strict=True)
    for region, (chrom, start, end) in enumerate(places):
        inside = sites[(sites["#chrom"] == chrom) & (sites["start"] >= start) & (sites["end"] <= end)]
        for site in inside.itertuples():
            effect = weights[site.motif] * site.occupancy * rng.normal(1, 0.05, (len(weights[site.motif]), 1))
            if site.strand == "-":
                effect = effect[::-1, ::-1]
            scores[region, site.start - start : site.start - start + len(effect)] += effect
    file["hyp_scores"][:] = scores.astype(file["hyp_scores"].dtype)


def main(results: Path, folder: Path) -> None:
    """Write the planted attributions of both heads."""
    folder.mkdir(parents=True, exist_ok=True)
    known = weights_of(results / "simulation/motifs.meme")
    weights = {name: known[name] for name in ("SIM1", "SIM2")}
    for seed, head in enumerate(("counts", "profile")):
        path = folder / f"SIM1.{head}.attributions.h5"
        shutil.copy(results / f"shap/SIM1.{head}.attributions.h5", path)
        with h5py.File(path, "r+") as file:
            sites = more_sites(file, weights)
            plant(file, sites, weights, seed)
    sites.iloc[:, :6].sort_values(["#chrom", "start"]).to_csv(folder / "sites.bed", sep="\t", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
