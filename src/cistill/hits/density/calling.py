"""The density-adapted caller: candidate seqlets, the motif of each, and where it lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.console import LOG
from cistill.errors import InputError
from cistill.formats.attributions import AttributionWindows, open_windows
from cistill.formats.hits import no_hits
from cistill.formats.motifs import Motif
from cistill.hits.caller import Calls
from cistill.hits.choose_motifs import choose_motifs
from cistill.hits.density.duplicates import HitSites, one_of_each
from cistill.hits.density.patterns import PatternSeqlets, read_others, read_patterns
from cistill.hits.density.scorer import Assigned, SeqletScorer, build_scorer, joined
from cistill.hits.density.searched_regions import usable_regions
from cistill.hits.density.seqlet_search import Found, search
from cistill.hits.density.settings import DensitySettings
from cistill.hits.density.threshold import find_threshold
from cistill.hits.measure import Placed, core_lengths, measure

SIGN_OF = {"pos": 1, "neg": -1}
RECOMMENDED_PRECISION = 0.5


def call_by_density(windows: AttributionWindows, motifs: Sequence[Motif], settings: DensitySettings) -> Calls:
    """Call motif instances by the published density-adapted scorer.

    For each sign: the patterns' seqlets become a scorer (`build_scorer`); windows whose summed contributions stand out
    of a Laplace null become cores of seqlets (`find_threshold`, `kernels.pick_windows`); each seqlet goes to the motif
    that it adds most modularity to (`assign`), and the hit is the motif's core where it is aligned. Regions are read a
    block at a time.

    The confidence is one half where a seqlet belongs to the motif as likely as not; above, it grows with the hit's
    strength, see `confidence`.

    Parameters
    ----------
    windows : AttributionWindows
        What to search.
    motifs : sequence of Motif
        What to call; each names its pattern in `settings.modisco`.
    settings : DensitySettings

    Returns
    -------
    Calls
        `method_score` is the gain of modularity, `percentile` the share of the motif's own seqlets that score below;
        `precision` is a further column.

    Raises
    ------
    InputError
        If a setting is out of range, the modisco file does not fit the motifs or the windows are shorter than a seqlet.
    """
    settings.check()
    if windows.length < settings.seqlet_length:
        raise InputError(
            f"a window of {windows.length} bases is shorter than a seqlet of {settings.seqlet_length}: give a longer "
            "--window"
        )
    searched = usable_regions(windows, settings.keep_n)
    for count, why in ((searched.with_n, "bases other than A, C, G, T"), (searched.not_finite, "scores that are NaN")):
        if count:
            LOG.warning("%d region(s) with %s are not searched", count, why)
    background = searched.background
    if settings.background is not None:
        background = usable_regions(open_windows(settings.background, windows.length)).background
    chosen = choose_motifs(motifs, ",".join(settings.patterns), include_weak=True)
    hits: list[_Hits] = []
    calibration: dict[str, dict[str, Any]] = {}
    for sign, factor in SIGN_OF.items():
        mine = [motif for motif in chosen if motif.sign == sign and settings.sign in (sign, "both")]
        called, patterns = _with_pattern(mine, settings, background)
        if not called or not searched.usable.any():
            continue
        if settings.all_compete and not settings.patterns:
            known = [motif.pattern for motif in mine]
            others = read_others(settings.patterns_file, sign, known, background, settings.seqlet_length)
            patterns += [other for other in others if len(other.contributions)]
        if not _dense(patterns, settings.perplexity):
            continue
        scorer = build_scorer(patterns, settings)
        threshold = find_threshold(windows, searched, factor, settings)
        found = search(windows, searched, scorer, factor, threshold)
        hits.append(_placed(windows, motifs, called, scorer, found))
        calibration |= _calibration(called, scorer, threshold, found)
    return Calls(_table(windows, motifs, hits, settings.min_confidence), calibration)


@dataclass(frozen=True)
class _Hits:
    """Hits of one sign, what the scorer says of them, and the `usual_strength` of the motif of each."""

    placed: Placed
    assigned: Assigned
    usual: npt.NDArray[np.float64]


def _with_pattern(
    motifs: Sequence[Motif], settings: DensitySettings, background: npt.NDArray[np.float64]
) -> tuple[list[Motif], list[PatternSeqlets]]:
    """Return the motifs that can be called, with their patterns."""
    called, patterns = [], []
    read = read_patterns(settings.patterns_file, motifs, background, settings.seqlet_length) if motifs else []
    for motif, pattern in zip(motifs, read, strict=True):
        if pattern.information.max() < settings.min_information:
            LOG.warning(
                "%s: no position of %g bits in its best %d bases: not called",
                motif.motif_id,
                settings.min_information,
                settings.seqlet_length,
            )
        elif not len(pattern.contributions):
            LOG.warning("%s has no seqlets: not called", motif.motif_id)
        else:
            called.append(motif)
            patterns.append(pattern)
    return called, patterns


def _dense(patterns: Sequence[PatternSeqlets], perplexity: float) -> bool:
    """Return whether there are more seqlets than neighbours that count."""
    seqlets = sum(len(pattern.contributions) for pattern in patterns)
    if seqlets <= perplexity:
        LOG.warning("%d seqlet(s) in all tell of no density at a perplexity of %g", seqlets, perplexity)
    return seqlets > perplexity


def _placed(
    windows: AttributionWindows, motifs: Sequence[Motif], called: Sequence[Motif], scorer: SeqletScorer, found: Found
) -> _Hits:
    """Return the cores of the motifs where their seqlets lie, as far as they lie within the window.

    The patterns of the scorer are those of the motifs, and then others that no motif is called of.
    """
    found = found.take(found.assigned.motif < len(called))
    length = scorer.settings.seqlet_length
    edges, usual = [], []
    for motif, pattern in zip(called, scorer.patterns, strict=False):
        first, last = motif.core
        if motif.flipped:
            first, last = motif.length - last, motif.length - first
        edges.append((first - pattern.offset, last - pattern.offset))
        usual.append(usual_strength(pattern, *edges[-1], SIGN_OF[motif.sign]))
    first, last = np.array(edges, dtype=np.int64).reshape(-1, 2)[found.assigned.motif].T
    position = found.start + np.where(found.assigned.reverse, length - last, first)
    inside = (position >= 0) & (position + last - first <= windows.length)
    flipped = np.array([motif.flipped for motif in called], dtype=bool)
    number = {motif.motif_id: index for index, motif in enumerate(motifs)}
    index = np.array([number[motif.motif_id] for motif in called], dtype=np.int64)
    placed = Placed(
        found.row,
        position,
        index[found.assigned.motif],
        found.assigned.reverse ^ flipped[found.assigned.motif],
    )
    kept = inside & (found.assigned.precision > scorer.settings.min_precision)
    return _Hits(placed.take(kept), found.assigned.take(kept), np.array(usual)[found.assigned.motif[kept]])


def usual_strength(pattern: PatternSeqlets, first: int, last: int, sign: int) -> float:
    """Return the median over a pattern's seqlets of the contributions to the core, times the sign; above zero.

    Parameters
    ----------
    pattern : PatternSeqlets
    first, last : int
        Core in the pattern's window; of a longer one the part within the window counts.
    sign : {1, -1}
    """
    core = pattern.contributions[:, max(first, 0) : max(last, 0)]
    median = float(np.median(sign * core.sum(axis=(1, 2), dtype=np.float64)))
    return max(median, float(np.finfo(np.float64).tiny))


def confidence(
    precision: npt.NDArray[np.float64], strength: npt.NDArray[np.float64], usual: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the precision where it is below one half, else (1 + s / (s + usual)) / 2 with s the strength, at least 0.

    The gain of modularity sees the shape of a seqlet alone, since features are of unit size, and its percentile does
    not tell sites from noise of a motif's shape. What is called is therefore ordered by strength: 0.75 where it is
    usual for the motif.
    """
    size = np.maximum(strength, 0)
    return np.asarray(np.where(precision < RECOMMENDED_PRECISION, precision, (1 + size / (size + usual)) / 2))


def _table(
    windows: AttributionWindows, motifs: Sequence[Motif], hits: Sequence[_Hits], min_confidence: float
) -> pd.DataFrame:
    if not hits:
        return no_hits().assign(precision=pd.Series(dtype=float))
    assigned = joined([part.assigned for part in hits])
    placed = Placed(
        *(np.concatenate([getattr(part.placed, name) for part in hits]) for name in Placed.__dataclass_fields__)
    )
    usual = np.concatenate([part.usual for part in hits])
    start = windows.start[placed.row] + placed.position
    sites = HitSites(
        chrom=np.unique(windows.chrom.astype(str), return_inverse=True)[1][placed.row],
        start=start,
        end=start + core_lengths(motifs)[placed.motif],
        reverse=placed.reverse,
        motif=placed.motif,
        region=placed.row,
        score=assigned.percentile,
    )
    kept = np.flatnonzero(one_of_each(sites))
    table = measure(windows, motifs, placed.take(kept))
    sign = np.array([SIGN_OF[motif.sign] for motif in motifs])[placed.motif[kept]]
    sure = confidence(assigned.precision[kept], sign * table["importance"].to_numpy(), usual[kept])
    table = table.assign(
        method_score=assigned.gain[kept],
        q_value=np.nan,
        percentile=assigned.percentile[kept],
        confidence=sure,
        precision=assigned.precision[kept],
    )
    return table[sure >= min_confidence].reset_index(drop=True)


def _calibration(
    called: Sequence[Motif], scorer: SeqletScorer, threshold: float, found: Found
) -> dict[str, dict[str, Any]]:
    """Return of every motif what its calls rest on."""
    communities = np.bincount(scorer.graph.motif, minlength=len(called))
    owner = scorer.graph.motif[scorer.graph.community]
    return {
        motif.motif_id: {
            "cut": scorer.memberships[index].cut(RECOMMENDED_PRECISION),
            "core_threshold": threshold,
            "seqlets": len(scorer.patterns[index].contributions),
            "graph_seqlets": int((owner == index).sum()),
            "communities": int(communities[index]),
            "candidates": int((found.assigned.motif == index).sum()),
        }
        for index, motif in enumerate(called)
    }
