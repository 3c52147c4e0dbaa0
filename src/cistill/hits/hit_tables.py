"""Hit tables as comparisons and statistics need them: by the name of the columns, whatever wrote them."""

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from cistill.errors import InputError
from cistill.formats.tables.regions import REGIONS
from cistill.tables import read_table

TEXT = {"chrom": str, "motif_id": str, "strand": str, "region_id": str}


def read_hit_table(path: str | os.PathLike[str], columns: Sequence[str]) -> pd.DataFrame:
    """Read a table of hits with a header line, requiring only some columns.

    Raises
    ------
    InputError
        If the file is missing or lacks a column, or holds something else than numbers where numbers belong.
    """
    table = read_table(path, columns, dtype=TEXT)
    numbers = [name for name in columns if name not in TEXT]
    if not len(table):
        types: dict[str, type] = {name: str for name in TEXT if name in table}
        return table.astype(types | {name: float for name in table if name not in TEXT} | {"start": int, "end": int})
    wrong = [name for name in numbers if not pd.api.types.is_numeric_dtype(table[name])]
    wrong += [name for name in ("start", "end") if name not in wrong and not pd.api.types.is_integer_dtype(table[name])]
    if wrong:
        raise InputError(f"{path}: the column(s) {', '.join(wrong)} hold something that is no number, or no whole one")
    return table


def default_label(name: str) -> str:
    """Return the label of a hits file that was given none."""
    return Path(name).name.removesuffix(".bed").removesuffix(".hits")


def kept_peaks(regions: str | os.PathLike[str]) -> pd.DataFrame:
    """Read regions.tsv and return its kept peaks: the regions that hits are looked for in."""
    needed = ("region_id", "chrom", "summit", "kind", "kept")
    table = REGIONS.read(regions, needed, "regions")
    return table[(table["kind"] == "peak") & table["kept"].fillna(False).astype(bool)].reset_index(drop=True)
