"""Calling with Fi-NeMo (Wang et al. 2024): a non-negative lasso of motifs on contributions, through its library."""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from cistill.console import LOG
from cistill.formats.attributions import AttributionWindows
from cistill.formats.hits import no_hits
from cistill.formats.motifs import Motif
from cistill.hits.caller import Calls
from cistill.hits.cwm.confidence import confidence_by_importance, typical_importance
from cistill.hits.cwm.decoys import overlap_similarity
from cistill.hits.finemo.settings import FinemoSettings
from cistill.hits.measure import Placed, core_lengths, measure
from cistill.hits.overlaps import best_of_same_place

ALIKE = 0.9
REGIONS_PER_CALL = 8192  # bounds the memory; each region is fitted alone
REGIONS_ON_CPU = 128
"""Regions fitted at a time at most without a GPU: their arrays stay in a core's cache, and a region that takes many
steps keeps fewer places going whose regions are done."""


def call_by_finemo(windows: AttributionWindows, motifs: Sequence[Motif], settings: FinemoSettings) -> Calls:
    """Call motif instances with `finemo.hitcaller.fit_contribs`.

    The cores of the motifs, on both strands and divided by the norm of the whole CWM as Fi-NeMo does, are fitted to the
    contributions of each window. A hit is placed on the core. A site that two overlapping regions show is written once,
    from the region where it contributes more. Fi-NeMo scales every region to the same strength, so that regions of next
    to nothing have hits, too; a hit of confidence one half or more therefore has a summed magnitude of contributions
    (Fi-NeMo's `hit_importance`) of at least `settings.min_strength` of that of its motif's CWM
    (`confidence_by_importance`).

    Parameters
    ----------
    windows : AttributionWindows
        Contributions.
    motifs : sequence of Motif
        What to call.
    settings : FinemoSettings

    Returns
    -------
    Calls
        `method_score` is Fi-NeMo's `hit_coefficient`.
    """
    settings.check()
    totals = np.array([np.abs(motif.cwm[slice(*motif.core)]).sum() for motif in motifs])
    cuts = settings.min_strength * totals
    calibration = {motif.motif_id: {"cut": float(cut)} for motif, cut in zip(motifs, cuts, strict=True)}
    usable = (totals > 0) & (core_lengths(motifs) <= windows.length)
    called = [motif for motif, good in zip(motifs, usable, strict=True) if good]
    if not called or not len(windows):
        return Calls(no_hits(), calibration)
    _warn_of_near_duplicates(called)
    found = [part for part in _fit(windows, called, settings) if len(part[0])]
    if not found:
        return Calls(no_hits(), calibration)
    motif = np.flatnonzero(usable)[np.concatenate([placed.motif for placed, _ in found])]
    placed = Placed(
        np.concatenate([placed.row for placed, _ in found]),
        np.concatenate([placed.position for placed, _ in found]),
        motif,
        np.concatenate([placed.reverse for placed, _ in found]),
    )
    table = measure(windows, motifs, placed)
    total = table["importance_total"].to_numpy()
    table = table.assign(
        method_score=np.concatenate([coefficient for _, coefficient in found]).astype(np.float64),
        q_value=np.nan,
        percentile=np.nan,
        confidence=confidence_by_importance(
            total, cuts[motif], total, typical_importance([motif.cwm[slice(*motif.core)] for motif in called])
        ),
    )
    table = table[best_of_same_place(table, "importance_total")]
    kept = table[table["confidence"] >= settings.min_confidence]
    return Calls(kept.reset_index(drop=True), calibration)


def _warn_of_near_duplicates(motifs: Sequence[Motif]) -> None:
    """Name pairs of motifs that share their sites: the fit splits each site among them."""
    cores = [np.asarray(motif.cwm[slice(*motif.core)], dtype=np.float64) for motif in motifs]
    for first in range(len(motifs)):
        for second in range(first + 1, len(motifs)):
            length = max(len(cores[first]), len(cores[second]))
            one, other = (np.pad(cores[i], ((0, length - len(cores[i])), (0, 0))) for i in (first, second))
            if overlap_similarity(one, other) >= ALIKE:
                LOG.warning(
                    "%s and %s are near-duplicates: Fi-NeMo reports their sites more than once; merge the motifs or "
                    "run `collapse` on the hits",
                    motifs[first].motif_id,
                    motifs[second].motif_id,
                )


def _templates(motifs: Sequence[Motif], mode: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the cores `(2 motifs, 4, width)`, plus and minus strand of each, and which positions they fill."""
    width = int(core_lengths(motifs).max())
    cores = np.zeros((2 * len(motifs), 4, width), dtype=np.float32)
    filled = np.zeros((2 * len(motifs), width), dtype=np.float32)
    for index, motif in enumerate(motifs):
        whole = motif.cwm if mode[0] == "p" else motif.hcwm
        core = whole[slice(*motif.core)] / np.linalg.norm(whole)
        for turned, matrix in enumerate((core, core[::-1, ::-1])):
            cores[2 * index + turned, :, : len(core)] = matrix.T
            filled[2 * index + turned, : len(core)] = 1
    return cores, filled


def _fit(
    windows: AttributionWindows, motifs: Sequence[Motif], settings: FinemoSettings
) -> Iterator[tuple[Placed, npt.NDArray[np.float64]]]:
    """Yield hits and their coefficients, a block of regions at a time."""
    import torch
    from finemo.hitcaller import fit_contribs

    from cistill.model.device import find_device

    device: torch.device = find_device("cuda" if settings.use_gpu else "cpu")
    cores, filled = _templates(motifs, settings.mode)
    lengths = core_lengths(motifs)
    # the fit places templates of one width: zeros behind the window make room for the shorter ones at its end
    padding = int(lengths.max() - lengths.min())
    stretch = (windows.length + padding) / windows.length  # of the mean square that Fi-NeMo scales a region by
    at_once = settings.batch_size if settings.use_gpu else min(settings.batch_size, REGIONS_ON_CPU)
    unfinished = 0
    for rows, scores, bases in windows.blocks(REGIONS_PER_CALL):
        broken = ~np.isfinite(scores * bases).all(axis=(1, 2))
        scores[broken] = 0
        wide = ((0, 0), (0, 0), (0, padding))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            hits, _ = fit_contribs(
                cwms=cores,
                contribs=np.pad(np.nan_to_num(scores).transpose(0, 2, 1), wide),
                sequences=np.pad(bases.transpose(0, 2, 1), wide),
                cwm_trim_mask=filled,
                use_hypothetical=settings.mode[1] == "h",
                lambdas=np.full(len(cores), settings.lambda_, dtype=np.float32),
                step_size_max=settings.step_size_max,
                step_size_min=settings.step_size_min,
                sqrt_transform=settings.sqrt_transform,
                convergence_tol=settings.convergence_tol,
                max_steps=settings.max_steps,
                batch_size=min(at_once, len(scores)),
                step_adjust=settings.step_adjust,
                post_filter=settings.post_filter,
                device=device,
                eps=stretch,
            )
        unfinished += sum("converged" in str(one.message) or "failed" in str(one.message) for one in caught)
        names = ("peak_id", "motif_id", "hit_start")
        row, template, position = (hits[name].to_numpy().astype(np.int64) for name in names)
        placed = Placed(row + rows.start, position, template // 2, template % 2 == 1)
        inside = np.flatnonzero(position + lengths[placed.motif] <= windows.length)
        inside = inside[np.lexsort((template[inside], position[inside], row[inside]))]
        yield placed.take(inside), hits["hit_coefficient"].to_numpy().astype(np.float64)[inside] / stretch
    if unfinished:
        LOG.warning("Fi-NeMo's fit did not come to its end in %d of %d regions", unfinished, len(windows))
