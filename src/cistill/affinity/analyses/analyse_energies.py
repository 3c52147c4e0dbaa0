"""The command `affinity energies`: energies of a library's sequences from scores alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.analyses.analysis_files import write_analysis
from cistill.affinity.calibration.distilled import distil_energies
from cistill.affinity.calibration.methods import MODEL, NO_ROWS, read_scores, table_methods
from cistill.affinity.tables.units import KCAL, thermal_energy
from cistill.console import LOG
from cistill.errors import InputError
from cistill.formats.library import read_library

Floats = NDArray[np.float64]


def analyse_energies(
    stem: Path,
    score_spec: str,
    library_file: Path | None,
    temperature: float,
    task: str | None,
    if_possible: bool = False,
) -> None:
    """Write `energies.tsv`: ln affinities and ddG of all sequences with a score, from scores alone.

    Raises
    ------
    InputError
        If no energies can be distilled; with `if_possible` the provenance says why instead.
    """
    table = read_scores(score_spec, MODEL)
    inputs = {"scores": table.path}
    rows = pd.DataFrame({"sequence": table.scores.index.astype(str)})
    if library_file is not None:
        library = read_library(library_file).table[["sequence", "class", "name"]]
        rows = library[library["sequence"].isin(rows["sequence"])].reset_index(drop=True)
        inputs["library"] = library_file
    if not len(rows):
        raise InputError(f"scores {table.path}: no sequence of the library has a score: were they made of it?")
    rows["score"] = table_methods(table, rows["sequence"].tolist(), task)[0].scores(NO_ROWS, np.arange(len(rows)))
    rows = rows[rows["score"].notna()].reset_index(drop=True)
    sequences, scores = rows["sequence"].tolist(), rows["score"].to_numpy(np.float64)
    settings = {"scores": score_spec, "temperature_K": temperature, "task": task}
    made = distil_energies(sequences, scores)
    if isinstance(made, str):
        if not if_possible:
            raise InputError(f"no energies can be distilled from {table.path}: {made}")
        LOG.info("no energies are distilled: %s", made)
        write_analysis(stem, "energies", {}, settings, inputs, {"not_available": made})
        return
    rows["ln_affinity"], rows["standard_error"] = made.log_affinities(sequences, scores)
    rows["expected"] = made.expected(sequences)
    rows["deviation"] = rows["ln_affinity"] - rows["expected"]
    named = np.flatnonzero(rows["class"] == "consensus") if "class" in rows else np.empty(0)
    reference = int(named[0]) if len(named) == 1 else int(rows["ln_affinity"].to_numpy().argmax())
    rows["ddG"] = -thermal_energy(temperature) * (rows["ln_affinity"] - rows["ln_affinity"][reference])
    facts: dict[str, Any] = {
        "zero": made.zero,
        "noise": made.noise,
        "deviations": made.deviations,
        "sequences": len(rows),
    }
    facts |= {"unit": KCAL, "reference": sequences[reference]}
    write_analysis(stem, "energies", {"energies": rows}, settings, inputs, facts)
