"""The command `calibrate`: fit calibrators on a sample of the measurements, compare all methods, write tables."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.calibration.additivity import additivity_summary, additivity_table, references
from cistill.affinity.calibration.calibrator_file import write_calibrators
from cistill.affinity.calibration.calibrators import DISTILLED, FEWEST
from cistill.affinity.calibration.evaluation import Evaluation, calibration_table, evaluate, repeated_samples
from cistill.affinity.calibration.methods import (
    Method,
    ScoreTable,
    additive_method,
    distilled_method,
    kmer_method,
    matrix_methods,
    read_score_tables,
    table_methods,
)
from cistill.affinity.calibration.settings import CalibrateSettings
from cistill.affinity.calibration.study import Study, consensus_of, make_study
from cistill.affinity.calibration.summaries import (
    bar_table,
    calibrated_parts,
    class_table,
    histogram_table,
    largest_residuals,
    range_table,
    residual_table,
    shown_methods,
)
from cistill.affinity.comparators.matrix_files import matrix_file, read_matrices
from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import named
from cistill.formats.library import read_library
from cistill.formats.tables import calibration as written
from cistill.provenance import write_provenance

Floats = NDArray[np.float64]


def calibrate(
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
    tables = read_score_tables(score_specs)
    study, notes = make_study(library, tables, settings.sample)
    methods, unavailable = _methods(study, tables, matrix_specs, settings)
    unavailable |= _unavailable_kinds(study)
    for what, reason in unavailable.items():
        LOG.info("%s is left out: %s", what, reason)
    evaluations = [evaluate(method, study) for method in methods]
    repeats = repeated_samples(methods, study, settings.repeats)
    table = calibration_table(evaluations, study, settings.resamples, repeats)
    written.CALIBRATION.write(named(stem, "calibration.tsv"), table)
    written.REPEATS.write(named(stem, "repeats.tsv"), repeats)
    written.RMSE_BARS.write(named(stem, "rmse_bars.tsv"), bar_table(table))
    write_calibrators(named(stem, "calibrator.json"), evaluations, study, library_file)
    shown = set(shown_methods(table))
    kept = [one.kept() for one in evaluations if one.method.name in shown]
    _write_tables(stem, kept, study, settings.consensus)
    inputs: dict[str, Path] = {"library": library_file}
    inputs |= {f"scores.{table.name}": table.path for table in tables}
    inputs |= {f"matrices.{number}": Path(matrix_file(spec)) for number, spec in enumerate(matrix_specs, 1)}
    write_provenance(
        named(stem, "calibrate.json"),
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


def _unavailable_kinds(study: Study) -> dict[str, str]:
    """Return the calibrators that the study allows for no method, and why."""
    few = {
        kind: f"needs {number} sampled sequences, there are {len(study.sample)}"
        for kind, number in FEWEST.items()
        if len(study.sample) < number
    }
    return few if study.energy else few | {"excess": "is for energies"}


def _write_tables(stem: Path, evaluations: Sequence[Evaluation], study: Study, consensus: str | None) -> None:
    """Write the tables of the methods that are shown."""
    with written.CALIBRATED.writer(named(stem, written.CALIBRATED.name)) as write:
        for part in calibrated_parts(evaluations, study):
            write(part)
    additivity = _additivity(evaluations, study, consensus)
    for table, values in (
        (written.RESIDUALS, residual_table(evaluations, study)),
        (written.LARGEST_RESIDUALS, largest_residuals(evaluations, study)),
        (written.DYNAMIC_RANGE, range_table(evaluations, study)),
        (written.HISTOGRAMS, histogram_table(evaluations, study)),
        (written.CLASSES, class_table(evaluations, study)),
        (written.ADDITIVITY, additivity),
        (written.ADDITIVITY_SUMMARY, additivity_summary(additivity)),
    ):
        table.write(named(stem, table.name), values)


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
        methods += matrix_methods(matrices, study.coded)
    if settings.kmers:
        methods.append(kmer_method(study.coded, study.labels, settings.kmers))
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
