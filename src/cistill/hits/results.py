"""Calling hits and comparing them with known sites, from files to files."""

import logging
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cistill.errors import InputError
from cistill.hits.callers import Calls, CallSettings, caller, settings_of
from cistill.hits.chosen import choose_motifs, trim_by_information
from cistill.hits.compare import SiteComparison, compare_with_sites
from cistill.hits.known_sites import read_known_sites
from cistill.hits.measures import base_composition
from cistill.hits.table import read_hits, write_hits
from cistill.interpret.windows import AttributionWindows, open_windows
from cistill.motifs.store import Motif, read_motifs
from cistill.provenance import write_provenance
from cistill.tables import read_table, write_table

LOG = logging.getLogger("cistill")


@dataclass(frozen=True)
class Selection:
    """What is searched for which motifs.

    Attributes
    ----------
    window : int
        Central bases of every region to search; clipped to the input's length.
    motifs_subset : str
        Which motifs, see `choose_motifs`; all if empty.
    include_weak : bool
        Whether weak motifs are called, too.
    min_information : float, optional
        Least information of a core's first and last position in bits; by default the cores stay as motifs.h5 has them.
    other_head : bool
        Whether the contributions may be those of another head or model than the motifs were found in.
    """

    window: int = 400
    motifs_subset: str = ""
    include_weak: bool = False
    min_information: float | None = None
    other_head: bool = False


def call_and_write(
    stem: str,
    outdir: Path,
    attributions: Path,
    motifs: Path,
    method: str,
    selection: Selection,
    settings: CallSettings,
) -> Calls:
    """Call motif instances; write hits.bed and callhits.json.

    Parameters
    ----------
    stem : str
        Start of the files' names; `{tf}.{head}` of the attributions if empty.
    outdir : Path
        Folder to write to.
    attributions, motifs : Path
        `{head}.attributions.h5` and the `motifs.h5` of the same head.
    method : str
        Name of the caller.
    selection : Selection
        What is searched.
    settings : CallSettings
        Passed to the caller.

    Returns
    -------
    Calls
    """
    taken = settings_of(method, settings)
    windows, found, chosen = open_and_choose(attributions, motifs, selection)
    state = state_of(windows)
    if state["regions_not_finite"]:
        LOG.warning(
            "%d region(s) have scores that are NaN or infinite: nothing is called in them", state["regions_not_finite"]
        )
    calls = caller(method)(windows, chosen, settings)
    name = stem or f"{windows.tf}.{windows.head}"
    write_hits(outdir / f"{name}.hits.bed", calls.hits)
    names = {motif.motif_id for motif in chosen}
    write_provenance(
        outdir / f"{name}.callhits.json",
        settings={"method": method, **asdict(selection), "window": windows.length, **taken},
        inputs={"attributions": attributions, "motifs": motifs},
        results={
            "regions": len(windows),
            **state,
            "hits": len(calls.hits),
            "regions_with_hits": int(calls.hits["region_id"].nunique()),
            "motifs_called": [motif.motif_id for motif in chosen],
            "weak_motifs_left_out": [motif.motif_id for motif in found if motif.weak and motif.motif_id not in names],
            "calibration": {
                name: {
                    key: _plain(value) if isinstance(value, float) else value for key, value in _as_dict(one).items()
                }
                for name, one in calls.calibration.items()
            },
        },
        seed=settings.seed,
    )
    LOG.info("%d hits of %d motif(s) in %d regions", len(calls.hits), len(chosen), len(windows))
    return calls


def state_of(windows: AttributionWindows) -> dict[str, int]:
    """Return how many windows have scores that are NaN or infinite, unknown bases, or no contribution at all."""
    broken = unknown = empty = 0
    for _, scores, bases in windows.blocks():
        finite = np.isfinite(scores * bases).all(axis=(1, 2))
        broken += int((~finite).sum())
        unknown += int((~bases.any(axis=2)).any(axis=1).sum())
        empty += int((finite & ~(scores * bases).any(axis=(1, 2))).sum())
    return {"regions_not_finite": broken, "regions_with_unknown_bases": unknown, "regions_without_contributions": empty}


def open_and_choose(
    attributions: Path, motifs: Path, selection: Selection
) -> tuple[AttributionWindows, list[Motif], list[Motif]]:
    """Return the windows, all motifs of the file, and those to call with the cores to call.

    Raises
    ------
    InputError
        If a file is not as it should be, or motifs and contributions are of different heads and that was not asked for.
    """
    windows = open_windows(attributions, selection.window)
    found = read_motifs(motifs)
    other = sorted({motif.head for motif in found} - {windows.head})
    if other and not selection.other_head:
        raise InputError(
            f"{motifs}: its motifs are of the head {', '.join(other)}, but {attributions} explains the head "
            f"{windows.head or '(not said)'}: give the two files of one head, or allow it with --other_head"
        )
    chosen = choose_motifs(found, selection.motifs_subset, selection.include_weak)
    if selection.min_information is not None:
        chosen = trim_by_information(chosen, selection.min_information, base_composition(windows))
    return windows, found, chosen


def _as_dict(calibration: Any) -> dict[str, Any]:
    """Return how a cut was found as plain values; callers give dataclasses or mappings."""
    return dict(calibration) if isinstance(calibration, Mapping) else asdict(calibration)


def compare_and_write(
    stem: Path, hits: Path, regions: Path, known_sites: Path, tolerance: int, reach: int, class_regex: str
) -> SiteComparison:
    """Compare hits with known sites; write site_recall.tsv, site_curve.tsv and comparehits.json.

    Parameters
    ----------
    stem : Path
        Folder and start of the files' names, e.g. `results/REB1.counts`.
    hits, regions, known_sites : Path
        hits.bed, regions.tsv (the kept peaks are used), BED of sites.
    tolerance, reach : int
        Distances in bases, see `compare_with_sites`.
    class_regex : str
        How to read a site's class from its name, see `site_classes`.

    Returns
    -------
    SiteComparison
    """
    table = read_hits(hits)
    sites = read_known_sites(known_sites, class_regex)
    columns = ("region_id", "chrom", "summit", "kind", "kept")
    peaks = read_table(regions, columns, dtype={"region_id": str, "chrom": str, "kind": str})
    peaks = peaks[(peaks["kind"] == "peak") & (peaks["kept"].astype(str) == "True")]
    known, used = set(sites["chrom"]), set(peaks["chrom"])
    if len(peaks) and not known & used:
        raise InputError(
            f"{known_sites}: no site lies on a chromosome of the peaks. The sites have {', '.join(sorted(known)[:3])}, "
            f"the peaks {', '.join(sorted(used)[:3])}: are they of the same genome, with the same chromosome names?"
        )
    comparison = compare_with_sites(table, peaks, sites, tolerance, reach)
    write_table(stem.with_name(f"{stem.name}.site_recall.tsv"), comparison.recall)
    write_table(stem.with_name(f"{stem.name}.site_curve.tsv"), comparison.curve)
    names = comparison.recall["site_class"].astype(str)
    recall = dict(zip(names, map(_plain, comparison.recall["recall"]), strict=True))
    write_provenance(
        stem.with_name(f"{stem.name}.comparehits.json"),
        settings={"tolerance": tolerance, "reach": reach, "class_regex": class_regex},
        inputs={"hits": hits, "regions": regions, "known_sites": known_sites},
        results={
            "hits": comparison.n_hits,
            "sites_in_reach": int(comparison.recall["n_sites"].iloc[-1]),
            "recall": recall,
            "precision_any": _plain(comparison.precision_any),
            "precision_any_in_reach": _plain(comparison.precision_in_reach),
        },
    )
    summary = ", ".join(f"{name} {value:.3f}" for name, value in recall.items() if value is not None)
    LOG.info("%d hits, precision %.3f; recall: %s", comparison.n_hits, comparison.precision_any, summary)
    return comparison


def _plain(value: float) -> float | None:
    """Return a number that JSON can hold, None for NaN and infinity."""
    return round(float(value), 6) if math.isfinite(value) else None
