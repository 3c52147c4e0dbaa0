"""Aggregate and heat-map footprints, of inserts (marginalization) and of peaks (Affinity Distillation)."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.analyses.analysis_files import write_analysis
from cistill.errors import InputError
from cistill.formats.dataset import open_dataset
from cistill.formats.insert_footprints import read_insert_footprints
from cistill.formats.library import read_library
from cistill.formats.predictions import open_predictions
from cistill.motifs.motif_footprints import Profiles, open_profiles

Floats = NDArray[np.float64]

STRANDS = ("+", "-")


def _span(length: int, width: int) -> slice:
    """Return the central positions, one half open span that has position `length // 2` at `width // 2`."""
    used = min(width, length)
    start = length // 2 - used // 2
    return slice(start, start + used)


def _rows(labels: dict[str, object], values: dict[str, Floats], span: slice, length: int) -> pd.DataFrame:
    """Return profiles `(2, length)` as one row per strand and position; position 0 is base length // 2."""
    position = np.arange(span.start, span.stop) - length // 2
    parts = []
    for strand, sign in enumerate(STRANDS):
        columns = {name: value[strand, span] for name, value in values.items()}
        parts.append(pd.DataFrame({**labels, "strand": sign, "position": position, **columns}))
    return pd.concat(parts, ignore_index=True)


def insert_tables(
    path: Path, classes: Mapping[str, str | None], width: int, most: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read `footprints.h5` of `marginalize`.

    Parameters
    ----------
    path : Path
    classes : mapping
        Sequence to class; may be empty.
    width : int
        Central bp that are kept.
    most : int
        Inserts of the heat map, those of the largest change.

    Returns
    -------
    aggregate : pandas.DataFrame
        `group` (`without` an insert, `all`, or a class), `n, task, strand, position, profile, ends`: means over inserts
        of probabilities and of expected 5' ends.
    heat_map : pandas.DataFrame
        `rank` (from 1), `sequence, class, task, js_distance, strand, position, profile, change` (against the profile
        without an insert).
    """
    sequences, tasks, profile, ends, bare, bare_ends, distance = read_insert_footprints(path)
    length = profile.shape[-1]
    span = _span(length, width)
    kinds = np.array([classes.get(sequence) for sequence in sequences], dtype=object)
    groups = [("all", np.arange(len(sequences)))]
    groups += [(name, np.flatnonzero(kinds == name)) for name in dict.fromkeys(kinds) if isinstance(name, str)]
    aggregate, heat_map = [], []
    for place, task in enumerate(tasks):
        without = {"profile": bare[place], "ends": bare_ends[place]}
        aggregate.append(_rows({"group": "without", "n": 0, "task": task}, without, span, length))
        for name, rows in groups:
            means = {"profile": profile[rows, place].mean(0), "ends": ends[rows, place].mean(0)}
            aggregate.append(_rows({"group": name, "n": len(rows), "task": task}, means, span, length))
        strongest = np.argsort(-distance[:, place], kind="stable")[:most]
        for rank, row in enumerate(strongest.tolist(), 1):
            labels = {"rank": rank, "sequence": sequences[row], "class": kinds[row], "task": task}
            values = {"profile": profile[row, place], "change": profile[row, place] - bare[place]}
            heat_map.append(_rows({**labels, "js_distance": distance[row, place]}, values, span, length))
    return pd.concat(aggregate, ignore_index=True), pd.concat(heat_map, ignore_index=True)


def peak_tables(profiles: Profiles, width: int, most: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Average observed and predicted profiles over peaks, and cut the strongest peaks out for a heat map.

    Parameters
    ----------
    profiles : Profiles
        dataset.h5 and, if there is one, predictions.h5.
    width : int
        Central bp, around the summit.
    most : int
        Peaks of the heat map, those of most observed 5' ends.

    Returns
    -------
    aggregate : pandas.DataFrame
        `source` (`observed`, `predicted`), `n, task, strand, position, ends`: mean 5' ends per base.
    heat_map : pandas.DataFrame
        `source, rank` (from 1), `region_id, task, counts` (observed, output window), `strand, position, share`: of the
        strand's 5' ends within these positions.
    """
    assert profiles.dataset is not None
    tasks, length = len(profiles.tasks), profiles.output_length
    span = _span(length, width)
    with open_dataset(profiles.dataset) as reader:
        names, is_peak = reader.region_id, reader.is_peak
        totals = np.zeros((len(names), tasks))
        sums = np.zeros((tasks, 2, length))
        for row in np.flatnonzero(is_peak.any(axis=1)).tolist():
            counts = reader.windows(row, row + 1)[0]
            own = is_peak[row]
            totals[row, own] = counts[own].sum(axis=(1, 2))
            sums[own] += counts[own]
        aggregate, heat_map = [], []
        strongest: list[list[int]] = []
        for place, task in enumerate(profiles.tasks):
            peaks = np.flatnonzero(is_peak[:, place])
            means = {"ends": sums[place] / max(len(peaks), 1)}
            aggregate.append(_rows({"source": "observed", "n": len(peaks), "task": task}, means, span, length))
            chosen = peaks[np.argsort(-totals[peaks, place], kind="stable")][:most].tolist()
            strongest.append(chosen)
            for rank, row in enumerate(chosen, 1):
                counts = reader.windows(row, row + 1)[0, place]
                labels = {"source": "observed", "rank": rank, "region_id": names[row], "task": task}
                labels["counts"] = totals[row, place]
                heat_map.append(_rows(labels, _shares(counts, span), span, length))
    if profiles.predictions is not None:
        parts = _predicted_peaks(profiles.predictions, profiles, names, is_peak, totals, strongest, span)
        aggregate += parts[0]
        heat_map += parts[1]
    return pd.concat(aggregate, ignore_index=True), pd.concat(heat_map, ignore_index=True)


def _shares(ends: Floats, span: slice) -> dict[str, Floats]:
    """Return each strand's share of its ends within the span; zeros where there are none."""
    depth = ends[:, span].sum(axis=1, keepdims=True)
    return {"share": np.divide(ends, depth, out=np.zeros_like(ends), where=depth > 0)}


def _predicted_peaks(
    predictions: Path,
    profiles: Profiles,
    names: NDArray[np.object_],
    is_peak: NDArray[np.bool_],
    totals: Floats,
    strongest: list[list[int]],
    span: slice,
) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
    """Return the same two tables, in parts, of predicted profiles."""
    length = profiles.output_length
    aggregate, heat_map = [], []
    with open_predictions(predictions) as reader:
        at = {name: row for row, name in enumerate(reader.region_id)}
        for place, task in enumerate(profiles.tasks):
            rows = [at[names[row]] for row in np.flatnonzero(is_peak[:, place]) if names[row] in at]
            total = np.zeros((2, length))
            for row in rows:
                total += reader.expected_ends(row, place)
            labels = {"source": "predicted", "n": len(rows), "task": task}
            aggregate.append(_rows(labels, {"ends": total / max(len(rows), 1)}, span, length))
            for rank, row in enumerate(strongest[place], 1):
                if names[row] in at:
                    of_peak: dict[str, object] = {"source": "predicted", "rank": rank, "region_id": names[row]}
                    of_peak |= {"task": task, "counts": totals[row, place]}
                    values = _shares(reader.expected_ends(at[names[row]], place), span)
                    heat_map.append(_rows(of_peak, values, span, length))
    return aggregate, heat_map


def analyse_footprints(
    stem: Path,
    footprints: Path | None,
    library_file: Path | None,
    dataset: Path | None,
    predictions: Path | None,
    width: int,
    most: int,
) -> None:
    """Write `footprint_aggregate.tsv` and `footprint_heatmap.tsv` of inserts, the same with `peak_` of peaks."""
    if footprints is None and dataset is None:
        raise InputError("give --footprints of inserts, --dataset for those of peaks, or both")
    if predictions is not None and dataset is None:
        raise InputError("--predictions needs the --dataset that they are of: it says which regions are peaks")
    tables: dict[str, pd.DataFrame] = {}
    inputs: dict[str, Path] = {}
    if footprints is not None:
        classes: dict[str, str | None] = {}
        if library_file is not None:
            rows = read_library(library_file).table
            names = rows["class"].where(rows["class"].notna(), None)
            classes = dict(zip(rows["sequence"], names, strict=True))
            inputs["library"] = library_file
        inputs["footprints"] = footprints
        tables["footprint_aggregate"], tables["footprint_heatmap"] = insert_tables(footprints, classes, width, most)
    profiles = open_profiles(dataset, predictions)
    if profiles is not None:
        inputs |= profiles.files
        tables["peak_aggregate"], tables["peak_heatmap"] = peak_tables(profiles, width, most)
    length = max(int(table["position"].nunique()) for table in tables.values())
    write_analysis(stem, "footprint_tables", tables, {"width": width, "most": most}, inputs, {"width": length})
