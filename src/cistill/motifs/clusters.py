"""Groups of similar motifs: hierarchical clustering, or groups that the user names; one average motif per group."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.errors import InputError
from cistill.formats.motifs import Motif
from cistill.motifs.aggregate import Placement, aggregate, core_matrix
from cistill.motifs.sets import SetMotif
from cistill.motifs.settings import Measure
from cistill.motifs.similarity import similarities_within
from cistill.tables import read_table

LINKAGES = ("average", "ward", "ward_rows")


@dataclass(frozen=True)
class Cluster:
    """A group of motifs and its average.

    Attributes
    ----------
    name : str
        `cluster_1`, ... by falling number of members, or the user's.
    members : list of int
        Indices of the motifs, the most central first.
    places : list of Placement
        Where each member lies in the average.
    motif : Motif
        The average; every member counts alike, whatever the size of its contributions.
    """

    name: str
    members: list[int]
    places: list[Placement]
    motif: Motif


@dataclass(frozen=True)
class Clustering:
    """Groups of motifs.

    Attributes
    ----------
    similarity : (motifs, motifs)
    clusters : list of Cluster
    tree : (motifs - 1, 4) or None
        As scipy's linkage; None for groups of the user.
    order : list of int
        The motifs in the order of the tree's leaves, neighbours alike.
    """

    similarity: npt.NDArray[np.float64]
    clusters: list[Cluster]
    tree: npt.NDArray[np.float64] | None
    order: list[int]


def cluster_motifs(
    motifs: Sequence[SetMotif],
    *,
    linkage: str = "average",
    k: int | None = None,
    distance: float | None = None,
    groups: Sequence[tuple[str, str]] | None = None,
    centre: bool = True,
    measure: Measure = "rows",
) -> Clustering:
    """Group motifs by the shape of their contributions.

    Parameters
    ----------
    motifs : sequence of SetMotif
    linkage : {"average", "ward", "ward_rows"}
        `average`: mean distance 1 - similarity between the members of two groups. `ward`: Ward's criterion on these
        distances. `ward_rows`: Ward's criterion on the rows of the matrix of similarities, as in the published heat
        maps.
    k : int, optional
        Cut into exactly this number of groups.
    distance : float, optional
        Or cut at this height of the tree.
    groups : sequence of (group, motif), optional
        Or take these groups; motifs are named `{set}:{motif_id}`. Motifs that are not named are in no group.
    centre, measure
        As for `similarity.similarities`.

    Raises
    ------
    InputError
        If `k` is more than there are motifs, or the groups name motifs that are not there or one in two groups.
    """
    similarity = similarities_within(
        [core_matrix(found.motif) for found in motifs], centre=centre, measure=measure
    ).value
    if groups is not None:
        named = _user_groups(motifs, groups)
        clusters = [_cluster(name, members, motifs, similarity, centre, measure) for name, members in named.items()]
        return Clustering(similarity, clusters, None, [index for cluster in clusters for index in cluster.members])
    if k is not None and motifs and not 1 <= k <= len(motifs):
        raise InputError(f"{k} clusters asked for, but there are {len(motifs)} motifs")
    if len(motifs) < 2:
        tree: npt.NDArray[np.float64] = np.zeros((0, 4))
        order = list(range(len(motifs)))
    else:
        tree, order = _tree(similarity, linkage)
    members = sorted(_cut(tree, len(motifs), k, distance), key=lambda group: (-len(group), group[0]))
    clusters = [
        _cluster(f"cluster_{number}", group, motifs, similarity, centre, measure)
        for number, group in enumerate(members, start=1)
    ]
    return Clustering(similarity, clusters, tree, order)


def read_groups(path: Path) -> list[tuple[str, str]]:
    """Read groups of motifs: a table with the columns `group` and `motif` (`{set}:{motif_id}`)."""
    table = read_table(path, ("group", "motif"), dtype={"group": str, "motif": str})
    if table[["group", "motif"]].isna().any().any():
        raise InputError(f"{path}: every row needs a group and a motif")
    return list(zip(table["group"], table["motif"], strict=True))


def _tree(similarity: npt.NDArray[np.float64], linkage: str) -> tuple[npt.NDArray[np.float64], list[int]]:
    from scipy.cluster.hierarchy import leaves_list, optimal_leaf_ordering
    from scipy.cluster.hierarchy import linkage as build
    from scipy.spatial.distance import pdist, squareform

    apart = squareform(np.clip(1.0 - similarity, 0.0, None), checks=False)
    if linkage == "ward_rows":
        apart = pdist(similarity)
    tree = build(apart, method="average" if linkage == "average" else "ward")
    return tree, [int(leaf) for leaf in leaves_list(optimal_leaf_ordering(tree, apart))]


def _cut(tree: npt.NDArray[np.float64], number: int, k: int | None, distance: float | None) -> list[list[int]]:
    """Return the groups after the first merges of a tree: all but k - 1 of them, or those up to a height."""
    joins = len(tree) if k is None else max(0, number - k)
    if k is None and distance is not None:
        joins = int((tree[:, 2] <= distance).sum())
    groups = {index: [index] for index in range(number)}
    for step in range(joins):
        one, other = int(tree[step, 0]), int(tree[step, 1])
        groups[number + step] = groups.pop(one) + groups.pop(other)
    return [sorted(group) for group in groups.values()]


def _user_groups(motifs: Sequence[SetMotif], groups: Sequence[tuple[str, str]]) -> dict[str, list[int]]:
    index = {found.label: place for place, found in enumerate(motifs)}
    problems = []
    named: dict[str, list[int]] = {}
    group_of: dict[str, str] = {}
    for group, label in groups:
        if label not in index:
            problems.append(f"{label}, of the group {group}, is not among the motifs")
        elif label in group_of:
            problems.append(f"{label} is in the group {group_of[label]} and again in {group}")
        else:
            named.setdefault(group, []).append(index[label])
        group_of.setdefault(label, group)
    if problems:
        raise InputError("groups of motifs: " + "\n".join(problems))
    return named


def _cluster(
    name: str,
    members: Sequence[int],
    motifs: Sequence[SetMotif],
    similarity: npt.NDArray[np.float64],
    centre: bool,
    measure: Measure,
) -> Cluster:
    """Average a group: the member most alike to the rest first, the others by how alike they are to it."""
    own = similarity[np.ix_(members, members)]
    seed = int(own.sum(axis=1).argmax())
    order = [
        members[place]
        for place in np.argsort(-np.where(np.arange(len(members)) == seed, 2.0, own[seed]), kind="stable")
    ]
    chosen = [motifs[index].motif for index in order]
    average, places = aggregate(chosen, [1.0] * len(chosen), equal_size=True, centre=centre, measure=measure)
    weak = all(motif.weak for motif in chosen)
    motif = replace(
        average,
        motif_id=name,
        head="cluster",
        pattern="",
        flipped=False,
        n_seqlets=sum(motif.n_seqlets for motif in chosen),
        weak=weak,
        weak_reason=chosen[0].weak_reason if weak else "",
        members=tuple(motifs[index].label for index in order),
        scales={},
    )
    return Cluster(name, order, places, motif)


def cluster_table(motifs: Sequence[SetMotif], found: Clustering) -> pd.DataFrame:
    """Return clusters.tsv: one row per motif, cluster by cluster; columns are in docs/motifs.md."""
    leaf = {index: place for place, index in enumerate(found.order)}
    rows = [
        (
            cluster.name, len(cluster.members), motifs[index].set_name, motifs[index].motif.motif_id,
            motifs[index].motif.n_seqlets, leaf[index], place.offset, "-" if place.reverse else "+", place.similarity,
            _mean_of_others(found.similarity, index, cluster.members),
        )
        for cluster in found.clusters
        for index, place in zip(cluster.members, cluster.places, strict=True)
    ]  # fmt: skip
    columns = (
        "cluster", "size", "set", "motif_id", "n_seqlets", "leaf", "offset", "strand", "similarity", "mean_similarity",
    )  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def _mean_of_others(similarity: npt.NDArray[np.float64], index: int, members: Sequence[int]) -> float:
    others = [other for other in members if other != index]
    return float(similarity[index, others].mean()) if others else float("nan")


def similarity_table(motifs: Sequence[SetMotif], found: Clustering) -> pd.DataFrame:
    """Return similarity.tsv: the matrix, rows and columns in the order of the tree's leaves, `motif` first."""
    labels = [motifs[index].label for index in found.order]
    values = found.similarity[np.ix_(found.order, found.order)]
    table = pd.DataFrame(values, columns=labels)
    table.insert(0, "motif", labels)
    return table


def dendrogram_table(motifs: Sequence[SetMotif], found: Clustering) -> pd.DataFrame:
    """Return dendrogram.tsv: one row per merge, `node, left, right, distance, size`; a leaf is `{set}:{motif_id}`."""
    number = len(motifs)
    names = [motif.label for motif in motifs] + [f"node_{step}" for step in range(number)]
    rows = [
        (f"node_{step}", names[int(left)], names[int(right)], distance, int(size))
        for step, (left, right, distance, size) in enumerate(found.tree if found.tree is not None else ())
    ]
    return pd.DataFrame(rows, columns=["node", "left", "right", "distance", "size"])
