"""One list of motifs from the two heads of a model: the same motif found twice becomes one.

As in the published analysis, motifs of the two heads are paired greedily, the most similar pair first. On top, motifs
that occur more than once within a head are joined, and orientation and offset are found once and hold for all matrices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from cistill.formats.motifs import Motif
from cistill.motifs.aggregate import Placement, aggregate, core_matrix, core_similarity, core_size
from cistill.motifs.match import greedy_pairs
from cistill.motifs.settings import Measure, MergeSettings
from cistill.motifs.similarity import similarities

HEAD = "merged"
COMPOSITE_ROWS = 5
COMPOSITE_SHARE = 0.15
"""A motif that sticks out of another by so many rows, with at least this share of its squared size, is a composite."""


@dataclass(frozen=True)
class MergedMotif:
    """A motif of the merged list.

    Attributes
    ----------
    motif : Motif
        Head `merged`; `members` and `scales` say what it is of.
    members : list of Motif
        What it was merged from, the seed first.
    places : list of Placement
        Where each member lies in it.
    pair_similarity : float
        Of the two heads' averages; NaN if it is of one head.
    """

    motif: Motif
    members: list[Motif]
    places: list[Placement]
    pair_similarity: float


def merge_heads(counts: Sequence[Motif], profile: Sequence[Motif], settings: MergeSettings) -> list[MergedMotif]:
    """Merge the motifs of two heads.

    First, motifs within a head are joined while any two of one sign are duplicates, the most similar ones first. Then
    the heads' motifs are paired, and at last all that is left is joined in the same way, so that no two motifs of a
    sign are duplicates of each other.

    Parameters
    ----------
    counts, profile : sequences of Motif
        In any orientation.
    settings : MergeSettings

    Returns
    -------
    list of MergedMotif
        Positive motifs first, by falling number of seqlets. A motif lies as its member of most seqlets that is not
        weak.
    """
    groups = []
    for head in (counts, profile):
        groups.append(_joined([[motif] for motif in head], settings))
    final = _joined(_pairs(groups[0], groups[1], settings), settings)
    merged = [_merged(group, settings.measure) for group in final]
    ratios = [found.motif.scales for found in merged if len(found.motif.scales) == 2]
    merged = [replace(found, motif=_with_all_scales(found.motif, ratios)) for found in merged]
    return sorted(merged, key=lambda found: (found.motif.sign != "pos", -found.motif.n_seqlets, found.motif.motif_id))


def largest_similarity(merged: Sequence[MergedMotif], measure: Measure = "whole") -> float:
    """Return the similarity of the two motifs of one sign that are most alike, composites aside; NaN if there are none.

    Below the threshold for duplicates, no motif is in the list twice.
    """
    pairs = [(a, b) for a, b in combinations([found.motif for found in merged], 2) if a.sign == b.sign]
    values = [core_similarity(a, b, measure=measure) for a, b in pairs if not is_composite(a, b, measure)]
    return max(values, default=float("nan"))


def _joined(groups: list[list[Motif]], settings: MergeSettings) -> list[list[Motif]]:
    """Join the two groups that are most alike until none are duplicates."""
    groups = list(groups)
    means = [_pooled(group, settings) for group in groups]
    scores = {(i, j): _duplicates(means[i], means[j], settings) for i, j in combinations(range(len(groups)), 2)}
    alive = set(range(len(groups)))
    while scores and max(scores.values()) > 0:
        one, other = max(scores, key=lambda pair: (scores[pair], -pair[0], -pair[1]))
        alive -= {one, other}
        groups.append(groups[one] + groups[other])
        means.append(_pooled(groups[-1], settings))
        new = len(groups) - 1
        scores = {pair: score for pair, score in scores.items() if not {one, other} & set(pair)}
        scores |= {(old, new): _duplicates(means[old], means[new], settings) for old in sorted(alive)}
        alive.add(new)
    return [groups[index] for index in sorted(alive)]


def _pooled(group: Sequence[Motif], settings: MergeSettings) -> Motif:
    """Return the average of a group of one head or of two, as it is compared with others."""
    return _average(group, settings.measure)[0]


def _average(group: Sequence[Motif], measure: Measure) -> tuple[Motif, list[Motif], list[Placement]]:
    """Return the average of a group, its members in the order in which they were laid over the first, and where.

    Within a head it is that of the pooled seqlets. Heads have different units, and count alike.
    """
    members = sorted(group, key=lambda motif: (motif.weak, -motif.n_seqlets, motif.motif_id))
    heads = sorted({motif.head for motif in members})
    totals = {head: sum(motif.n_seqlets for motif in members if motif.head == head) for head in heads}
    if len(heads) == 1:
        motif, places = aggregate(members, [m.n_seqlets for m in members], equal_size=False, measure=measure)
    else:
        weights = [member.n_seqlets / totals[member.head] for member in members]
        motif, places = aggregate(members, weights, equal_size=True, measure=measure)
    weak = all(member.weak for member in members)
    average = replace(motif, n_seqlets=max(totals.values()), weak=weak, weak_reason=members[0].weak_reason * weak)
    return average, members, places


def _duplicates(one: Motif, other: Motif, settings: MergeSettings) -> float:
    """Return the similarity of two motifs if they are to be joined, else 0."""
    if one.sign != other.sign:
        return 0.0
    similarity = core_similarity(one, other, measure=settings.measure)
    if is_composite(one, other, settings.measure):
        return 0.0
    if similarity >= settings.duplicate:
        return similarity
    if settings.duplicate <= 1 and one.weak != other.weak:
        strong, weak = (other, one) if one.weak else (one, other)
        # below any of the above, so that those are joined first
        return settings.duplicate * 0.5 if core_cosine(strong, weak) >= settings.variant else 0.0
    return 0.0


def is_composite(one: Motif, other: Motif, measure: Measure = "whole") -> bool:
    """Return whether the longer of two motifs, neither of them weak, is the other one and a partner beside it.

    That is so if its core sticks out of the other's by `COMPOSITE_ROWS` on one side and these rows hold at least
    `COMPOSITE_SHARE` of its squared size. The distance of two partners would be lost if they were joined with either.
    """
    if one.weak or other.weak:
        return False
    short, long = sorted((core_matrix(one), core_matrix(other)), key=len)
    found = similarities([short], [long], measure=measure)
    long = long[::-1, ::-1] if found.reverse[0, 0] else long
    before = max(-int(found.offset[0, 0]), 0)
    behind = max(len(long) - before - len(short), 0)
    outside = max((long[:before], long[len(long) - behind :]), key=lambda rows: float((rows**2).sum()))
    return len(outside) >= COMPOSITE_ROWS and float((outside**2).sum()) >= COMPOSITE_SHARE * float((long**2).sum())


def core_cosine(strong: Motif, weak: Motif) -> float:
    """Return the largest cosine of a motif's core with a stretch of another motif, on either strand."""
    best = 0.0
    core = core_matrix(strong)
    for matrix in (weak.cwm, weak.reversed().cwm):
        for start in range(len(matrix) - len(core) + 1):
            part = matrix[start : start + len(core)]
            size = np.linalg.norm(part) * np.linalg.norm(core)
            best = max(best, float((part * core).sum() / size) if size > 0 else 0.0)
    return best


def _pairs(counts: list[list[Motif]], profile: list[list[Motif]], settings: MergeSettings) -> list[list[Motif]]:
    """Pair the groups of two heads greedily, each at most once; those without a partner stay alone."""
    means = [[_pooled(group, settings) for group in groups] for groups in (counts, profile)]
    value = similarities(
        [core_matrix(m) for m in means[0]], [core_matrix(m) for m in means[1]], measure=settings.measure
    ).value
    for row, one in enumerate(means[0]):
        for column, other in enumerate(means[1]):
            if one.sign != other.sign:
                value[row, column] = -np.inf
    pairs = sorted(greedy_pairs(value, settings.pair), key=lambda pair: -value[pair])
    paired = [counts[row] + profile[column] for row, column in pairs]
    used = ({row for row, _ in pairs}, {column for _, column in pairs})
    alone = [
        group
        for groups, taken in zip((counts, profile), used, strict=True)
        for index, group in enumerate(groups)
        if index not in taken
    ]
    return paired + alone


def _merged(group: Sequence[Motif], measure: Measure) -> MergedMotif:
    average, members, places = _average(group, measure)
    size = core_size(average)
    parts = {head: _average([m for m in members if m.head == head], measure)[0] for head in {m.head for m in members}}
    motif = replace(
        average,
        motif_id=merged_id(members),
        head=HEAD,
        pattern=",".join(f"{member.head}:{member.pattern}" for member in members),
        members=tuple(member.motif_id for member in members),
        scales={head: core_size(part) / size for head, part in sorted(parts.items())},
    )
    heads = [parts[head] for head in sorted(parts)]
    both = core_similarity(heads[0], heads[1], measure=measure) if len(heads) == 2 else float("nan")
    return MergedMotif(motif, members, places, both)


def merged_id(members: Sequence[Motif]) -> str:
    """Return the id of a merged motif: `C.pos_0:P.pos_0`, `C.pos_1+pos_4` or `P.neg_0`.

    `C` and `P` stand for the heads counts and profile; after them the ids within the head, joined by `+`.
    """
    parts = []
    for head in sorted({member.head for member in members}):
        names = [member.motif_id.removeprefix(f"{head}.") for member in members if member.head == head]
        parts.append(f"{head[:1].upper()}.{'+'.join(names)}")
    return ":".join(parts)


def _with_all_scales(motif: Motif, ratios: Sequence[Mapping[str, float]]) -> Motif:
    """Give a motif of one head the scale of the other: the median ratio of the motifs that both heads have."""
    if len(motif.scales) != 1 or not ratios:
        return motif
    [(own, scale)] = motif.scales.items()
    [other] = [head for head in ratios[0] if head != own]
    return replace(motif, scales={own: scale, other: scale * float(np.median([r[other] / r[own] for r in ratios]))})


def merge_table(merged: Sequence[MergedMotif]) -> pd.DataFrame:
    """Return merged.tsv: one row per member of each merged motif, in order; columns are in docs/motifs.md."""
    columns = (
        "motif_id", "sign", "n_members", "pair_similarity", "member", "head", "n_seqlets", "weak", "offset", "strand",
        "similarity",
    )  # fmt: skip
    rows = [
        (
            found.motif.motif_id, found.motif.sign, len(found.members), found.pair_similarity, member.motif_id,
            member.head, member.n_seqlets, member.weak, place.offset, "-" if place.reverse else "+", place.similarity,
        )
        for found in merged
        for member, place in zip(found.members, found.places, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))
