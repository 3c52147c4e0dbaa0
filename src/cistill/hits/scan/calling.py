"""Calling by matches of position weight matrices in the sequences of regions."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cistill.console import LOG
from cistill.dna.codes import UNKNOWN
from cistill.formats.attributions import AttributionWindows
from cistill.formats.hits import no_hits
from cistill.formats.motifs import Motif
from cistill.hits.caller import Calls
from cistill.hits.measure import base_composition, core_lengths, measure
from cistill.hits.overlaps import best_of_same_place
from cistill.hits.scan.matrix_matches import joined, match_confidence, q_values
from cistill.hits.scan.scanners import make_scanner, scan_background
from cistill.hits.scan.settings import ScanCallSettings

REGIONS_PER_BLOCK = 512
FIMO_REGIONS_PER_BLOCK = 16_384


def call_by_scan(windows: AttributionWindows, motifs: Sequence[Motif], settings: ScanCallSettings) -> Calls:
    """Call motif instances by their sequence alone.

    The cores of the motifs' PFMs are scanned on both strands; matches of a p-value of at most `settings.p_value`
    are hits, and a place that two overlapping regions show is written once, from the region where it contributes more.
    No match overlaps an unknown base. Confidence is s / (s + t) with s = -log10 p of the match and t of the threshold.

    Parameters
    ----------
    windows : AttributionWindows
        Sequences; the contributions are only measured.
    motifs : sequence of Motif
        What to call.
    settings : ScanCallSettings

    Returns
    -------
    Calls
        `method_score` is the log-odds: natural for `moods`, in bits for `fimo`. `q_value` is that of Benjamini and
        Hochberg over all places of the windows, both strands, for each motif.
    """
    background = scan_background(settings, lambda: base_composition(windows))
    usable = [motif for motif in motifs if motif.core[1] - motif.core[0] <= windows.length]
    if not usable or not len(windows):
        return Calls(no_hits(), {})
    scanner = make_scanner(settings, usable, background)
    calibration = {}
    for motif, least in zip(usable, scanner.least, strict=True):
        calibration[motif.motif_id] = {"cut": least, "p_value": settings.p_value}
        if least == float("inf"):
            LOG.warning("%s is too short: no sequence reaches a p-value of %g", motif.motif_id, settings.p_value)
    size = FIMO_REGIONS_PER_BLOCK if settings.scoring == "fimo" else REGIONS_PER_BLOCK
    parts = [part for rows, _, bases in windows.blocks(size) for part in scanner.matches(_codes(bases), rows.start)]
    found = joined(parts)
    q = q_values(found, 2 * len(windows) * (windows.length - core_lengths(usable) + 1))
    table = measure(windows, usable, found.placed)
    table = table.assign(
        method_score=found.score,
        q_value=q,
        percentile=np.nan,
        confidence=match_confidence(found.p_value, settings.p_value),
    )
    table = table[best_of_same_place(table, "importance_total")]
    return Calls(table[table["confidence"] >= settings.min_confidence].reset_index(drop=True), calibration)


def _codes(bases: npt.NDArray[np.int8]) -> npt.NDArray[np.uint8]:
    """Return the codes of one-hot bases `(regions, length, 4)`."""
    return np.where(bases.any(axis=2), bases.argmax(axis=2), UNKNOWN).astype(np.uint8)
