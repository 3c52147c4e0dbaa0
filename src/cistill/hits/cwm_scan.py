"""The default caller: CWMs slid over contributions, the cut set by competition with decoy motifs."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.hits.callers import Calls, CallSettings
from cistill.hits.confidence import Calibration, calibrate, confidence, least_score
from cistill.hits.overlaps import best_of_overlapping
from cistill.hits.scan import Candidates, Template, clean_contributions, find_candidates, make_templates
from cistill.interpret.windows import AttributionWindows
from cistill.motifs.matrices import log_odds
from cistill.motifs.store import Motif

LOG = logging.getLogger("cistill")
ROUNDING = 0.999  # the scan is in single precision; what it leaves here is measured again in double


@dataclass(frozen=True)
class _Measures:
    """What is measured at each hit; all arrays `(hits,)`."""

    importance: npt.NDArray[np.float64]
    importance_fraction: npt.NDArray[np.float64]
    similarity: npt.NDArray[np.float64]
    sequence_score: npt.NDArray[np.float64]
    score: npt.NDArray[np.float64]


def call_by_cwm_scan(windows: AttributionWindows, motifs: Sequence[Motif], settings: CallSettings) -> Calls:
    """Call motif instances.

    1. The core of every motif's CWM, and decoys of it (`decoys`), are slid over the contributions on both strands;
       local maxima of the score (importance explained times similarity, `find_candidates`) are candidates.
    2. Candidates of all motifs and decoys, from all regions, compete for the genome: of those that share 3 bases or
       more the best is kept, so a site in two overlapping regions is found once.
    3. For each motif, the score at which the decoys' instances tell a false discovery rate of `settings.fdr` is its
       cut, but at least `settings.min_strength` of |w|, the score of the motif's mean instance. Confidence is
       score / (score + cut) (`calibrate`, `confidence`); instances of at least `settings.min_confidence` are hits.

    Parameters
    ----------
    windows : AttributionWindows
        Contributions.
    motifs : sequence of Motif
        What to call.
    settings : CallSettings
        Accepted false discovery rate and the like.

    Returns
    -------
    Calls
    """
    templates = make_templates(motifs, settings.n_decoys, settings.seed)
    for template in templates:
        if not template.n_decoys:
            LOG.warning("%s reads alike in any order, so no chance level is known: not called", template.motif.motif_id)
    candidates = find_candidates(windows, templates)
    candidates = candidates.take(_winners(windows, templates, candidates))
    is_motif = candidates.kernel < 2
    calibrations: list[Calibration] = []
    for index, template in enumerate(templates):
        own = candidates.template == index
        calibrations.append(
            calibrate(
                candidates.score[own & is_motif].astype(float),
                candidates.score[own & ~is_motif].astype(float),
                template.n_decoys,
                settings.fdr,
                settings.min_strength * float(np.linalg.norm(template.kernels[0])),
            )
        )
    cuts = np.array([calibration.cut for calibration in calibrations])
    wanted = candidates.score >= ROUNDING * least_score(cuts[candidates.template], settings.min_confidence)
    hits = candidates.take(np.flatnonzero(is_motif & wanted))
    measures = _measure(windows, templates, hits)
    for index in range(len(templates)):
        above = (hits.template == index) & (hits.score >= cuts[index])
        if above.any():
            cuts[index] = measures.score[above].min()
    table = _table(windows, templates, hits, measures, cuts)
    kept = table[table["confidence"] >= settings.min_confidence].reset_index(drop=True)
    exact = [replace(found, cut=float(cut)) for found, cut in zip(calibrations, cuts, strict=True)]
    return Calls(kept, {motif.motif_id: found for motif, found in zip(motifs, exact, strict=True)})


def _winners(
    windows: AttributionWindows, templates: Sequence[Template], candidates: Candidates
) -> npt.NDArray[np.bool_]:
    lengths = np.array([template.length for template in templates], dtype=np.int64)
    start = windows.start[candidates.row] + candidates.position
    chrom = np.unique(windows.chrom.astype(str), return_inverse=True)[1][candidates.row]
    return best_of_overlapping(chrom, start, start + lengths[candidates.template], candidates.score.astype(float))


def _table(
    windows: AttributionWindows,
    templates: Sequence[Template],
    hits: Candidates,
    measures: _Measures,
    cuts: npt.NDArray[np.float64],
) -> pd.DataFrame:
    lengths = np.array([template.length for template in templates], dtype=np.int64)
    start = windows.start[hits.row] + hits.position
    return pd.DataFrame(
        {
            "chrom": windows.chrom[hits.row],
            "start": start,
            "end": start + lengths[hits.template],
            "motif_id": np.array([template.motif.motif_id for template in templates], dtype=object)[hits.template],
            "strand": np.where(hits.kernel == 0, "+", "-"),
            "region_id": windows.region_id[hits.row],
            "importance": measures.importance,
            "importance_fraction": measures.importance_fraction,
            "similarity": measures.similarity,
            "sequence_score": measures.sequence_score,
            "confidence": confidence(measures.score, cuts[hits.template]),
        }
    )


def _measure(windows: AttributionWindows, templates: Sequence[Template], hits: Candidates) -> _Measures:
    """Measure the hits in double precision, so that the last digits do not depend on how a matrix product is split."""
    values = np.zeros((5, len(hits)))
    composition = _base_composition(windows) if len(hits) else np.full(4, 0.25)
    for rows, scores, bases in windows.blocks():
        contributions = clean_contributions(scores, bases).astype(np.float64)
        total = np.abs(contributions).sum(axis=(1, 2))
        for index, template in enumerate(templates):
            mine = (hits.row >= rows.start) & (hits.row < rows.stop) & (hits.template == index)
            which = np.flatnonzero(mine)
            if not len(which):
                continue
            row = hits.row[which] - rows.start
            columns = hits.position[which][:, None] + np.arange(template.length)
            core = template.kernels[hits.kernel[which]]  # (hits, length, 4)
            weights = log_odds(template.motif.pfm[slice(*template.motif.core)], composition)
            oriented = np.stack([weights, weights[::-1, ::-1]])[hits.kernel[which]]
            inside = contributions[row[:, None], columns]
            dot = (inside * core).sum(axis=(1, 2))
            size = np.maximum(np.sqrt((inside**2).sum(axis=(1, 2))), np.finfo(np.float64).tiny)
            norm = np.linalg.norm(template.kernels[0])
            absolute = np.abs(inside).sum(axis=(1, 2))
            values[0, which] = inside.sum(axis=(1, 2))
            values[1, which] = absolute / np.maximum(total[row], np.finfo(np.float64).tiny)
            values[2, which] = dot / (size * norm)
            values[3, which] = (bases[row[:, None], columns] * oriented).sum(axis=(1, 2))
            values[4, which] = dot * dot / (size * norm * norm)
    return _Measures(*values)


def _base_composition(windows: AttributionWindows) -> npt.NDArray[np.float64]:
    """Return the frequencies of A, C, G, T of both strands together."""
    counts = np.ones(4)
    for _, _, bases in windows.blocks():
        counts += bases.sum(axis=(0, 1), dtype=np.float64)
    both = counts + counts[::-1]
    return np.asarray(both / both.sum())
