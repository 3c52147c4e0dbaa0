"""Attribution files with planted motifs, as DeepSHAP would write them."""

from pathlib import Path

import h5py
import numpy as np

TEXT = h5py.string_dtype()
WORD = np.array([3, 3, 0, 1, 1, 1, 2, 2])  # TTACCCGG
STRENGTH = np.array([0.7, 0.7, 0.9, 1.0, 1.0, 1.0, 0.8, 0.5])


def site_matrix() -> np.ndarray:
    """Return base probabilities of the planted motif, (8, 4)."""
    matrix = np.repeat((1 - STRENGTH)[:, None] * 0.25, 4, axis=1)
    matrix[np.arange(8), WORD] += STRENGTH
    return 0.97 * matrix + 0.03 * 0.25


def planted(regions: int, length: int, seed: int) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int, str]]]:
    """Return hypothetical scores, bases (both `(regions, length, 4)`) and planted sites (region, start, strand)."""
    rng = np.random.default_rng(seed)
    codes = rng.choice(4, p=[0.31, 0.19, 0.19, 0.31], size=(regions, length))
    scores = rng.normal(0, 0.02, (regions, length, 4)) * rng.lognormal(0, 0.5, (regions, length, 1))
    matrix = site_matrix()
    weights = np.log(matrix / 0.25)
    weights -= weights.mean(axis=1, keepdims=True)
    sites = []
    for region in range(regions):
        if rng.random() < 0.15:
            continue
        start = int(rng.integers(length // 2 - 15, length // 2 + 8))
        site = np.array([rng.choice(4, p=row) for row in matrix])
        fit = weights[np.arange(8), site].sum() / weights.max(axis=1).sum()
        effect = weights * 0.3 / (1 + np.exp(-8 * (fit - 0.5))) * rng.normal(1, 0.2, (8, 1))
        strand = "+-"[int(rng.integers(2))]
        if strand == "-":
            site, effect = 3 - site[::-1], effect[::-1, ::-1]
        codes[region, start : start + 8] = site
        scores[region, start : start + 8] += effect
        sites.append((region, start, strand))
    return scores, np.eye(4)[codes], sites


def write_attributions(path: Path, scores: np.ndarray, bases: np.ndarray, dtype: str = "f2") -> Path:
    """Write `(regions, length, 4)` arrays as an attribution file; region i has its summit at 1000 (i + 1)."""
    regions, length = scores.shape[:2]
    summits = 1000 * np.arange(1, regions + 1)
    with h5py.File(path, "w") as file:
        file.attrs.update(tf="SYN", head="counts", tasks='["SYN"]', n_shuffles=10, seed=0)
        file.create_dataset("region_id", data=[f"chr1:{summit}" for summit in summits], dtype=TEXT)
        file.create_dataset("coords_chrom", data=["chr1"] * regions, dtype=TEXT)
        file["coords_start"] = summits - length // 2
        file["coords_end"] = summits - length // 2 + length
        file["hyp_scores"] = scores.astype(dtype)
        file["input_seqs"] = bases.astype(np.int8)
        file["completeness_gap"] = np.zeros(regions, dtype=np.float32)
    return path
