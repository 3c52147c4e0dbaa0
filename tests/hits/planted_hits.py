"""Attributions and motifs with planted instances, made without any model."""

from pathlib import Path

import h5py
import numpy as np

from cistill.formats.motifs import Motif

TEXT = h5py.string_dtype()
WORD = np.array([3, 3, 0, 1, 1, 1, 2, 2])  # TTACCCGG
WEIGHTS = np.array([0.6, 0.5, 0.8, 1.0, 1.0, 1.0, 0.6, 0.3])
OTHER = np.array([2, 3, 2, 0, 2, 3, 1, 0])  # GTGAGTCA


def motif(motif_id: str = "counts.pos_0", word: np.ndarray = WORD, weak: bool = False) -> Motif:
    """Return a motif of a word, two bases of flank on each side of its core."""
    shape = (len(word) + 4, 4)
    pfm, cwm, hcwm = np.full(shape, 0.25), np.zeros(shape), np.zeros(shape)
    rows = np.arange(len(word)) + 2
    pfm[rows], cwm[rows, word] = 0.03, WEIGHTS
    pfm[rows, word] = 0.91
    hcwm[rows], hcwm[rows, word] = -0.3, WEIGHTS
    core = (2, len(word) + 2)
    return Motif(motif_id, "counts", "pos", "pos_patterns/pattern_0", False, 50, pfm, cwm, hcwm, core, weak, "w" * weak)


def planted_hits(
    regions: int = 200, length: int = 120, seed: int = 0, word: np.ndarray = WORD, noise: float = 0.02
) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int, str]]]:
    """Return hypothetical scores, bases `(regions, length, 4)` and sites: one in every second region, 0.5-2 strong."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (regions, length))
    scores = rng.normal(0, noise, (regions, length, 4))
    sites = []
    for region in range(0, regions, 2):
        start, strand = int(rng.integers(10, length - 20)), "+-"[int(rng.integers(2))]
        effect = np.full((8, 4), -0.2)
        effect[np.arange(8), word] = WEIGHTS
        effect *= rng.uniform(0.5, 2) * rng.normal(1, 0.1, (8, 1))
        site = word
        if strand == "-":
            site, effect = 3 - site[::-1], effect[::-1, ::-1]
        codes[region, start : start + 8] = site
        scores[region, start : start + 8] = effect
        sites.append((region, start, strand))
    return scores, np.eye(4)[codes], sites


def write_attributions(path: Path, scores: np.ndarray, bases: np.ndarray, step: int = 1000) -> Path:
    """Write an attribution file; the window of region i starts at `step` i + 500."""
    regions, length = scores.shape[:2]
    starts = step * np.arange(regions) + 500
    with h5py.File(path, "w") as file:
        file.attrs.update(tf="SYN", head="counts", tasks='["SYN"]')
        file.create_dataset("region_id", data=[f"chr1:{start + length // 2}" for start in starts], dtype=TEXT)
        file.create_dataset("coords_chrom", data=["chr1"] * regions, dtype=TEXT)
        file["coords_start"], file["coords_end"] = starts, starts + length
        file["hyp_scores"], file["input_seqs"] = scores.astype("f2"), bases.astype(np.int8)
    return path
