"""Building the dataset of a TF: the region table and the HDF5 file that models are trained on."""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.console import progress
from cistill.data.backgrounds import Candidates, WindowShape, candidates_of
from cistill.data.dataset_file import REGIONS_AT_ONCE, Extremes, blocks, write_dataset
from cistill.data.genome import base_content, read_chromosomes
from cistill.data.intervals import Intervals, read_bed
from cistill.data.peaks import read_peaks
from cistill.data.regions import (
    background_regions,
    drop_reasons,
    gc_match,
    in_genome_order,
    merge_peaks,
    peak_regions,
)
from cistill.data.splits import PARTS, Split, SplitChoice
from cistill.data.tracks import Signals, TaskTracks
from cistill.errors import InputError
from cistill.tables import write_table

LOG = logging.getLogger("cistill")


@dataclass(frozen=True)
class GenomeScan:
    """What one pass over the genome found.

    Attributes
    ----------
    sizes : dict of str to int
        Chromosome lengths in bp.
    gc : float array, (peaks,)
        GC fraction of each peak's input window among its known bases; NaN off the genome.
    candidates : Candidates
        Windows that may serve as background.
    """

    sizes: dict[str, int]
    gc: NDArray[np.float64]
    candidates: Candidates


def scan_genome(
    fasta: str | os.PathLike[str],
    peaks: pd.DataFrame,
    excluded: Intervals,
    shape: WindowShape,
    background_margin: int,
    seed: int,
) -> GenomeScan:
    """Go through the genome once: sizes, GC content of the peaks, windows for the background."""
    half = shape.output_length // 2 + background_margin
    reach = shape.output_length + 2 * background_margin
    near_peaks = Intervals.merged(
        (chrom, summit - half, summit - half + reach)
        for chrom, summit in zip(peaks["chrom"], peaks["summit"].tolist(), strict=True)
    )
    rows_of = peaks.groupby("chrom", sort=False).indices
    summits = peaks["summit"].to_numpy(dtype=np.int64)
    rng = np.random.default_rng([seed, len(PARTS)])
    sizes: dict[str, int] = {}
    gc = np.full(len(peaks), np.nan)
    per_chrom = []
    for chrom, codes in progress(read_chromosomes(fasta), "scanning the genome", unit="chromosomes"):
        sizes[chrom] = len(codes)
        rows = np.asarray(rows_of.get(chrom, ()), dtype=np.int64)
        rows = rows[np.argsort(summits[rows], kind="stable")]
        gc[rows] = _gc_fraction(codes, summits[rows] - shape.input_length // 2, shape.input_length)
        phase = int(rng.integers(shape.output_length))
        per_chrom.append((chrom, *candidates_of(chrom, codes, shape, near_peaks, excluded, phase)))
    return GenomeScan(sizes, gc, Candidates.joined(per_chrom))


def _gc_fraction(codes: NDArray[np.uint8], starts: NDArray[np.int64], length: int) -> NDArray[np.float64]:
    """Return the GC fraction among the known bases of windows `(windows,)`; NaN where there are none."""
    gc, unknown = base_content(codes, starts, length)
    inside = np.clip(starts + length, 0, len(codes)) - np.clip(starts, 0, len(codes))
    known = (inside - unknown).astype(np.float64)
    return np.divide(gc, known, out=np.full(len(starts), np.nan), where=known > 0)


@dataclass(frozen=True)
class DatasetSettings:
    """Everything that shapes a dataset beside its input files.

    Attributes
    ----------
    tf : str
    shape : WindowShape
    splits : SplitChoice
    train_background_per_peak : int
        Background windows per kept training peak; validation and test always have one.
    background_margin : int
        Least distance in bp between the output windows of a background and of any peak.
    allow_fractional_counts : bool
    seed : int
    """

    tf: str
    shape: WindowShape
    splits: SplitChoice
    train_background_per_peak: int
    background_margin: int
    allow_fractional_counts: bool
    seed: int


def build_dataset(
    settings: DatasetSettings,
    signals: Signals,
    peak_files: Mapping[str, str | os.PathLike[str]],
    fasta: str | os.PathLike[str],
    exclude: str | os.PathLike[str] | None,
    outdir: str | os.PathLike[str],
) -> dict[str, Any]:
    """Write `{tf}.regions.tsv` and `{tf}.dataset.h5`.

    Parameters
    ----------
    settings : DatasetSettings
    signals : Signals
        bigWigs of every task.
    peak_files : mapping
        Task to its narrowPeak or BED file.
    fasta : path
        The genome, plain or gzipped.
    exclude : path, optional
        BED file of intervals without usable data.
    outdir : path
        An existing folder.

    Returns
    -------
    dict
        Figures of the result, for its provenance.
    """
    shape = settings.shape
    peaks = merge_peaks({task: read_peaks(peak_files[task]) for task in signals.tasks})
    excluded = Intervals.merged(read_bed(exclude, "excluded intervals") if exclude else ())
    scan = scan_genome(fasta, peaks, excluded, shape, settings.background_margin, settings.seed)
    fold, split = settings.splits.resolve(scan.sizes)
    with (
        TaskTracks(signals.tasks, signals.signal, scan.sizes, settings.allow_fractional_counts) as signal,
        TaskTracks(signals.tasks, signals.control, scan.sizes, settings.allow_fractional_counts) as control,
    ):
        regions = peak_regions(peaks, drop_reasons(peaks, scan.gc, scan.sizes, split, excluded, shape), split)
        regions["gc"] = scan.gc
        _need_kept(regions)
        per_peak = {"train": settings.train_background_per_peak, "valid": 1, "test": 1}
        background = background_regions(regions, scan.candidates, split, per_peak, shape, settings.seed)
        regions = in_genome_order(pd.concat([regions, background], ignore_index=True), scan.sizes)
        regions["counts"] = measure_counts(regions, signal, shape)
        kept = regions[regions["kept"]].reset_index(drop=True)
        usable = kept[kept["reason"].isna()].reset_index(drop=True)
        types = (stored_type(usable, signal, shape, "signal"), stored_type(usable, control, shape, "control"))
        attributes: dict[str, str | int] = {
            "tf": settings.tf,
            "tasks": json.dumps(signals.tasks),
            "seed": settings.seed,
        }
        write_dataset(
            Path(outdir) / f"{settings.tf}.dataset.h5", kept, fasta, signal, control, types, shape, attributes
        )
    write_table(Path(outdir) / f"{settings.tf}.regions.tsv", regions)
    return _figures(regions, fold, split, types)


def _need_kept(regions: pd.DataFrame) -> None:
    """Refuse a split that leaves train, valid or test without a peak."""
    empty = [part for part in PARTS if not (regions["kept"] & (regions["split"] == part)).any()]
    if empty:
        reasons = regions["reason"].dropna().value_counts()
        why = "; ".join(f"{count} left out: {reason}" for reason, count in reasons.items())
        raise InputError(
            f"no peak is left for {', '.join(empty)} ({len(regions)} peaks in all{'; ' if why else ''}{why}); "
            "choose other chromosomes or check that peaks and genome belong together"
        )


def measure_counts(regions: pd.DataFrame, signal: TaskTracks, shape: WindowShape) -> NDArray[np.float64]:
    """Return the 5' ends in each region's output window, all tasks and strands, `(regions,)`."""
    counts = np.zeros(len(regions))
    for chrom, rows, summits in blocks(regions):
        windows = signal.windows(chrom, summits - shape.output_length // 2, shape.output_length)
        counts[rows] = windows.sum(axis=(1, 2, 3), dtype=np.float64)
    return counts if np.any(counts != np.rint(counts)) else counts.astype(np.int64)


def stored_type(regions: pd.DataFrame, tracks: TaskTracks, shape: WindowShape, name: str) -> np.dtype[Any]:
    """Return the smallest type that holds the tracks' values in the stored windows of the regions."""
    extremes = Extremes()
    if tracks.any:
        for chrom, _, summits in progress(
            blocks(regions), f"measuring {name}", total=len(regions), size=REGIONS_AT_ONCE
        ):
            starts = summits - shape.output_length // 2 - shape.max_jitter
            extremes.see(tracks.windows(chrom, starts, shape.stored_output))
    return extremes.dtype


def _figures(regions: pd.DataFrame, fold: str, split: Split, types: tuple[np.dtype[Any], ...]) -> dict[str, Any]:
    """Summarise a dataset for its provenance and the log."""
    peaks = regions[regions["kind"] == "peak"]
    reasons = peaks["reason"].dropna().value_counts(sort=False).sort_index()
    figures: dict[str, Any] = {
        "fold": fold,
        "split": asdict(split),
        "peaks": len(peaks),
        "peaks_kept": {part: int((peaks["kept"] & (peaks["split"] == part)).sum()) for part in PARTS},
        "peaks_explained_only": int((peaks["kept"] & peaks["reason"].notna()).sum()),
        "peaks_left_out": {str(reason): int(count) for reason, count in reasons.items()},
        "background": gc_match(regions),
        "signal_type": str(types[0]),
        "control_type": str(types[1]),
    }
    LOG.info("%d of %d peaks used: %s", sum(figures["peaks_kept"].values()), len(peaks), figures["peaks_kept"])
    for reason, count in figures["peaks_left_out"].items():
        LOG.info("%d peaks left out of training and scores: %s", count, reason)
    for part, match in figures["background"].items():
        LOG.info(
            "%s: %d background windows, mean GC %.3f (peaks %.3f), %.1f %% within 1 %% of their peak",
            part,
            match["windows"],
            match["mean_gc_background"],
            match["mean_gc_peaks"],
            100 * match["within_one_percent"],
        )
    return figures
