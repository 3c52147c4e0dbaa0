"""A library: sequences with what was measured of them, one row each, whatever table they came from."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.formats.tables.libraries import SEQUENCES
from cistill.texts import read_object

FEWEST = 5


@dataclass(frozen=True)
class Library:
    """Sequences and their labels.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns `sequence` (unique, A, C, G, T), `label` and `label_sd` (in `unit`), `n_replicates`, `class`, `name`.
    unit : str or None
        Unit of the labels; None if nothing was measured or it is not known.
    higher_is_tighter : bool or None
        Whether a larger label means stronger binding.
    temperature : float or None
        K.
    assay, reader : str
        What was measured, and how the table was read.
    notes : dict
        What was dropped, changed or merged: reason to number of rows.
    """

    table: pd.DataFrame
    unit: str | None
    higher_is_tighter: bool | None
    temperature: float | None
    assay: str
    reader: str
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> NDArray[np.float64]:
        """Labels `(sequences,)`, NaN where nothing was measured."""
        return self.table["label"].to_numpy(dtype=np.float64)


def read_library(path: str | os.PathLike[str]) -> Library:
    """Read `library.tsv` and the JSON file beside it; without the latter the unit is not known.

    Raises
    ------
    InputError
        If the table lacks a column, is not unique, or holds other letters than A, C, G, T.
    """
    file = Path(path)
    table = SEQUENCES.read(file, ("sequence",), "library")
    for column in SEQUENCES.names:
        if column not in table.columns:
            table[column] = 0 if column == "n_replicates" else None if column in ("class", "name") else np.nan
    wrong = ~table["sequence"].astype(str).str.fullmatch("[ACGT]+") | table["sequence"].isna()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"library {file}, row {row + 2}: {table['sequence'].iloc[row]!r} is no sequence of A, C, G, T; read the "
            "table with `library`, which drops such rows"
        )
    twice = table["sequence"].duplicated()
    if twice.any():
        raise InputError(
            f"library {file}: {int(twice.sum())} sequence(s) are there more than once, such as "
            f"{table['sequence'][twice].iloc[0]}; read the table with `library`, which averages them"
        )
    record: dict[str, Any] = {}
    beside = file.with_suffix(".json")
    if beside.is_file():
        found = read_object(beside, "library").get("results", {})
        record = found if isinstance(found, dict) else {}
    return Library(
        table[list(SEQUENCES.names)],
        record.get("unit"),
        record.get("higher_is_tighter"),
        record.get("temperature_K"),
        str(record.get("assay", "unknown")),
        str(record.get("reader", "unknown")),
    )
