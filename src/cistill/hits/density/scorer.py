"""The scorer: built from the seqlets of patterns, it tells which motif a new seqlet belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cistill.hits.density import kernels
from cistill.hits.density.communities import subclusters
from cistill.hits.density.features import Single, by_rows, features, flat, most_similar, reverse_features
from cistill.hits.density.graph import SeqletGraph, build_graph
from cistill.hits.density.membership import Membership, fit_membership
from cistill.hits.density.patterns import PatternSeqlets
from cistill.hits.density.settings import DensitySettings

Labels = npt.NDArray[np.int64]
Double = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SeqletScorer:
    """What new seqlets are compared with.

    Attributes
    ----------
    patterns : list of PatternSeqlets
    members : (seqlets, length * 8)
        Features of the motif seqlets, sub-motif by sub-motif.
    first_member : (sub-motifs + 1,)
        Where the seqlets of each sub-motif begin.
    submotif_places, motif_places
        Means of the sub-motifs and of the motifs, wherever they contain a core.
    graph : SeqletGraph
    memberships : list of Membership
        One per motif.
    settings : DensitySettings
    """

    patterns: list[PatternSeqlets]
    members: Single
    first_member: Labels
    submotif_places: "_Placements"
    motif_places: "_Placements"
    graph: SeqletGraph
    memberships: list[Membership]
    settings: DensitySettings


@dataclass(frozen=True)
class Assigned:
    """What the scorer tells of seqlets; all arrays `(seqlets,)`.

    Attributes
    ----------
    motif : int
        Index of the best motif.
    shift : int
        Where the window of the motif starts, in bases from the start of the seqlet.
    reverse : bool
        Whether it lies on the minus strand.
    gain, precision, percentile : float
        Gain of modularity, and what that says; see `Membership`.
    """

    motif: Labels
    shift: Labels
    reverse: npt.NDArray[np.bool_]
    gain: Double
    precision: Double
    percentile: Double

    def take(self, chosen: npt.NDArray[np.bool_] | Labels) -> "Assigned":
        """Return the chosen seqlets."""
        return Assigned(*(getattr(self, name)[chosen] for name in Assigned.__dataclass_fields__))


@dataclass(frozen=True)
class _Submotif:
    motif: int
    contributions: Single
    hypothetical: Single


def build_scorer(patterns: Sequence[PatternSeqlets], settings: DensitySettings) -> SeqletScorer:
    """Build the scorer of the patterns of one sign.

    Every pattern is split into sub-motifs (`subclusters`), of which large ones are represented by a random choice of
    seqlets. All seqlets kept form one graph (`build_graph`); each is aligned to every sub-motif's mean, on both strands
    but unshifted, and joined to those that it is most similar to.

    Parameters
    ----------
    patterns : sequence of PatternSeqlets
        Each with at least one seqlet.
    settings : DensitySettings
    """
    submotifs = [sub for index, pattern in enumerate(patterns) for sub in _split(index, pattern, settings)]
    sizes = np.array([len(sub.contributions) for sub in submotifs])
    first_member = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    owner = np.repeat([sub.motif for sub in submotifs], sizes).astype(np.int64)
    members = features(
        np.concatenate([sub.contributions for sub in submotifs]),
        np.concatenate([sub.hypothetical for sub in submotifs]),
    )
    parts = [(sub.contributions, sub.hypothetical) for sub in submotifs]
    whole = _Placements.of(parts, settings.seqlet_length)
    rows = flat(members)
    turned = flat(reverse_features(members))

    def nearest(part: slice) -> tuple[Single, npt.NDArray[np.int64]]:
        shift, reverse = whole.best(rows[part], 0)
        return _nearest(rows[part], turned[part], shift, reverse, rows, first_member, settings.neighbours)

    found = by_rows(nearest, len(rows), settings.workers)
    graph = build_graph(
        np.concatenate([part[0] for part in found]),
        np.concatenate([part[1] for part in found]),
        owner,
        settings.perplexity,
        settings.leiden_seeds,
        settings.workers,
    )
    own = graph.own_gains()
    memberships = [fit_membership(own[:, index], owner == index) for index in range(len(patterns))]
    motifs = [(pattern.contributions, pattern.hypothetical) for pattern in patterns]
    return SeqletScorer(
        patterns=list(patterns),
        members=rows,
        first_member=first_member,
        submotif_places=_Placements.of(parts, settings.core_length),
        motif_places=_Placements.of(motifs, settings.core_length),
        graph=graph,
        memberships=memberships,
        settings=settings,
    )


def assign(scorer: SeqletScorer, contributions: Single, hypothetical: Single) -> Assigned:
    """Assign seqlets to motifs.

    A seqlet is aligned by its core alone: every sub-motif is placed so that it contains the core whole, where the
    similarity is highest. The whole seqlet, shifted so, is compared with all motif seqlets; affinities to the most
    similar ones give the gain of modularity of each motif's best community. The motif of the highest gain is taken, and
    placed by the core and the mean of all its seqlets.

    Parameters
    ----------
    scorer : SeqletScorer
    contributions, hypothetical : (seqlets, seqlet length, 4)
    """
    parts = by_rows(
        lambda rows: _assign(scorer, contributions[rows], hypothetical[rows]),
        len(contributions),
        scorer.settings.workers,
    )
    return joined(parts)


def joined(parts: Sequence[Assigned]) -> Assigned:
    """Return all parts as one; no part gives no seqlet."""
    none = Assigned(*(np.zeros(0, dtype=kind) for kind in (int, int, bool, float, float, float)))
    names = Assigned.__dataclass_fields__
    return Assigned(*(np.concatenate([getattr(part, name) for part in (none, *parts)]) for name in names))


def _assign(scorer: SeqletScorer, contributions: Single, hypothetical: Single) -> Assigned:
    settings, graph = scorer.settings, scorer.graph
    whole = features(contributions, hypothetical)
    core = slice(settings.flank, settings.flank + settings.core_length)
    cores = flat(features(contributions[:, core], hypothetical[:, core]))
    rows, turned = flat(whole), flat(reverse_features(whole))
    shift, reverse = scorer.submotif_places.best(cores, settings.flank)
    similarity, neighbour = _nearest(
        rows, turned, shift, reverse, scorer.members, scorer.first_member, settings.neighbours
    )
    gain = np.empty((len(rows), len(scorer.patterns)))
    kernels.gains(
        similarity,
        neighbour,
        settings.perplexity,
        graph.beta,
        graph.norm,
        graph.community,
        graph.degree,
        graph.total,
        graph.motif,
        gain,
    )
    motif = gain.argmax(axis=1)
    each = np.arange(len(rows))
    shift, reverse = scorer.motif_places.best(cores, settings.flank)
    best = gain[each, motif]
    precision, percentile = np.zeros(len(rows)), np.zeros(len(rows))
    for index, membership in enumerate(scorer.memberships):
        mine = motif == index
        precision[mine] = membership.precision(best[mine])
        percentile[mine] = membership.percentile(best[mine])
    return Assigned(motif, shift[each, motif], reverse[each, motif], best, precision, percentile)


def _split(index: int, pattern: PatternSeqlets, settings: DensitySettings) -> list[_Submotif]:
    """Return the sub-motifs of a pattern, the largest first."""
    labels = subclusters(
        features(pattern.contributions, pattern.hypothetical),
        settings.subcluster_perplexity,
        settings.leiden_seeds,
        settings.workers,
    )
    _, first, size = np.unique(labels, return_index=True, return_counts=True)
    submotifs = []
    for label in np.lexsort((first, -size)):
        mine = np.flatnonzero(labels == label)
        if len(mine) > settings.max_submotif_seqlets:
            # the generator of the published code: its stream is fixed for good
            chosen = np.random.RandomState(settings.random_seed).choice(
                len(mine), size=settings.max_submotif_seqlets, replace=False
            )
            mine = mine[chosen]
        submotifs.append(_Submotif(index, pattern.contributions[mine], pattern.hypothetical[mine]))
    return submotifs


@dataclass(frozen=True)
class _Placements:
    """Means of groups, plus strands and then minus strands, in all places that contain a core; see `kernels.align`."""

    table: Single
    outside: Single
    places: int

    @staticmethod
    def of(groups: Sequence[tuple[Single, Single]], core_length: int) -> "_Placements":
        """Prepare the means of contributions and hypothetical contributions `(seqlets, length, 4)` of every group."""
        actual = np.stack([group[0].mean(axis=0, dtype=np.float64) for group in groups])
        hypothetical = np.stack([group[1].mean(axis=0, dtype=np.float64) for group in groups])
        plus = features(actual, hypothetical)
        means = np.concatenate([plus, reverse_features(plus)])
        views = np.lib.stride_tricks.sliding_window_view(means, core_length, axis=1)[
            :, ::-1
        ]  # (means, places, 8, core)
        # (means, places, 8, core) to (core, 8, means, places)
        table = views.transpose(3, 2, 0, 1).reshape(8 * core_length, -1)
        whole = np.abs(means).sum(axis=(1, 2), dtype=np.float64)
        inside = np.abs(views).sum(axis=(2, 3), dtype=np.float64)
        outside = np.maximum(whole[:, None] - inside, 0)
        return _Placements(np.ascontiguousarray(table), outside.ravel().astype(np.float32), views.shape[1])

    def best(self, cores: Single, flank: int) -> tuple[Labels, npt.NDArray[np.bool_]]:
        """Return shift and strand of the best alignment to each group, `(seqlets, groups)`.

        Parameters
        ----------
        cores : (seqlets, core length * 8)
        flank : int
            Bases between the start of the seqlet and its core.
        """
        count = self.table.shape[1] // self.places
        best = np.empty((len(cores), count), dtype=np.float32)
        place = np.empty((len(cores), count), dtype=np.int64)
        kernels.align(cores, self.table, self.outside, self.places, best, place)
        groups = count // 2
        reverse = best[:, :groups] <= best[:, groups:]
        chosen = np.where(reverse, place[:, groups:], place[:, :groups])
        return chosen - (self.places - 1) + flank, reverse


def _nearest(
    rows: Single,
    turned: Single,
    shift: npt.NDArray[np.int64],
    reverse: npt.NDArray[np.bool_],
    members: Single,
    first_member: Labels,
    count: int,
) -> tuple[Single, npt.NDArray[np.int64]]:
    """Return similarity to, and index of, the most similar motif seqlets: `(seqlets, neighbours)`."""
    every = np.empty((len(rows), len(members)), dtype=np.float32)
    kernels.similarities(rows, turned, shift, reverse, members, first_member, every)
    neighbour = most_similar(every, count)
    return np.take_along_axis(every, neighbour, axis=1), neighbour
