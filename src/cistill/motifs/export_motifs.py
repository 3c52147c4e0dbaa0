"""Motifs as text: MEME, and tables of their matrices, trimmed and in one orientation."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cistill.dna.codes import BASES
from cistill.dna.matrices import consensus, information, is_purine_rich, probabilities
from cistill.files import named
from cistill.formats.meme import NamedMatrix, write_meme
from cistill.formats.motifs import MATRICES, Motif
from cistill.formats.tables.motifs import EXPORT, MATRIX

TRIMS = ("core", "information", "none")
ORIENTATIONS = ("stored", "purine")


def trimmed_span(motif: Motif, trim: str = "core", min_information: float = 0.2, pad: int = 0) -> tuple[int, int]:
    """Return the half-open span of positions of a motif that are shown.

    Parameters
    ----------
    motif : Motif
    trim : {"core", "information", "none"}
        `core`: the positions that carry the contributions, as hits have them. `information`: from the first to the last
        position of at least `min_information` bits against a uniform background; all if there is none.
    min_information : float
        Bits; the published analysis takes 0.2, its BPNet report 0.3.
    pad : int
        Positions added on both sides, as far as there are any; the published logos take 4.
    """
    start, end = 0, motif.length
    if trim == "core":
        start, end = motif.core
    elif trim == "information":
        passing = np.flatnonzero(information(motif.pfm) >= min_information)
        if len(passing):
            start, end = int(passing[0]), int(passing[-1]) + 1
    return max(0, start - pad), min(motif.length, end + pad)


def oriented(motif: Motif, orientation: str = "stored") -> Motif:
    """Return the motif as its file has it, or with the strand first whose core's contributions are on A and G.

    The contribution weights decide, once, for all matrices.
    """
    if orientation == "purine" and not is_purine_rich(motif.cwm[slice(*motif.core)]):
        return motif.reversed()
    return motif


def export(
    stem: Path,
    motifs: Sequence[Motif],
    *,
    trim: str = "core",
    min_information: float = 0.2,
    pad: int = 0,
    orientation: str = "stored",
) -> None:
    """Write {stem}.meme, {stem}.pfm.tsv, {stem}.cwm.tsv, {stem}.hcwm.tsv and {stem}.export.tsv.

    Parameters
    ----------
    stem : Path
        Folder and start of the files' names.
    motifs : sequence of Motif
    trim, min_information, pad
        As for `trimmed_span`.
    orientation : {"stored", "purine"}
    """
    shown = [oriented(motif, orientation) for motif in motifs]
    spans = [trimmed_span(motif, trim, min_information, pad) for motif in shown]
    matrices_by_name = [
        NamedMatrix(
            motif.motif_id, consensus(motif.pfm[start:end]), probabilities(motif.pfm[start:end]), motif.n_seqlets
        )
        for motif, (start, end) in zip(shown, spans, strict=True)
    ]
    write_meme(named(stem, "meme"), matrices_by_name)
    for name in MATRICES:
        MATRIX.write(named(stem, f"{name}.tsv"), matrix_table(shown, spans, name))
    rows = [
        (
            motif.motif_id, motif.head, motif.sign, motif.n_seqlets, start, end, end - start,
            motif.flipped != before.flipped, consensus(motif.pfm[start:end]),
            float(information(motif.pfm[start:end]).sum()), motif.weak, motif.weak_reason or None,
        )
        for before, motif, (start, end) in zip(motifs, shown, spans, strict=True)
    ]  # fmt: skip
    EXPORT.write(stem.with_name(f"{stem.name}.export.tsv"), EXPORT.frame(rows))


def matrix_table(motifs: Sequence[Motif], spans: Sequence[tuple[int, int]], name: str) -> pd.DataFrame:
    """Return one matrix of every motif: `motif_id, position` (in the motif, 0-based), `A, C, G, T`; positions shown."""
    parts = []
    for motif, (start, end) in zip(motifs, spans, strict=True):
        matrix = getattr(motif, name)
        rows = pd.DataFrame(matrix[start:end], columns=list(BASES))
        rows.insert(0, "position", np.arange(start, end))
        rows.insert(0, "motif_id", motif.motif_id)
        parts.append(rows)
    columns = ["motif_id", "position", *BASES]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
