"""Folds of one size from the lengths of chromosomes, which are split within where they are too few."""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise

from cistill.data.chromosome_split import PARTS, Span, Split
from cistill.data.contig_names import copies, unused_contigs
from cistill.errors import InputError

N_FOLDS = 5
LEAST_TRAINED = 0.25  # of the genome, in every fold: where whole chromosomes leave less, they are split within ...
LEAST_STRETCH = 500_000  # ... if the stretches have this many bp: shorter ones hold too few peaks
LEAST_GENOME = 100  # bp
LEAST_PIECE = 0.05  # of a fold's part: a cut that would leave a shorter rest of a chromosome goes to its end


def balanced_folds(sizes: Mapping[str, int], n_folds: int = N_FOLDS) -> dict[str, Split]:
    """Make folds from chromosome sizes, so that every chromosome is tested once.

    Chromosomes go, longest first, to the group that is shortest so far. Fold k tests group k, validates on group
    k + 1 (cyclic) and trains on the rest. Contigs of `unused_contigs` are in no group; copies of one chromosome stay
    together. Genomes of one or two chromosomes are split within: the groups are stretches of the genome of one length.
    So are those of at least 2.5 Mb where whole chromosomes would leave some fold less than a quarter of the genome to
    train on (three unequal chromosomes, or one that is most of the genome).

    Parameters
    ----------
    sizes : mapping
        Chromosome lengths in bp.
    n_folds : int
        Number of folds; fewer are made if there are fewer chromosomes.

    Raises
    ------
    InputError
        If there is nothing to split.
    """
    unused = unused_contigs(sizes)
    used = {name: size for name, size in sizes.items() if name not in unused}
    if not used:
        raise InputError("the genome has no chromosome to split but a mitochondrial one; give the whole genome")
    copy_of = copies(used)
    units: dict[str, int] = {}
    for name, size in used.items():
        units[copy_of[name]] = units.get(copy_of[name], 0) + size
    total = sum(units.values())
    groups = _groups_of_whole(units, min(n_folds, len(units)))
    lengths = [sum(units[name] for name in group) for group in groups]
    least = min(total - length - lengths[(k + 1) % len(groups)] for k, length in enumerate(lengths))
    uneven = least < LEAST_TRAINED * total and total >= n_folds * LEAST_STRETCH
    if len(groups) < len(PARTS) or uneven:
        if total < LEAST_GENOME:
            raise InputError(f"the genome has {total:,} bp, too few to split; give the whole genome")
        one_of_each = {copy_of[name]: name for name in reversed(used)}  # a haplotype is left out of spans
        first = {name: used[name] for name in used if one_of_each[copy_of[name]] == name}
        stretches = _stretches(first, max(n_folds, len(PARTS)))
        return _cyclic(stretches, chain.from_iterable(stretches))
    group_of = {name: k for k, group in enumerate(groups) for name in group}
    members: list[list[str]] = [[] for _ in groups]
    for name in used:
        members[group_of[copy_of[name]]].append(name)
    return _cyclic(members, used)


def _groups_of_whole(units: Mapping[str, int], number: int) -> list[list[str]]:
    """Share out chromosomes, longest first, each to the group that is shortest so far."""
    groups: list[list[str]] = [[] for _ in range(number)]
    shortest = [(0, k) for k in range(number)]
    for name in sorted(units, key=lambda name: (-units[name], name)):
        length, k = heapq.heappop(shortest)
        groups[k].append(name)
        heapq.heappush(shortest, (length + units[name], k))
    return groups


def _stretches(sizes: Mapping[str, int], number: int) -> list[list[str]]:
    """Cut a genome, chromosome after chromosome, into stretches of one length; return the entries of each.

    A cut that is near the end of a chromosome goes there, so that no stretch has a rest in which no window fits.
    """
    names, ends = list(sizes), list(accumulate(sizes.values()))
    total = ends[-1]
    near = LEAST_PIECE * total / number
    cuts = [0]
    for k in range(1, number):
        cut = total * k // number
        at = bisect_left(ends, cut)
        border = min((ends[at], ends[at - 1] if at else 0), key=lambda end: abs(end - cut))
        cuts.append(border if abs(border - cut) <= near else cut)
    groups: list[list[str]] = []
    for first, last in pairwise([*cuts, total]):
        groups.append([])
        for at in range(bisect_right(ends, first), bisect_left(ends, last) + 1):
            begin = ends[at] - sizes[names[at]]
            span = Span(names[at], max(first - begin, 0), min(last, ends[at]) - begin)
            groups[-1].append(names[at] if span.end - span.start == sizes[names[at]] else str(span))
    return groups


def _cyclic(groups: Sequence[Sequence[str]], order: Iterable[str]) -> dict[str, Split]:
    """Make the fold of each group: it tests the group, validates on the next, and trains on the others, in order."""
    group_of = {entry: k for k, group in enumerate(groups) for entry in group}
    entries = list(order)
    folds = {}
    for k, group in enumerate(groups):
        following = (k + 1) % len(groups)
        train = tuple(entry for entry in entries if group_of[entry] not in (k, following))
        folds[str(k)] = Split(train, tuple(groups[following]), tuple(group))
    return folds
