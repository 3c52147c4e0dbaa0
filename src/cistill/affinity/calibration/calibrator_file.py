"""`calibrator.json`: every calibrator of every method, written by `calibrate` and read again for new scores."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cistill.affinity.calibration.calibrators import DISTILLED, Line, from_parameters
from cistill.affinity.calibration.distilled import DistilledEnergies
from cistill.affinity.calibration.distilled import from_parameters as energies_from
from cistill.affinity.calibration.evaluation import Evaluation
from cistill.affinity.calibration.methods import Method
from cistill.affinity.calibration.study import Study
from cistill.errors import InputError
from cistill.files import atomic_output, sha256
from cistill.texts import read_object

FORMAT = "cistill-calibrator"
FORMAT_VERSION = 1


def write_calibrators(path: Path, evaluations: Sequence[Evaluation], study: Study, library: Path) -> None:
    """Write every calibrator of every method as JSON, with the sample that they were fitted on."""
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
    record = read_object(path, "calibrator")
    if record.get("format") != FORMAT:
        raise InputError(f"calibrator {path}: not a file that `calibrate` wrote")
    return record


def distilled_calibrator(parameters: dict[str, Any]) -> tuple[DistilledEnergies, Line]:
    """Return the two parts of a calibrator `distilled`: from scores to ln affinities, and from these to labels."""
    of_line = {name: value for name, value in parameters.items() if name != "energies"}
    line = from_parameters(DISTILLED, of_line)
    assert isinstance(line, Line)
    return energies_from(parameters.get("energies", {})), line
