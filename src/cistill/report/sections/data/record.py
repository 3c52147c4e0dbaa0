"""The regions of a TF in numbers and its folds, as summary.json has them."""

from typing import Any

import pandas as pd

from cistill.data.regions import NOT_IN_GENOME
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.region_table import NO_SPLIT, split_label, tested_by
from cistill.report.reading.roles import COVERAGE
from cistill.report.reading.tf_results import TfResults

SPLITS = ("train", "valid", "test", NO_SPLIT)


def data_record(page: PageContext) -> dict[str, Any]:
    """Return the numbers of regions, the folds, and the contigs left out."""
    results = page.results
    return {"regions": _regions(results.regions), "folds": _folds(results), "contigs": _contigs(results)}


def _regions(regions: pd.DataFrame) -> dict[str, Any]:
    """Count regions by kind, split and reason for being dropped."""
    peaks, backgrounds = regions[regions["kind"] == "peak"], regions[regions["kind"] == "background"]
    kept = regions[regions["kept"]]
    splits = kept["split"].map(split_label)
    explained_only = peaks["kept"] & peaks["reason"].notna()
    return {
        "peaks_given": len(peaks),
        "peaks_kept": int((peaks["kept"] & ~explained_only).sum()),
        "peaks_explained_only": _by_reason(peaks[explained_only]),
        "peaks_dropped": _by_reason(peaks[~peaks["kept"]]),
        "backgrounds": int(backgrounds["kept"].sum()),
        "by_split": {
            split: {
                "peaks": int(((splits == split) & (kept["kind"] == "peak")).sum()),
                "backgrounds": int(((splits == split) & (kept["kind"] == "background")).sum()),
            }
            for split in SPLITS
            if (splits == split).any()
        },
    }


def _contigs(results: TfResults) -> dict[str, Any] | None:
    """Count the contigs in no part of the split, and what lies on contigs that the genome lacks; None if not known."""
    found = results.provenance.get(f"{results.tf}.dataset.json", {}).get("results", {})
    if "contigs" not in found:
        return None
    peaks = results.regions[results.regions["kind"] == "peak"]
    off = peaks.loc[peaks["reason"] == NOT_IN_GENOME, "chrom"]
    counted = {
        name.removesuffix(COVERAGE): record["results"]["unknown_contigs"]
        for name, record in results.provenance.items()
        if name.endswith(COVERAGE) and "unknown_contigs" in record.get("results", {})
    }
    return {
        "genome": int(found["contigs"]),
        "left_out": {
            reason: {"contigs": int(number["contigs"]), "bp": int(number["bp"])}
            for reason, number in found.get("contigs_left_out", {}).items()
        },
        "unknown": {
            "peaks": {"contigs": int(off.nunique()), "peaks": len(off)},
            "reads": {
                name: {"contigs": len(reads), "reads": sum(map(int, reads.values()))} for name, reads in counted.items()
            },
        },
    }


def _by_reason(peaks: pd.DataFrame) -> dict[str, int]:
    """Return reason to number of peaks, the most frequent first."""
    numbers = peaks["reason"].fillna("no reason given").astype(str).value_counts()
    return {str(reason): int(n) for reason, n in sorted(numbers.items(), key=lambda item: (-item[1], str(item[0])))}


def _folds(results: TfResults) -> dict[str, dict[str, Any]]:
    """Return name to chromosomes of every part, and the number of peaks that the fold tests."""
    peaks = results.regions[(results.regions["kind"] == "peak") & (results.regions["split"] != NO_SPLIT)]
    return {
        name: {
            **{part: list(chromosomes) for part, chromosomes in parts.items()},
            "test_peaks": int(tested_by(peaks, name).sum()),
        }
        for name, parts in results.folds.items()
    }
