"""Small libraries with scores that follow their energies, made in code."""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd

from cistill.formats.library import Library
from cistill.tables import write_table

CONSENSUS = "ACGTAC"
RT = 0.5925


def variants(consensus: str = CONSENSUS, most: int = 2) -> list[tuple[str, int]]:
    """Return all variants with their numbers of substitutions, the consensus first."""
    found = []
    for sequence in map("".join, itertools.product("ACGT", repeat=len(consensus))):
        changes = sum(a != b for a, b in zip(sequence, consensus, strict=True))
        if changes <= most:
            found.append((sequence, changes))
    return sorted(found, key=lambda pair: (pair[1], pair[0]))


def energies(sequences: list[str], seed: int = 0) -> np.ndarray:
    """Return ddG in kcal/mol: a sum over positions, 0 for the consensus."""
    matrix = np.random.default_rng(seed).uniform(0.4, 2, (len(CONSENSUS), 4))
    matrix[np.arange(len(CONSENSUS)), ["ACGT".index(base) for base in CONSENSUS]] = 0
    return np.array([sum(matrix[i]["ACGT".index(b)] for i, b in enumerate(s)) for s in sequences])


def toy_library() -> Library:
    """Return the consensus and its 18 + 135 variants with their energies."""
    sequences, changes = zip(*variants(), strict=True)
    table = pd.DataFrame({"sequence": sequences, "label": energies(list(sequences)), "label_sd": np.nan})
    table["n_replicates"] = 1
    table["class"] = ["consensus" if n == 0 else f"substitution_{n}" for n in changes]
    table["name"] = None
    return Library(table, "kcal/mol", False, 298.15, "toy", "toy")


def toy_scores(library: Library, noise: float = 0.05, seed: int = 1) -> np.ndarray:
    """Return log counts over a background that level off where sites are weak."""
    clean = np.log1p(30 * np.exp(-library.labels / RT))
    return clean + np.random.default_rng(seed).normal(0, noise, len(clean))


def write_library(stem: Path, library: Library) -> Path:
    """Write library.tsv and the JSON file beside it."""
    path = stem.with_name(f"{stem.name}.library.tsv")
    write_table(path, library.table)
    facts = {"unit": library.unit, "higher_is_tighter": library.higher_is_tighter, "temperature_K": library.temperature}
    path.with_suffix(".json").write_text(json.dumps({"results": facts | {"assay": library.assay}}))
    return path


def write_scores(path: Path, sequences: list[str], scores: dict[str, np.ndarray], error: float = 0.05) -> Path:
    """Write scores.tsv, of one task or several."""
    parts = [
        pd.DataFrame({"sequence": sequences, "task": task, "score": values, "standard_error": error})
        for task, values in scores.items()
    ]
    write_table(path, pd.concat(parts))
    return path
