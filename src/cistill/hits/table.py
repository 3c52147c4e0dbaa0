"""The table of motif instances, hits.bed: one writer, one reader, whatever called the hits."""

import os

import numpy as np
import pandas as pd

from cistill.errors import InputError
from cistill.tables import read_table, write_table

COLUMNS = (
    "chrom",
    "start",
    "end",
    "motif_id",
    "score",
    "strand",
    "region_id",
    "importance",
    "importance_fraction",
    "similarity",
    "sequence_score",
    "confidence",
)
TEXT = {"chrom": str, "motif_id": str, "strand": str, "region_id": str}
MAX_SCORE = 1000


def write_hits(path: str | os.PathLike[str], hits: pd.DataFrame) -> None:
    """Write hits as BED with a header, ordered by position; `score` is the confidence times 1000, rounded.

    Parameters
    ----------
    path : path
        The file to write; it appears whole or not at all.
    hits : pandas.DataFrame
        Every column of `COLUMNS` but `score`. No row is a valid table.
    """
    table = hits.assign(score=np.rint(hits["confidence"].to_numpy(dtype=float) * MAX_SCORE).astype(int))
    table = table.sort_values(["chrom", "start", "end", "motif_id", "strand"], kind="stable")
    write_table(path, table[list(COLUMNS)], bed=True)


def read_hits(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read the table that `write_hits` writes.

    Raises
    ------
    InputError
        If the file is missing or lacks a column, or a position is no number.
    """
    table = read_table(path, COLUMNS, dtype=TEXT)
    for name in ("start", "end", "confidence"):
        if len(table) and not pd.api.types.is_numeric_dtype(table[name]):
            raise InputError(f"{path}: the column {name} holds something that is no number")
    return table
