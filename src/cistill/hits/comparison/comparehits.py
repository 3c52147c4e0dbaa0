"""What `comparehits` does, from files to files."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import named
from cistill.formats.tables import table_of
from cistill.hits.comparison.hit_sets import RANKED_BY, HitSet, read_hit_sets
from cistill.hits.comparison.known_sites import read_known_sites
from cistill.hits.comparison.observed_signal import Signal
from cistill.hits.comparison.rank_footprint import rank_footprints
from cistill.hits.comparison.ranked_recall import areas, at_top, curve
from cistill.hits.comparison.settings import ComparisonSettings, Truth
from cistill.hits.comparison.shared import examples, hits_per_region_of_sets, shared_hits
from cistill.hits.comparison.site_matching import compare_with_sites, match_sites, recall_table
from cistill.hits.comparison.truth_track import sites_of_track
from cistill.hits.hit_tables import kept_peaks
from cistill.provenance import json_number, json_numbers, write_provenance


def compare_hits(
    stem: Path,
    files: dict[str, Path],
    ranked_by: dict[str, str],
    motifs: list[str],
    regions: Path,
    truth: Truth,
    signal: Signal | None,
    signal_files: dict[str, Path],
    settings: ComparisonSettings,
) -> pd.DataFrame:
    """Compare hit sets; write the tables that docs/hit_statistics.md names, and comparehits.json.

    Parameters
    ----------
    stem : Path
        Folder and start of the files' names, e.g. `results/REB1.counts`.
    files, ranked_by, motifs
        As for `read_hit_sets`.
    regions : Path
        regions.tsv: its kept peaks are the regions that hits were looked for in.
    truth : Truth
    signal : Signal, optional
        Observed signal for the rank-footprint curves.
    signal_files : dict
        Role to file of the signal, for the provenance.
    settings : ComparisonSettings

    Returns
    -------
    pandas.DataFrame
        One row per hit set, as written to sets.tsv.
    """
    sets = read_hit_sets(files, ranked_by, motifs)
    peaks = kept_peaks(regions)
    called = {one.label: one.called(settings.min_confidence) for one in sets}
    tables = {
        "sets_hits_per_region": hits_per_region_of_sets(called, peaks["region_id"].tolist()),
        "sets_shared": shared_hits(called, settings.tolerance),
        "sets_examples": examples(called, settings.tolerance, settings.n_examples, settings.seed),
    }
    summary: dict[str, dict[str, Any]] = {
        one.label: {"ranked_by": one.ranked_by, "n_hits": len(one.hits), "n_called": len(called[one.label])}
        for one in sets
    }
    facts: dict[str, Any] = {}
    sites = _sites(truth, peaks, settings, facts)
    if sites is not None:
        tables |= _against_sites(sets, called, peaks, sites, bool(truth.tracks), settings, summary)
        if len(sets) == 1 and truth.known_sites is not None:
            tables |= _single_set(sets[0], peaks, sites, settings, facts)
    if signal is not None:
        footprints = rank_footprints(sets, signal, settings.rank_bins)
        tables |= {"sets_footprint": footprints.curve, "sets_mean_footprint": footprints.average}
        facts |= {"footprint_strong": json_number(footprints.strong), "footprint_weak": json_number(footprints.weak)}
        for label, numbers in footprints.summary.items():
            summary[label] |= numbers
    table = pd.DataFrame([{"hit_set": label, **numbers} for label, numbers in summary.items()])
    for name, content in ({"sets": table} | tables).items():
        table_of("comparehits", name).write(named(stem, f"{name}.tsv"), content)
    write_provenance(
        named(stem, "comparehits.json"),
        settings={**asdict(settings), "ranked_by": ranked_by, "motifs": motifs},
        inputs=_inputs(files, regions, truth) | signal_files,
        results={**facts, "sets": {label: json_numbers(numbers) for label, numbers in summary.items()}},
        seed=settings.seed,
    )
    for label, numbers in summary.items():
        LOG.info("%s: %s", label, ", ".join(f"{name} {_short(value)}" for name, value in numbers.items()))
    return table


def _inputs(files: dict[str, Path], regions: Path, truth: Truth) -> dict[str, Path]:
    """Return role and file of what is compared."""
    hits = {"hits": next(iter(files.values()))} if len(files) == 1 else {f"hits {k}": v for k, v in files.items()}
    known = {} if truth.known_sites is None else {"known_sites": truth.known_sites}
    return {
        **hits,
        "regions": regions,
        **known,
        **{f"truth_track {number}": file for number, file in enumerate(truth.tracks, 1)},
    }


def _sites(
    truth: Truth, peaks: pd.DataFrame, settings: ComparisonSettings, facts: dict[str, Any]
) -> pd.DataFrame | None:
    """Return the sites that are taken as true, and note how they came about."""
    if truth.tracks:
        found = sites_of_track(
            truth.tracks, peaks, settings.reach, settings.track_apart, settings.track_smoothing,
            settings.track_quantile, settings.track_threshold,
        )  # fmt: skip
        facts |= {"track_threshold": json_number(found.threshold), "track_sites": len(found.sites)}
        return found.sites
    if truth.known_sites is None:
        return None
    sites = read_known_sites(truth.known_sites, settings.class_regex)
    known, used = set(sites["chrom"]), set(peaks["chrom"])
    if len(peaks) and not known & used:
        raise InputError(
            f"{truth.known_sites}: no site lies on a chromosome of the peaks. The sites have "
            f"{', '.join(sorted(known)[:3])}, the peaks {', '.join(sorted(used)[:3])}: are they of the same genome, "
            "with the same chromosome names?"
        )
    return sites


def _against_sites(
    sets: list[HitSet],
    called: dict[str, pd.DataFrame],
    peaks: pd.DataFrame,
    sites: pd.DataFrame,
    in_reach_only: bool,
    settings: ComparisonSettings,
    summary: dict[str, dict[str, Any]],
) -> dict[str, pd.DataFrame]:
    """Return the curves and the recall by class, and add precision, recall and areas to the summary."""
    rankings, curves, recalls = {}, [], []
    for one in sets:
        value = one.hits["rank_value"].to_numpy()
        matches = match_sites(one.hits, value, peaks, sites, settings.tolerance, settings.reach)
        if settings.recall_class not in matches.members:
            raise InputError(
                f"--recall_class {settings.recall_class}: no site in reach is of this class; there are "
                f"{', '.join(matches.members)}"
            )
        if in_reach_only:  # a track has no sites elsewhere, so that hits there are neither right nor wrong
            value, matches = value[matches.in_reach], matches._replace(correct=matches.correct[matches.in_reach])
        rankings[one.label] = (value, matches)
        curves.append(curve(one.label, value, matches))
        kept = called[one.label]
        own = match_sites(kept, kept["rank_value"].to_numpy(), peaks, sites, settings.tolerance, settings.reach)
        recalls.append(recall_table(own).assign(hit_set=one.label))
        correct = own.correct[own.in_reach] if in_reach_only else own.correct
        chosen = own.members[settings.recall_class]
        summary[one.label] |= {
            "precision_called": float(correct.mean()) if len(correct) else math.nan,
            "recall_called": float((own.found_at[chosen] > -math.inf).mean()) if chosen.any() else math.nan,
        }
    for label, numbers in areas(rankings, settings.recall_class).items():
        summary[label] |= numbers | at_top(*rankings[label], settings.recall_class, settings.tops)
    columns = ["hit_set", "site_class", "n_sites", "n_found", "recall"]
    return {
        "sets_curve": pd.concat(curves, ignore_index=True),
        "sets_recall": pd.concat(recalls, ignore_index=True)[columns],
    }


def _single_set(
    one: HitSet, peaks: pd.DataFrame, sites: pd.DataFrame, settings: ComparisonSettings, facts: dict[str, Any]
) -> dict[str, pd.DataFrame]:
    """Return recall and curve of a single set on its own, as the report reads them."""
    ranked = one.hits.assign(**{RANKED_BY: one.hits["rank_value"]})
    comparison = compare_with_sites(ranked, peaks, sites, settings.tolerance, settings.reach)
    names = comparison.recall["site_class"].astype(str)
    facts |= {
        "hits": comparison.n_hits,
        "sites_in_reach": int(comparison.recall["n_sites"].iloc[-1]),
        "recall": dict(zip(names, map(json_number, comparison.recall["recall"]), strict=True)),
        "precision_any": json_number(comparison.precision_any),
        "precision_any_in_reach": json_number(comparison.precision_in_reach),
    }
    return {"site_recall": comparison.recall, "site_curve": comparison.curve}


def _short(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
