"""The table of motif instances, hits.bed: one writer, one reader, whatever called the hits."""

import os

import numpy as np
import pandas as pd

from cistill.errors import InputError
from cistill.formats.published import columns_of
from cistill.tables import read_table, write_table

HITS_COLUMNS = columns_of("""
    chrom text
    start int: first base, 0-based
    end int: behind the last base
    motif_id text
    score int: 1000 times the confidence
    strand text
    region_id text: region that the hit was found in
    importance float?: signed sum of contributions over the hit
    importance_total float?: sum of magnitudes
    importance_fraction float?: that over the sum of magnitudes in the region's scored window
    similarity float?: cosine with the CWM's core
    sequence_score float?: log-odds of the PFM's core, bits
    method_score float?: the caller's own
    q_value float?: where the caller has one
    percentile float?: where the caller has one
    confidence float?: 0..1; 0.5 is the caller's own cut
    +heads text: of pooled hits, the heads that found it
""")
TEXT = {column.name: str for column in HITS_COLUMNS[:-1] if column.kind == "text"}
COLUMNS = tuple(column.name for column in HITS_COLUMNS[:-1])
NUMBERS = tuple(name for name in COLUMNS if name not in TEXT)
MEASURED = tuple(name for name in COLUMNS if name != "score")
ORDER = ("chrom", "start", "end", "motif_id", "strand")
MAX_SCORE = 1000


def write_hits(path: str | os.PathLike[str], hits: pd.DataFrame) -> None:
    """Write hits as BED with a header, ordered by position; `score` is the confidence times 1000, rounded.

    Parameters
    ----------
    path : path
        The file to write; it appears whole or not at all.
    hits : pandas.DataFrame
        Every column of `COLUMNS` but `score`; NaN where a method has no such value. No row is a valid table. Further
        columns are written behind those.
    """
    confidence = hits["confidence"].to_numpy(dtype=float)
    table = hits.assign(score=np.rint(np.nan_to_num(confidence) * MAX_SCORE).astype(int))
    table = table.sort_values(list(ORDER), kind="stable")
    further = [name for name in table.columns if name not in COLUMNS]
    write_table(path, table[[*COLUMNS, *further]], bed=True)


def read_hits(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read the table that `write_hits` writes.

    Raises
    ------
    InputError
        If the file is missing or lacks a column, or holds something else than numbers in a column of numbers.
    """
    table = read_table(path, COLUMNS, dtype=TEXT)
    if not len(table):
        return table.astype(dict.fromkeys(NUMBERS, float) | {"start": np.int64, "end": np.int64, "score": np.int64})
    wrong = [name for name in NUMBERS if not pd.api.types.is_numeric_dtype(table[name])]
    wrong += [name for name in ("start", "end") if name not in wrong and not pd.api.types.is_integer_dtype(table[name])]
    if wrong:
        raise InputError(f"{path}: the column(s) {', '.join(wrong)} hold something that is no number, or no whole one")
    return table


def no_hits() -> pd.DataFrame:
    """Return a table of hits without rows: every column of `COLUMNS` but `score`."""
    types = {name: str if name in TEXT else float for name in MEASURED} | {"start": np.int64, "end": np.int64}
    return pd.DataFrame({name: pd.Series(dtype=object if kind is str else kind) for name, kind in types.items()})
