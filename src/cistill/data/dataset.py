"""Building the dataset of a TF: the region table and the HDF5 file that models are trained on."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.console import LOG, progress
from cistill.data.backgrounds import Candidates, WindowShape, candidates_of
from cistill.data.contigs import UnknownContigs, contig_problems, problems_of, remarks_of
from cistill.data.dataset_file import measure, write_dataset
from cistill.data.genome import base_content, read_chromosomes
from cistill.data.intervals import Intervals, read_bed
from cistill.data.loci import merge_peaks
from cistill.data.peaks import read_peaks
from cistill.data.regions import (
    background_regions,
    drop_reasons,
    gc_match,
    in_genome_order,
    peak_regions,
    region_uses,
)
from cistill.data.signals import Signals, Tracks, distinct_controls
from cistill.data.splits import NONE, PARTS, Split, SplitChoice, contigs_left_out
from cistill.data.sufficiency.assess import assess_data, write_sufficiency
from cistill.errors import InputError
from cistill.formats.tables.regions import REGIONS


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
        if len(rows):
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
        Background windows per peak on chromosomes that a fold trains on; others have one. 0: by the size of the data.
    background_margin : int
        Least distance in bp between the output windows of a background and of any peak.
    locus_distance : int
        Largest distance in bp between summits of different tasks that are one locus.
    allow_fractional_counts : bool
    unknown_contigs : {'leave_out', 'refuse'}
        What becomes of contigs of peaks and tracks that the genome does not have.
    seed : int
    """

    tf: str
    shape: WindowShape
    splits: SplitChoice
    train_background_per_peak: int
    background_margin: int
    locus_distance: int
    allow_fractional_counts: bool
    unknown_contigs: UnknownContigs
    seed: int


def build_dataset(
    settings: DatasetSettings,
    signals: Signals,
    peak_files: Mapping[str, str | os.PathLike[str]],
    fasta: str | os.PathLike[str],
    exclude: str | os.PathLike[str] | None,
    outdir: str | os.PathLike[str],
) -> dict[str, Any]:
    """Write `{tf}.regions.tsv`, `{tf}.dataset.h5` and `{tf}.sufficiency.tsv`.

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
    peaks = merge_peaks({task: read_peaks(peak_files[task]) for task in signals.tasks}, settings.locus_distance)
    excluded = Intervals.merged(read_bed(exclude, "excluded intervals") if exclude else ())
    scan = scan_genome(fasta, peaks, excluded, shape, settings.background_margin, settings.seed)
    _compare_contigs(peaks, scan.sizes, settings.unknown_contigs)
    folds = settings.splits.resolve(scan.sizes)
    controls, of_task = distinct_controls(signals)
    with (
        Tracks(
            signals.signal.values(), scan.sizes, settings.allow_fractional_counts, settings.unknown_contigs
        ) as signal,
        Tracks(controls, scan.sizes, settings.allow_fractional_counts, settings.unknown_contigs) as control,
    ):
        reasons = drop_reasons(peaks, scan.gc, scan.sizes, folds, excluded, shape)
        regions = peak_regions(peaks, reasons, folds, shape)
        regions["gc"] = scan.gc
        _need_kept(regions, folds, shape)
        background = background_regions(
            regions, scan.candidates, folds, settings.train_background_per_peak, shape, settings.seed
        )
        regions = in_genome_order(pd.concat([regions, background], ignore_index=True), scan.sizes)
        found = assess_data(regions, signals, scan.sizes, folds, shape, settings.allow_fractional_counts)
        kept = regions["kept"].to_numpy(dtype=bool)
        of_signal = measure(regions, kept & regions["reason"].isna().to_numpy(), signal, shape, "signal")
        of_control = measure(regions, kept, control, shape, "control")
        whole = not np.any(of_signal.counts != np.rint(of_signal.counts))
        regions["counts"] = of_signal.counts.astype(np.int64) if whole else of_signal.counts
        attributes: dict[str, str | int] = {
            "tf": settings.tf,
            "tasks": json.dumps(signals.tasks),
            "seed": settings.seed,
        }
        present = set(regions["chrom"][kept])
        used = {name: size for name, size in scan.sizes.items() if name in present}
        genome = {"folds": {name: asdict(split) for name, split in folds.items()}, "sizes": used}
        write_dataset(
            Path(outdir) / f"{settings.tf}.dataset.h5",
            regions[kept].reset_index(drop=True),
            fasta,
            (signal, replace(of_signal, number=of_signal.number[kept])),
            (control, replace(of_control, number=of_control.number[kept])),
            of_task,
            shape,
            attributes,
            genome,
        )
    REGIONS.write(Path(outdir) / f"{settings.tf}.regions.tsv", regions)
    write_sufficiency(Path(outdir) / f"{settings.tf}.sufficiency.tsv", found)
    figures = {"tasks": signals.tasks, **_figures(regions, folds, shape), **_contigs(scan.sizes, folds)}
    figures["sufficiency"] = found.to_json()
    return {**figures, "signal_type": str(of_signal.dtype), "control_type": str(of_control.dtype)}


def _compare_contigs(peaks: pd.DataFrame, sizes: Mapping[str, int], unknown: UnknownContigs) -> None:
    """Log which contigs of the peaks the genome lacks; refuse peaks that cannot belong to it."""
    on = {str(chrom): int(number) for chrom, number in peaks["chrom"].value_counts(sort=False).items()}
    found = contig_problems(dict.fromkeys(on), sizes, unknown, on, "peaks")
    for remark in remarks_of(found):
        LOG.warning("peaks: %s", remark)
    if problems := problems_of(found):
        raise InputError("\n".join(f"peaks: {problem}" for problem in problems))


def _need_kept(regions: pd.DataFrame, folds: Mapping[str, Split], shape: WindowShape) -> None:
    """Refuse folds that leave train, valid or test without a peak."""
    peaks = dict(_peaks(regions, folds, shape))
    empty = {name: [part for part, number in parts.items() if not number] for name, parts in peaks.items()}
    if any(empty.values()):
        reasons = regions["reason"].dropna().value_counts()
        why = "; ".join(f"{count} left out: {reason}" for reason, count in reasons.items())
        which = "; ".join(
            (f"fold {name!r}: " if len(folds) > 1 else "") + ", ".join(parts) for name, parts in empty.items() if parts
        )
        raise InputError(
            f"no peak is left for {which} ({len(regions)} peaks in all{'; ' if why else ''}{why}); "
            "choose other chromosomes or check that peaks and genome belong together"
        )


def _peaks(
    regions: pd.DataFrame, folds: Mapping[str, Split], shape: WindowShape
) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield for each fold its name and how many peaks each part of it has."""
    usable = regions[(regions["kind"] == "peak") & (regions["split"] != NONE)]
    for name, uses in zip(folds, region_uses(usable, folds, shape).T, strict=True):
        yield name, {part: int((uses == number).sum()) for number, part in enumerate(PARTS)}


def _contigs(sizes: Mapping[str, int], folds: Mapping[str, Split]) -> dict[str, Any]:
    """Count, and log, the contigs that no fold uses, by reason."""
    found = contigs_left_out(folds, sizes)
    for reason, number in found.items():
        LOG.info("%d contigs (%d bp) in no part of the split: %s", number["contigs"], number["bp"], reason)
    return {"contigs": len(sizes), "contigs_left_out": found}


def _figures(regions: pd.DataFrame, folds: Mapping[str, Split], shape: WindowShape) -> dict[str, Any]:
    """Summarise a dataset for its provenance and the log."""
    peaks = regions[regions["kind"] == "peak"]
    reasons = peaks["reason"].dropna().value_counts(sort=False).sort_index()
    figures: dict[str, Any] = {
        "folds": {name: {**asdict(folds[name]), "peaks": parts} for name, parts in _peaks(regions, folds, shape)},
        "peaks": len(peaks),
        "peaks_of_several_tasks": int(peaks["tasks"].str.contains(",").sum()),
        "peaks_kept": {part: int((peaks["kept"] & (peaks["split"] == part)).sum()) for part in PARTS},
        "peaks_explained_only": int((peaks["kept"] & peaks["reason"].notna()).sum()),
        "peaks_left_out": {str(reason): int(count) for reason, count in reasons.items()},
        "background": gc_match(regions),
    }
    used = sum(figures["peaks_kept"].values())
    for name, fold in figures["folds"].items():
        LOG.info("fold %s: %d of %d peaks used: %s", name, used, len(peaks), fold["peaks"])
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
