"""The command `calibrate --apply`: calibrated values of new scores."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.calibration.calibrator_file import distilled_calibrator, read_calibrators
from cistill.affinity.calibration.calibrators import DISTILLED, Line, from_parameters
from cistill.affinity.calibration.methods import NO_ROWS, Method, read_score_tables, table_methods
from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import named
from cistill.formats.tables.calibration import CALIBRATED
from cistill.provenance import write_provenance

Floats = NDArray[np.float64]


def apply_calibrator(calibrator: Path, score_specs: Sequence[str], task: str | None, stem: Path) -> pd.DataFrame:
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
    tables = read_score_tables(score_specs)
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
    CALIBRATED.write(named(stem, "calibrated.tsv"), result)
    write_provenance(
        named(stem, "apply.json"),
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
