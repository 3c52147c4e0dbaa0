"""The files of a run of `modisco`, made by hand, for the tests of the sub-commands of `motifs`."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from toy_motifs import letters, motif

from cistill.dna.matrices import reverse_complement
from cistill.formats.meme import NamedMatrix, write_meme
from cistill.formats.motifs import Motif, write_motifs
from cistill.formats.tables.motifs import SEQLETS

TEXT = h5py.string_dtype()
OUTPUT = 40


def write_modisco(path: Path, patterns: dict[str, tuple[Sequence[np.ndarray], Sequence[int]]]) -> Path:
    """Write modisco.h5: name of a pattern to its seqlets `(length, 4)` and the sub-pattern of each (-1 for none)."""
    with h5py.File(path, "w") as file:
        for sign in ("pos_patterns", "neg_patterns"):
            file.create_group(sign)
        for name, (seqlets, labels) in patterns.items():
            stack = np.stack(seqlets)
            _write_seqlets(file.create_group(f"{name}/seqlets"), stack, np.arange(len(stack)))
            for label in sorted(set(labels) - {-1}):
                own = np.flatnonzero(np.array(labels) == label)
                _write_seqlets(file.create_group(f"{name}/subpattern_{label}/seqlets"), stack[own], own)
    return path


def _write_seqlets(group: h5py.Group, stack: np.ndarray, rows: np.ndarray) -> None:
    group["sequence"] = np.eye(4)[stack.argmax(axis=2)]
    group["contrib_scores"], group["hypothetical_contribs"] = stack, stack
    group["example_idx"], group["start"], group["end"] = rows, np.full(len(rows), 5), np.full(len(rows), 19)
    group["is_revcomp"] = rows % 2 == 1


def seqlet_rows(name: str, number: int, core: tuple[int, int] = (18, 26)) -> pd.DataFrame:
    """Return rows of seqlets.tsv: seqlet i in region `chr1:{100 (i + 1)}`, the core at the same place of each."""
    start = 100 * np.arange(1, number + 1) - OUTPUT // 2
    columns = (
        name, [f"chr1:{100 * (i + 1)}" for i in range(number)], "chr1", start + core[0] - 3, start + core[1] + 3,
        ["+-"[i % 2] for i in range(number)], start + core[0], start + core[1], 0,
    )  # fmt: skip
    return pd.DataFrame(dict(zip(SEQLETS.names, columns, strict=True)))


def write_dataset(path: Path, windows: np.ndarray, tasks: Sequence[str] = ("X",)) -> Path:
    """Write what `footprints` reads of dataset.h5: counts `(regions, tasks, 2, length)`, summits at 100, 200, ..."""
    flat = windows.reshape(-1, windows.shape[-1])
    window, position = np.nonzero(flat)
    with h5py.File(path, "w") as file:
        _write_names(file, len(windows), windows.shape[-1], tasks)
        file.attrs.update(format="cistill-dataset", format_version=2, max_jitter=0)
        file["signal/indptr"] = np.concatenate([[0], np.cumsum(np.bincount(window, minlength=len(flat)))])
        file["signal/position"], file["signal/value"] = position, flat[window, position]
    return path


def write_predictions(
    path: Path, log_counts: np.ndarray, log_profile: np.ndarray, tasks: Sequence[str] = ("X",)
) -> Path:
    """Write what `footprints` reads of predictions.h5."""
    with h5py.File(path, "w") as file:
        _write_names(file, len(log_counts), log_profile.shape[-1], tasks)
        file.attrs.update(format="cistill-predictions", format_version=1)
        file["log_counts"], file["log_profile"] = log_counts, log_profile
    return path


def _write_names(file: h5py.File, regions: int, length: int, tasks: Sequence[str]) -> None:
    summits = 100 * np.arange(1, regions + 1)
    file.attrs.update(tasks=json.dumps(list(tasks)), output_length=length)
    file.create_dataset("region_id", data=[f"chr1:{summit}" for summit in summits], dtype=TEXT)
    file["summit"] = summits


def write_run(folder: Path) -> Path:
    """Write a run of both heads of the TF X, and beside it in `empty/` one that found nothing; return the folder."""
    (folder / "empty").mkdir(parents=True)
    counts = [
        motif("TTACCCGG", "counts.pos_0", n_seqlets=6),
        replace(motif("GATTACAG", "counts.pos_1", n_seqlets=4, weak=True), pattern="pos_patterns/pattern_1"),
        motif("ACGACGAC", "counts.neg_0", sign="neg", n_seqlets=4),
    ]
    profile = [motif("TTACCCGG", "profile.pos_0", head="profile", n_seqlets=8).reversed()]
    rng = np.random.default_rng(0)
    others = [NamedMatrix(f"M{i}", "", rng.dirichlet([0.3] * 4, size=9)) for i in range(30)]
    known = NamedMatrix("M30", "KNOWN", 0.9 * reverse_complement(letters("TTACCCGG")) + 0.025)
    write_meme(folder / "db.meme", [*others, known])
    for place, found in ((folder, (counts, profile)), (folder / "empty", ([], []))):
        for head, motifs in zip(("counts", "profile"), found, strict=True):
            write_motifs(place / f"X.{head}.motifs.h5", motifs, "X", head)
            _write_head(place, head, motifs)
        windows = np.zeros((8, 1, 2, OUTPUT))
        windows[:, 0, :, 20] = 1
        write_dataset(place / "X.dataset.h5", windows)
    return folder


def _write_head(folder: Path, head: str, motifs: Sequence[Motif]) -> None:
    parts = [seqlet_rows(found.motif_id, found.n_seqlets) for found in motifs]
    table = pd.concat(parts) if parts else SEQLETS.frame([])
    table.to_csv(folder / f"X.{head}.seqlets.tsv", sep="\t", index=False)
    stored = {}
    for found in motifs:
        first = found.reversed() if found.flipped else found  # modisco.h5 has the pattern as it was found
        seqlets = [first.cwm * (1 + (i % 2)) for i in range(found.n_seqlets)]
        stored[found.pattern] = (seqlets, [i % 2 for i in range(found.n_seqlets)])
    write_modisco(folder / f"X.{head}.modisco.h5", stored)
