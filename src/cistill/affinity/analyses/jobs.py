"""The sub-commands of `affinity`: read, call one analysis, write its tables and their provenance."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.analyses.background_numbers import NUMBERS, background_tables, read_partial_scores, score_table_of
from cistill.affinity.analyses.footprint_tables import insert_tables, peak_tables
from cistill.affinity.analyses.genomic_matches import (
    find_matches,
    fitted_window,
    match_counts,
    matched_summary,
    matched_table,
)
from cistill.affinity.analyses.results import write_analysis
from cistill.affinity.analyses.specificity import difference_table, specificity_table
from cistill.affinity.analyses.variation import repeat_table, score_rows, variation_table
from cistill.affinity.calibration.methods import MODEL, Method, ScoreTable, read_scores, table_methods
from cistill.affinity.calibration.study import SampleSettings, make_study
from cistill.affinity.comparators.files import split_spec
from cistill.errors import InputError
from cistill.formats.library import Library, read_library
from cistill.motifs.footprints import open_profiles

LOG = logging.getLogger("cistill")
Floats = NDArray[np.float64]


def backgrounds_job(
    stem: Path, deltas: Path, library_file: Path, task: str | None, numbers: Sequence[int], sample: SampleSettings
) -> None:
    """Write `background_numbers.tsv` and `background_histograms.tsv`."""
    partial = read_partial_scores(deltas, task, numbers or NUMBERS)
    scores = score_table_of(partial, deltas)
    table = ScoreTable(MODEL, deltas, scores, scores * np.nan)
    study, notes = make_study(read_library(library_file), [table], sample)
    by_number, histograms = background_tables(partial, study)
    write_analysis(
        stem,
        "background_numbers",
        {"background_numbers": by_number, "background_histograms": histograms},
        {"task": task, "numbers": list(numbers or NUMBERS), "sample": asdict(sample)},
        {"deltas": deltas, "library": library_file},
        {"unit": study.unit, "treated": notes},
        sample.seed,
    )


def specificity_job(
    stem: Path, score_specs: Sequence[str], library_specs: Sequence[str], task: str | None, sample: SampleSettings
) -> None:
    """Write `specificity.tsv` and `specificity_differences.tsv`."""
    models: dict[str, list[pd.Series[float]]] = {}
    inputs: dict[str, Path] = {}
    for number, spec in enumerate(score_specs, 1):
        table = read_scores(spec, Path(split_spec(spec)[1]).name.split(".")[0])
        method = table_methods(table, table.scores.index.astype(str).tolist(), task)[0]
        values = method.scores(np.empty(0, dtype=np.int64), np.arange(len(table.scores)))
        models.setdefault(table.name, []).append(pd.Series(values, index=table.scores.index))
        inputs[f"scores.{number}.{table.name}"] = table.path
    joined = {name: pd.concat(parts) for name, parts in models.items()}
    joined = {name: values[~values.index.duplicated()] for name, values in joined.items()}
    libraries: dict[str, Library] = {}
    for spec in library_specs:
        name, path, _ = split_spec(spec)
        name = name or Path(path).name.split(".")[0]
        if name in libraries:
            raise InputError(f"two sets of measurements are named {name}; name them, as in --library other=PATH")
        libraries[name] = read_library(path)
        inputs[f"library.{name}"] = Path(path)
    matrix = specificity_table(joined, libraries, sample)
    if not (matrix["n"] > 0).any():
        raise InputError("no model has a score of a measured sequence: score every library with every model")
    write_analysis(
        stem,
        "specificity",
        {"specificity": matrix, "specificity_differences": difference_table(joined, libraries)},
        {"scores": list(score_specs), "library": list(library_specs), "task": task, "sample": asdict(sample)},
        inputs,
        {"models": list(joined), "sets": list(libraries)},
        sample.seed,
    )


def matches_job(
    stem: Path,
    library_file: Path,
    dataset: Path,
    predictions: Path | None,
    score_spec: str | None,
    task: str | None,
    window: int,
    peaks_only: bool,
) -> None:
    """Write `genomic_matches.tsv`, `matched_sequences.tsv` and `matched_summary.tsv`."""
    library = read_library(library_file)
    sequences = library.table["sequence"].tolist()
    profiles = open_profiles(dataset, predictions)
    assert profiles is not None
    asked, window = window, fitted_window(window, profiles.output_length)
    if window < asked:
        LOG.warning(
            "5' ends are counted in %d bp around a match: %d bp do not fit the output window of %d bp",
            window,
            asked,
            profiles.output_length,
        )
    inputs = {"library": library_file, **profiles.files}
    scores = None
    if score_spec is not None:
        table = read_scores(score_spec, MODEL)
        inputs["scores"] = table.path
        values = table_methods(table, sequences, task)[0].scores(np.empty(0, np.int64), np.arange(len(sequences)))
        scores = dict(zip(sequences, values.tolist(), strict=True))
    matches = match_counts(profiles, find_matches(dataset, sequences, window, peaks_only), window)
    averaged = matched_table(matches, dict(zip(sequences, library.labels.tolist(), strict=True)), scores)
    found = int(matches["sequence"].nunique())
    LOG.info("%d of %d sequences occur in the regions", found, len(sequences))
    write_analysis(
        stem,
        "genomic_matches",
        {
            "genomic_matches": matches,
            "matched_sequences": averaged,
            "matched_summary": matched_summary(averaged, library.higher_is_tighter),
        },
        {"window": asked, "peaks_only": peaks_only, "scores": score_spec, "task": task},
        inputs,
        {
            "sequences": len(sequences),
            "found": found,
            "unit": library.unit,
            "occurrences": len(matches),
            "window": window,
            "output_length": profiles.output_length,
        },
    )


def footprints_job(
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


def variation_job(stem: Path, score_specs: Sequence[str], library_file: Path, task: str | None) -> None:
    """Write `variation.tsv`, `variation_scores.tsv` and, where the library has repeats, `repeat_flanks.tsv`."""
    library = read_library(library_file)
    sequences = library.table["sequence"].tolist()
    methods: list[Method] = []
    inputs = {"library": library_file}
    for spec in score_specs:
        table = read_scores(spec, MODEL if len(score_specs) == 1 else Path(split_spec(spec)[1]).name.split(".")[0])
        methods += table_methods(table, sequences, task)[:1]
        inputs[f"scores.{table.name}"] = table.path
    if len({method.name for method in methods}) < len(methods):
        raise InputError("score tables of the same name; name them, as in --scores other=PATH")
    rows = score_rows(library, methods)
    if rows.empty:
        raise InputError(f"no sequence of {library_file} has a score: were the scores made of this library?")
    tables = {"variation": variation_table(rows), "variation_scores": rows}
    repeats = repeat_table(rows)
    if len(repeats):
        tables["repeat_flanks"] = repeats
    write_analysis(
        stem, "variation", tables, {"scores": list(score_specs), "task": task}, inputs, {"unit": "ln(1 + 5' ends)"}
    )


def numbers_of(text: str) -> list[int]:
    """Return the whole numbers of a comma-separated text.

    Raises
    ------
    InputError
        If one is no whole number above zero.
    """
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(f"{text!r}: give whole numbers, separated by commas") from error
    if min(numbers) < 1:
        raise InputError(f"{text!r}: numbers of backgrounds start at 1")
    return numbers
