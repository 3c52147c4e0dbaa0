"""The command `affinity psam`: the affinity matrix of a consensus, calibrated or from scores alone."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cistill.affinity.analyses.analysis_files import write_analysis
from cistill.affinity.analyses.distilled_psam import distilled_psam, energy_calibrator, psam_table
from cistill.affinity.calibration.calibrator_file import distilled_calibrator, read_calibrators
from cistill.affinity.calibration.calibrators import DISTILLED, from_parameters
from cistill.affinity.calibration.distilled import distil_energies
from cistill.affinity.calibration.methods import MODEL, NO_ROWS, read_scores, table_methods
from cistill.affinity.tables.units import thermal_energy
from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import named
from cistill.formats.library import read_library
from cistill.formats.psam import write_psam

Floats = NDArray[np.float64]


def analyse_psam(
    stem: Path,
    score_spec: str,
    consensus: str | None,
    library_file: Path | None,
    calibrator: Path | None,
    kind: str,
    temperature: float,
    task: str | None,
    if_possible: bool = False,
) -> None:
    """Write `psam.csv` and `psam.tsv`.

    Raises
    ------
    InputError
        If the single substitutions of a consensus have no scores; with `if_possible` the provenance says why instead.
    """
    settings: dict[str, Any] = {"consensus": consensus, "kind": kind, "temperature_K": temperature, "task": task}
    table = read_scores(score_spec, MODEL)
    sequences = table.scores.index.astype(str).tolist()
    method = table_methods(table, sequences, task)[0]
    inputs = {"scores": table.path}
    if consensus is None and library_file is not None:
        inputs["library"] = library_file
    scores = method.scores(NO_ROWS, np.arange(len(sequences)))
    try:
        consensus = (consensus or _consensus_of(library_file)).upper()
        distilled_psam(sequences, scores, consensus, temperature)  # whether all scores are there
    except InputError as error:
        if not if_possible:
            raise
        LOG.info("no affinity matrix is distilled: %s", error)
        write_analysis(stem, "psam", {}, settings, inputs, {"not_available": str(error)})
        return
    energies: Floats | None
    if calibrator is not None:
        kind, energies = _calibrated(read_calibrators(calibrator), kind, method.name, sequences, scores)
        scale = f"calibrated ({kind})"
        inputs["calibrator"] = calibrator
    else:
        kind, energies = _uncalibrated(kind, sequences, scores, len(consensus), temperature)
        scale = f"-RT times {'ln affinity, distilled' if kind == DISTILLED else 'the change of log counts'}"
    made = distilled_psam(sequences, scores, consensus, temperature, energies)
    write_psam(named(stem, "psam.csv"), made.affinity)
    write_analysis(
        stem,
        "psam",
        {"psam": psam_table(made)},
        settings | {"consensus": consensus, "kind": kind},
        inputs,
        {"consensus": made.consensus, "start": made.start, "energies": scale, "unit": "kcal/mol"},
    )


def _consensus_of(library_file: Path | None) -> str:
    """Return the library's one sequence of the class consensus."""
    if library_file is None:
        raise InputError("give --consensus, or --library with one sequence of the class consensus")
    rows = read_library(library_file).table
    found = rows.loc[rows["class"] == "consensus", "sequence"].tolist()
    if len(found) != 1:
        raise InputError(f"library {library_file}: {len(found)} sequences are of the class consensus; give --consensus")
    return str(found[0])


def _calibrated(
    record: dict[str, Any], kind: str, method: str, sequences: list[str], scores: Floats
) -> tuple[str, Floats]:
    """Return the kind of calibrator and calibrated energies, kcal/mol, lower is tighter; NaN where there is none."""
    known = record.get("methods", {}).get(method, {})
    if kind == "auto":
        kind = next((name for name in (DISTILLED, "excess") if name in known), "ols")
    parameters, tighter = energy_calibrator(record, kind, method)
    if kind == DISTILLED:
        energies, line = distilled_calibrator(parameters)
        values = line.apply(energies.of_scored(sequences, scores)[0])
    else:
        values = from_parameters(kind, parameters).apply(scores)
    return kind, -values if tighter else values


def _uncalibrated(
    kind: str, sequences: list[str], scores: Floats, length: int, temperature: float
) -> tuple[str, Floats | None]:
    """Return how energies are told from scores alone: distilled (kcal/mol, lower is tighter) or, None, not at all."""
    if kind not in ("auto", "scores", DISTILLED):
        raise InputError(f"--kind {kind} is a calibrator: give --calibrator")
    if kind == "scores":
        return kind, None
    of_length = np.array([len(sequence) == length for sequence in sequences])
    rows = np.flatnonzero(of_length & np.isfinite(scores))
    made = distil_energies([sequences[row] for row in rows], scores[rows]) if len(rows) else "no scores"
    if isinstance(made, str):
        if kind == DISTILLED:
            raise InputError(f"no energies can be distilled from the scores: {made}")
        LOG.info("energies are not distilled: %s; ddG is -RT times the change of log counts", made)
        return "scores", None
    return DISTILLED, -thermal_energy(temperature) * made.of_scored(sequences, scores)[0]
