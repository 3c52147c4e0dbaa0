"""Sub-clusters of a pattern: TF-MoDISco's own, or by Leiden's method on the seqlets' nearest neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.dna.matrices import consensus, contribution_core
from cistill.errors import InputError
from cistill.formats.modisco import ACTUAL, HYPOTHETICAL, SEQUENCE, StoredPattern, open_modisco
from cistill.formats.motifs import Motif
from cistill.motifs.aggregate import core_similarity
from cistill.motifs.settings import LeidenSettings

METHODS = ("stored", "leiden")
ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class Subclusters:
    """Sub-clusters of one motif, by falling number of seqlets.

    Attributes
    ----------
    parent : Motif
    motifs : list of Motif
        Their averages, in the parent's orientation and positions; `{motif_id}.sub_0`, ...
    of_seqlet : (seqlets,) of int
        Sub-cluster of each seqlet, in the order of modisco.h5 and seqlets.tsv.
    """

    parent: Motif
    motifs: list[Motif]
    of_seqlet: npt.NDArray[np.int64]


def subclusters(
    modisco: Path, motifs: Sequence[Motif], method: str = "stored", settings: LeidenSettings | None = None
) -> list[Subclusters]:
    """Return the sub-clusters of motifs.

    Parameters
    ----------
    modisco : Path
        modisco.h5 that the motifs are from.
    motifs : sequence of Motif
    method : {"stored", "leiden"}
        `stored`: TF-MoDISco's sub-patterns; a pattern without any is one sub-cluster. `leiden`: the seqlets' actual and
        hypothetical contributions, each scaled to an absolute sum of one, are compared by their cosine, every seqlet
        is joined with its nearest neighbours, and the graph cut by Leiden's method.
    settings : LeidenSettings, optional

    Raises
    ------
    InputError
        If the file is no modisco.h5, or lacks a pattern or the seqlets' contributions.
    """
    found = []
    with open_modisco(modisco) as reader:
        for motif in motifs:
            pattern = reader.pattern(motif.pattern)
            if pattern is None:
                raise InputError(f"{modisco}: there is no {motif.pattern} ({motif.motif_id}) in the file")
            seqlets = {name: pattern.seqlets(name) for name in TRACKS}
            if len(seqlets[SEQUENCE]) != motif.n_seqlets:
                raise InputError(
                    f"{modisco}: {motif.pattern} has {len(seqlets[SEQUENCE])} seqlets, but {motif.motif_id} was "
                    f"made from {motif.n_seqlets}: give the two files of one run"
                )
            stored = method == "stored"
            label = _stored(pattern) if stored else leiden(seqlets[ACTUAL], seqlets[HYPOTHETICAL], settings)
            found.append(_subclusters(motif, seqlets, label))
    return found


TRACKS = {SEQUENCE: "pfm", ACTUAL: "cwm", HYPOTHETICAL: "hcwm"}
"""Datasets of the seqlets to the matrices that they are averaged to."""


def _stored(pattern: StoredPattern) -> npt.NDArray[np.int64]:
    """Return the sub-pattern of every seqlet of a pattern: all 0 if it has none."""
    own = pattern.places()
    label = np.zeros(len(own), dtype=np.int64)
    place_of = {seqlet: place for place, seqlet in enumerate(own)}
    for number, part in enumerate(pattern.subpatterns()):
        label[[place_of[seqlet] for seqlet in part.places() if seqlet in place_of]] = number
    return label


def leiden(
    contributions: npt.NDArray[np.floating],
    hypothetical: npt.NDArray[np.floating],
    settings: LeidenSettings | None = None,
) -> npt.NDArray[np.int64]:
    """Cluster seqlets.

    Parameters
    ----------
    contributions, hypothetical : (seqlets, length, 4)
        As the pattern reads them.
    settings : LeidenSettings, optional

    Returns
    -------
    (seqlets,) of int
        Clusters, numbered from 0.
    """
    settings = settings or LeidenSettings()
    number = len(contributions)
    if number < 3:
        return np.zeros(number, dtype=np.int64)
    import igraph
    import leidenalg

    features = np.concatenate([_scaled(contributions), _scaled(hypothetical)], axis=1)
    features /= np.maximum(np.linalg.norm(features, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    neighbours = min(settings.neighbours, number - 1)
    edges: dict[tuple[int, int], float] = {}
    for first in range(0, number, ROWS_AT_ONCE):
        cosine = features[first : first + ROWS_AT_ONCE] @ features.T
        rows = np.arange(len(cosine))
        cosine[rows, first + rows] = -np.inf
        nearest = np.argsort(-cosine, axis=1, kind="stable")[:, :neighbours]
        for row, others in zip(rows.tolist(), nearest, strict=True):
            for other in others.tolist():
                one = first + row
                edges[min(one, other), max(one, other)] = max(float(cosine[row, other]), 0.0)
    graph = igraph.Graph(n=number, edges=list(edges))
    weights = list(edges.values())
    best, label = -np.inf, np.zeros(number, dtype=np.int64)
    for run in range(settings.runs):
        partition = leidenalg.find_partition(
            graph, leidenalg.RBConfigurationVertexPartition, weights=weights, n_iterations=-1,
            seed=settings.seed + run, resolution_parameter=settings.resolution,
        )  # fmt: skip
        if partition.quality() > best:
            best, label = partition.quality(), np.array(partition.membership, dtype=np.int64)
    return label


def _scaled(scores: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Return `(seqlets, length * 4)` of an absolute sum of one."""
    flat = scores.reshape(len(scores), -1).astype(np.float32)
    return flat / np.maximum(np.abs(flat).sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)


def _subclusters(
    parent: Motif, seqlets: dict[str, npt.NDArray[np.floating]], label: npt.NDArray[np.int64]
) -> Subclusters:
    """Number clusters by falling size, and average their seqlets."""
    names, first, sizes = np.unique(label, return_index=True, return_counts=True)
    order = sorted(range(len(names)), key=lambda place: (-sizes[place], first[place]))
    number = {int(names[place]): rank for rank, place in enumerate(order)}
    of_seqlet = np.array([number[int(value)] for value in label], dtype=np.int64)
    motifs = []
    for rank in range(len(order)):
        own = of_seqlet == rank
        matrices = {kind: seqlets[name][own].mean(axis=0, dtype=np.float64) for name, kind in TRACKS.items()}
        motif = replace(
            parent,
            motif_id=f"{parent.motif_id}.sub_{rank}",
            pattern=f"{parent.pattern}/subcluster_{rank}",
            flipped=False,
            n_seqlets=int(own.sum()),
            pfm=matrices["pfm"],
            cwm=matrices["cwm"],
            hcwm=matrices["hcwm"],
            core=contribution_core(matrices["cwm"]),
        )
        motifs.append(motif.reversed() if parent.flipped else motif)
    return Subclusters(parent, motifs, of_seqlet)


def subcluster_table(found: Sequence[Subclusters]) -> pd.DataFrame:
    """Return subclusters.tsv: one row per sub-cluster; `similarity` is that of its core with the motif's."""
    rows = [
        (
            own.parent.motif_id, motif.motif_id, motif.n_seqlets, motif.n_seqlets / len(own.of_seqlet),
            consensus(motif.pfm[slice(*own.parent.core)]), core_similarity(own.parent, motif, measure="whole"),
            float(np.abs(motif.cwm[slice(*own.parent.core)]).sum()),
        )
        for own in found
        for motif in own.motifs
    ]  # fmt: skip
    columns = ["motif_id", "subcluster", "n_seqlets", "share", "consensus", "similarity", "contribution"]
    return pd.DataFrame(rows, columns=columns)


def subcluster_seqlets(found: Sequence[Subclusters], seqlets: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of seqlets.tsv of the motifs, with the column `subcluster` after `motif_id`.

    Raises
    ------
    InputError
        If the table has another number of seqlets for a motif.
    """
    parts = []
    for own in found:
        rows = seqlets[seqlets["motif_id"] == own.parent.motif_id].copy()
        if len(rows) != len(own.of_seqlet):
            raise InputError(
                f"seqlets.tsv has {len(rows)} seqlets of {own.parent.motif_id}, modisco.h5 {len(own.of_seqlet)}: give "
                "the files of one run"
            )
        rows.insert(1, "subcluster", [own.motifs[label].motif_id for label in own.of_seqlet])
        parts.append(rows)
    if parts:
        return pd.concat(parts, ignore_index=True)
    none = seqlets.iloc[:0].copy()
    none.insert(1, "subcluster", [])
    return none
