"""Telling patterns that say little about binding from motifs.

TF-MoDISco reports every cluster of seqlets, also those of A/T-rich stretches that only share their composition. None of
the rules needs a known motif.
"""

import numpy as np
import numpy.typing as npt

from cistill.dna.matrices import contribution_core, information, log_odds
from cistill.formats.attributions import AttributionWindows
from cistill.interpret.modisco import ModiscoResult, Pattern

INFORMATIVE_WIDTH = 8
LEAST_INFORMATION = 6.0
LEAST_SIMILARITY = 0.5
LEAST_SPECIFICITY = 0.1
RUN_SIMILARITY = 0.8
RUN_IMPORTANCE = 0.5
REGIONS_SEARCHED = 4000


def why_weak(result: ModiscoResult, windows: AttributionWindows) -> list[str]:
    """Return for every pattern why it is weak, or an empty text.

    A pattern is weak if

    - its best `INFORMATIVE_WIDTH` positions hold less than `LEAST_INFORMATION` bits against the base composition of the
      regions: a region of 400 bp holds a dozen chance matches (2 x 400 / 2^6); or
    - the median cosine between the contributions of its seqlets and its CWM, over the core, is below
      `LEAST_SIMILARITY`: it is a mixture; or
    - of the places that match its sequence best, as many as it has seqlets, less than `LEAST_SPECIFICITY` contribute at
      least half of what its seqlets do: its sequence is not what makes the contribution; or
    - it is a run of one base (the cosine of its core with itself, shifted by one base, is `RUN_SIMILARITY` or more) and
      contributes less than `RUN_IMPORTANCE` of what the strongest pattern does: poly(dA:dT) keeps nucleosomes away from
      the sites of many factors.

    Parameters
    ----------
    result : ModiscoResult
        Patterns and base composition.
    windows : AttributionWindows
        What they were found in; the last rule looks at `REGIONS_SEARCHED` regions, evenly chosen.
    """
    specificity = _specificity(result, windows)
    importance = [seqlet_importance(pattern) for pattern in result.patterns]
    strongest = max(importance, default=0.0)
    reasons = []
    for pattern, share, own in zip(result.patterns, specificity, importance, strict=True):
        parts = []
        bits = best_information(pattern.pfm, result.base_composition)
        if bits < LEAST_INFORMATION:
            parts.append(f"low information ({bits:.1f} bits in its best {INFORMATIVE_WIDTH} bp)")
        similarity = seqlet_similarity(pattern)
        if similarity < LEAST_SIMILARITY:
            parts.append(f"its seqlets resemble it little (median cosine {similarity:.2f})")
        if share < LEAST_SPECIFICITY:
            parts.append(f"only {share:.0%} of the best matches to its sequence contribute alike")
        if run_similarity(pattern.cwm) >= RUN_SIMILARITY and own < RUN_IMPORTANCE * strongest:
            parts.append(f"a run of one base that contributes {own / strongest:.0%} of what the strongest pattern does")
        reasons.append("; ".join(parts))
    return reasons


def best_information(pfm: npt.NDArray[np.float64], background: npt.NDArray[np.float64]) -> float:
    """Return the largest information of `INFORMATIVE_WIDTH` neighbouring positions, in bits against the background."""
    bits = information(pfm, background)
    width = min(INFORMATIVE_WIDTH, len(bits))
    return float(np.convolve(bits, np.ones(width), mode="valid").max())


def seqlet_similarity(pattern: Pattern) -> float:
    """Return the median cosine of the seqlets' contributions with the CWM, over the core."""
    core = slice(*contribution_core(pattern.cwm))
    cwm = pattern.cwm[core]
    inside = pattern.contributions[:, core].astype(np.float64)
    norms = np.sqrt((inside**2).sum(axis=(1, 2)) * (cwm**2).sum())
    cosines = (inside * cwm).sum(axis=(1, 2)) / np.maximum(norms, np.finfo(np.float64).tiny)
    return float(np.median(cosines))


def seqlet_importance(pattern: Pattern) -> float:
    """Return the median over the seqlets of the summed contributions of the core, as a magnitude."""
    core = slice(*contribution_core(pattern.cwm))
    return float(abs(np.median(pattern.contributions[:, core].sum(axis=(1, 2), dtype=np.float64))))


def run_similarity(cwm: npt.NDArray[np.float64]) -> float:
    """Return the cosine of the core with itself shifted by one base; near one for a run of one base."""
    core = cwm[slice(*contribution_core(cwm))]
    return float((core[1:] * core[:-1]).sum() / np.square(core).sum())


def _specificity(result: ModiscoResult, windows: AttributionWindows) -> list[float]:
    """Return for every pattern the share of its best sequence matches that contribute as its seqlets do."""
    matches: list[list[npt.NDArray[np.float64]]] = [[] for _ in result.patterns]
    sums: list[list[npt.NDArray[np.float64]]] = [[] for _ in result.patterns]
    step = max(1, -(-len(windows) // REGIONS_SEARCHED))
    if result.patterns:
        for _, scores, bases in windows.blocks(256):
            letters = bases[::step].astype(np.float32)
            contributions = np.nan_to_num((scores[::step] * letters).sum(axis=2), nan=0.0, posinf=0.0, neginf=0.0)
            running = np.concatenate(
                [np.zeros((len(letters), 1)), np.cumsum(contributions, axis=1, dtype=float)], axis=1
            )
            for index, pattern in enumerate(result.patterns):
                match, total = _match(pattern, letters, running, result.base_composition)
                matches[index].append(match)
                sums[index].append(total)
    shares = []
    for pattern, own_matches, own_sums in zip(result.patterns, matches, sums, strict=True):
        sign = 1.0 if pattern.sign == "pos" else -1.0
        typical = seqlet_importance(pattern)
        all_matches, all_sums = np.concatenate(own_matches), np.concatenate(own_sums) * sign
        number = min(max(1, len(pattern.row) // step), len(all_matches))
        best = np.argpartition(-all_matches, number - 1)[:number]
        shares.append(float((all_sums[best] >= typical / 2).mean()))
    return shares


def _match(
    pattern: Pattern,
    bases: npt.NDArray[np.float32],
    running: npt.NDArray[np.float64],
    background: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the best match and the summed contribution, for each region's best eighth of places, flat."""
    start, end = contribution_core(pattern.cwm)
    length = end - start
    weights = log_odds(pattern.pfm[start:end], background)
    views = np.lib.stride_tricks.sliding_window_view(bases, length, axis=1)  # (regions, places, 4, length)
    regions, places = views.shape[:2]
    both = np.stack([weights.T.ravel(), weights[::-1, ::-1].T.ravel()], axis=1).astype(np.float32)
    match = (views.reshape(regions * places, -1) @ both).max(axis=1).reshape(regions, places).astype(np.float64)
    total = running[:, length:] - running[:, :-length]
    few = max(1, places // 8)
    best = np.argpartition(-match, few - 1, axis=1)[:, :few]
    return np.take_along_axis(match, best, axis=1).ravel(), np.take_along_axis(total, best, axis=1).ravel()
