"""The headline figures by name: what a person reads on the page, a program reads in summary.json."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd

import cistill
from cistill.files import atomic_output
from cistill.report.drawing.wording import plain
from cistill.report.reading.motif_rows import Motif
from cistill.report.reading.results import Head, Results
from cistill.report.reading.stages import by_stage, stage_seconds
from cistill.report.sections.affinity.record import library_record
from cistill.report.sections.callers.section import caller_record
from cistill.report.sections.contributions.section import contribution_record
from cistill.report.sections.motifs.merged import merged_record
from cistill.report.sections.performance.fold_scores import tested_by
from cistill.report.sections.performance.record import metrics_record
from cistill.report.sections.syntax.section import syntax_record
from cistill.report.sections.training.record import selection_record, training_record, tuning_record

FORMAT_VERSION = 2
SCHEMA = Path(__file__).with_name("summary.schema.json")
SPLITS = ("train", "valid", "test", "none")


def build_summary(results: Results, loci: list[dict[str, Any]]) -> dict[str, Any]:
    """Return every headline figure of a TF.

    Parameters
    ----------
    results : Results
        All tables.
    loci : list of dict
        The example loci and the rule that chose each.

    Returns
    -------
    dict
        Fits summary.schema.json. What no file was given for is None.
    """
    given = results.heads
    return {
        "format": "cistill-summary",
        "format_version": FORMAT_VERSION,
        "cistill": cistill.__version__,
        "tf": results.tf,
        "tasks": list(results.tasks),
        "regions": _regions(results.regions),
        "folds": _folds(results),
        "tuning": tuning_record(results),
        "training": training_record(results),
        "selection": selection_record(results),
        "metrics": None if results.metrics is None else metrics_record(results, results.metrics),
        "motifs": _motifs(results),
        "merged_motifs": None
        if results.merged is None
        else [{**motif_record(motif), **merged_record(results.merged, motif)} for motif in results.merged.motifs],
        "contributions": contribution_record(results),
        "top_motif": {name: top_motif_id(head) for name, head in given.items() if head.motifs is not None},
        "hits": {name: _hits(results, head, head.hits) for name, head in given.items() if head.hits is not None},
        "known_sites": {
            name: _known_sites(results, head) for name, head in given.items() if head.site_recall is not None
        },
        "syntax": syntax_record(results.syntax),
        "callers": caller_record(results.callers),
        "affinity": {name: library_record(library) for name, library in results.libraries.items()},
        "truth": None,  # filled in where the data are simulated
        "loci": loci,
        "timings": _timings(results),
        "versions": _versions(results),
    }


def write_summary(path: str | os.PathLike[str], summary: Mapping[str, Any]) -> None:
    """Check the summary against its schema, then write it.

    Raises
    ------
    jsonschema.ValidationError
        If it does not fit: a defect of this program, never of the user's files.
    """
    jsonschema.validate(summary, json.loads(SCHEMA.read_text()))
    with atomic_output(path) as temporary:
        temporary.write_text(json.dumps(summary, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def split_label(split: object) -> str:
    """Return the name of a split; a region outside all lists of chromosomes has none."""
    return "none" if split is None or pd.isna(split) else str(split)  # type: ignore[call-overload]


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


def _by_reason(peaks: pd.DataFrame) -> dict[str, int]:
    """Return reason to number of peaks, the most frequent first."""
    numbers = peaks["reason"].fillna("no reason given").astype(str).value_counts()
    return {str(reason): int(n) for reason, n in sorted(numbers.items(), key=lambda item: (-item[1], str(item[0])))}


def _folds(results: Results) -> dict[str, dict[str, Any]]:
    """Return name to chromosomes of every part, and the number of peaks that the fold tests."""
    peaks = results.regions[(results.regions["kind"] == "peak") & (results.regions["split"] != "none")]
    return {
        name: {
            **{part: list(chromosomes) for part, chromosomes in parts.items()},
            "test_peaks": int(tested_by(peaks, name).sum()),
        }
        for name, parts in results.folds.items()
    }


def find_setting(record: Mapping[str, Any], *names: str) -> Any:
    """Return the first of the named values in a provenance's results or settings, None without one."""
    for name in names:
        for group in ("results", "settings"):
            value = record.get(group, {}).get(name)
            if value is not None:
                return value
    return None


def top_motif_id(head: Head) -> str | None:
    """Return the head's motif with most seqlets that is positive and not weak; else simply with most seqlets."""
    ranked = sorted(
        head.motifs or (),
        key=lambda motif: (motif.row["sign"] not in ("pos", "+", "positive"), motif.weak, -int(motif.row["n_seqlets"])),
    )
    return ranked[0].motif_id if ranked else None


def _motifs(results: Results) -> list[dict[str, Any]] | None:
    """Return one record per motif, in the order of the tables; None if no table was given."""
    heads = [head for head in results.heads.values() if head.motifs is not None]
    return (
        [
            {**motif_record(motif), "head": head.name, "hits": _hits_of(head, motif)}
            for head in heads
            for motif in head.motifs or ()
        ]
        if heads
        else None
    )


def _hits_of(head: Head, motif: Motif) -> int | None:
    return None if head.hits is None else int((head.hits["motif_id"] == motif.motif_id).sum())


def motif_record(motif: Motif) -> dict[str, Any]:
    """Return what summary.json tells of a motif, whether of a head or of both merged."""
    return {
        "motif_id": motif.motif_id,
        "sign": str(motif.row["sign"]),
        "n_seqlets": int(motif.row["n_seqlets"]),
        "consensus": str(motif.row["consensus"]),
        "information": plain(motif.number("information")),
        "weak": motif.weak,
        "weak_reason": motif.text("weak_reason") if motif.weak else None,
        "match": motif.match,
        "match_p": plain(motif.number("match_1_p")),
        "match_q": plain(motif.number("match_1_q")),
    }


def scored_regions(results: Results, head: Head) -> pd.DataFrame:
    """Return the regions that could hold hits: those that the attributions explain, else the kept peaks."""
    regions = results.regions[results.regions["kept"]]
    if head.explained is None:
        return regions[regions["kind"] == "peak"]
    return regions[regions["region_id"].isin(head.explained)]


def calling(results: Results, head: Head) -> Mapping[str, Any]:
    """Return the record of the hit caller, whose hits may have been filtered afterwards."""
    return results.stage("callhits", head.name) or results.stage("unfiltered.callhits", head.name)


def default_cut(results: Results, head: Head) -> float | None:
    """Return the confidence that the hit caller cut at, from its provenance."""
    return plain(find_setting(calling(results, head), "min_confidence"))


def _hits(results: Results, head: Head, hits: pd.DataFrame) -> dict[str, Any]:
    scored = scored_regions(results, head)
    per_region = hits["region_id"].value_counts()
    with_hit = int(scored["region_id"].isin(per_region.index).sum())
    by_motif = hits["motif_id"].value_counts()
    return {
        "n": len(hits),
        "regions_scored": len(scored),
        "regions_with_hit": with_hit,
        "fraction_with_hit": plain(with_hit / len(scored)) if len(scored) else None,
        "mean_per_region": plain(len(hits) / len(scored)) if len(scored) else None,
        "median_confidence": plain(hits["confidence"].median()),
        "cut": default_cut(results, head),
        "fdr": plain(find_setting(calling(results, head), "fdr")),
        "by_motif": {str(name): int(by_motif[name]) for name in sorted(by_motif.index)},
    }


def curve_point(curve: pd.DataFrame, cut: float | None) -> Mapping[Any, Any] | None:
    """Return the row of a site curve that counts the hits kept at a cut: the lowest listed cut not below it."""
    above = curve[curve["cut"] >= (cut if cut is not None else -np.inf) - 1e-9].sort_values("cut")
    return above.to_dict("records")[0] if len(above) else None


def _known_sites(results: Results, head: Head) -> dict[str, Any]:
    classes = {
        str(row["site_class"]): {
            "n_sites": int(row["n_sites"]),
            "n_found": int(row["n_found"]),
            "recall": plain(row["recall"]),
        }
        for row in (head.site_recall.to_dict("records") if head.site_recall is not None else [])
    }
    point = None if head.site_curve is None else curve_point(head.site_curve, default_cut(results, head))
    return {
        "classes": classes,
        "cut": None if point is None else plain(point["cut"]),
        "n_hits": None if point is None else int(point["n_hits"]),
        "precision_any": None if point is None else plain(point["precision_any"]),
        "precision_any_in_reach": plain(
            results.stage("comparehits", head.name).get("results", {}).get("precision_any_in_reach")
        ),
    }


def _timings(results: Results) -> dict[str, Any]:
    """Return seconds per stage, by the name of its provenance file without the TF's name; runs and trials together."""
    stages = {}
    for name, records in by_stage(results).items():
        seconds = stage_seconds(records)
        if seconds is not None:
            stages[name] = plain(seconds)
    return {"stages": dict(sorted(stages.items())), "total": plain(sum(stages.values())) if stages else None}


def _versions(results: Results) -> dict[str, str]:
    """Return the versions that the stages recorded; differing ones are joined."""
    found: dict[str, set[str]] = {}
    for record in results.provenance.values():
        for name, version in {"cistill": record.get("cistill"), **record.get("versions", {})}.items():
            if version:
                found.setdefault(name, set()).add(str(version))
    return {name: ", ".join(sorted(found[name])) for name in sorted(found)}
