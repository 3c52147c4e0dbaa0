"""The table of regions: peaks of all tasks and their backgrounds, kept or dropped with the reason."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.data.backgrounds import Candidates, WindowShape, match_gc
from cistill.data.chromosome_split import NONE, PARTS, Split, fold_uses, folds_that_test, part_over_folds
from cistill.data.contig_names import ALTERNATE, DECOY, UNPLACED, unused_contigs
from cistill.data.contigs import some
from cistill.data.intervals import Intervals
from cistill.errors import InputError
from cistill.formats.tables.regions import REGIONS

# training backgrounds where nobody says how many: in all, and for a peak
POOL, LEAST_PER_PEAK, MOST_PER_PEAK = 100_000, 3, 30

EXCLUDED = "output window overlaps an excluded interval"
NO_SPLIT = "chromosome in no split"
NOT_IN_GENOME = "chromosome not in the genome"
OFF_END = "input window off the chromosome end"
SHIFTED_OFF = "input window off the chromosome end when shifted in training"
BORDER = "input window reaches into another part of the split"
# With these reasons a peak stays in the dataset, in no part of the split and without signal: motifs and hits need its
# sequence alone, and what lies off a chromosome's end is unknown sequence. Copies of chromosomes are not explained, so
# that their sites do not count twice.
EXPLAINED_ONLY = frozenset({EXCLUDED, NO_SPLIT, UNPLACED, BORDER, OFF_END, SHIFTED_OFF})


def drop_reasons(
    peaks: pd.DataFrame,
    gc: NDArray[np.float64],
    sizes: Mapping[str, int],
    folds: Mapping[str, Split],
    excluded: Intervals,
    shape: WindowShape,
) -> list[str]:
    """Say why each peak cannot be trained on or scored; an empty text if it can.

    Peaks are left out for where they are, never for how strong they are. In training, where windows are shifted, the
    shifted input window must fit the chromosome too. Reasons that concern counts or the split alone leave the sequence
    usable: such a peak is still explained (`EXPLAINED_ONLY`).

    Parameters
    ----------
    peaks : pandas.DataFrame
        As `loci.merge_peaks` returns them.
    gc : float array, (peaks,)
        GC fraction of the input windows; NaN where no base is known.
    sizes : mapping
        Chromosome lengths in bp.
    folds : mapping
        Name to Split. A chromosome is shifted on if any fold trains on it.
    excluded : Intervals
    shape : WindowShape

    Returns
    -------
    list of str
        One for each row of `peaks`.
    """
    half = shape.output_length // 2
    hit = np.zeros(len(peaks), dtype=bool)
    for chrom, rows in peaks.groupby("chrom", sort=False).indices.items():
        starts = peaks["summit"].to_numpy(dtype=np.int64)[rows] - half
        hit[rows] = excluded.overlap(str(chrom), starts, starts + shape.output_length)
    parts = {c: set().union(*(split.uses(c) for split in folds.values())) for c in peaks["chrom"].unique()}
    unused = {c: kind for c, kind in unused_contigs(sizes).items() if kind in (ALTERNATE, DECOY, UNPLACED)}
    between = _at_borders(peaks, folds, shape)
    reasons = []
    for i, (chrom, summit, repeat) in enumerate(zip(peaks["chrom"], peaks["summit"], peaks["repeat"], strict=True)):
        found = []
        if repeat:
            found.append("second peak of a task on this summit")
        if chrom not in sizes:
            found.append(NOT_IN_GENOME)
        elif not parts[chrom]:
            found.append(unused.get(chrom, NO_SPLIT))
        if chrom in sizes:
            jitter = shape.max_jitter if "train" in parts[chrom] else 0
            start = summit - shape.input_length // 2
            if start < 0 or start + shape.input_length > sizes[chrom]:
                found.append(OFF_END)
            elif start - jitter < 0 or start + shape.input_length + jitter > sizes[chrom]:
                found.append(SHIFTED_OFF)
            elif between[i]:
                found.append(BORDER)
            if np.isnan(gc[i]):
                found.append("no known base in the input window")
        if hit[i]:
            found.append(EXCLUDED)
        reasons.append("; ".join(found))
    return reasons


def _at_borders(peaks: pd.DataFrame, folds: Mapping[str, Split], shape: WindowShape) -> NDArray[np.bool_]:
    """Say of which peaks the window is in two parts of a chromosome that any fold splits within, `(peaks,)`."""
    found = np.zeros(len(peaks), dtype=bool)
    starts = peaks["summit"].to_numpy(dtype=np.int64) - shape.input_length // 2 - shape.max_jitter
    within = {chrom for split in folds.values() for chrom in split.spans}
    for chrom, rows in peaks[peaks["chrom"].isin(within)].groupby("chrom", sort=False).groups.items():
        at = peaks.index.get_indexer(rows)
        for split in folds.values():
            found[at] |= split.at_border(str(chrom), starts[at], starts[at] + shape.stored_input)
    return found


def region_uses(regions: pd.DataFrame, folds: Mapping[str, Split], shape: WindowShape) -> NDArray[np.int8]:
    """Return what every fold uses regions for by where they are, `(regions, folds)`, see `fold_uses`."""
    codes, names = pd.factorize(regions["chrom"])
    starts = regions["summit"].to_numpy(dtype=np.int64) - shape.input_length // 2 - shape.max_jitter
    return fold_uses(folds, [str(name) for name in names], codes, starts, shape.stored_input)


def peak_regions(
    peaks: pd.DataFrame, reasons: Sequence[str], folds: Mapping[str, Split], shape: WindowShape
) -> pd.DataFrame:
    """Return the region table of the peaks, `gc` and `counts` not yet known.

    A peak with a reason is in no part of any fold; it is kept if every reason leaves its sequence usable.
    """
    regions = peaks.drop(columns="repeat").copy()
    regions["kind"] = "peak"
    regions["kept"] = [not reason or set(reason.split("; ")) <= EXPLAINED_ONLY for reason in reasons]
    regions["reason"] = [reason or None for reason in reasons]
    regions["gc"], regions["counts"], regions["matched_to"], regions["match_rank"] = np.nan, 0, None, 0
    _fill_in_split(regions, folds, shape)
    return regions[list(REGIONS.all_names)]


def _fill_in_split(regions: pd.DataFrame, folds: Mapping[str, Split], shape: WindowShape) -> None:
    """Fill in the columns `split` and `tested_in` by place; regions with a reason are in no part."""
    usable = regions["reason"].isna().to_numpy()
    uses = region_uses(regions, folds, shape)
    split, tested = part_over_folds(uses), np.array(folds_that_test(folds, uses), dtype=object)
    split[~usable], tested[~usable] = NONE, None
    regions["split"] = pd.Series(split, index=regions.index, dtype=object)
    regions["tested_in"] = pd.Series(tested, index=regions.index, dtype=object)


def background_regions(
    peaks: pd.DataFrame,
    candidates: Candidates,
    folds: Mapping[str, Split],
    train_per_peak: int,
    shape: WindowShape,
    seed: int,
) -> pd.DataFrame:
    """Choose GC-matched background windows for the usable peaks.

    A peak's windows lie where every fold uses windows as it does the peak's, so that they stay together.

    Parameters
    ----------
    peaks : pandas.DataFrame
        Region table of the peaks with `gc` filled in.
    candidates : Candidates
        Windows to choose from.
    folds : mapping
        Name to Split.
    train_per_peak : int
        Windows per peak on chromosomes that any fold trains on; others have one. 0: `pool_per_peak`.
    shape : WindowShape
    seed : int

    Returns
    -------
    pandas.DataFrame
        Region table of the backgrounds.
    """
    tables = []
    starts = candidates.summit - shape.input_length // 2 - shape.max_jitter
    pool_use = fold_uses(folds, candidates.chrom_names, candidates.chrom, starts, shape.stored_input)
    peak_use = region_uses(peaks, folds, shape)  # (peaks, folds)
    usable = (peaks["split"] != NONE).to_numpy()
    for use in np.unique(peak_use[usable], axis=0):
        own = peaks[usable & (peak_use == use).all(1)]
        at = np.flatnonzero((pool_use == use).all(1))
        most = always = train_per_peak if PARTS.index("train") in use else 1
        if not most:
            most, always = pool_per_peak(int(usable.sum()), len(own), len(at))
        rng = np.random.default_rng([seed, *use.tolist()])
        try:
            chosen = match_gc(own["gc"].to_numpy(), candidates.gc[at], most, rng, always)
        except InputError as error:
            which = PARTS[use[0]] if len(folds) == 1 else some(own["chrom"].unique().tolist())
            raise InputError(f"background of the {which} chromosomes: {error}") from error
        peak, rank = np.nonzero(chosen >= 0)
        rows = _background_rows(at[chosen[peak, rank]], candidates, shape)
        tables.append(rows.assign(matched_to=own["region_id"].to_numpy()[peak], match_rank=rank))
    table = pd.concat(tables, ignore_index=True)
    _fill_in_split(table, folds, shape)
    return table[list(REGIONS.all_names)]


def pool_per_peak(peaks: int, own_peaks: int, candidates: int) -> tuple[int, int]:
    """Return how many training backgrounds a peak gets where nobody says so.

    An epoch draws a few for each peak, new ones every time until all were seen: a large pool shows a network of a small
    data set more of the genome than the same few windows over and over.

    Parameters
    ----------
    peaks : int
        All usable peaks.
    own_peaks, candidates : int
        Peaks and windows on the chromosomes that they share.

    Returns
    -------
    most : int
        Enough for 100,000 windows in all, between 3 and 30: what a peak gets if there are as many of its GC content.
    always : int
        What every peak gets, of similar GC content if need be: 3, or as many as there are windows for.
    """
    most = min(MOST_PER_PEAK, max(LEAST_PER_PEAK, POOL // max(1, peaks)))
    return most, max(1, min(LEAST_PER_PEAK, candidates // max(1, own_peaks)))


def _background_rows(at: NDArray[np.int64], candidates: Candidates, shape: WindowShape) -> pd.DataFrame:
    """Return region rows of the candidates `at`, without what they are matched to."""
    names = np.array(candidates.chrom_names, dtype=object)
    summit = candidates.summit[at]
    start = summit - shape.output_length // 2
    rows = pd.DataFrame(
        {"chrom": names[candidates.chrom[at]], "start": start, "end": start + shape.output_length, "summit": summit}
    )
    rows["region_id"] = "bg:" + rows["chrom"].astype(str) + ":" + rows["summit"].astype(str)
    rows["kind"], rows["tasks"], rows["kept"], rows["reason"] = "background", "", True, None
    rows["gc"], rows["counts"] = candidates.gc[at].astype(np.float64), 0
    return rows


def in_genome_order(regions: pd.DataFrame, sizes: Mapping[str, int]) -> pd.DataFrame:
    """Sort regions by the genome's chromosome order, summit and kind; chromosomes not in the genome come last."""
    rank = {name: i for i, name in enumerate(sizes)}
    keys = pd.DataFrame({"rank": regions["chrom"].map(rank).fillna(len(rank)), "summit": regions["summit"]})
    keys["kind"] = regions["kind"] != "peak"
    return regions.loc[keys.sort_values(["rank", "summit", "kind"], kind="stable").index].reset_index(drop=True)


def gc_match(regions: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Summarise per part of the split how far the backgrounds' GC content is from that of their peaks."""
    background = regions[regions["kind"] == "background"]
    of_peak = regions.set_index("region_id")["gc"]
    summary: dict[str, dict[str, float]] = {}
    for part in PARTS:
        own = background[background["split"] == part]
        if len(own) == 0:
            continue
        peak_gc = of_peak.loc[own["matched_to"]].to_numpy()
        difference = own["gc"].to_numpy() - peak_gc
        summary[part] = {
            "windows": len(own),
            "mean_gc_peaks": round(float(peak_gc.mean()), 4),
            "mean_gc_background": round(float(own["gc"].mean()), 4),
            "mean_absolute_difference": round(float(np.abs(difference).mean()), 4),
            "largest_difference": round(float(np.abs(difference).max()), 4),
            "within_one_percent": round(float((np.abs(difference) <= 0.01 + 1e-6).mean()), 4),
        }
    return summary
