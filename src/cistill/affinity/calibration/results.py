"""The command `calibrate`: fit, compare, write; and apply calibrators to new scores."""

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.calibration.additivity import additivity_summary, additivity_table, references
from cistill.affinity.calibration.calibrators import DISTILLED, FEWEST, KINDS, Line, from_parameters
from cistill.affinity.calibration.distilled import DistilledEnergies
from cistill.affinity.calibration.distilled import from_parameters as energies_from
from cistill.affinity.calibration.evaluation import Evaluation, Study, calibration_table, evaluate, repeated_samples
from cistill.affinity.calibration.methods import (
    MODEL,
    NO_ROWS,
    Method,
    ScoreTable,
    additive_method,
    distilled_method,
    kmer_method,
    matrix_methods,
    read_scores,
    table_methods,
)
from cistill.affinity.calibration.study import SampleSettings, consensus_of, make_study
from cistill.affinity.calibration.summaries import (
    bar_table,
    calibrated_table,
    class_table,
    histogram_table,
    largest_residuals,
    range_table,
    residual_table,
    shown_methods,
)
from cistill.affinity.comparators.files import matrix_file, read_matrices
from cistill.errors import InputError
from cistill.files import atomic_output, require_file, sha256
from cistill.formats.library import read_library
from cistill.provenance import write_provenance
from cistill.tables import write_table

LOG = logging.getLogger("cistill")
Floats = NDArray[np.float64]
FORMAT = "cistill-calibrator"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class CalibrateSettings:
    """What is compared and how surely.

    Attributes
    ----------
    sample : SampleSettings
    task : str or None
        Task whose score the model is judged by; by default the mean over tasks.
    consensus : str or None
        Sequence that substitutions are counted from; by default the one of class `consensus`.
    motifs : int
        Motifs of each file, from its first.
    kmers : int
        Longest k-mers of the baseline, bp; 0 for no baseline.
    additive, distilled : bool
        Whether to distil the additive model, and energies (the calibrator `distilled`).
    resamples, repeats : int
        Bootstrap resamples; calibration samples drawn anew.
    """

    sample: SampleSettings
    task: str | None = None
    consensus: str | None = None
    motifs: int = 10
    kmers: int = 6
    additive: bool = True
    distilled: bool = True
    resamples: int = 1000
    repeats: int = 100


def calibrate_command(
    score_specs: Sequence[str], library_file: Path, matrix_specs: Sequence[str], settings: CalibrateSettings, stem: Path
) -> pd.DataFrame:
    """Calibrate scores and everything that they are compared with; write all tables (docs/calibration.md).

    Parameters
    ----------
    score_specs : sequence of str
        `[NAME=]PATH`, the first being the model's.
    library_file : Path
        `library.tsv`.
    matrix_specs : sequence of str
        `[FAMILY=]PATH[#NAME,...]`.
    settings : CalibrateSettings
    stem : Path
        Folder and start of the files' names.

    Returns
    -------
    pandas.DataFrame
        The table `calibration.tsv`.
    """
    library = read_library(library_file)
    if not np.isfinite(library.labels).any():
        raise InputError(f"library {library_file}: no sequence has a label, so there is nothing to calibrate to")
    tables = _score_tables(score_specs)
    study, notes = make_study(library, tables, settings.sample)
    methods, unavailable = _methods(study, tables, matrix_specs, settings)
    for kind in KINDS:
        if len(study.sample) < FEWEST[kind]:
            unavailable[kind] = f"needs {FEWEST[kind]} sampled sequences, there are {len(study.sample)}"
    if not study.energy:
        unavailable["excess"] = "is for energies"
    for what, reason in unavailable.items():
        LOG.info("%s is left out: %s", what, reason)
    evaluations = [evaluate(method, study) for method in methods]
    repeats = repeated_samples(methods, study, settings.repeats)
    table = calibration_table(evaluations, study, settings.resamples, repeats)

    def file(suffix: str) -> Path:
        return stem.with_name(f"{stem.name}.{suffix}")

    shown = set(shown_methods(table))
    chosen = [evaluation for evaluation in evaluations if evaluation.method.name in shown]
    write_table(file("calibration.tsv"), table)
    write_table(file("calibrated.tsv"), calibrated_table(chosen, study))
    _write_calibrators(file("calibrator.json"), evaluations, study, library_file)
    write_table(file("repeats.tsv"), repeats)
    write_table(file("rmse_bars.tsv"), bar_table(table))
    write_table(file("residuals.tsv"), residual_table(chosen, study))
    write_table(file("largest_residuals.tsv"), largest_residuals(chosen, study))
    write_table(file("dynamic_range.tsv"), range_table(chosen, study))
    write_table(file("histograms.tsv"), histogram_table(chosen, study))
    write_table(file("classes.tsv"), class_table(chosen, study))
    additivity = _additivity(chosen, study, settings.consensus)
    write_table(file("additivity.tsv"), additivity)
    write_table(file("additivity_summary.tsv"), additivity_summary(additivity))
    inputs: dict[str, Path] = {"library": library_file}
    inputs |= {f"scores.{table.name}": table.path for table in tables}
    inputs |= {f"matrices.{number}": Path(matrix_file(spec)) for number, spec in enumerate(matrix_specs, 1)}
    write_provenance(
        file("calibrate.json"),
        settings=asdict(settings) | {"scores": list(score_specs), "matrices": list(matrix_specs)},
        inputs=inputs,
        results={
            "unit": study.unit,
            "assay": library.assay,
            "higher_is_tighter": study.higher_is_tighter,
            "temperature_K": library.temperature,
            "sequences": len(study.sequences),
            "sampled": len(study.sample),
            "held_out": len(study.held_out),
            "methods": len(methods),
            "not_available": unavailable,
            "treated": notes,
            "headline": _headline(table, tables[0].name),
        },
        seed=settings.sample.seed,
    )
    return table


def _score_tables(specs: Sequence[str]) -> list[ScoreTable]:
    tables = [
        read_scores(spec, MODEL if not place else Path(spec).name.split(".")[0]) for place, spec in enumerate(specs)
    ]
    names = [table.name for table in tables]
    if len(set(names)) < len(names):
        raise InputError(f"score tables of the same name ({', '.join(names)}); name them, as in --scores other=PATH")
    return tables


def _methods(
    study: Study, tables: Sequence[ScoreTable], matrix_specs: Sequence[str], settings: CalibrateSettings
) -> tuple[list[Method], dict[str, str]]:
    """Return every method, the model first, and what could not be made with the reason."""
    methods: list[Method] = []
    unavailable: dict[str, str] = {}
    for place, table in enumerate(tables):
        for method in table_methods(table, study.sequences, settings.task if place == 0 else None):
            made = distilled_method(method, study.sequences, study.seed) if settings.distilled else "not asked for"
            if isinstance(made, str):
                unavailable[DISTILLED] = made
            methods.append(method if isinstance(made, str) else made)
    if settings.additive:
        everything = np.arange(len(study.sequences))
        scores = methods[0].scores(study.sample, everything)
        additive = additive_method(study.sequences, scores, consensus_of(study, settings.consensus))
        if isinstance(additive, str):
            unavailable["additive"] = additive
        else:
            methods.append(additive)
    for spec in matrix_specs:
        matrices = read_matrices(spec, settings.motifs)
        if not matrices:
            unavailable[spec] = "no motif in the file"
        methods += matrix_methods(matrices, study.sequences)
    if settings.kmers:
        methods.append(kmer_method(study.sequences, study.labels, settings.kmers))
    names = [method.name for method in methods]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"two methods are named {twice[0]}; name the families, as in --matrices other=PATH")
    return methods, unavailable


def _additivity(evaluations: Sequence[Evaluation], study: Study, consensus: str | None) -> pd.DataFrame:
    """Compare observed and calibrated values of multiple variants with sums of single changes.

    Of every method those of OLS, and of log counts those of `excess` and `distilled`, which do not level off at weak
    sites.
    """
    given = consensus_of(study, consensus) if consensus else None
    values = {"observed": study.labels}
    for evaluation in evaluations:
        values[evaluation.method.name] = evaluation.predicted("ols")
        for kind in ("excess", DISTILLED):
            if kind in evaluation.calibrators:
                values[f"{evaluation.method.name}.{kind}"] = evaluation.predicted(kind)
    return additivity_table(study.sequences, references(study.sequences, study.classes, given), values)


def _headline(table: pd.DataFrame, model: str) -> dict[str, Any]:
    """Return the model's held-out figures for each calibrator."""
    rows = table[(table["method"] == model) & (table["scored_on"] == "held_out")]
    keys = ["n", "rmse", "rmse_low", "rmse_high", "pearson", "spearman"]
    return {str(row["calibrator"]): {key: row[key] for key in keys} for row in rows.to_dict("records")}


def _write_calibrators(path: Path, evaluations: Sequence[Evaluation], study: Study, library: Path) -> None:
    record = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "unit": study.unit,
        "higher_is_tighter": study.higher_is_tighter,
        "library_sha256": sha256(library),
        "seed": study.seed,
        "sample": [study.sequences[row] for row in study.sample],
        "methods": {
            evaluation.method.name: {
                kind: made.parameters() | _energies(evaluation.method, kind)
                for kind, made in evaluation.calibrators.items()
            }
            for evaluation in evaluations
        },
    }
    with atomic_output(path) as temporary:
        temporary.write_text(json.dumps(record, indent=1) + "\n")


def _energies(method: Method, kind: str) -> dict[str, Any]:
    """Return what else a calibrator of a kind needs."""
    return {} if kind != DISTILLED or method.energies is None else {"energies": method.energies.parameters()}


def read_calibrators(path: Path) -> dict[str, Any]:
    """Return the content of `calibrator.json`.

    Raises
    ------
    InputError
        If the file is no such file.
    """
    file = require_file(path, "calibrator")
    try:
        record = json.loads(file.read_text())
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"calibrator {file}: not a JSON file: {error}") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise InputError(f"calibrator {file}: not a file that `calibrate` wrote")
    return record


def apply_command(calibrator: Path, score_specs: Sequence[str], task: str | None, stem: Path) -> pd.DataFrame:
    """Write calibrated values of new scores, `{stem}.calibrated.tsv`.

    Parameters
    ----------
    calibrator : Path
        `calibrator.json`.
    score_specs : sequence of str
        `[NAME=]PATH`; names as those of the calibration, the first by default `model`.
    task : str or None
        As at calibration.
    stem : Path

    Returns
    -------
    pandas.DataFrame
        `sequence` and, for each score table, `{name}.score`, `{name}.{calibrator}`, and standard errors of `ols`, where
        the scores have them, and of `distilled`. The sequences are those of the first table. `distilled` is for those
        of the length that it was made of; without such a sequence it is left out.

    Raises
    ------
    InputError
        If the file is no calibrator, or has none of a name.
    """
    file, record = calibrator, read_calibrators(calibrator)
    tables = _score_tables(score_specs)
    sequences = tables[0].scores.index.astype(str).tolist()
    columns: dict[str, Any] = {"sequence": sequences}
    for place, table in enumerate(tables):
        for method in table_methods(table, sequences, task if place == 0 else None):
            if method.name not in record["methods"]:
                if method.name == table.name:
                    known = ", ".join(list(record["methods"])[:20])
                    raise InputError(f"calibrator {file}: no calibrator of {method.name!r}; there are those of {known}")
                continue
            scores = method.scores(NO_ROWS, np.arange(len(sequences)))
            columns[f"{method.name}.score"] = scores
            for kind, parameters in record["methods"][method.name].items():
                if kind == DISTILLED:
                    columns |= _apply_distilled(method, sequences, scores, parameters)
                    continue
                made = from_parameters(kind, parameters)
                columns[f"{method.name}.{kind}"] = made.apply(scores)
                if isinstance(made, Line) and method.standard_error is not None:
                    columns[f"{method.name}.{kind}.standard_error"] = abs(made.slope) * method.standard_error
    result = pd.DataFrame(columns)
    write_table(stem.with_name(f"{stem.name}.calibrated.tsv"), result)
    write_provenance(
        stem.with_name(f"{stem.name}.apply.json"),
        settings={"scores": list(score_specs), "task": task},
        inputs={"calibrator": file} | {f"scores.{table.name}": table.path for table in tables},
        results={"unit": record.get("unit"), "sequences": len(sequences)},
    )
    return result


def _apply_distilled(
    method: Method, sequences: Sequence[str], scores: Floats, parameters: dict[str, Any]
) -> dict[str, Floats]:
    """Return calibrated distilled energies and their standard errors as columns; NaN for sequences of other lengths."""
    energies, line = distilled_calibrator(parameters)
    values, errors = energies.of_scored(sequences, scores)
    if np.isnan(values).all():
        LOG.info("%s: distilled energies are of %d bp, which no sequence has", method.name, len(energies.effects))
        return {}
    name = f"{method.name}.{DISTILLED}"
    return {name: line.apply(values), f"{name}.standard_error": abs(line.slope) * errors}


def distilled_calibrator(parameters: dict[str, Any]) -> tuple[DistilledEnergies, Line]:
    """Return the two parts of a calibrator `distilled`: from scores to ln affinities, and from these to labels."""
    of_line = {name: value for name, value in parameters.items() if name != "energies"}
    line = from_parameters(DISTILLED, of_line)
    assert isinstance(line, Line)
    return energies_from(parameters.get("energies", {})), line
