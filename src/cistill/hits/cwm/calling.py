"""Calling by CWMs slid over contributions, the threshold set by competition with decoy motifs."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from cistill.console import LOG
from cistill.formats.attributions import AttributionWindows
from cistill.formats.motifs import Motif
from cistill.hits.caller import Calls
from cistill.hits.cwm.confidence import (
    Calibration,
    calibrate,
    confidence_by_importance,
    least_score,
    q_values,
    typical_importance,
)
from cistill.hits.cwm.settings import CwmScanSettings
from cistill.hits.cwm.sliding import CandidateHits, Template, find_candidates, make_templates
from cistill.hits.measure import Placed, measure_with_size
from cistill.hits.overlaps import best_of_overlapping

ROUNDING = 0.999  # the scan is in single precision; what it leaves here is measured again in double


def call_by_cwm_scan(windows: AttributionWindows, motifs: Sequence[Motif], settings: CwmScanSettings) -> Calls:
    """Call motif instances.

    1. The core of every motif's CWM, and decoys of it (`decoys`), are slid over the contributions on both strands;
       local maxima of the score (importance explained times similarity, `find_candidates`) are candidates.
    2. CandidateHits of all motifs and decoys, from all regions, compete for the genome: of those that share 3 bases or
       more the best is kept, so a site in two overlapping regions is found once.
    3. For each motif, the score at which the decoys' instances tell a false discovery rate of `settings.fdr` is its
       cut, but at least `settings.min_strength` of |w|, the score of the motif's mean instance (`calibrate`).
       Instances from the cut on have confidences of one half and more, in the order of what they contribute
       (`confidence_by_importance`); those of at least `settings.min_confidence` are hits.

    Parameters
    ----------
    windows : AttributionWindows
        Contributions.
    motifs : sequence of Motif
        What to call.
    settings : CwmScanSettings

    Returns
    -------
    Calls
        `method_score` is the score, `q_value` the false discovery rate that the decoys tell of hits at least as good.
    """
    templates = make_templates(motifs, settings.n_decoys, settings.seed)
    for template in templates:
        if not template.n_decoys:
            LOG.warning("%s reads alike in any order, so no chance level is known: not called", template.motif.motif_id)
    candidates = find_candidates(windows, templates)
    candidates = candidates.take(_winners(windows, templates, candidates))
    is_motif = candidates.kernel < 2
    q = np.ones(len(candidates))
    calibrations: list[Calibration] = []
    for index, template in enumerate(templates):
        own = np.flatnonzero((candidates.template == index) & is_motif)
        scores = candidates.score[own].astype(float)
        wrong = candidates.score[(candidates.template == index) & ~is_motif].astype(float)
        floor = settings.min_strength * float(np.linalg.norm(template.kernels[0]))
        calibrations.append(calibrate(scores, wrong, template.n_decoys, settings.fdr, floor))
        q[own] = q_values(scores, scores, wrong, template.n_decoys)
    cuts = np.array([calibration.cut for calibration in calibrations])
    wanted = candidates.score >= ROUNDING * least_score(cuts[candidates.template], settings.min_confidence)
    chosen = np.flatnonzero(is_motif & wanted)
    hits = candidates.take(chosen)
    placed = Placed(
        hits.row.astype(np.int64), hits.position.astype(np.int64), hits.template.astype(np.int64), hits.kernel == 1
    )
    table, size = measure_with_size(windows, motifs, placed)
    score = np.square(table["similarity"].to_numpy()) * size
    for index in range(len(templates)):
        above = (hits.template == index) & (hits.score >= cuts[index])
        if above.any():
            cuts[index] = score[above].min()
    total = table["importance_total"].to_numpy()
    typical = typical_importance([template.kernels[0] for template in templates])
    table = table.assign(
        method_score=score,
        q_value=q[chosen],
        percentile=np.nan,
        confidence=confidence_by_importance(score, cuts[hits.template], total, typical),
    )
    kept = table[table["confidence"] >= settings.min_confidence].reset_index(drop=True)
    final = [replace(found, cut=float(cut)) for found, cut in zip(calibrations, cuts, strict=True)]
    return Calls(kept, {motif.motif_id: found for motif, found in zip(motifs, final, strict=True)})


def _winners(
    windows: AttributionWindows, templates: Sequence[Template], candidates: CandidateHits
) -> npt.NDArray[np.bool_]:
    lengths = np.array([template.length for template in templates], dtype=np.int64)
    start = windows.start[candidates.row] + candidates.position
    chrom = np.unique(windows.chrom.astype(str), return_inverse=True)[1][candidates.row]
    return best_of_overlapping(chrom, start, start + lengths[candidates.template], candidates.score.astype(float))
