"""Sites read off a track: the local maxima of a signal near the summits."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.data.intervals import Intervals
from cistill.errors import InputError
from cistill.formats.bigwig import BigWigTrack
from cistill.hits.comparison.settings import ComparisonSettings

SITE_CLASS = "site"


class TrackSites(NamedTuple):
    """Sites and the threshold that made them.

    Attributes
    ----------
    sites : pandas.DataFrame
        `chrom, start, end, site_class, value`, one base each.
    threshold : float
        Least value of the (smoothed) track at a site.
    """

    sites: pd.DataFrame
    threshold: float


def sites_of_track(
    files: list[Path],
    summits: pd.DataFrame,
    reach: int = 100,
    apart: int = 20,
    smoothing: int = 1,
    quantile: float = 0.99,
    threshold: float | None = None,
) -> TrackSites:
    """Find the local maxima of a track near summits.

    The tracks given are added up and smoothed by a moving mean. A site is a base within `reach` of a summit whose
    value is at least the threshold and the largest within `apart` bases on either side (the middle of a plateau).

    Parameters
    ----------
    files : list of Path
        bigWigs, e.g. of both strands; a base without a value counts as zero.
    summits : pandas.DataFrame
        `chrom, summit`.
    reach, apart : int
        Distances in bp.
    smoothing : int
        Width of the moving mean in bp, odd; 1 for none.
    quantile : float
        The threshold is this quantile of the values within reach.
    threshold : float, optional
        In place of the quantile.

    Raises
    ------
    InputError
        If no chromosome of the summits is in the tracks, or no value is above zero within reach.
    """
    ComparisonSettings(track_smoothing=smoothing).check()
    near = Intervals.merged(
        (str(chrom), max(int(summit) - reach, 0), int(summit) + reach + 1)
        for chrom, summit in zip(summits["chrom"], summits["summit"], strict=True)
    )
    tracks = [BigWigTrack(file) for file in files]
    try:
        known = set().union(*(track.sizes for track in tracks))
        if len(summits) and not known & set(near.bounds):
            raise InputError(
                f"{files[0]}: none of its chromosomes ({', '.join(sorted(known)[:3])}) has a peak "
                f"({', '.join(sorted(near.bounds)[:3])}): is it of the same genome, with the same names?"
            )
        if threshold is None:
            threshold = _quantile(_pieces(tracks, near, 0, smoothing), quantile, files[0])
        rows = []
        for chrom, start, value in _pieces(tracks, near, apart, smoothing):
            for position in _maxima(value, apart, threshold):
                rows.append((chrom, start + position, start + position + 1, SITE_CLASS, value[position + apart]))
    finally:
        for track in tracks:
            track.close()
    return TrackSites(pd.DataFrame(rows, columns=["chrom", "start", "end", "site_class", "value"]), threshold)


def _pieces(
    tracks: list[BigWigTrack], near: Intervals, margin: int, smoothing: int
) -> Iterator[tuple[str, int, NDArray[np.float64]]]:
    """Yield chromosome, start and the smoothed values of each interval, with `margin` bases more on either side."""
    for chrom, (starts, ends) in sorted(near.bounds.items()):
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            wide = margin + smoothing // 2
            yield chrom, start, _smoothed(tracks, chrom, start - wide, end + wide, smoothing)


def _quantile(pieces: Iterator[tuple[str, int, NDArray[np.float64]]], quantile: float, file: Path) -> float:
    """Return a quantile of all values."""
    values = [value.astype(np.float32) for _, _, value in pieces]
    if not values:
        return 0.0
    threshold = float(np.quantile(np.concatenate(values), quantile))
    if threshold <= 0:
        raise InputError(
            f"{file}: the {quantile:g} quantile of its values near summits is {threshold:g}: give a higher "
            "--track_quantile, or --track_threshold"
        )
    return threshold


def _smoothed(tracks: list[BigWigTrack], chrom: str, start: int, end: int, width: int) -> NDArray[np.float64]:
    """Return the moving mean of the sum of tracks, of [start + width // 2, end - width // 2)."""
    total = np.zeros(end - start)
    for track in tracks:
        total += track.values(chrom, start, end)
    return np.convolve(total, np.full(width, 1 / width), mode="valid")


def _maxima(value: NDArray[np.float64], apart: int, threshold: float) -> list[int]:
    """Return the maxima of a piece, as positions from `apart` on; of equal values next to each other the middle."""
    around = np.lib.stride_tricks.sliding_window_view(value, 2 * apart + 1).max(1)
    own = value[apart : len(value) - apart]
    top = np.flatnonzero((own == around) & (own >= threshold))
    if not len(top):
        return []
    plateaus = np.split(top, np.flatnonzero(np.diff(top) > apart) + 1)
    return [int(plateau[(len(plateau) - 1) // 2]) for plateau in plateaus]
