"""The table of regions: peaks of all tasks and their backgrounds, kept or dropped with the reason."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.data.backgrounds import Candidates, WindowShape, match_gc
from cistill.data.intervals import Intervals
from cistill.data.splits import NONE, PARTS, Split
from cistill.errors import InputError

COLUMNS = [
    "region_id", "chrom", "start", "end", "summit", "kind", "tasks", "split", "kept", "reason", "gc", "counts",
    "matched_to",
]  # fmt: skip


EXCLUDED = "output window overlaps an excluded interval"
NO_SPLIT = "chromosome in no split"
OFF_END = "input window off the chromosome end"
SHIFTED_OFF = "input window off the chromosome end when shifted in training"
# With these reasons a peak stays in the dataset, in no part of the split and without signal: motifs and hits need its
# sequence alone, and what lies off a chromosome's end is unknown sequence.
EXPLAINED_ONLY = frozenset({EXCLUDED, NO_SPLIT, OFF_END, SHIFTED_OFF})


def merge_peaks(peaks: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Make one row of the peaks of several tasks that share a summit.

    Parameters
    ----------
    peaks : mapping
        Task to its peaks, with columns `chrom, start, end, summit`. The first task's start and end are kept.

    Returns
    -------
    pandas.DataFrame
        Columns `region_id, chrom, start, end, summit, tasks, repeat`; `repeat` is True for a task's second peak on
        the same summit.
    """
    one_by_one = []
    for task, table in peaks.items():
        part = table[["chrom", "start", "end", "summit"]].copy()
        part["task"] = task
        part["repeat"] = part.duplicated(["chrom", "summit"])
        one_by_one.append(part)
    rows = pd.concat(one_by_one, ignore_index=True)
    first = rows[~rows["repeat"]]
    grouped = first.groupby(["chrom", "summit"], sort=False)
    merged = grouped.agg(start=("start", "first"), end=("end", "first"), tasks=("task", ",".join)).reset_index()
    merged["repeat"] = False
    again = rows[rows["repeat"]].rename(columns={"task": "tasks"})[[*merged.columns]]
    merged = pd.concat([merged, again], ignore_index=True)
    copy = merged.groupby(["chrom", "summit"], sort=False).cumcount() + 1
    suffix = np.where(copy > 1, "#" + copy.astype(str), "")
    merged["region_id"] = merged["chrom"] + ":" + merged["summit"].astype(str) + suffix
    return merged


def drop_reasons(
    peaks: pd.DataFrame,
    gc: NDArray[np.float64],
    sizes: Mapping[str, int],
    split: Split,
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
        As `merge_peaks` returns them.
    gc : float array, (peaks,)
        GC fraction of the input windows; NaN where no base is known.
    sizes : mapping
        Chromosome lengths in bp.
    split : Split
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
    reasons = []
    for i, (chrom, summit, repeat) in enumerate(zip(peaks["chrom"], peaks["summit"], peaks["repeat"], strict=True)):
        part = split.part_of(chrom)
        found = []
        if repeat:
            found.append("second peak of a task on this summit")
        if chrom not in sizes:
            found.append("chromosome not in the genome")
        elif part == NONE:
            found.append(NO_SPLIT)
        if chrom in sizes:
            jitter = shape.max_jitter if part == "train" else 0
            start = summit - shape.input_length // 2
            if start < 0 or start + shape.input_length > sizes[chrom]:
                found.append(OFF_END)
            elif start - jitter < 0 or start + shape.input_length + jitter > sizes[chrom]:
                found.append(SHIFTED_OFF)
            if np.isnan(gc[i]):
                found.append("no known base in the input window")
        if hit[i]:
            found.append(EXCLUDED)
        reasons.append("; ".join(found))
    return reasons


def peak_regions(peaks: pd.DataFrame, reasons: Sequence[str], split: Split) -> pd.DataFrame:
    """Return the region table of the peaks, `gc` and `counts` not yet known.

    A peak with a reason is in no part of the split; it is kept if every reason leaves its sequence usable.
    """
    regions = peaks.drop(columns="repeat").copy()
    regions["kind"] = "peak"
    parts = [split.part_of(chrom) for chrom in regions["chrom"]]
    regions["split"] = [NONE if reason else part for part, reason in zip(parts, reasons, strict=True)]
    regions["kept"] = [not reason or set(reason.split("; ")) <= EXPLAINED_ONLY for reason in reasons]
    regions["reason"] = [reason or None for reason in reasons]
    regions["gc"], regions["counts"], regions["matched_to"] = np.nan, 0, None
    return regions[COLUMNS]


def background_regions(
    peaks: pd.DataFrame,
    candidates: Candidates,
    split: Split,
    per_peak: Mapping[str, int],
    shape: WindowShape,
    seed: int,
) -> pd.DataFrame:
    """Choose GC-matched background windows for the kept peaks, within each part of the split.

    Parameters
    ----------
    peaks : pandas.DataFrame
        Region table of the peaks with `gc` filled in.
    candidates : Candidates
        Windows to choose from.
    split : Split
    per_peak : mapping
        Windows per kept peak for `train`, `valid` and `test`.
    shape : WindowShape
    seed : int

    Returns
    -------
    pandas.DataFrame
        Region table of the backgrounds.
    """
    parts = []
    chrom_part = np.array([split.part_of(name) for name in candidates.chrom_names], dtype=object)
    for number, part in enumerate(PARTS):
        own = peaks[peaks["kept"] & (peaks["split"] == part)]
        at = np.flatnonzero((chrom_part == part)[candidates.chrom]) if len(chrom_part) else np.zeros(0, np.int64)
        rng = np.random.default_rng([seed, number])
        try:
            chosen = match_gc(own["gc"].to_numpy(), candidates.gc[at], per_peak[part], rng)
        except InputError as error:
            raise InputError(f"background of the {part} chromosomes: {error}") from error
        parts.append(_background_rows(at[chosen.ravel()], candidates, part, own, per_peak[part], shape))
    return pd.concat(parts, ignore_index=True)


def _background_rows(
    at: NDArray[np.int64],
    candidates: Candidates,
    part: str,
    peaks: pd.DataFrame,
    per_peak: int,
    shape: WindowShape,
) -> pd.DataFrame:
    """Return region rows of the candidates `at`, `(peaks * per_peak,)`, in the order of the peaks."""
    names = np.array(candidates.chrom_names, dtype=object)
    chrom = names[candidates.chrom[at]] if len(at) else np.zeros(0, dtype=object)
    summit = candidates.summit[at]
    start = summit - shape.output_length // 2
    rows = pd.DataFrame({"chrom": chrom, "start": start, "end": start + shape.output_length, "summit": summit})
    rows["region_id"] = "bg:" + rows["chrom"].astype(str) + ":" + rows["summit"].astype(str)
    rows["kind"], rows["tasks"], rows["split"], rows["kept"], rows["reason"] = (
        "background",
        "",
        part,
        True,
        None,
    )
    rows["gc"], rows["counts"] = candidates.gc[at].astype(np.float64), 0
    rows["matched_to"] = np.repeat(peaks["region_id"].to_numpy(), per_peak)
    return rows[COLUMNS]


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
