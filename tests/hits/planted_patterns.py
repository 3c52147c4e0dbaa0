"""Attributions with planted instances of several motifs, and TF-MoDISco's file of them, made without any model."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from planted_hits import write_attributions

from cistill.formats.motifs import Motif

FLANK = 20  # bases of a pattern on each side of its word


@dataclass(frozen=True)
class Planted:
    """What was planted: `sites` are (region, start, motif, reverse), `signs` +1 or -1 of each motif."""

    words: list[np.ndarray]
    signs: list[int]
    scores: np.ndarray
    bases: np.ndarray
    sites: list[tuple[int, int, int, bool]]


def plant(
    regions: int,
    length: int,
    signs: list[int],
    seed: int = 0,
    sites_per_region: float = 2.0,
    noise: float = 0.02,
    width: int = 9,
) -> Planted:
    """Plant words: hypothetical scores and bases `(regions, length, 4)`, each site 0.4 to 2.5 strong, two variants."""
    rng = np.random.default_rng(seed)
    words = [rng.integers(0, 4, width) for _ in signs]
    weights = [rng.uniform(0.4, 1.0, width) for _ in signs]
    codes = rng.integers(0, 4, (regions, length)).astype(np.int8)
    scores = rng.laplace(0, noise, (regions, length, 4)).astype(np.float32)
    slots = np.arange(5, length - width - 5, width + 8)
    sites = []
    for region in range(regions):
        count = min(int(rng.poisson(sites_per_region)), len(slots))
        for slot in rng.choice(slots, count, replace=False):
            start, motif = int(slot + rng.integers(0, 8)), int(rng.integers(len(signs)))
            word, weight = words[motif].copy(), weights[motif].copy()
            if rng.random() < 0.3:  # a variant: another last base, a weaker first half
                word[-1] = (word[-1] + 1) % 4
                weight[: width // 2] *= 0.5
            effect = np.repeat(-0.3 * weight[:, None], 4, axis=1)
            effect[np.arange(width), word] = weight
            effect *= signs[motif] * np.exp(rng.uniform(-0.9, 0.9)) * rng.normal(1, 0.15, (width, 1))
            reverse = bool(rng.integers(2))
            if reverse:
                word, effect = 3 - word[::-1], effect[::-1, ::-1]
            codes[region, start : start + width] = word
            scores[region, start : start + width] += effect
            sites.append((region, start, motif, reverse))
    return Planted(
        words, list(signs), scores.astype(np.float16).astype(np.float32), np.eye(4, dtype=np.int8)[codes], sites
    )


def write_modisco(path: Path, planted: Planted, seqlets: int = 10**9, first_regions: int = 10**9) -> Path:
    """Write patterns in modisco-lite's layout: windows around the sites, at most `seqlets` of a motif."""
    numbers = {1: 0, -1: 0}
    with h5py.File(path, "w") as file:
        file.attrs["window_size"] = planted.scores.shape[1]
        for motif, (word, sign) in enumerate(zip(planted.words, planted.signs, strict=True)):
            name = f"{'pos' if sign > 0 else 'neg'}_patterns/pattern_{numbers[sign]}"
            numbers[sign] += 1
            rows = [
                (region, start - FLANK, start + len(word) + FLANK, reverse)
                for region, start, which, reverse in planted.sites
                if which == motif and region < first_regions
            ]
            rows = [row for row in rows if row[1] >= 0 and row[2] <= planted.scores.shape[1]][:seqlets]
            tracks = {key: [] for key in ("sequence", "contrib_scores", "hypothetical_contribs")}
            for region, start, end, reverse in rows:
                step = -1 if reverse else 1
                bases = planted.bases[region, start:end][::step, ::step].astype(np.float32)
                scores = planted.scores[region, start:end][::step, ::step]
                for key, value in zip(tracks, (bases, bases * scores, scores), strict=True):
                    tracks[key].append(value)
            group = file.create_group(name)
            inside = group.create_group("seqlets")
            for key, values in tracks.items():
                stacked = np.array(values, dtype=np.float32).reshape(-1, len(word) + 2 * FLANK, 4)
                inside.create_dataset(key, data=stacked)
                group.create_dataset(key, data=stacked.mean(axis=0, dtype=np.float64))
            for key, column in (("example_idx", 0), ("start", 1), ("end", 2), ("is_revcomp", 3)):
                inside.create_dataset(key, data=np.array([row[column] for row in rows]))
            inside.create_dataset("n_seqlets", data=np.array([len(rows)]))
    return path


def read_motifs_of(path: Path, width: int, flipped: tuple[int, ...] = ()) -> list[Motif]:
    """Return motifs whose cores are the words; those of the numbers in `flipped` are turned."""
    motifs = []
    with h5py.File(path) as file:
        names = [f"{sign}/{name}" for sign in ("pos_patterns", "neg_patterns") if sign in file for name in file[sign]]
        for name in sorted(names, key=lambda text: ("neg" in text, int(text.rsplit("_", 1)[1]))):
            group = file[name]
            sign = name[:3]
            motif = Motif(
                motif_id=f"counts.{sign}_{name.rsplit('_', 1)[1]}",
                head="counts",
                sign=sign,
                pattern=name,
                flipped=False,
                n_seqlets=int(group["seqlets/n_seqlets"][0]),
                pfm=group["sequence"][:],
                cwm=group["contrib_scores"][:],
                hcwm=group["hypothetical_contribs"][:],
                core=(FLANK, FLANK + width),
            )
            motifs.append(motif.reversed() if len(motifs) in flipped else motif)
    return motifs


def write_planted(folder: Path, planted: Planted, **options: int) -> tuple[Path, Path]:
    """Write the attribution file and the modisco file."""
    return (
        write_attributions(folder / "counts.attributions.h5", planted.scores, planted.bases, step=2000),
        write_modisco(folder / "counts.modisco.h5", planted, **options),
    )
