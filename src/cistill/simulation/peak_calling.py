"""The peaks that a caller would report of the simulated experiment."""

import os
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln

from cistill.files import atomic_output
from cistill.simulation.energies import Floats
from cistill.simulation.reads import MOTIF_WIDTH, BoundSites

LINKAGE = 150  # bp between sites of one peak
HALF_WINDOW = 100  # bp on either side that tags are counted in
MIN_RECRUITMENT = 0.01  # sites with less are no candidates
MIN_ENRICHMENT = 7.0  # over the background of the whole genome
SUMMIT_NOISE = 6.0  # standard deviation, bp
HALF_WIDTH = (60, 110)  # bp from the summit to either end of a peak


def candidate_summits(sites: BoundSites) -> NDArray[np.int64]:
    """Return the centre of the strongest site of every cluster of sites `(clusters,)`, sorted."""
    chosen = np.flatnonzero(sites.recruitment >= MIN_RECRUITMENT)
    if not len(chosen):
        return np.array([], dtype=np.int64)
    chosen = chosen[np.argsort(sites.start[chosen], kind="stable")]
    centre = sites.start[chosen] + np.array([MOTIF_WIDTH[motif] // 2 for motif in sites.motif[chosen]])
    cluster = np.concatenate([[0], np.cumsum(np.diff(centre) > LINKAGE)])
    strongest = np.lexsort((-sites.recruitment[chosen], cluster))
    _, first = np.unique(cluster[strongest], return_index=True)
    return np.sort(centre[strongest[first]])


def count_around(counts: NDArray[np.int32], centres: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the 5' ends of both strands within `HALF_WINDOW` of each centre."""
    total = np.concatenate([[0], np.cumsum(counts.sum(axis=0))])
    last = counts.shape[1]
    return total[np.minimum(centres + HALF_WINDOW, last)] - total[np.maximum(centres - HALF_WINDOW, 0)]


def _candidates(
    chrom: str,
    sites: BoundSites,
    false_centres: NDArray[np.int64],
    counts: NDArray[np.int32],
    local: Floats | None,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the places of one chromosome that are tested.

    Returns
    -------
    pandas.DataFrame
        `chrom, start, end, tags, summit` (from the start), `local` (background, relative to the mean).
    """
    length = counts.shape[1]
    true = candidate_summits(sites)
    far = [spot for spot in false_centres if not len(true) or np.abs(true - spot).min() > 2 * HALF_WINDOW]
    centres = np.sort(np.concatenate([true, np.array(far, dtype=np.int64)]))
    summit = centres + np.rint(rng.normal(0, SUMMIT_NOISE, len(centres))).astype(np.int64)
    summit = np.clip(summit, 0, length - 1)
    left, right = rng.integers(HALF_WIDTH[0], HALF_WIDTH[1] + 1, (2, len(centres)))
    start = np.maximum(summit - left, 0)
    end = np.minimum(summit + right, length)
    tags = count_around(counts, centres)
    around = np.ones(len(centres)) if local is None else local[centres]
    return pd.DataFrame(
        {"chrom": chrom, "start": start, "end": end, "tags": tags, "summit": summit - start, "local": around}
    )


def call_peaks(
    names: list[str],
    sites: list[BoundSites],
    false_centres: list[NDArray[np.int64]],
    counts: list[NDArray[np.int32]],
    per_bp: float,
    rng: np.random.Generator,
    prefix: str = "peak",
    local: Sequence[Floats] | None = None,
    min_enrichment: float = MIN_ENRICHMENT,
) -> pd.DataFrame:
    """Call peaks around bound sites and at some places that are no sites.

    Parameters
    ----------
    names : list of str
        Chromosomes.
    sites : list of BoundSites
        Bound sites of each.
    false_centres : list of arrays
        Where the caller may be misled: hotspots of the background.
    counts : list of arrays, (2, length)
        5' ends of all replicates.
    per_bp : float
        Expected background of all replicates per base, both strands together.
    rng : numpy Generator
        The source of chance.
    prefix : str
        Peaks are named `<prefix>_1`, ...
    local : sequence of arrays, (length,), optional
        The background of every chromosome relative to `per_bp`; without, it is taken to be the same everywhere.
    min_enrichment : float
        Least enrichment of a peak over the background.

    Returns
    -------
    pandas.DataFrame
        The ten columns of narrowPeak, by coordinate. signalValue is the enrichment over the background; pValue and
        qValue are -log10 of a Poisson test against it and of its Benjamini-Hochberg adjustment.
    """
    everywhere = [None] * len(names) if local is None else local
    candidates = [
        _candidates(*chromosome, rng)
        for chromosome in zip(names, sites, false_centres, counts, everywhere, strict=True)
    ]
    table = pd.concat(candidates, ignore_index=True)
    expected = 2 * HALF_WINDOW * per_bp * table["local"].to_numpy()
    log_p = log_upper_tail(table["tags"].to_numpy(), expected)
    table["signal"] = table["tags"] / expected
    table["p"] = -log_p / np.log(10)
    table["q"] = -log_adjusted(log_p) / np.log(10)
    table = table[table["signal"] >= min_enrichment].reset_index(drop=True)
    return pd.DataFrame(
        {
            "chrom": table["chrom"],
            "start": table["start"],
            "end": table["end"],
            "name": [f"{prefix}_{number}" for number in range(1, len(table) + 1)],
            "score": np.minimum(1000, (10 * table["q"]).astype(int)),
            "strand": ".",
            "signalValue": table["signal"].round(4),
            "pValue": table["p"].round(4),
            "qValue": table["q"].round(4),
            "peak": table["summit"],
        }
    )


def log_upper_tail(observed: NDArray[np.int64], expected: float | Floats) -> Floats:
    """Return the natural log of P(X >= observed) of a Poisson variable, far beyond what a float holds unlogged.

    The tail is the probability of `observed` times the series 1 + m / (k + 1) + m^2 / ((k + 1) (k + 2)) + ...; what is
    not above the mean counts as 1.
    """
    above = observed > expected
    k = np.where(above, observed, 1).astype(np.float64)
    expected = np.broadcast_to(expected, k.shape)
    terms = np.log(expected)[:, None] - np.log(k[:, None] + np.arange(1, 100))  # (places, terms)
    series = 1 + np.exp(np.cumsum(terms, axis=1)).sum(axis=1)
    tail = k * np.log(expected) - expected - gammaln(k + 1) + np.log(series)
    return np.where(above, tail, 0.0)


def log_adjusted(log_p: Floats) -> Floats:
    """Return the natural log of Benjamini-Hochberg adjusted p-values."""
    order = np.argsort(log_p)[::-1]
    rank = np.arange(len(log_p), 0, -1)
    adjusted = np.empty(len(log_p))
    adjusted[order] = np.minimum.accumulate(log_p[order] + np.log(len(log_p) / rank))
    return np.minimum(adjusted, 0.0)


def write_narrowpeak(path: str | os.PathLike[str], table: pd.DataFrame) -> None:
    """Write peaks in narrowPeak format (BED6+4, no header)."""
    with atomic_output(path) as temporary, temporary.open("w", newline="") as handle:
        table.to_csv(handle, sep="\t", header=False, index=False, lineterminator="\n")
